# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role golden_image: what its defaults, its specification, its README and its tasks say of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from repository import ROOT

ROLE = ROOT / "roles" / "golden_image"
DEFAULTS: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
ENTRIES: dict[str, Any] = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
MAIN: dict[str, Any] = ENTRIES["main"]["options"]
OPTIONS = {name: option for entry in ENTRIES.values() for name, option in entry["options"].items()}
#: Options of the role that are passed on one by one.
DICTIONARIES = ("golden_image_base", "golden_image_promotion", "golden_image_retention", "golden_image_verification")


def test_each_default_is_specified_and_each_option_has_a_default() -> None:
    assert set(DEFAULTS) == set(OPTIONS)


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_default_is_the_same_in_both(name: str) -> None:
    is_made_up = isinstance(DEFAULTS[name], str) and "{{" in DEFAULTS[name]
    assert ("default" not in OPTIONS[name]) is is_made_up
    if not is_made_up:
        assert OPTIONS[name]["default"] == DEFAULTS[name]


def test_each_option_is_in_the_readme() -> None:
    assert set(re.findall(r"^\| `(golden_image_\w+)` \|", (ROLE / "README.md").read_text(), re.MULTILINE)) == set(MAIN)


@pytest.mark.parametrize("name", DICTIONARIES)
def test_each_key_that_is_specified_is_read_and_no_other(name: str) -> None:
    tasks = "".join(path.read_text() for path in (ROLE / "tasks").glob("*.yml"))
    assert set(re.findall(rf"\b{name}\.(?!keys\b)(\w+)", tasks)) == set(MAIN[name]["options"])


def errors_of(**variables: Any) -> list[str]:
    return list(ArgumentSpecValidator(MAIN).validate(variables).error_messages)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"golden_image_retention": {"keep_newset": 3}}, "keep_newset"),
        ({"golden_image_verification": {"skript": "true"}}, "skript"),
        ({"golden_image_base": {"marketplace": {"publisher": "Debian"}}}, "offer"),
        ({"golden_image_base": {"market": {}}}, "market"),
        ({"golden_image_gallery_versions": [{"gallery": "golden"}]}, "definition"),
        (
            {"golden_image_gallery_versions": [{"gallery": "g", "definition": "d", "exclude_from_latest": False}]},
            "exclude",
        ),
        ({"golden_image_timeout": "soon"}, "golden_image_timeout"),
        ({"golden_image_refresh_when": "sometimes"}, "sometimes"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_done(variables: dict[str, Any], says: str) -> None:
    assert any(says in message for message in errors_of(**variables))


def test_secrets_are_marked() -> None:
    assert MAIN["golden_image_admin_password"]["no_log"]
    assert MAIN["golden_image_verification"]["options"]["script_secrets"]["no_log"]
