# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed images: from what they may be made, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient

from embedded_azure import EmbeddedAzure


def body_for(arm: Any, machine: str = "source", location: str = "westeurope", **storage: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"sourceVirtualMachine": {"id": arm.id(f"virtualMachines/{machine}")}}
    if storage:
        properties["storageProfile"] = storage
    return {"location": location, "properties": properties}


def generalized(azure: EmbeddedAzure, name: str = "prepared", **more: Any) -> None:
    azure.seed({"virtual_machines": [{"name": name, "group": "golden", "generalized": True, **more}]})


def test_capture_and_clone(azure: EmbeddedAzure, arm: Any, compute: ComputeManagementClient) -> None:
    generalized(azure, data_disks=[16])
    image = compute.images.begin_create_or_update("golden", "i", body_for(arm, "prepared")).result()
    assert image.provisioning_state == "Succeeded"
    assert image.hyper_v_generation == "V2"
    assert image.storage_profile.os_disk.os_state == "Generalized"
    assert [(disk.lun, disk.disk_size_gb) for disk in image.storage_profile.data_disks] == [(0, 16)]
    azure.seed({"virtual_machines": [{"name": "clone", "group": "golden", "image": image.id}]})
    clone = compute.virtual_machines.get("golden", "clone")
    assert clone.storage_profile.image_reference.id == image.id
    assert len(clone.storage_profile.data_disks) == 1
    compute.images.begin_delete("golden", "i").result()
    assert compute.virtual_machines.get("golden", "clone").provisioning_state == "Succeeded"


def test_the_source_must_be_generalized(arm: Any) -> None:
    arm.azure.act(arm.id("virtualMachines/source"), "deallocate")
    assert arm.error("PUT", "images/i", body_for(arm)) == (
        409,
        "OperationNotAllowed",
        "The operation 'Create Image' requires the Virtual Machine 'source' to be Generalized.",
    )


def test_not_from_trusted_launch(azure: EmbeddedAzure, arm: Any) -> None:
    generalized(azure, security_type="TrustedLaunch")
    assert arm.error("PUT", "images/i", body_for(arm, "prepared"))[2] == (
        "Creation of managed images are not supported for virtual machine with TrustedLaunch security type."
    )


def test_not_in_another_region(azure: EmbeddedAzure, arm: Any) -> None:
    generalized(azure)
    assert arm.error("PUT", "images/i", body_for(arm, "prepared", location="eastus"))[:2] == (400, "InvalidParameter")


def test_zone_resilience_is_fixed_at_creation(azure: EmbeddedAzure, arm: Any) -> None:
    generalized(azure)
    assert arm.send("PUT", "images/i", body_for(arm, "prepared", zoneResilient=True)).status_code == 201
    assert arm.send("GET", "images/i").json()["properties"]["storageProfile"]["zoneResilient"] is True
    assert arm.error("PUT", "images/i", body_for(arm, "prepared", zoneResilient=False))[1] == "PropertyChangeNotAllowed"


def test_only_tags_change(azure: EmbeddedAzure, arm: Any, compute: ComputeManagementClient) -> None:
    generalized(azure)
    compute.images.begin_create_or_update("golden", "i", body_for(arm, "prepared")).result()
    compute.images.begin_update("golden", "i", {"tags": {"a": "1"}}).result()
    assert compute.images.get("golden", "i").tags == {"a": "1"}
    assert arm.error("PUT", "images/i", body_for(arm, "source"))[1] == "PropertyChangeNotAllowed"


def test_from_a_snapshot(azure: EmbeddedAzure, arm: Any, compute: ComputeManagementClient) -> None:
    vm = compute.virtual_machines.get("golden", "source")
    disk = vm.storage_profile.os_disk.managed_disk.id
    creation = {"creationData": {"createOption": "Copy", "sourceResourceId": disk}, "incremental": True}
    snapshot = compute.snapshots.begin_create_or_update(
        "golden", "s", {"location": "westeurope", "properties": creation}
    ).result()
    assert snapshot.creation_data.source_unique_id == compute.disks.get("golden", disk.rsplit("/", 1)[-1]).unique_id
    os_disk = {"osType": "Linux", "osState": "Generalized", "snapshot": {"id": snapshot.id}}
    image = compute.images.begin_create_or_update(
        "golden", "i", {"location": "westeurope", "properties": {"storageProfile": {"osDisk": os_disk}}}
    ).result()
    assert image.hyper_v_generation == "V2"
    with pytest.raises(HttpResponseError, match="generalized disks only"):
        specialized = {**os_disk, "osState": "Specialized"}
        compute.images.begin_create_or_update(
            "golden", "j", {"location": "westeurope", "properties": {"storageProfile": {"osDisk": specialized}}}
        )


def test_an_image_in_use_stays(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    generalized(slow_azure)
    slow_azure.seed({"resources": [{"id": slow_arm.id("images/i"), **body_for(slow_arm, "prepared")}]})
    reference = {"id": slow_arm.id("images/i")}
    machine = slow_arm.machine(reference)
    assert slow_arm.send("PUT", "virtualMachines/x", machine).status_code == 201
    assert slow_arm.error("DELETE", "images/i") == (
        409,
        "OperationNotAllowed",
        "Operation 'Image Delete' is not allowed since the Virtual Machines 'x' are being provisioned using the Image "
        "'i'.",
    )
