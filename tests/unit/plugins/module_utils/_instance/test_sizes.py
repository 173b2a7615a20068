# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which size, controller, security type and encryption an instance gets, and what of it is refused."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK_ENCRYPTION_SET, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._instance.body import machine_body
from ansible_collections.golden.azure.plugins.module_utils._instance.plan import plan_instance
from instance_plans import SUBSCRIPTION, codes, request, source, state

from scripted_azure.resources import DISK_ID, vm


@pytest.mark.parametrize(
    ("traits", "size", "controller", "security"),
    [
        ({}, "Standard_D2s_v5", None, None),
        ({"security_feature": "TrustedLaunch"}, "Standard_D2s_v5", None, "TrustedLaunch"),
        ({"disk_controllers": "SCSI, NVMe"}, "Standard_D2s_v5", None, None),
        ({"disk_controllers": "NVMe"}, "Standard_D2s_v6", "NVMe", None),
        ({"architecture": "Arm64", "security_feature": "TrustedLaunch"}, "Standard_D2ps_v6", "NVMe", "TrustedLaunch"),
        ({"architecture": "Arm64", "disk_controllers": "SCSI, NVMe"}, "Standard_D2ps_v6", "NVMe", None),
        (
            {"architecture": "Arm64", "disk_controllers": "SCSI", "security_feature": "TrustedLaunchSupported"},
            "Standard_D2ps_v5",
            None,
            None,
        ),
    ],
)
def test_the_default_size_fits_the_image(traits, size, controller, security):
    wanted, found = request("gallery_version_id"), state(source(generation="V2", **traits))
    assert codes(plan_instance(wanted, found)) == []
    properties = machine_body(wanted, found)["properties"]
    assert properties["hardwareProfile"]["vmSize"] == size
    assert properties["storageProfile"].get("diskControllerType") == controller
    assert properties.get("securityProfile", {}).get("securityType") == security


@pytest.mark.parametrize(
    "traits",
    [
        {"security_feature": "ConfidentialVM"},
        {"architecture": "Arm64", "disk_controllers": "SCSI", "security_feature": "TrustedLaunch"},
    ],
)
def test_there_is_no_default_size_for_every_machine(traits):
    assert codes(plan_instance(request("gallery_version_id"), state(source(**traits)))) == ["size_missing"]


def test_a_size_for_confidential_machines_is_taken():
    sized = request("gallery_version_id", sizes=("Standard_DC2as_v5",))
    assert codes(plan_instance(sized, state(source(security_feature="ConfidentialVM")))) == []


@pytest.mark.parametrize(
    ("sizes", "traits", "lacking"),
    [
        (["Standard_D2ps_v6"], {}, [["the architecture x64"]]),
        (["Standard_D2s_v5"], {"architecture": "Arm64"}, [["the architecture Arm64"]]),
        (["Standard_D4s_v6"], {"disk_controllers": "SCSI"}, [["the disk controller SCSI"]]),
        (["Standard_E2ads_V7"], {"disk_controllers": "SCSI"}, [["the disk controller SCSI"]]),
        (["Standard_D4s_v5"], {"disk_controllers": "NVMe"}, [["the disk controller NVMe"]]),
        (["Standard_D2_v3"], {"generation": "V2"}, [["generation 2"]]),
        (["Standard_FX2ms_v2"], {"disk_controllers": "SCSI", "generation": "V1"}, [["the disk controller SCSI"]]),
        (["Standard_M8ms"], {"security_feature": "TrustedLaunch"}, [["the security type TrustedLaunch"]]),
        (["Standard_D2s_v5"], {"security_feature": "ConfidentialVM"}, [["the security type ConfidentialVM"]]),
        (
            ["Standard_D2s_v6", "Standard_D2ps_v5"],
            {"disk_controllers": "SCSI"},
            [["the disk controller SCSI"], ["the architecture x64"]],
        ),
        (["Standard_D2s_v6", "Standard_D2s_v5"], {"disk_controllers": "SCSI"}, None),
        (["Standard_E2bs_v5"], {"disk_controllers": "NVMe"}, None),
        (["Standard_D4s_v6"], {"disk_controllers": None}, None),
        (["Anything_else"], {"architecture": "Arm64", "security_feature": "TrustedLaunch"}, None),
    ],
)
def test_sizes_that_lack_what_the_image_needs_are_refused(sizes, traits, lacking):
    planned = plan_instance(request("gallery_version_id", sizes=tuple(sizes)), state(source(**traits)))
    assert codes(planned) == (["size_does_not_fit"] if lacking else [])
    if lacking:
        assert planned.blockers[0].details["lacking"] == dict(zip(sizes, lacking))


def test_the_first_size_that_fits_is_taken():
    wanted = request("gallery_version_id", sizes=("Standard_D2s_v5", "Standard_D2ps_v6", "Standard_D4ps_v6"))
    body = machine_body(wanted, state(source(architecture="Arm64")))
    assert body["properties"]["hardwareProfile"]["vmSize"] == "Standard_D2ps_v6"


@pytest.mark.parametrize(
    ("controller", "size", "code"),
    [
        ("SCSI", "Standard_D2s_v6", ["size_does_not_fit"]),
        ("NVMe", "Standard_D2s_v6", []),
        (None, "Standard_D2s_v6", []),
    ],
)
def test_a_copy_gets_a_size_with_its_source_s_controller(controller, size, code):
    copied = vm("running", **({"diskControllerType": controller} if controller else {}))
    if controller:
        copied["properties"]["storageProfile"]["diskControllerType"] = controller
    assert codes(plan_instance(request("source_vm", sizes=(size,)), state(copied=copied))) == code


@pytest.mark.parametrize(
    ("registered", "sizes", "code"),
    [
        (True, {"standard_d2s_v5"}, []),
        (None, None, []),
        (False, {"standard_d2s_v5"}, ["encryption_at_host_not_registered"]),
        (True, {"standard_d4s_v5"}, ["size_missing"]),
    ],
)
def test_encryption_at_host_takes_a_feature_and_a_size(registered, sizes, code):
    wanted = request("gallery_version_id", encryption_at_host=True)
    found = state(
        source(),
        host_encryption_registered=registered,
        sizes_with_host_encryption=None if sizes is None else frozenset(sizes),
    )
    assert sorted(codes(plan_instance(wanted, found))) == code
    assert machine_body(wanted, found)["properties"]["securityProfile"] == {"encryptionAtHost": True}


@pytest.mark.parametrize(
    ("of_source", "asked", "sent"),
    [(True, None, True), (True, False, False), (False, True, True), (False, None, False)],
)
def test_a_copy_is_encrypted_at_its_host_as_its_source_is(of_source, asked, sent):
    copied = vm("running", securityProfile={"encryptionAtHost": of_source})
    body = machine_body(request("source_vm", encryption_at_host=asked), state(copied=copied))
    assert ("securityProfile" in body["properties"]) is sent


@pytest.mark.parametrize("enabled", [True, False])
def test_what_had_azure_disk_encryption_is_not_encrypted_at_its_host(enabled):
    disk = {"id": DISK_ID, "properties": {"encryptionSettingsCollection": {"enabled": enabled}}}
    found = state(copied=vm("running"), copied_disks=[disk])
    assert "encryption_at_host_refused" in codes(plan_instance(request("source_vm", encryption_at_host=True), found))
    assert codes(plan_instance(request("source_vm"), found)) == []


def test_disks_are_encrypted_by_the_set_that_the_task_names():
    key = ResourceId(SUBSCRIPTION, "keys", DISK_ENCRYPTION_SET, ("key",))
    there = {str(key).lower(): {"location": "westeurope"}}
    wanted = request("gallery_version_id", encryption_set=key)
    found = state(source(data_disk_luns=(0,)), encryption_sets=there)
    assert codes(plan_instance(wanted, found)) == []
    storage = machine_body(wanted, found)["properties"]["storageProfile"]
    disks = [storage["osDisk"], *storage["dataDisks"]]
    assert [disk["managedDisk"]["diskEncryptionSet"]["id"] for disk in disks] == [str(key)] * 2
    missing = state(source(), encryption_sets={str(key).lower(): None})
    assert codes(plan_instance(wanted, missing)) == ["encryption_set_not_found"]
    copying = plan_instance(
        request("source_vm", encryption_set=key), state(copied=vm("running"), encryption_sets=there)
    )
    (disk,) = [step for step in copying.steps if step.action.name == "create_disk"]
    assert disk.body["properties"]["encryption"]["diskEncryptionSetId"] == str(key)
