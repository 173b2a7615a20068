# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_instance: what it refuses, warns of and sends, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from ansible_collections.golden.azure.plugins.module_utils._instance import serial_log

from scripted_azure.resources import COMPUTE, GROUP, IMAGE_ID, SUBSCRIPTION, VM_ID, image, vm
from scripted_azure.wire import accepted

NETWORK = f"{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/build/subnets/a"
NIC = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/build-nic-1"
BUILD = f"{COMPUTE}/virtualMachines/build"
MARK = BUILD.lower()
TAGS = {"golden.azure.instance": MARK, "golden.azure.instance_source": IMAGE_ID.lower()}
TASK = {
    "name": "build",
    "resource_group": "images",
    "image": "golden",
    "subnet": SUBNET,
    "ssh_public_key": "ssh-ed25519 AAAA",
}
GROUP_BODY = {"id": GROUP, "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
NETWORK_BODY = {
    "id": f"{NETWORK}/virtualNetworks/build",
    "location": "westeurope",
    "properties": {"subnets": [{"id": SUBNET}]},
}


LOCKS = f"{GROUP}/providers/Microsoft.Authorization/locks"


def lock(level: str, on: str = GROUP) -> dict[str, Any]:
    return {"id": f"{on}/providers/Microsoft.Authorization/locks/keep", "name": "keep", "properties": {"level": level}}


@pytest.fixture(autouse=True)
def no_locks(wire: Any) -> None:
    """Unless a test says so, nothing is locked."""
    wire.stand("GET", LOCKS, body={"value": []})


def built(ready: bool = True, power: str = "running", state: str = "Succeeded", **tags: str) -> dict[str, Any]:
    """The instance."""
    body = vm(power, provisioningState=state, networkProfile={"networkInterfaces": [{"id": NIC}]})
    if ready:
        status = {"code": "ProvisioningState/succeeded", "displayStatus": "Ready"}
        body["properties"]["instanceView"]["vmAgent"] = {"statuses": [status]}
    return {**body, "id": BUILD, "name": "build", "tags": {**TAGS, **tags}}


def expect_nothing_there(wire: Any) -> None:
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.refuse("GET", BUILD, 404, "ResourceNotFound", "It was not found.")
    wire.expect("GET", f"{NETWORK}/virtualNetworks/build", body=NETWORK_BODY)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.refuse("GET", f"{COMPUTE}/disks/build-os", 404, "ResourceNotFound", "It was not found.")


def expect_it_there(wire: Any, body: dict[str, Any]) -> None:
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.expect("GET", BUILD, body=body)
    wire.expect("GET", f"{NETWORK}/virtualNetworks/build", body=NETWORK_BODY)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.refuse("GET", f"{COMPUTE}/disks/build-os", 404, "ResourceNotFound", "It was not found.")


def expect_interface(wire: Any) -> None:
    configuration = {"properties": {"privateIPAddress": "10.0.0.4", "subnet": {"id": SUBNET}}}
    wire.stand("GET", NIC, body={"id": NIC, "properties": {"ipConfigurations": [configuration]}})


def test_what_is_sent(wire, run):
    expect_nothing_there(wire)
    wire.expect("PUT", BUILD, 201, {}, headers=accepted())
    wire.operation()
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", BUILD, body=built())
    expect_interface(wire)
    result = run("vm_image_instance", **TASK, admin_password="not-to-be-seen-1", custom_data="not-to-be-seen-2")
    assert result["instance"]["private_ip_address"] == "10.0.0.4"
    (sent,) = wire.sent("PUT")
    properties = sent["properties"]
    # No managed image makes Trusted Launch machines, so that there is nothing to say.
    assert "securityProfile" not in properties
    assert properties["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
    (interface,) = properties["networkProfile"]["networkInterfaceConfigurations"]
    assert interface["properties"]["deleteOption"] == "Delete"
    assert "publicIPAddressConfiguration" not in interface["properties"]["ipConfigurations"][0]["properties"]
    assert properties["osProfile"]["adminPassword"] == "not-to-be-seen-1"
    assert sent["tags"] == interface["tags"] == TAGS
    assert "not-to-be-seen" not in json.dumps({**result, "invocation": None})


@pytest.mark.parametrize("check", [False, True])
def test_a_second_run_changes_nothing(wire, run, check):
    expect_it_there(wire, built())
    expect_interface(wire)
    assert run("vm_image_instance", check, **TASK)["changed"] is False


def test_a_machine_without_our_tag_is_not_ours(wire, run):
    expect_it_there(wire, {**built(), "tags": {}})
    result = run("vm_image_instance", **TASK)
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["machine_not_ours"]


def test_an_instance_that_has_stopped_is_not_started(wire, run):
    expect_it_there(wire, built(ready=False, power="stopped"))
    expect_interface(wire)
    result = run("vm_image_instance", **TASK)
    assert result["changed"] is False
    assert result["instance"]["power_state"] == "stopped"
    assert "is not started" in json.dumps(result["warnings"])


def test_one_that_is_being_made_is_waited_for(wire, run):
    expect_it_there(wire, built(ready=False, state="Creating"))
    wire.expect("GET", BUILD, body=built(ready=False, state="Creating"))
    wire.expect("GET", BUILD, body=built(ready=False))
    wire.expect("GET", BUILD, body=built(ready=False))
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", BUILD, body=built())
    expect_interface(wire)
    result = run("vm_image_instance", **TASK)
    assert result["changed"] is False
    assert [step["action"] for step in result["steps"]] == ["wait_for_machine", "wait_for_agent"]


def test_one_may_be_begun_and_waited_for_later(wire, run):
    expect_nothing_there(wire)
    wire.expect("PUT", BUILD, 201, {}, headers=accepted())
    wire.expect("GET", BUILD, body=built(ready=False, state="Creating"))
    expect_interface(wire)
    result = run("vm_image_instance", **TASK, wait=False)
    assert result["changed"] is True
    assert result["instance"]["provisioning_state"] == "Creating"
    assert [step["action"] for step in result["steps"]] == ["begin_machine"]


def test_one_that_is_begun_is_not_begun_again(wire, run):
    expect_it_there(wire, built(ready=False, state="Creating"))
    expect_interface(wire)
    result = run("vm_image_instance", **TASK, wait=False)
    assert (result["changed"], result["steps"]) == (False, [])


@pytest.mark.parametrize("taken", [False, True])
def test_a_beginning_whose_answer_is_lost_is_looked_after(wire, run, taken):
    expect_nothing_there(wire)
    wire.expect("PUT", BUILD, error=requests.ReadTimeout("it broke"))
    if not taken:
        wire.refuse("GET", BUILD, 404, "ResourceNotFound", "It was not found.")
        wire.expect("PUT", BUILD, 201, {}, headers=accepted())
    else:
        wire.expect("GET", BUILD, body=built(ready=False, state="Creating"))
    wire.expect("GET", BUILD, body=built(ready=False, state="Creating"))
    expect_interface(wire)
    assert run("vm_image_instance", **TASK, wait=False)["rc"] == 0


def test_one_that_was_begun_and_fails_says_why(wire, run):
    """The operation is known to the task that began it alone: the machine itself tells."""
    expect_interface(wire)
    failed = built(ready=False, state="Failed")
    reason = {
        "code": "ProvisioningState/failed/OSProvisioningTimedOut",
        "message": "OS Provisioning for VM 'build' did not finish in the allotted time. More follows.",
    }
    failed["properties"]["instanceView"]["statuses"].insert(0, reason)
    expect_it_there(wire, built(ready=False, state="Creating"))
    wire.expect("GET", BUILD, body=failed)
    wire.expect("GET", BUILD, body=failed)
    result = run("vm_image_instance", **TASK)
    assert result["error"]["code"] == "OSProvisioningTimedOut"
    assert "did not finish in the allotted time" in result["msg"]


def test_an_agent_that_does_not_come_ends_the_wait_and_leaves_the_serial_log(wire, run, tmp_path):
    expect_interface(wire)
    wire.stand("GET", BUILD, body=built(ready=False))
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.expect("GET", f"{NETWORK}/virtualNetworks/build", body=NETWORK_BODY)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.refuse("GET", f"{COMPUTE}/disks/build-os", 404, "ResourceNotFound", "It was not found.")
    wire.expect("POST", f"{BUILD}/retrieveBootDiagnosticsData", 200, {})
    log = tmp_path / "serial.log"
    result = run("vm_image_instance", **TASK, agent_timeout=12, serial_log=str(log))
    assert result["rc"] == 1
    assert (
        "The Azure VM agent of virtual machine 'build' in resource group 'images' is not ready 12 s after"
        in result["msg"]
    )
    # Azure had none to give: that is no reason to hide the first failure.
    assert result["serial_log"] is None
    assert not log.exists()


def test_a_task_whose_time_is_over_still_has_time_to_read_the_serial_log(wire, run, tmp_path):
    expect_interface(wire)
    wire.stand("GET", BUILD, body=built(ready=False))
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.expect("GET", f"{NETWORK}/virtualNetworks/build", body=NETWORK_BODY)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.refuse("GET", f"{COMPUTE}/disks/build-os", 404, "ResourceNotFound", "It was not found.")
    log = f"{BUILD}/retrieveBootDiagnosticsData"
    wire.expect("POST", log, 429, {}, headers={"Retry-After": "20"})
    wire.expect("POST", log, 200, {})
    result = run("vm_image_instance", **TASK, timeout=12, serial_log=str(tmp_path / "serial.log"))
    assert "is not ready 12 s after" in result["msg"]


def test_a_serial_log_is_written_through_nobody_s_link(tmp_path):
    """In a folder that is shared, somebody may have put one there: what a guest says would go anywhere."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    log = tmp_path / "serial.log"
    log.symlink_to(precious)
    assert serial_log.write(str(log), "what the guest says") is None
    assert (precious.read_text(), log.read_text()) == ("mine", "what the guest says")
    assert not log.is_symlink()
    assert log.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["precious", "serial.log"]
    assert "could not be written to" in serial_log.write(str(tmp_path), "what the guest says")


def test_an_agent_of_a_machine_that_stops_is_not_waited_for(wire, run):
    expect_interface(wire)
    expect_it_there(wire, built(ready=False))
    wire.expect("GET", BUILD, body=built(ready=False, power="stopped"))
    result = run("vm_image_instance", **TASK)
    assert result["rc"] == 1
    assert "agent not ready, virtual machine stopped" in result["msg"]


@pytest.mark.parametrize("public_ip", [False, True])
def test_a_network_that_cannot_be_read(wire, run, public_ip):
    """Without the right to read it Azure has the last word; but no public address goes by guessing."""
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.refuse("GET", BUILD, 404, "ResourceNotFound", "It was not found.")
    wire.refuse("GET", f"{NETWORK}/virtualNetworks/build", 403, "AuthorizationFailed", "You may not.")
    more = {"public_ip": True, "security_group": "mine"} if public_ip else {}
    if not public_ip:
        wire.expect("GET", IMAGE_ID, body=image())
        wire.refuse("GET", f"{COMPUTE}/disks/build-os", 404, "ResourceNotFound", "It was not found.")
    result = run("vm_image_instance", check=True, **TASK, **more)
    if public_ip:
        assert result["rc"] == 1
        assert "assign a role that allows it to the signed-in identity" in result["msg"]
    else:
        assert result["changed"] is True
        assert "could not be read (permission denied)" in json.dumps(result["warnings"])


def test_no_right_to_make_it(wire, run):
    expect_nothing_there(wire)
    wire.refuse("PUT", BUILD, 403, "AuthorizationFailed", "The client may not write virtual machines.")
    result = run("vm_image_instance", **TASK)
    assert result["rc"] == 1
    assert result["msg"] == (
        "Creating virtual machine 'build' in resource group 'images' failed: The client may not write virtual "
        "machines; assign a role that allows it to the signed-in identity. (AuthorizationFailed, request id request-7)"
    )
    assert result["error"]["code"] == "AuthorizationFailed"
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            {
                "code": "MarketplacePurchaseEligibilityFailed",
                "message": "Marketplace purchase eligibilty check returned errors. See inner errors for details. ",
                "details": [
                    {
                        "code": "BadRequest",
                        "message": "Offer with PublisherId: a, OfferId: b cannot be purchased. More.",
                    }
                ],
            },
            "returned errors; Offer with PublisherId: a, OfferId: b cannot be purchased; More; check whether the subscription "
            "may purchase the image's offer, and has accepted its terms",
        ),
        (
            {
                "code": "QuotaExceeded",
                "message": "It would exceed the approved standardDSv5Family Cores quota. Additional details - Current Limit: 10.",
            },
            "Cores quota; Additional details - Current Limit: 10; request a quota increase, or choose another size or "
            "region.",
        ),
        (
            {"code": "SkuNotAvailable", "message": "The requested size is not available."},
            "; choose another size or region.",
        ),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_azure_refuses_says_what_to_do(wire, run, error, says, wrapped):
    for detail in error.get("details", []) if wrapped else []:
        error = {**error, "details": [{**detail, "message": json.dumps({"error": {"message": detail["message"]}})}]}
    expect_nothing_there(wire)
    wire.expect("PUT", BUILD, 409, {"error": error})
    result = run("vm_image_instance", **TASK)
    assert says in result["msg"]
    assert "inner errors" not in result["msg"]


@pytest.mark.parametrize(
    ("level", "blockers", "warnings"),
    [("ReadOnly", ["locked"], ["cannot_be_removed"]), ("CanNotDelete", [], ["cannot_be_removed"])],
)
def test_a_locked_group_is_told_of_before_anything_is_made(wire, run, level, blockers, warnings):
    expect_nothing_there(wire)
    wire.stand("GET", LOCKS, body={"value": [lock(level)]})
    plan = run("vm_image_instance", check=True, **TASK)["plan"]
    assert [blocker["code"] for blocker in plan["blockers"]] == blockers
    assert [warning["code"] for warning in plan["warnings"]] == warnings


def test_locks_that_may_not_be_read_stop_nothing(wire, run):
    expect_nothing_there(wire)
    wire.stand("GET", LOCKS, 403, {"error": {"code": "AuthorizationFailed", "message": "You may not."}})
    assert run("vm_image_instance", check=True, **TASK)["changed"] is True


@pytest.mark.parametrize(
    ("extension", "warned"), [("JsonADDomainExtension", True), ("AADLoginForWindows", True), ("CustomScript", False)]
)
def test_a_copy_of_a_machine_that_has_joined_a_domain_is_warned_of(wire, run, extension, warned):
    source = {
        **vm("running", securityProfile={"securityType": "TrustedLaunch", "uefiSettings": {"vTpmEnabled": True}}),
        "resources": [{"id": f"{VM_ID}/extensions/x", "properties": {"type": extension}}],
    }
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.refuse("GET", BUILD, 404, "ResourceNotFound", "It was not found.")
    wire.expect("GET", VM_ID, body=source)
    wire.expect("GET", f"{NETWORK}/virtualNetworks/build", body=NETWORK_BODY)
    wire.stand("GET", f"{COMPUTE}/disks/web-os", body={"id": f"{COMPUTE}/disks/web-os", "sku": {"name": "Premium_LRS"}})
    absent = {"error": {"code": "ResourceNotFound", "message": "It was not found."}}
    wire.stand("GET", f"{COMPUTE}/disks/build-os", 404, absent)
    wire.stand("GET", f"{COMPUTE}/snapshots/build-snapshot-os", 404, absent)
    task = {"name": "build", "resource_group": "images", "source_vm": "web", "isolated_subnet": SUBNET}
    result = run("vm_image_instance", check=True, **task)
    codes = [warning["code"] for warning in result["plan"]["warnings"]]
    assert ("domain_joined" in codes) is warned
    assert "virtual_tpm" in codes
    writes = [step["write"]["path"] for step in result["plan"]["steps"] if "write" in step]
    assert writes
    assert not [path for path in writes if path.startswith(VM_ID)]


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("name", "web#1"),
        ("name", "web?x"),
        ("name", "web%2f1"),
        ("name", ".."),
        ("name", "w" * 65),
        ("name", "web-"),
        ("name", "_web"),
        ("name", "my web"),
        ("name", f"{COMPUTE}/virtualMachines/web?api-version=1"),
        ("resource_group", "images."),
        ("resource_group", "im#ages"),
        ("resource_group", "g" * 91),
    ],
)
def test_names_that_azure_has_none_of_are_never_sent(run, wire, state, option, value):
    """A '#' ends a URL, and what is before it names another resource."""
    result = run("vm_image_instance", **{**TASK, "state": state, option: value})
    assert result["rc"] == 1
    assert f"'{option}'" in result["msg"]
    assert wire.asked == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tags": {"a<b": "1"}}, "The tag 'a<b' contains a character that is not allowed in the name of a tag"),
        ({"tags": {"": "1"}}, "A tag has no name"),
        ({"tags": {"n" * 513: "1"}}, "has 513 characters: Azure supports at most 512"),
        ({"tags": {f"t{number}": "1" for number in range(51)}}, "There are 51 tags: Azure supports at most 50"),
        ({"tags": {"a": None}}, "The tag 'a' has no value"),
        ({"tags": {"Golden.Azure.Instance": "x"}}, "(reserved_tag)"),
        ({"ssh_public_key": "-----BEGIN OPENSSH PRIVATE KEY-----"}, "Option 'ssh_public_key' contains a private key"),
        ({"custom_data": "x" * 65536}, "Option 'custom_data' has 65536 bytes: Azure supports at most 65535"),
    ],
)
def test_what_is_too_much_is_refused_before_anything_is_read(run, wire, options, says):
    result = run("vm_image_instance", **{**TASK, **options})
    assert says in result["msg"]
    assert wire.asked == []


# -- removal ------------------------------------------------------------------------------------------------------

REMOVE = {"name": "build", "resource_group": "images", "state": "absent"}
TAGGED = f"{SUBSCRIPTION}/resources"


def test_what_is_left_is_named(wire, run):
    snapshot = {"id": f"{COMPUTE}/snapshots/build-snapshot-os", "tags": TAGS}
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.expect("GET", f"{GROUP}/resources", body={"value": [snapshot]})
    wire.expect("DELETE", snapshot["id"], 202, headers=accepted())
    wire.operation()
    wire.stand("GET", TAGGED, body={"value": [snapshot]})
    absent = {"error": {"code": "ResourceNotFound", "message": "It was not found."}}
    wire.stand("GET", BUILD, 404, absent)
    wire.stand("GET", snapshot["id"], body=snapshot)
    result = run("vm_image_instance", **REMOVE)
    assert result["rc"] == 1
    assert "left resources behind: snapshot 'build-snapshot-os' in resource group 'images'" in result["msg"]
    assert result["remaining"] == [snapshot["id"]]


def test_a_group_of_its_own_that_holds_something_else_stays(wire, run):
    stranger = {"id": f"{COMPUTE}/disks/keep"}
    wire.expect("GET", GROUP, body={**GROUP_BODY, "tags": TAGS})
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", f"{GROUP}/resources", body={"value": [stranger, {"id": BUILD, "tags": TAGS}]})
    expect_interface(wire)
    result = run("vm_image_instance", check=True, **REMOVE)
    assert [step["action"] for step in result["plan"]["steps"]] == ["delete_vm", "delete_network_interface"]
    assert "(disk 'keep' in resource group 'images')" in result["plan"]["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("own", "on", "blocked"),
    [
        (True, f"{COMPUTE}/disks/build-os", True),
        (True, GROUP, True),
        (True, SUBSCRIPTION, True),
        (True, f"{GROUP}-of-others", False),
        (False, GROUP, True),
        (False, SUBSCRIPTION, True),
        (False, f"{COMPUTE}/disks/another", False),
    ],
)
def test_what_is_locked_is_not_begun_to_be_removed(wire, run, own, on, blocked):
    wire.expect("GET", GROUP, body={**GROUP_BODY, "tags": TAGS if own else {}})
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", f"{GROUP}/resources", body={"value": [{"id": BUILD, "tags": TAGS}]})
    wire.stand("GET", LOCKS, body={"value": [lock("CanNotDelete", on)]})
    expect_interface(wire)
    plan = run("vm_image_instance", check=True, **REMOVE)["plan"]
    assert [blocker["code"] for blocker in plan["blockers"]] == (["locked"] if blocked else [])


def test_a_removal_may_be_begun_and_waited_for_later(wire, run):
    wire.expect("GET", GROUP, body={**GROUP_BODY, "tags": TAGS})
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", f"{GROUP}/resources", body={"value": [{"id": BUILD, "tags": TAGS}]})
    expect_interface(wire)
    wire.expect("DELETE", GROUP, 202, headers=accepted())
    result = run("vm_image_instance", **REMOVE, wait=False)
    assert (result["changed"], result["removed"]) == (True, [GROUP])
    going = {**GROUP_BODY, "tags": TAGS, "properties": {"provisioningState": "Deleting"}}
    wire.expect("GET", GROUP, body=going)
    wire.expect("GET", BUILD, body=built(state="Deleting"))
    wire.expect("GET", f"{GROUP}/resources", body={"value": [{"id": BUILD, "tags": TAGS}]})
    expect_interface(wire)
    again = run("vm_image_instance", **REMOVE, wait=False)
    assert (again["changed"], again["steps"]) == (False, [])


def test_without_a_group_of_its_own_a_removal_is_waited_for(wire, run):
    """What belongs to the machine goes after it."""
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", f"{GROUP}/resources", body={"value": [{"id": BUILD, "tags": TAGS}]})
    expect_interface(wire)
    result = run("vm_image_instance", check=True, **REMOVE, wait=False)
    assert [step["action"] for step in result["plan"]["steps"]] == ["delete_vm", "delete_network_interface"]


@pytest.mark.parametrize(
    ("kind", "name", "goes"),
    [
        ("disks", "build-os", True),
        ("disks", "build-data-3", True),
        ("snapshots", "build-snapshot-data-3", True),
        ("disks", "build-database", False),
        ("disks", "build-os-backup", False),
        ("snapshots", "build-before-the-upgrade", False),
    ],
)
def test_what_only_sounds_like_the_instance_is_somebody_else_s(wire, run, kind, name, goes):
    """Without a tag, only the very names that are given here count."""
    found = {"id": f"{COMPUTE}/{kind}/{name}"}
    wire.expect("GET", GROUP, body={**GROUP_BODY, "tags": TAGS})
    wire.expect("GET", BUILD, body=built())
    wire.expect("GET", f"{GROUP}/resources", body={"value": [found, {"id": BUILD, "tags": TAGS}]})
    expect_interface(wire)
    result = run("vm_image_instance", check=True, **REMOVE)
    assert (result["removed"] == [GROUP]) is goes
    assert (found["id"] in result["removed"]) is False


@pytest.mark.parametrize(
    ("reference", "tags", "goes"),
    [
        ({"properties": {"deleteOption": "Delete"}}, {}, True),
        ({"properties": {"deleteOption": "Detach"}}, TAGS, True),
        ({"properties": {"deleteOption": "Detach"}}, {}, False),
    ],
)
def test_an_interface_that_was_attached_by_hand_stays_with_its_address(wire, run, reference, tags, goes):
    network = f"{GROUP}/providers/Microsoft.Network"
    own = f"{network}/networkInterfaces/management"
    body = built()
    body["properties"]["networkProfile"] = {"networkInterfaces": [{"id": own, **reference}]}
    address = {"publicIPAddress": {"id": f"{network}/publicIPAddresses/management"}}
    wire.expect("GET", GROUP, body=GROUP_BODY)
    wire.expect("GET", BUILD, body=body)
    wire.expect("GET", f"{GROUP}/resources", body={"value": [{"id": BUILD, "tags": TAGS}]})
    wire.expect(
        "GET", own, body={"id": own, "tags": tags, "properties": {"ipConfigurations": [{"properties": address}]}}
    )
    result = run("vm_image_instance", check=True, **REMOVE)
    expected = [BUILD, own] if goes and tags else [BUILD]
    assert result["removed"] == expected


@pytest.mark.parametrize("check", [False, True])
def test_a_group_that_is_gone_holds_nothing(wire, run, check):
    wire.refuse("GET", GROUP, 404, "ResourceGroupNotFound", "It could not be found.")
    if not check:
        wire.expect("GET", TAGGED, body={"value": []})
        wire.refuse("GET", BUILD, 404, "ResourceGroupNotFound", "It could not be found.")
    result = run("vm_image_instance", check, **REMOVE)
    assert (result["changed"], result["removed"]) == (False, [])
