# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What leaves the controller's process holds no secret, however it is written and wherever it stands."""

from __future__ import annotations

import json

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils.in_process import _for_ansible
from hypothesis import given
from hypothesis import strategies as st

SECRETS = ["plain-secret", 'with "quotes"', "back\\slash", "line\nbreak", "ümläut €", "tab\there", "12345"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "wrap", [lambda text: text, lambda text: [{"deep": [text]}], lambda text: {"a": {"b": f"x{text}y"}}]
)
def test_a_secret_is_censored_wherever_it_stands(secret, wrap) -> None:
    shown = _for_ansible({"msg": wrap(secret), "other": "stays"}, {secret})
    assert json.dumps(secret)[1:-1] not in json.dumps(shown)
    assert shown["other"] == "stays"


def test_a_number_that_is_a_secret_is_censored_and_truth_values_are_not() -> None:
    shown = _for_ansible({"changed": True, "nothing": None, "port": 12345, "images": [1, 2]}, {"12345", "True"})
    assert (shown["changed"], shown["nothing"], shown["images"]) == (True, None, [1, 2])
    assert shown["port"] != 12345


def test_without_a_secret_all_stays() -> None:
    result = {"changed": False, "images": [{"name": "golden", "tags": {"a": None}}], "msg": "{{ not templated }}"}
    assert _for_ansible(result, {"the-secret"}) == result
    assert _for_ansible(result, set()) == result


@given(st.text(min_size=1), st.text(), st.text())
def test_whatever_the_secret(secret: str, before: str, after: str) -> None:
    shown = _for_ansible({"rows": [{"value": before + secret + after}]}, {secret})
    # What is put in its place may itself hold a secret as short as a star.
    assert secret not in shown["rows"][0]["value"].replace("********", "") or set(secret) <= {"*"}


def test_a_secret_that_is_a_part_of_another() -> None:
    shown = _for_ansible({"msg": "a longer-secret", "failed": False}, {"secret", "longer-secret", "failed"})
    assert shown == {"msg": "a ********", "failed": False}


def test_what_steers_ansible_is_left_out() -> None:
    assert _for_ansible({"changed": True, "_ansible_no_log": False}, set()) == {"changed": True}
