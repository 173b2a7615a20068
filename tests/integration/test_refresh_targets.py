# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A golden image that goes to several places: a managed image, and versions in two galleries."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from predicted_writes import sent_writes
from started_runs import end, has_asked, wait_until

from fleet.runs import GROUP, Fleet, Run

DESK = ("-e", "target=win-desk")
FAR = "far"


@pytest.fixture
def everywhere(fleet: Fleet) -> dict[str, Any]:
    """Variables of a run that makes all three; the second gallery lies elsewhere, and is named by its id."""
    subscription = f"/subscriptions/{fleet.azure.settings.subscription}"
    silver = f"{subscription}/resourceGroups/{FAR}/providers/Microsoft.Compute/galleries/silver"
    fleet.azure.seed(
        {"groups": {FAR: "westeurope"}, "resources": [{"id": silver, "location": "westeurope", "properties": {}}]}
    )
    definition = {"definition": "desk", "create_definition": {"publisher": "Example", "offer": "desk", "sku": "2022"}}
    return {
        "golden_image_managed": True,
        "golden_image_gallery_versions": [{"gallery": "golden", **definition}, {"gallery": silver, **definition}],
        # What managed images have nothing like must not keep them from being promoted.
        "golden_image_promotion": {"previous_version_grace_days": 0, "concurrent_deployments": 40},
    }


def images_in(fleet: Fleet) -> dict[str, dict[str, Any]]:
    """Images and versions that are there, by their place and name."""
    found = {}
    for identity, body in fleet.azure.resources().items():
        words = identity.lower().split("/")
        if words[-2] == "versions":
            found[f"{words[-5]} {words[-1]}"] = body
        elif words[-2] == "images" and "galleries" not in words:
            found[words[-1]] = body
    return found


def writes_of(fleet: Fleet) -> set[str]:
    """Methods of the writes that were sent to Resource Manager."""
    return {method for method, _path in sent_writes(fleet.azure.requests)}


def assert_made(run: Run, wanted: str = "promoted") -> None:
    assert run.status == 0, run.output[-6000:]
    assert run.result_of("win-desk") == wanted


@pytest.mark.sweep
def test_all_targets_are_made_verified_promoted_and_pruned(fleet: Fleet, everywhere: dict[str, Any]) -> None:
    planned = fleet.run("planned", "--check", *DESK, **everywhere)
    assert planned.result_of("win-desk") == "planned"
    assert not writes_of(fleet)

    first = fleet.run("first", *DESK, **everywhere)
    assert_made(first)
    assert not first.leftovers - {one for one in first.came if one.lower().endswith("/images/desk")}
    there = images_in(fleet)
    assert set(there) == {"win-desk-first", "golden 1.0.0", "silver 1.0.0"}
    for body in there.values():
        assert body["tags"]["golden.azure.verified"] == "true"
        assert body["tags"]["golden.azure.run"] == "first"
        assert body["tags"]["golden.azure.promoted_at"]
        assert not body["properties"].get("publishingProfile", {}).get("excludeFromLatest")
    assert len(first.image("win-desk")["images"]) == 3

    fleet.azure.clear_requests()
    for arguments in ((), ("--check",)):
        again = fleet.run("again", *arguments, *DESK, **everywhere)
        assert_made(again, "skipped")
        assert not again.came | again.went

    # Approval stands between; then what is old goes from everywhere.
    with (fleet.directory / "roles" / "windows_desk" / "tasks" / "main.yml").open("a") as file:
        file.write("# changed\n")
    assert_made(fleet.run("second", *DESK, golden_image_promote=False, **everywhere), "verified")
    promoted = fleet.run("promoted", *DESK, playbook="golden.azure.promote", **everywhere)
    assert_made(promoted)
    assert set(images_in(fleet)) == {"win-desk-second", "golden 1.0.1", "silver 1.0.1"}
    assert all(body["tags"].get("golden.azure.promoted_at") for body in images_in(fleet).values())
    assert_made(fleet.run("promoted-again", *DESK, playbook="golden.azure.promote", **everywhere), "skipped")


@pytest.mark.sweep
def test_a_capture_that_fails_in_one_target_leaves_nothing_in_any(fleet: Fleet, everywhere: dict[str, Any]) -> None:
    fleet.azure.faults.add("PUT", "/galleries/silver/images/desk/versions/", operation="Failed", message="no room")
    run = fleet.run("failed", *DESK, **everywhere)
    assert run.status != 0
    assert run.image("win-desk")["failure"]["stage"] == "capture"
    assert not images_in(fleet)
    assert not {one for one in run.leftovers if not one.lower().endswith("/images/desk")}


@pytest.mark.sweep
def test_a_verification_that_fails_in_one_target_leaves_nothing_in_any(
    fleet: Fleet, everywhere: dict[str, Any]
) -> None:
    # The second machine, and no command that runs in the first one.
    fleet.azure.faults.add(
        "PUT", r"/virtualMachines/verify-[^/]+\?", nth=2, operation="Failed", code="OSProvisioningTimedOut"
    )
    run = fleet.run("failed", *DESK, **everywhere)
    assert run.status != 0
    assert run.image("win-desk")["failure"]["stage"] == "verify"
    assert not images_in(fleet)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("method", "part", "times"),
    [
        pytest.param("PUT", "/galleries/golden/images/desk/versions/", 1, id="the managed image alone is there"),
        pytest.param("PUT", "/galleries/silver/images/desk/versions/", 1, id="one gallery lacks it"),
        pytest.param("PUT", "/virtualmachines/verify-win-desk-1", 2, id="the managed image alone is verified"),
        pytest.param("PATCH", "/versions/1.0.0/providers/microsoft.resources/tags", 3, id="some are promoted"),
    ],
)
def test_what_was_broken_off_is_gone_on_with(
    fleet: Fleet, everywhere: dict[str, Any], method: str, part: str, times: int
) -> None:
    with fleet.start("ended", *DESK, **everywhere) as process:
        wait_until(has_asked(fleet, method, part, times), process)
        end(process, signal.SIGINT)
    fleet.azure.clear_requests()
    run = fleet.run("next", *DESK, **everywhere)
    assert_made(run)
    assert set(images_in(fleet)) == {"win-desk-ended", "golden 1.0.0", "silver 1.0.0"}
    assert all(body["tags"].get("golden.azure.promoted_at") for body in images_in(fleet).values())
    assert not has_asked(fleet, "PUT", "/virtualmachines/build-win-desk")(), "it was recreated"
    groups = {one.split("/")[4].lower() for one in fleet.azure.resources() if "/resourcegroups/" in one.lower()}
    assert groups <= {GROUP, FAR}
