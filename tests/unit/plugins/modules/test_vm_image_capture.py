# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_capture: do, again, check mode, check mode again; resuming; refusing; what is said when it goes wrong."""

from __future__ import annotations

import socket

import pytest
import requests
import urllib3
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION

from scripted_azure.resources import (
    DISK_ID,
    GROUP,
    IMAGE_ID,
    SOURCE_TAG,
    SUBSCRIPTION,
    UNIQUE,
    VM_ID,
    disk,
    image,
    lock,
    vm,
)
from scripted_azure.wire import OPERATION, accepted

#: As the requests library raises it when the peer closes the connection after the request went out.
CONNECTION_LOST = requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted."))
LOCKS = f"{GROUP}/providers/Microsoft.Authorization/locks"
TASK = {"source_vm": "web", "image": "golden", "resource_group": "images", "generalize": True}


def expect_state(wire, machine=None, present=None, locks=()):
    """The reads before the plan."""
    if machine is None:
        wire.refuse("GET", VM_ID, 404, "ResourceNotFound", "The Resource was not found.")
    else:
        wire.expect("GET", VM_ID, body=machine)
    if present is None:
        wire.refuse("GET", IMAGE_ID, 404, "ResourceNotFound", "The Resource was not found.")
    else:
        wire.expect("GET", IMAGE_ID, body=present)
    if machine is not None:
        wire.expect("GET", DISK_ID, body=disk())
    wire.expect("GET", LOCKS, body={"value": list(locks)})
    if present is None or present["properties"]["provisioningState"] == "Failed":
        # What is to be made needs a group that stays.
        wire.expect(
            "GET", GROUP, body={"id": GROUP, "name": "images", "properties": {"provisioningState": "Succeeded"}}
        )


def expect_deallocation(wire):
    wire.expect("POST", f"{VM_ID}/deallocate", 202, headers=accepted(**{"Retry-After": "10"}))
    wire.operation()


def expect_creation(wire):
    wire.expect("PUT", IMAGE_ID, 201, image(state="Creating"), headers=accepted())
    wire.operation()


def actions(result):
    return [step["action"] for step in result["plan"]["steps"]]


def test_capture(wire, run, clock):
    expect_state(wire, vm())
    expect_deallocation(wire)
    wire.expect("POST", f"{VM_ID}/generalize")
    expect_creation(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_capture", **TASK, tags={"team": "web"}, zone_resilient=False, run_id="run-7")
    assert result["changed"] is True
    assert result["image"]["id"] == IMAGE_ID
    assert [step["action"] for step in result["steps"]] == ["deallocate", "generalize", "create_image"]
    assert result["steps"][0]["operation_id"] == "operation-1"
    (sent,) = wire.sent("PUT")
    assert sent["tags"].pop("golden.azure.created_at").endswith("+00:00")
    assert sent == (
        {
            "location": "westeurope",
            "tags": {
                "team": "web",
                SOURCE_TAG: UNIQUE,
                "golden.azure.source": VM_ID.lower(),
                "golden.azure.run_id": "run-7",
                "golden.azure.holder": socket.gethostname(),
                "golden.azure.collection_version": COLLECTION_VERSION,
            },
            "properties": {
                "sourceVirtualMachine": {"id": VM_ID},
                "hyperVGeneration": "V2",
                "storageProfile": {"zoneResilient": False},
            },
        }
    )
    # Azure asked for ten seconds between looks at the deallocation, and for nothing at the image's.
    assert clock.slept[0] == 10


def test_a_capture_takes_three_writes_and_at_most_five_reads_and_one_for_each_disk(wire, run):
    test_capture(wire, run, clock=type("Any", (), {"slept": [10]}))
    reads = [request for request in wire.asked if request.method == "GET" and OPERATION not in request.url]
    writes = [request for request in wire.asked if request.method != "GET"]
    assert len(writes) == 3
    assert len(reads) <= 5 + 1
    before_the_writes = [request.url for request in reads[:-1]]
    assert len(set(before_the_writes)) == len(before_the_writes)


def test_capture_again(wire, run):
    expect_state(wire, vm("deallocated", generalized=True), image())
    result = run("vm_image_capture", **TASK)
    assert (result["changed"], result["steps"], result["plan"]["steps"]) == (False, [], [])
    assert result["image"]["id"] == IMAGE_ID


def test_check_mode_shows_the_writes_and_sends_none(wire, run):
    expect_state(wire, vm())
    result = run("vm_image_capture", check=True, **TASK)
    assert result["changed"] is True
    assert [(step["write"]["method"], step["write"]["path"]) for step in result["plan"]["steps"]] == [
        ("POST", f"{VM_ID}/deallocate"),
        ("POST", f"{VM_ID}/generalize"),
        ("PUT", IMAGE_ID),
    ]
    assert result["diff"]["prepared"] == result["plan_text"]
    assert "3. create the image 'golden' in resource group 'images' in westeurope" in result["plan_text"]


def test_check_mode_again(wire, run):
    expect_state(wire, vm("deallocated", generalized=True), image())
    result = run("vm_image_capture", check=True, **TASK)
    assert result["changed"] is False
    assert "nothing to do" in result["plan_text"]


@pytest.mark.parametrize("check", [False, True])
def test_a_source_that_was_deleted_after_its_capture_is_fine(wire, run, check):
    expect_state(wire, None, image())
    result = run("vm_image_capture", check, **TASK, delete_source_vm=True)
    assert result["changed"] is False
    assert result["image"]["id"] == IMAGE_ID


def test_tags_of_an_image_are_merged(wire, run):
    expect_state(wire, vm("deallocated", generalized=True), image(tags={"Team": "old", "keep": "1"}))
    wire.expect("PATCH", IMAGE_ID, 200, image(tags={"team": "web", "keep": "1"}))
    wire.expect("GET", IMAGE_ID, body=image(tags={"team": "web", "keep": "1"}))
    result = run("vm_image_capture", **TASK, tags={"team": "web"})
    assert result["changed"] is True
    assert wire.sent("PATCH") == [{"tags": {"keep": "1", SOURCE_TAG: UNIQUE, "team": "web"}}]


def test_the_source_is_deleted_after_the_capture_if_asked(wire, run):
    expect_state(wire, vm("deallocated", generalized=True), image())
    wire.expect("DELETE", VM_ID, 202, headers=accepted())
    wire.operation()
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_capture", **TASK, delete_source_vm=True)
    assert [step["action"] for step in result["steps"]] == ["delete_vm"]


# -- waiting for the guest ----------------------------------------------------------------------------------------


def test_the_shutdown_of_the_guest_is_waited_for(wire, run):
    expect_state(wire, vm("running"))
    wire.expect("GET", VM_ID, body=vm("running"))
    wire.expect("GET", VM_ID, body=vm("stopped"))
    expect_deallocation(wire)
    wire.expect("POST", f"{VM_ID}/generalize")
    expect_creation(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_capture", **TASK, shutdown_timeout=300)
    assert result["steps"][0]["action"] == "wait_until_stopped"


def test_a_guest_that_never_shuts_down_ends_the_wait(wire, run, clock):
    expect_state(wire, vm("running"))
    for _look in range(10):
        wire.expect("GET", VM_ID, body=vm("running"))
    result = run("vm_image_capture", **TASK, shutdown_timeout=20)
    assert result["rc"] == 1
    assert "is still running 20 s after its guest should have shut down; nothing was changed" in result["msg"]
    assert sum(clock.slept) == 20


@pytest.mark.parametrize("check", [False, True])
def test_a_running_guest_is_refused(wire, run, check):
    expect_state(wire, vm("running"))
    result = run("vm_image_capture", check, **TASK)
    assert result["rc"] == 1
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["not_stopped"]
    assert result["msg"].startswith("Capture of virtual machine 'web' in resource group 'images' into image 'golden'")


def test_running_is_a_step_while_the_preparation_is_pending(wire, run):
    expect_state(wire, vm("running"))
    result = run("vm_image_capture", check=True, **TASK, guest_prepared=False)
    assert actions(result) == ["claim_vm", "prepare", "deallocate", "generalize", "create_image"]


def test_a_pending_preparation_is_for_check_mode_only(wire, run):
    wire.permissions = [{"actions": ["*"], "notActions": ["Microsoft.Compute/virtualMachines/write"]}]
    expect_state(wire, vm("running"))
    result = run("vm_image_capture", **TASK, guest_prepared=False)
    assert result["rc"] == 1
    assert "use this setting in check mode" in result["msg"]


# -- resuming -----------------------------------------------------------------------------------------------------


def test_a_deallocation_under_way_is_joined(wire, run):
    expect_state(wire, vm("deallocating"))
    wire.expect("GET", VM_ID, body=vm("deallocating"))
    wire.expect("GET", VM_ID, body=vm("deallocated"))
    wire.expect("POST", f"{VM_ID}/generalize")
    expect_creation(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_capture", **TASK)
    assert [step["action"] for step in result["steps"]] == ["wait_for_deallocation", "generalize", "create_image"]


def test_an_image_being_made_is_joined(wire, run):
    expect_state(wire, vm("deallocated", generalized=True), image(state="Creating"))
    wire.expect("GET", IMAGE_ID, body=image(state="Creating"))
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_capture", **TASK)
    assert [step["action"] for step in result["steps"]] == ["wait_for_image"]
    assert result["changed"] is False


def test_a_failed_image_is_made_again(wire, run):
    expect_state(wire, vm("deallocated", generalized=True), image(state="Failed"))
    expect_creation(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    assert run("vm_image_capture", **TASK)["changed"] is True


def test_a_generalized_source_needs_no_consent(wire, run):
    expect_state(wire, vm("deallocated", generalized=True))
    expect_creation(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_capture", **{**TASK, "generalize": False})
    assert [step["action"] for step in result["steps"]] == ["create_image"]


def test_a_write_whose_answer_is_lost_is_looked_for_before_it_is_sent_again(wire, run):
    expect_state(wire, vm("deallocated", generalized=True))
    wire.expect("PUT", IMAGE_ID, error=CONNECTION_LOST)
    wire.expect("GET", IMAGE_ID, body=image(state="Creating"))
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    assert run("vm_image_capture", **TASK)["changed"] is True


def test_a_lost_write_that_had_no_effect_is_sent_again(wire, run):
    expect_state(wire, vm("deallocated"))
    wire.expect("POST", f"{VM_ID}/generalize", error=requests.exceptions.ReadTimeout("late"))
    wire.expect("GET", VM_ID, body=vm("deallocated"))
    wire.expect("POST", f"{VM_ID}/generalize")
    expect_creation(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    assert run("vm_image_capture", **TASK)["changed"] is True


def test_an_operation_that_azure_forgot_is_told_by_its_effect(wire, run):
    expect_state(wire, vm("deallocated", generalized=True))
    wire.expect("PUT", IMAGE_ID, 201, image(state="Creating"), headers=accepted())
    wire.refuse("GET", OPERATION, 404, "NotFound", "The entity was not found in this Azure location.")
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    assert run("vm_image_capture", **TASK)["changed"] is True


# -- failures -----------------------------------------------------------------------------------------------------


def test_a_failed_operation_says_why_and_what_was_done(wire, run):
    expect_state(wire, vm())
    wire.expect("POST", f"{VM_ID}/deallocate", 202, headers=accepted())
    wire.operation()
    wire.expect("POST", f"{VM_ID}/generalize")
    wire.expect("PUT", IMAGE_ID, 201, image(state="Creating"), headers=accepted())
    wire.operation("InProgress")
    wire.operation("Failed", {"code": "InternalOperationError", "message": "The copy did not end. Retry later."})
    result = run("vm_image_capture", **TASK)
    assert result["rc"] == 1
    assert (
        "failed: The copy did not end; Retry later. (InternalOperationError, request id operation-1)" in result["msg"]
    )
    assert [step["action"] for step in result["steps"]] == ["deallocate", "generalize"]
    assert result["changed"] is True
    assert result["error"]["code"] == "InternalOperationError"


def test_an_operation_that_never_ends_names_itself_and_the_way_on(wire, run):
    expect_state(wire, vm("deallocated", generalized=True))
    wire.expect("PUT", IMAGE_ID, 201, image(state="Creating"), headers=accepted(**{"Retry-After": "30"}))
    wire.operation("InProgress", **{"Retry-After": "30"})
    wire.operation("InProgress", **{"Retry-After": "30"})
    result = run("vm_image_capture", **TASK, timeout=50)
    assert result["rc"] == 1
    assert "image 'golden' in resource group 'images'" in result["msg"]
    assert "(operation operation-1, state InProgress) did not complete within the time limit of 50 s" in result["msg"]
    assert "run the task again to continue" in result["msg"]


@pytest.mark.parametrize(
    ("machine", "present", "more", "code"),
    [
        (vm(), None, {"generalize": False}, "generalize_not_allowed"),
        (None, None, {}, "source_not_found"),
        (vm(), None, {"location": "North Europe"}, "location_differs"),
        (vm("deallocated", generalized=True), image("another-vm-id"), {}, "image_of_another_source"),
        (vm("deallocated", generalized=True), image(None), {}, "image_of_unknown_source"),
        (vm("deallocated", generalized=True), image(), {"zone_resilient": True}, "zone_resilience_differs"),
    ],
)
def test_blockers_stop_before_anything_is_written(wire, run, machine, present, more, code):
    expect_state(wire, machine, present)
    result = run("vm_image_capture", **{**TASK, **more})
    assert result["rc"] == 1
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == [code]


def test_locks_that_may_not_be_read_are_a_warning(wire, run):
    wire.expect("GET", VM_ID, body=vm())
    wire.refuse("GET", IMAGE_ID, 404, "ResourceNotFound", "The Resource was not found.")
    wire.expect("GET", DISK_ID, body=disk())
    wire.refuse("GET", LOCKS, 403, "AuthorizationFailed", "The client does not have authorization.")
    wire.refuse("GET", GROUP, 403, "AuthorizationFailed", "The client does not have authorization.")
    result = run("vm_image_capture", check=True, **TASK)
    assert result["rc"] == 0
    assert [warning["code"] for warning in result["plan"]["warnings"]] == ["locks_unknown", "resource_group_unknown"]


def test_a_lock_is_a_blocker(wire, run):
    expect_state(wire, vm(), locks=[lock("ReadOnly")])
    result = run("vm_image_capture", **TASK)
    assert "The lock 'keep' (ReadOnly)" in result["msg"]


def test_a_region_without_zones_is_a_blocker(wire, run):
    expect_state(wire, vm())
    wire.expect("GET", f"{SUBSCRIPTION}/locations", body={"value": [{"name": "westeurope"}]})
    result = run("vm_image_capture", **TASK, zone_resilient=True)
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["no_zones_in_region"]


def test_no_rights_are_named_with_code_and_request_id(wire, run):
    wire.refuse(
        "GET", VM_ID, 403, "AuthorizationFailed", "The client 'x' does not have authorization to read. Long text."
    )
    result = run("vm_image_capture", **TASK)
    assert result["msg"] == (
        "Reading virtual machine 'web' in resource group 'images' failed: The client 'x' does not have authorization "
        "to read; Long text; assign a role that allows it to the signed-in identity. (AuthorizationFailed, request id "
        "request-7)"
    )
