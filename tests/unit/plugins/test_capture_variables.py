# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that states for each option of a capture its variables and its survey question."""

from __future__ import annotations

import re

import capture_variables
import yaml
from awx_surveys import LEFT_OUT, variables
from repository import ROOT


def test_it_is_current() -> None:
    assert capture_variables.PAGE.read_text() == capture_variables.page(), (
        "Run: python tests/tools/write_capture_variables.py"
    )


def test_each_option_has_a_variable_with_a_question_or_the_reason_why_not() -> None:
    for option, _type, variable, question, _role in capture_variables.rows():
        assert variable.startswith("none: ") or question, option


def test_each_variable_for_an_option_is_on_it() -> None:
    named = {name for row in capture_variables.rows() for name in re.findall(r"`(\w+)`", row[2])}
    of_options = {name for name, rule in variables().items() if "option" in rule}
    assert of_options <= named
    assert not named & set(LEFT_OUT)


def test_the_variables_of_golden_image_exist() -> None:
    specification = yaml.safe_load((ROOT / "roles" / "golden_image" / "meta" / "argument_specs.yml").read_text())
    known = set(specification["argument_specs"]["main"]["options"])
    named = {name for row in capture_variables.rows() for name in re.findall(r"golden_image_\w+", row[4])}
    assert named
    assert named <= known
