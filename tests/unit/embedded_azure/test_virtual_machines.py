# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual machines through the SDK: what they are made of, what may be done to them, what goes with them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient

from embedded_azure import EmbeddedAzure


def states(compute: ComputeManagementClient, name: str = "source") -> list[str]:
    view = compute.virtual_machines.instance_view("golden", name)
    return [status.code for status in view.statuses if not status.code.startswith("ProvisioningState")]


def test_a_machine_reads_as_azure_shows_it(compute: ComputeManagementClient) -> None:
    vm = compute.virtual_machines.get("golden", "source", expand="instanceView")
    assert vm.provisioning_state == "Succeeded"
    assert vm.vm_id
    assert vm.time_created
    assert vm.storage_profile.os_disk.managed_disk.id
    assert vm.os_profile.admin_password is None
    assert vm.instance_view.hyper_v_generation == "V2"
    assert [status.code for status in vm.instance_view.statuses] == [
        "ProvisioningState/succeeded",
        "PowerState/running",
    ]


def test_power_states(compute: ComputeManagementClient) -> None:
    compute.virtual_machines.begin_power_off("golden", "source").result()
    assert states(compute) == ["PowerState/stopped"]
    compute.virtual_machines.begin_deallocate("golden", "source").result()
    assert states(compute) == ["PowerState/deallocated"]
    compute.virtual_machines.begin_start("golden", "source").result()
    assert states(compute) == ["PowerState/running"]
    compute.virtual_machines.begin_restart("golden", "source").result()
    assert states(compute) == ["PowerState/running"]


def test_a_running_machine_cannot_be_generalized(compute: ComputeManagementClient) -> None:
    with pytest.raises(ResourceExistsError) as refused:
        compute.virtual_machines.generalize("golden", "source")
    assert refused.value.error.code == "OperationNotAllowed"
    assert refused.value.error.message == (
        "Operation 'generalize' is not allowed on VM 'source' since the VM is running. Please power off explicitly in "
        "case you shut down the VM from inside the guest operating system."
    )


def test_a_generalized_machine_cannot_start(compute: ComputeManagementClient) -> None:
    compute.virtual_machines.begin_deallocate("golden", "source").result()
    compute.virtual_machines.generalize("golden", "source")
    assert states(compute) == ["OSState/generalized", "PowerState/deallocated"]
    with pytest.raises(HttpResponseError, match="since the VM is generalized"):
        compute.virtual_machines.begin_start("golden", "source")


def test_a_guest_that_shut_itself_down_reads_stopped(azure: EmbeddedAzure, compute: ComputeManagementClient) -> None:
    vm = compute.virtual_machines.get("golden", "source")
    azure.cloud.guests.power_off(vm.id.lower())
    assert states(compute) == ["PowerState/stopped"]
    compute.virtual_machines.generalize("golden", "source")
    assert "OSState/generalized" in states(compute)


def test_deallocation_hides_the_kind_of_disks(compute: ComputeManagementClient) -> None:
    compute.virtual_machines.begin_deallocate("golden", "source").result()
    vm = compute.virtual_machines.get("golden", "source")
    assert vm.storage_profile.os_disk.managed_disk.storage_account_type is None
    disk = compute.disks.get("golden", vm.storage_profile.os_disk.name)
    assert disk.disk_state == "Reserved"
    assert disk.sku.name == "Premium_LRS"


def test_deletion_takes_what_deleteoption_names(azure: EmbeddedAzure, compute: ComputeManagementClient) -> None:
    azure.seed({"virtual_machines": [{"name": "data", "group": "golden", "data_disks": [8]}]})
    compute.virtual_machines.begin_delete("golden", "data").result()
    left = [id for id in azure.resources() if "/data" in id]
    assert [id.rsplit("/", 2)[1] for id in left] == ["disks"]
    assert compute.disks.get("golden", left[0].rsplit("/", 1)[-1]).disk_state == "Unattached"


def test_a_rebuilt_machine_has_another_vm_id(azure: EmbeddedAzure, compute: ComputeManagementClient) -> None:
    before = compute.virtual_machines.get("golden", "source")
    compute.virtual_machines.begin_delete("golden", "source").result()
    with pytest.raises(ResourceNotFoundError):
        compute.virtual_machines.get("golden", "source")
    azure.seed({"virtual_machines": [{"name": "source", "group": "golden"}]})
    after = compute.virtual_machines.get("golden", "source")
    assert after.id == before.id
    assert after.vm_id != before.vm_id


def test_a_patch_of_tags_keeps_the_rest(compute: ComputeManagementClient) -> None:
    before = compute.virtual_machines.get("golden", "source")
    compute.virtual_machines.begin_update("golden", "source", {"tags": {"a": "1"}}).result()
    after = compute.virtual_machines.get("golden", "source")
    assert after.tags == {"a": "1"}
    assert after.vm_id == before.vm_id
    assert after.storage_profile.os_disk.name == before.storage_profile.os_disk.name


def test_a_data_disk_is_attached_and_detached(compute: ComputeManagementClient) -> None:
    disk = compute.disks.begin_create_or_update(
        "golden",
        "extra",
        {"location": "westeurope", "properties": {"diskSizeGB": 8, "creationData": {"createOption": "Empty"}}},
    ).result()
    body = {"properties": {"storageProfile": {"dataDisks": [
        {"lun": 3, "createOption": "Attach", "managedDisk": {"id": disk.id}}
    ]}}}  # fmt: skip
    compute.virtual_machines.begin_update("golden", "source", body).result()
    assert compute.disks.get("golden", "extra").disk_state == "Attached"
    with pytest.raises(HttpResponseError, match="attached"):
        compute.disks.begin_delete("golden", "extra")
    compute.virtual_machines.begin_update(
        "golden", "source", {"properties": {"storageProfile": {"dataDisks": []}}}
    ).result()
    assert compute.disks.get("golden", "extra").disk_state == "Unattached"
    compute.disks.begin_delete("golden", "extra").result()


def test_an_unknown_image_is_named(arm: Any) -> None:
    reference = {"publisher": "Nobody", "offer": "nothing", "sku": "none", "version": "latest"}
    body = arm.machine(reference)
    status, code, message = arm.error("PUT", "virtualMachines/x", body)
    assert (status, code) == (404, "PlatformImageNotFound")
    assert "'Nobody:nothing:none:latest'" in message


def test_secrets_are_neither_answered_nor_logged(azure: EmbeddedAzure, arm: Any) -> None:
    reference = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"}
    profile = {
        "computerName": "x",
        "adminUsername": "u",
        "adminPassword": "Topsecret1",
        "customData": "VG9wc2VjcmV0MQ==",
    }
    body = arm.machine(reference, osProfile=profile)
    arm.send("PUT", "virtualMachines/x", body)
    told = repr([exchange.as_line() for exchange in azure.requests]) + repr(azure.resources())
    assert "Topsecret1" not in told
    assert "VG9wc2VjcmV0MQ" not in told
    assert azure.settings.secret not in told
    assert arm.session.headers["Authorization"].split(" ")[1] not in told


def test_run_command(azure: EmbeddedAzure, compute: ComputeManagementClient) -> None:
    body = {"commandId": "RunShellScript", "script": ["true"]}
    result = compute.virtual_machines.begin_run_command("golden", "source", body).result()
    assert result.value[0].code == "ProvisioningState/succeeded"
    compute.virtual_machines.begin_power_off("golden", "source").result()
    with pytest.raises(HttpResponseError, match="requires the VM to be running"):
        compute.virtual_machines.begin_run_command("golden", "source", body)


def test_trusted_launch_needs_generation_two(azure: EmbeddedAzure, arm: Any) -> None:
    reference = {"publisher": "Debian", "offer": "debian-13", "sku": "13", "version": "latest"}
    body = arm.machine(reference, securityProfile={"securityType": "TrustedLaunch"})
    assert arm.error("PUT", "virtualMachines/x", body)[:2] == (400, "BadRequest")


def test_security_type_standard_reads_from_2025_11_on(arm: Any) -> None:
    new, old = (arm.send("GET", "virtualMachines/source", version=version) for version in ("2026-04-01", "2025-04-01"))
    assert new.json()["properties"]["securityProfile"]["securityType"] == "Standard"
    assert "securityProfile" not in old.json()["properties"]


def test_a_null_is_as_good_as_nothing_and_casing_does_not_matter(arm: Any) -> None:
    reference = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"}
    body = arm.machine(reference)
    body["properties"]["storageProfile"]["osDisk"] = {
        "createOption": "fromImage",
        "name": None,
        "managedDisk": {"storageAccountType": None},
    }
    assert arm.send("PUT", "virtualMachines/x", body).status_code == 201
    disk = arm.send("GET", "virtualMachines/x").json()["properties"]["storageProfile"]["osDisk"]
    assert disk["managedDisk"]["storageAccountType"] == "Premium_LRS"
    assert disk["createOption"] == "FromImage"


def test_the_agent_of_a_machine_that_is_being_created_has_told_nothing(slow_arm: Any) -> None:
    reference = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"}
    slow_arm.send("PUT", "virtualMachines/x", slow_arm.machine(reference))
    shown = slow_arm.send("GET", "virtualMachines/x", **{"$expand": "instanceView"})
    assert shown.status_code == 200
    view = shown.json()["properties"]["instanceView"]
    assert "vmAgent" not in view and "computerName" not in view
    assert [status["code"] for status in view["statuses"]] == ["ProvisioningState/creating", "PowerState/starting"]
