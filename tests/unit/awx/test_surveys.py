# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The surveys of jobs: a question for each variable of their playbooks, and a variable for each option of their module."""

from __future__ import annotations

import json

import pytest
import yaml
from awx_surveys import (
    CLEANUP_FILE,
    CLEANUP_WITHOUT_VARIABLE,
    GUESTS,
    LEFT_OUT_OF_CLEANUP,
    WITHOUT_VARIABLE,
    cleanup_survey,
    cleanup_variables,
    documented_options,
    file,
    left_out,
    option_of,
    options,
    survey,
    variables,
)
from repository import ROOT

from awx_stand_in import surveys


@pytest.mark.parametrize("guest", GUESTS)
def test_the_surveys_are_current(guest: str) -> None:
    """Otherwise: python tests/tools/write_surveys.py."""
    assert json.loads(file(guest).read_text()) == survey(guest)


@pytest.mark.parametrize("guest", GUESTS)
def test_awx_takes_them_and_no_answer_is_an_answer(guest: str) -> None:
    spec = survey(guest)
    assert surveys.survey_error(spec) is None
    assert surveys.answer_errors(spec["spec"], {}) == []
    assert surveys.answers_given(spec, {}) == {}


def test_the_survey_of_the_clean_up_is_current_and_asks_for_each_option() -> None:
    """Otherwise: python tests/tools/write_surveys.py."""
    spec = cleanup_survey()
    assert json.loads(CLEANUP_FILE.read_text()) == spec
    assert surveys.survey_error(spec) is None
    assert surveys.answers_given(spec, {}) == {}
    asked = [one["variable"] for one in spec["spec"]]
    assert asked == list(cleanup_variables())
    assert {*cleanup_variables().values(), *CLEANUP_WITHOUT_VARIABLE} == set(documented_options("vm_image_cleanup"))
    playbook = (ROOT / "playbooks" / "cleanup.yml").read_text()
    assert all(name in playbook and name not in asked for name in LEFT_OUT_OF_CLEANUP)
    # Texts name the variables, not what documentation is marked up with.
    told = " ".join(one["question_description"] for one in spec["spec"])
    assert "(golden.azure" not in told and "#" not in told


def test_every_option_has_a_variable_and_a_field_or_a_reason() -> None:
    asked = {guest: {one["variable"]: one for one in survey(guest)["spec"]} for guest in GUESTS}
    by_option = {option_of(name, rule): name for name, rule in variables().items()}
    rows = [("option of vm_image_capture", "variable of the playbooks", "field in AWX")]
    for option in options():
        name = by_option.get(option, "")
        if not name:
            rows.append((option, "-", WITHOUT_VARIABLE.get(option, "MISSING")))
            continue
        fields = {guest: asked[guest].get(name, {}).get("type", "") for guest in GUESTS}
        reason = next((left_out(guest).get(name, "") for guest in GUESTS if name in left_out(guest)), "MISSING")
        rows.append((option, name, " / ".join(dict.fromkeys(kind or reason for kind in fields.values()))))
    own = [name for name, rule in variables().items() if not option_of(name, rule)]
    for name in own:
        kinds = [asked[guest].get(name, {}).get("type") or left_out(guest).get(name, "MISSING") for guest in GUESTS]
        rows.append(("-", name, " / ".join(dict.fromkeys(kinds))))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    print(table)
    assert "MISSING" not in table, table
    # A list or dictionary is one field of text, which the playbooks read as YAML or JSON.
    structured = [name for name, rule in variables().items() if rule["type"] in ("list", "dict")]
    assert structured
    assert {asked[guest][name]["type"] for guest in GUESTS for name in structured} == {"textarea"}


def test_what_has_no_variable_and_what_no_survey_has_is_there() -> None:
    assert set(WITHOUT_VARIABLE) <= set(options())
    for guest in GUESTS:
        assert set(left_out(guest)) <= set(variables())
    assert not set(WITHOUT_VARIABLE) & {option_of(name, rule) for name, rule in variables().items()}


def test_golden_images_are_published_to_galleries_unless_something_else_is_defined() -> None:
    sample = yaml.safe_load((ROOT / "awx" / "project" / "inventory" / "host_vars" / "web.yml").read_text())
    assert sample["golden_image_gallery_versions"]
    assert "golden_image_managed" not in sample
