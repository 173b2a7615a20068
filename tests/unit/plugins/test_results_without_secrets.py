# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What leaves the controller's process holds no secret, however it is written and wherever it stands."""

from __future__ import annotations

import json

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils.censor import censor
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


def test_a_secret_is_shown_as_ansible_shows_it() -> None:
    shown = censor(
        {"url": "https://a:longer-secret@b?c=secret", "secret": ["secret", 7, None], "": 1.5},
        {"secret", "longer-secret", ""},
    )
    assert shown == {
        "url": "https://a:********@b?c=********",
        "secret": ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", 7, None],
        "": 1.5,
    }


def test_without_a_secret_all_stays() -> None:
    result = {"changed": False, "images": [{"name": "golden", "tags": {"a": None}}], "msg": "{{ not templated }}"}
    assert _for_ansible(result, {"the-secret"}) == result
    assert _for_ansible(result, set()) == result


@given(st.text(min_size=1), st.text(), st.text())
def test_whatever_the_secret(secret: str, before: str, after: str) -> None:
    shown = _for_ansible({"rows": [{"value": before + secret + after}]}, {secret})
    value = shown["rows"][0]["value"]
    # What Ansible puts in its place may itself hold a secret as short as a letter.
    assert secret not in value.replace("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "") or set(secret) <= {"*"}
