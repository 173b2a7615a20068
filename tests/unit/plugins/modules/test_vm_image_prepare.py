# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_prepare: do, again, check mode, check mode again; the order of decryption; resuming; refusing."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import urllib3

from scripted_azure.resources import GROUP, VM_ID, lock, vm
from scripted_azure.wire import accepted

CONNECTION_LOST = requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted."))
LOCKS = f"{GROUP}/providers/Microsoft.Authorization/locks"
ENCRYPTION = f"{VM_ID}/extensions/AzureDiskEncryption"
MONITOR = f"{VM_ID}/extensions/monitor"
TASK: dict[str, Any] = {"source_vm": "web", "resource_group": "images", "actions": ["disk_encryption", "extensions"]}
READY = {"statuses": [{"code": "ProvisioningState/succeeded", "displayStatus": "Ready"}]}


def extension(path: str, state: str = "Succeeded", version: str = "2.2", **settings: str) -> dict[str, Any]:
    """An extension as the machine's body has it."""
    kind = path.rsplit("/", 1)[1]
    kind = kind if kind.startswith("Azure") else "AzureMonitorWindowsAgent"
    properties = {
        "publisher": "Microsoft.Azure.Security",
        "type": kind,
        "typeHandlerVersion": version,
        "provisioningState": state,
        "settings": settings,
    }
    return {"id": path, "name": path.rsplit("/", 1)[1], "properties": properties}


def enabled(path: str = ENCRYPTION, **more: str) -> dict[str, Any]:
    return extension(path, EncryptionOperation="EnableEncryption", **more)


def disabled(state: str = "Succeeded") -> dict[str, Any]:
    return extension(ENCRYPTION, state, EncryptionOperation="DisableEncryption")


def machine(
    *extensions: dict[str, Any], disk: str | None = None, power: str = "running", system: str = "Windows", **more: Any
) -> dict[str, Any]:
    """A machine with extensions, and the encryption state of its disk."""
    found = vm(power, **more)
    properties = found["properties"]
    properties["storageProfile"]["osDisk"].update(osType=system, name="web-os")
    statuses = [{"code": "ProvisioningState/succeeded"}, *([{"code": f"EncryptionState/{disk}"}] if disk else [])]
    properties["instanceView"].setdefault("vmAgent", READY)
    properties["instanceView"]["disks"] = [{"name": "web-os", "statuses": statuses}]
    return {**found, "resources": list(extensions)}


def expect_state(wire, found, *locks):
    wire.expect("GET", VM_ID, body=found)
    wire.expect("GET", LOCKS, body={"value": list(locks)})


def expect_removal(wire, path):
    wire.expect("DELETE", path, 202, headers=accepted())
    wire.operation()


def expect_order_to_decrypt(wire, path=ENCRYPTION):
    wire.expect("PUT", path, 200, extension(path), headers=accepted())
    wire.operation()


def actions(result):
    return [step["action"] for step in result["plan"]["steps"]]


def warnings(result):
    return [warning["code"] for warning in result["plan"]["warnings"]]


def test_the_extension_goes_only_when_the_disks_are_decrypted(wire, run, clock):
    expect_state(wire, machine(enabled(), extension(MONITOR), disk="encrypted"))
    expect_order_to_decrypt(wire)
    wire.expect("GET", VM_ID, body=machine(disabled(), disk="encrypted"))
    wire.expect("GET", VM_ID, body=machine(disabled(), disk="decryptionInProgress"))
    wire.expect("GET", VM_ID, body=machine(disabled(), disk="notEncrypted"))
    expect_removal(wire, ENCRYPTION)
    expect_removal(wire, MONITOR)
    wire.expect("GET", VM_ID, body=machine(disk="notEncrypted"))
    result = run("vm_image_prepare", **TASK)
    assert result["changed"] is True
    assert actions(result) == ["disable_encryption", "wait_for_decryption", "delete_extension", "delete_extension"]
    assert (result["extensions"], result["encrypted_disks"]) == ([], {})
    (sent,) = wire.sent("PUT")
    settings = sent["properties"]["settings"]
    assert len(settings.pop("SequenceVersion")) == 36
    assert settings == {"EncryptionOperation": "DisableEncryption", "VolumeType": "All"}
    assert (sent["location"], sent["properties"]["type"]) == ("westeurope", "AzureDiskEncryption")


def test_again(wire, run):
    expect_state(wire, machine(disk="notEncrypted"))
    result = run("vm_image_prepare", **TASK)
    assert (result["changed"], result["steps"], result["plan"]["steps"]) == (False, [], [])


def test_check_mode_sends_no_write(wire, run):
    expect_state(wire, machine(enabled(), disk="encrypted"))
    result = run("vm_image_prepare", check=True, **TASK)
    assert result["changed"] is True
    assert actions(result) == ["disable_encryption", "wait_for_decryption", "delete_extension"]
    assert result["encrypted_disks"] == {"web-os": "encrypted"}
    assert warnings(result) == ["disk_encryption_ends", "may_reboot"]
    assert wire.sent("PUT") == []


def test_check_mode_again(wire, run):
    expect_state(wire, machine())
    assert run("vm_image_prepare", check=True, **TASK)["changed"] is False


def test_the_guest_is_to_confirm_before_the_extension_goes(wire, run):
    expect_state(wire, machine(enabled(), extension(MONITOR), disk="encrypted"))
    expect_order_to_decrypt(wire)
    wire.expect("GET", VM_ID, body=machine(disabled(), disk="notEncrypted"))
    wire.expect("GET", VM_ID, body=machine(disabled(), extension(MONITOR), disk="notEncrypted"))
    result = run("vm_image_prepare", **{**TASK, "actions": ["disk_encryption"]}, keep_encryption_extension=True)
    assert actions(result) == ["disable_encryption", "wait_for_decryption"]
    assert result["extensions"] == ["AzureDiskEncryption", "monitor"]


def test_what_is_to_stay_stays(wire, run):
    expect_state(wire, machine(extension(MONITOR), extension(f"{VM_ID}/extensions/other")))
    result = run("vm_image_prepare", check=True, **TASK, keep_extensions=["Monitor"])
    assert [step["resource_id"] for step in result["plan"]["steps"]] == [f"{VM_ID}/extensions/other"]


@pytest.mark.parametrize("state", ["Succeeded", "Updating"])
def test_a_decryption_under_way_is_awaited(wire, run, state):
    expect_state(wire, machine(disabled(state), disk="decryptionInProgress"))
    result = run("vm_image_prepare", check=True, **TASK)
    assert actions(result) == ["wait_for_decryption", "delete_extension"]


def test_an_order_that_failed_is_given_again(wire, run):
    expect_state(wire, machine(disabled("Failed"), disk="encrypted"))
    assert actions(run("vm_image_prepare", check=True, **TASK))[0] == "disable_encryption"


def test_an_extension_removed_too_early_comes_back_and_goes_again(wire, run):
    expect_state(wire, machine(disk="encrypted"))
    result = run("vm_image_prepare", check=True, **TASK)
    assert actions(result) == ["disable_encryption", "wait_for_decryption", "delete_extension"]
    assert warnings(result) == ["disk_encryption_ends", "may_reboot", "extension_comes_back"]


def test_a_removal_under_way_is_joined(wire, run):
    expect_state(wire, machine(extension(MONITOR, "Deleting")))
    assert actions(run("vm_image_prepare", check=True, **TASK)) == ["wait_for_removal"]


def test_an_order_whose_answer_is_lost_is_looked_for(wire, run):
    expect_state(wire, machine(enabled(), disk="encrypted"))
    wire.expect("PUT", ENCRYPTION, error=CONNECTION_LOST)
    # What is there was told by somebody else: the order did not arrive, and is given again.
    wire.expect("GET", ENCRYPTION, body=enabled())
    expect_order_to_decrypt(wire)
    wire.expect("GET", VM_ID, body=machine(disabled(), disk="notEncrypted"))
    expect_removal(wire, ENCRYPTION)
    wire.expect("GET", VM_ID, body=machine())
    assert run("vm_image_prepare", **TASK)["rc"] == 0
    first, second = wire.sent("PUT")
    assert first == second


def test_linux_decrypts_its_data_volumes(wire, run):
    path = f"{VM_ID}/extensions/AzureDiskEncryptionForLinux"
    found = machine(enabled(path, version="1.2"), system="Linux")
    found["properties"]["instanceView"]["disks"].append(
        {"name": "data", "statuses": [{"code": "EncryptionState/encrypted"}]}
    )
    expect_state(wire, found)
    result = run("vm_image_prepare", check=True, **TASK)
    written = result["plan"]["steps"][0]["write"]["body"]["properties"]
    assert written["settings"]["VolumeType"] == "Data"
    assert (written["type"], written["typeHandlerVersion"]) == ("AzureDiskEncryptionForLinux", "1.2")


def test_decryption_that_does_not_end_ends_with_the_time_limit(wire, run):
    expect_state(wire, machine(disabled(), disk="decryptionInProgress"))
    wire.stand("GET", VM_ID, body=machine(disabled(), disk="decryptionInProgress"))
    wire.script = [exchange for exchange in wire.script if exchange.path != VM_ID]
    result = run("vm_image_prepare", **TASK, timeout=60)
    assert result["rc"] == 1
    assert "web-os decryptionInProgress" in result["msg"]
    assert "within the time limit of 60 s" in result["msg"]
    assert result["changed"] is False


BLOCKED = {
    "not_running": (machine(extension(MONITOR), power="stopped"), {}),
    "agent_not_ready": (machine(extension(MONITOR), instanceView={"statuses": [{"code": "PowerState/running"}]}), {}),
    "extensions_not_allowed": (machine(extension(MONITOR), osProfile={"allowExtensionOperations": False}), {}),
    "source_in_transition": (machine(extension(MONITOR), provisioningState="Deleting"), {}),
    "encrypted": (machine(enabled(), disk="encrypted"), {"actions": ["extensions"]}),
    "previous_disk_encryption": (machine(enabled(version="1.1"), disk="encrypted"), {}),
    "os_disk_stays_encrypted": (machine(disk="encrypted", system="Linux"), {}),
}
BLOCKED["agent_not_ready"][0]["properties"]["instanceView"]["vmAgent"] = {"statuses": [{"displayStatus": "Not Ready"}]}


@pytest.mark.parametrize("code", BLOCKED)
def test_what_stands_in_the_way_is_said_before_anything_is_changed(wire, run, code):
    found, options = BLOCKED[code]
    expect_state(wire, found)
    result = run("vm_image_prepare", **{**TASK, **options})
    assert result["rc"] == 1
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == [code]
    assert "nothing was changed" in result["msg"]


def test_a_stopped_machine_without_extensions_is_fine(wire, run):
    expect_state(wire, machine(power="deallocated"))
    assert run("vm_image_prepare", **TASK)["changed"] is False


@pytest.mark.parametrize("level", ["ReadOnly", "CanNotDelete"])
def test_a_lock_is_a_blocker(wire, run, level):
    expect_state(wire, machine(extension(MONITOR)), lock(level))
    result = run("vm_image_prepare", **TASK)
    assert "remove the lock" in result["msg"]


def test_a_lock_against_deletion_lets_disks_be_decrypted(wire, run):
    expect_state(wire, machine(enabled(), disk="encrypted"), lock("CanNotDelete"))
    options = {**TASK, "actions": ["disk_encryption"], "keep_encryption_extension": True}
    assert actions(run("vm_image_prepare", check=True, **options)) == ["disable_encryption", "wait_for_decryption"]


def test_locks_that_cannot_be_read_are_a_warning(wire, run):
    wire.expect("GET", VM_ID, body=machine(extension(MONITOR)))
    wire.refuse("GET", LOCKS, 403, "AuthorizationFailed", "No right to.")
    result = run("vm_image_prepare", check=True, **TASK)
    assert warnings(result) == ["locks_unknown"]


def test_there_is_no_machine(wire, run):
    wire.refuse("GET", VM_ID, 404, "ResourceNotFound", "The Resource was not found.")
    result = run("vm_image_prepare", **TASK)
    assert "check 'source_vm'" in result["msg"]


@pytest.mark.parametrize("options", [{"actions": []}, {"actions": ["extensions"], "keep_encryption_extension": True}])
def test_options_that_cannot_be_meant(wire, run, options):
    assert run("vm_image_prepare", **{**TASK, **options})["rc"] == 1
