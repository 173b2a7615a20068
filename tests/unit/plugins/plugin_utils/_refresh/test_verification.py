# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a record says of a verification: its checks with their results, and the identities."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.filter.refresh_verification import refresh_verification

SOURCE = {"name": "build-web", "machine_id": "a" * 32, "users": ["azureuser"], "host_keys": ["1"]}
CLONE = {"name": "verify-web-1", "machine_id": "b" * 32, "users": ["root"], "host_keys": ["2"], "identities": ["x"]}


def result(**more: Any) -> dict[str, Any]:
    """A result of the role image_verify, as it stores it for reports."""
    return {
        "image": "/images/web",
        "outcome": "verified",
        "reason": "",
        "findings": [],
        "warnings": [],
        "instances": [{"name": "verify-web-1"}],
        "identities": [CLONE],
        "compares": True,
        "source": SOURCE,
        "tasks": "",
        "script": "",
        "failed_task": "",
        **more,
    }


def states(*results: dict[str, Any]) -> list[tuple[str, str]]:
    """The checks and their results."""
    return [(check["name"], check["result"]) for check in refresh_verification(results)["checks"]]


def test_no_verification_is_empty() -> None:
    assert refresh_verification([]) == {}


def test_a_verified_image_has_passed_all_its_checks() -> None:
    own = result(tasks="web.yml", script="by Run Command")
    assert states(own) == [("boot", "passed"), ("identity", "passed"), ("task file", "passed"), ("script", "passed")]
    assert refresh_verification([own])["outcome"] == "verified"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"instances": [], "identities": []}, ["failed", "not reached", "not reached", "not reached"]),
        ({"findings": ["They have the same machine-id."]}, ["passed", "failed", "not reached", "not reached"]),
        ({"identities": []}, ["passed", "failed", "not reached", "not reached"]),
        ({"failed_task": "Look at port 80"}, ["passed", "passed", "failed", "not reached"]),
        ({"failed_task": "Run the user's script"}, ["passed", "passed", "passed", "failed"]),
    ],
)
def test_a_failure_ends_the_checks(more: dict[str, Any], expected: list[str]) -> None:
    failed = result(**{"outcome": "failed", "reason": "why", "tasks": "web.yml", "script": "x", **more})
    assert [state for _name, state in states(failed)] == expected
    assert refresh_verification([failed])["reason"] == "why"


def test_what_is_not_compared_is_no_check() -> None:
    assert states(result(compares=False, source={}, identities=[])) == [("boot", "passed")]


def test_the_worst_of_several_images_is_the_outcome() -> None:
    several = refresh_verification([result(), result(image="/images/app", outcome="failed", reason="why")])
    assert (several["outcome"], several["reason"]) == ("failed", "why")
    assert {check["image"] for check in several["checks"]} == {"/images/web", "/images/app"}


def test_identities_are_those_that_must_differ_and_no_users() -> None:
    source, clone = refresh_verification([result()])["identities"]
    assert source == {
        "image": "/images/web",
        "name": "build-web",
        "is_source": True,
        "machine_id": "a" * 32,
        "host_keys": ["1"],
    }
    assert clone["is_source"] is False and "users" not in clone and "identities" not in clone


def test_warnings_are_sentences() -> None:
    warned = result(warnings=[{"code": "shared_agent", "message": "They share an agent."}])
    assert refresh_verification([warned])["warnings"] == ["They share an agent."]
