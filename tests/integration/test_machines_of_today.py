# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines as Azure makes them today: Trusted Launch, NVMe, Arm64, encryption at host, keys of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._instance import options as instance_options
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from ansible_collections.golden.azure.plugins.module_utils._preparation import request as prepare_request
from ansible_collections.golden.azure.plugins.module_utils._preparation import run as prepare
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/images"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
CLONE = f"{COMPUTE}/virtualMachines/clone"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
KEY = f"{COMPUTE}/diskEncryptionSets/key"
DEBIAN = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"}
ARM64 = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server-arm64"}
BY_DEFAULT = "Microsoft.Compute/TrustedLaunchByDefaultPreview"
AT_HOST = "Microsoft.Compute/EncryptionAtHost"


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    """An Azure with a gallery, a network and a key."""
    subnets = [{"name": name, "properties": {"addressPrefix": "10.0.0.0/24"}} for name in ("default", "quarantine")]
    key = {
        "identity": {"type": "SystemAssigned"},
        "properties": {"activeKey": {"keyUrl": "https://vault.example.org/keys/k/1"}},
    }
    with driven_azure() as running:
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "resources": [
                    {"id": NETWORK, "location": "westeurope", "properties": {"subnets": subnets}},
                    {"id": f"{COMPUTE}/galleries/golden", "location": "westeurope"},
                    {"id": KEY, "location": "westeurope", **key},
                ],
            }
        )
        yield running


def published(azure: EmbeddedAzure, security: str, controllers: str, **machine: Any) -> str:
    """A version of a machine, with the features that its definition has."""
    features = {"SecurityType": security, "DiskControllerTypes": controllers}
    properties = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "architecture": machine.get("architecture", "x64"),
        "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
        "features": [{"name": name, "value": value} for name, value in features.items()],
    }
    definition = f"{COMPUTE}/galleries/golden/images/web"
    azure.seed({"resources": [{"id": definition, "location": "westeurope", "properties": properties}]})
    azure.seed({"virtual_machines": [{"name": "web", "group": "images", "power": "stopped", **machine}]})
    version = {"gallery": "golden", "definition": "web"}
    options = {"resource_group": "images", "source_vm": "web", "generalize": True}
    run_code(azure, capture.execute, capture_options.OPTIONS, gallery_versions=[version], **options)
    azure.clear_requests()
    return f"{definition}/versions/latest"


def make(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    login = (
        {} if "source_vm" in options else {"ssh_public_key": "ssh-ed25519 AAAA", "subnet": f"{NETWORK}/subnets/default"}
    )
    wanted = {"name": "clone", "resource_group": "images", "wait_for_agent": False, **login, **options}
    done: Json = run_code(azure, instance.execute, instance_options.OPTIONS, check, **wanted)
    return done


def four_cases(azure: EmbeddedAzure, **options: Any) -> tuple[Json, Json]:
    """Check mode, do it, do it again, check mode again; returns the instance and Azure's machine."""
    assert make(azure, True, **options)["changed"] is True
    assert sent_writes(azure.requests) == []
    made = make(azure, **options)
    assert made["changed"] is True
    for check in (False, True):
        again = make(azure, check, **options)
        assert again["changed"] is False
        assert [warning["code"] for warning in again["plan"]["warnings"]] == []
    return made["instance"], azure.resources()[CLONE]["properties"]


def refused(azure: EmbeddedAzure, **options: Any) -> list[Json]:
    """The blockers, in check mode and without; nothing is written."""
    found = []
    for check in (True, False):
        with pytest.raises(Failure) as raised:
            make(azure, check, **options)
        found.append(raised.value.details["plan"]["blockers"])
    assert found[0] == found[1]
    assert sent_writes(azure.requests) == []
    return list(found[0])


@pytest.mark.parametrize(
    ("security", "controllers", "machine", "size", "controller"),
    [
        ("TrustedLaunch", "SCSI", {"security_type": "TrustedLaunch"}, "Standard_D2s_v5", "SCSI"),
        (
            "TrustedLaunch",
            "SCSI, NVMe",
            {"security_type": "TrustedLaunch", "disk_controller": "NVMe"},
            "Standard_D2s_v5",
            "SCSI",
        ),
        (
            "TrustedLaunch",
            "NVMe",
            {"security_type": "TrustedLaunch", "disk_controller": "NVMe"},
            "Standard_D2s_v6",
            "NVMe",
        ),
        (
            "TrustedLaunch",
            "SCSI, NVMe",
            {"security_type": "TrustedLaunch", "architecture": "Arm64"},
            "Standard_D2ps_v6",
            "NVMe",
        ),
    ],
)
def test_a_version_boots_as_its_definition_asks(azure, security, controllers, machine, size, controller):
    version = published(azure, security, controllers, **machine)
    told, made = four_cases(azure, gallery_version_id=version)
    assert told["vm_size"] == made["hardwareProfile"]["vmSize"] == size
    assert told["disk_controller"] == controller
    assert told["security_type"] == "TrustedLaunch"
    assert made["securityProfile"]["uefiSettings"] == {"secureBootEnabled": True, "vTpmEnabled": True}


def test_a_marketplace_image_for_arm64(azure: EmbeddedAzure) -> None:
    told, _made = four_cases(azure, marketplace=ARM64, location="westeurope")
    assert told["vm_size"] == "Standard_D2ps_v6"
    assert told["security_type"] == "TrustedLaunch"


def test_the_first_of_several_sizes_that_fits(azure: EmbeddedAzure) -> None:
    sizes = ["Standard_D2ps_v5", "Standard_D4s_v5"]
    told, _made = four_cases(azure, marketplace=DEBIAN, vm_size=sizes)
    assert told["vm_size"] == "Standard_D4s_v5"


def test_a_size_without_trusted_launch_makes_a_machine_without(azure: EmbeddedAzure) -> None:
    told, _made = four_cases(azure, marketplace=ARM64, vm_size=["Standard_D2ps_v5"])
    assert told["security_type"] == "Standard"


@pytest.mark.parametrize(
    ("features", "controllers", "size", "lacking"),
    [
        ("TrustedLaunch", "SCSI", "Standard_D2s_v6", ["the disk controller SCSI"]),
        ("TrustedLaunch", "SCSI", "Standard_D2ps_v5", ["the architecture x64", "the security type TrustedLaunch"]),
        ("TrustedLaunch", "SCSI", "Standard_D2_v3", ["generation 2", "the security type TrustedLaunch"]),
    ],
)
def test_a_size_that_does_not_fit_is_refused_before_anything_is_made(azure, features, controllers, size, lacking):
    version = published(azure, features, controllers, security_type="TrustedLaunch")
    (blocker,) = refused(azure, gallery_version_id=version, vm_size=[size])
    assert (blocker["code"], blocker["lacking"]) == ("size_does_not_fit", {size: lacking})


@pytest.mark.parametrize("registered", [[], [BY_DEFAULT]])
def test_a_managed_image_comes_of_a_machine_without_trusted_launch(azure: EmbeddedAzure, registered: list[str]) -> None:
    azure.settings.features = registered
    told, _made = four_cases(azure, marketplace=DEBIAN, for_managed_image=True)
    assert told["security_type"] == "Standard"
    options = {"resource_group": "images", "source_vm": "clone", "generalize": True, "image": "golden"}
    azure.act(CLONE, "powerOff")
    assert run_code(azure, capture.execute, capture_options.OPTIONS, **options)["changed"] is True
    clone, _made = make(azure, name="of-image", image="golden")["instance"], None
    assert clone["security_type"] == "Standard"


def test_encryption_at_host(azure: EmbeddedAzure) -> None:
    azure.settings.features = [AT_HOST]
    told, made = four_cases(azure, marketplace=DEBIAN, encryption_at_host=True)
    assert told["encryption_at_host"] is made["securityProfile"]["encryptionAtHost"] is True


def test_encryption_at_host_that_is_not_registered(azure: EmbeddedAzure) -> None:
    (blocker,) = refused(azure, marketplace=DEBIAN, encryption_at_host=True)
    assert blocker["code"] == "encryption_at_host_not_registered"
    assert "--name EncryptionAtHost" in blocker["message"]


def test_a_size_without_encryption_at_host(azure: EmbeddedAzure) -> None:
    azure.settings.features = [AT_HOST]
    image = {**DEBIAN, "sku": "13"}
    (blocker,) = refused(azure, marketplace=image, encryption_at_host=True, vm_size=["Standard_A2_v2"])
    assert blocker["lacking"] == {"Standard_A2_v2": ["encryption at host"]}


def test_accelerated_networking(azure: EmbeddedAzure) -> None:
    told, _made = four_cases(azure, marketplace=DEBIAN, accelerated_networking=True)
    assert told["accelerated_networking"] is True
    other = make(azure, True, marketplace=DEBIAN, accelerated_networking=False)
    assert [warning["code"] for warning in other["plan"]["warnings"]] == ["differs"]


def test_a_size_without_accelerated_networking(azure: EmbeddedAzure) -> None:
    sizes = ["Standard_B2s", "Standard_DS1_v2"]
    (blocker,) = refused(azure, marketplace=DEBIAN, accelerated_networking=True, vm_size=sizes)
    assert blocker["lacking"] == {size: ["accelerated networking"] for size in sizes}
    told = make(azure, marketplace=DEBIAN, accelerated_networking=True, vm_size=[*sizes, "Standard_D2s_v5"])
    assert told["instance"]["vm_size"] == "Standard_D2s_v5"


def test_azure_has_the_last_word_on_networking(azure: EmbeddedAzure) -> None:
    azure.faults.add("GET", "Microsoft.Compute/skus", status=403, code="AuthorizationFailed", times=0)
    with pytest.raises(Failure) as raised:
        make(azure, marketplace=DEBIAN, accelerated_networking=True, vm_size=["Standard_B2s"])
    assert raised.value.code == "VMSizeIsNotPermittedToEnableAcceleratedNetworking"


@pytest.mark.parametrize(("controller", "size"), [("SCSI", "Standard_D2s_v5"), ("NVMe", "Standard_D2s_v6")])
def test_a_disk_controller(azure: EmbeddedAzure, controller: str, size: str) -> None:
    told, made = four_cases(azure, marketplace=DEBIAN, disk_controller=controller)
    assert (told["disk_controller"], told["vm_size"]) == (controller, size)
    assert made["storageProfile"]["diskControllerType"] == controller
    other = "SCSI" if controller == "NVMe" else "NVMe"
    again = make(azure, True, marketplace=DEBIAN, disk_controller=other)
    assert [warning["code"] for warning in again["plan"]["warnings"]] == ["differs"]


def test_an_image_without_the_disk_controller(azure: EmbeddedAzure) -> None:
    version = published(azure, "TrustedLaunch", "SCSI", security_type="TrustedLaunch")
    (blocker,) = refused(azure, gallery_version_id=version, disk_controller="NVMe")
    assert blocker["code"] == "disk_controller_not_supported"
    assert "does not support the disk controller NVMe, but SCSI" in blocker["message"]


def test_a_size_or_a_copy_with_another_disk_controller(azure: EmbeddedAzure) -> None:
    (blocker,) = refused(azure, marketplace=DEBIAN, disk_controller="SCSI", vm_size=["Standard_D2s_v6"])
    assert blocker["lacking"] == {"Standard_D2s_v6": ["the disk controller SCSI"]}
    copy = {"source_vm": "shop", "isolated_subnet": f"{NETWORK}/subnets/quarantine"}
    with pytest.raises(InvalidInput, match="'disk_controller' is not supported for copies"):
        make(azure, disk_controller="SCSI", **copy)


def test_what_may_not_be_read_is_said_and_azure_has_the_last_word(azure: EmbeddedAzure) -> None:
    azure.faults.add(
        "GET", "Microsoft.Features|Microsoft.Compute/skus", status=403, code="AuthorizationFailed", times=0
    )
    with pytest.raises(Failure) as raised:
        make(azure, marketplace=DEBIAN, encryption_at_host=True)
    assert raised.value.code == "InvalidParameter"
    assert "--name EncryptionAtHost" in str(raised.value)
    azure.settings.features = [AT_HOST]
    made = make(azure, marketplace=DEBIAN, encryption_at_host=True)
    assert [warning["code"] for warning in made["plan"]["warnings"]] == ["features_unknown", "sizes_unknown"]


def test_a_copy_of_what_had_azure_disk_encryption_has_no_encryption_at_host(azure: EmbeddedAzure) -> None:
    azure.settings.features = [AT_HOST]
    settings = {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"}
    extension = {
        "name": "ade",
        "publisher": "Microsoft.Azure.Security",
        "type": "AzureDiskEncryption",
        "version": "2.2",
        "settings": settings,
    }
    azure.seed({"virtual_machines": [{"name": "shop", "group": "images", "extensions": [extension]}]})
    copy = {"source_vm": "shop", "isolated_subnet": f"{NETWORK}/subnets/quarantine"}
    azure.clear_requests()
    (blocker,) = refused(azure, encryption_at_host=True, **copy)
    assert blocker["code"] == "encryption_at_host_refused"


def test_disks_with_a_key_of_one_s_own(azure: EmbeddedAzure) -> None:
    four_cases(azure, marketplace=DEBIAN, disk_encryption_set="key")
    disk = azure.resources()[f"{COMPUTE}/disks/clone-os"]["properties"]
    assert disk["encryption"]["diskEncryptionSetId"] == KEY


def test_a_copy_with_a_key_of_one_s_own(azure: EmbeddedAzure) -> None:
    azure.seed({"virtual_machines": [{"name": "shop", "group": "images"}]})
    azure.clear_requests()
    options = {"source_vm": "shop", "isolated_subnet": f"{NETWORK}/subnets/quarantine", "disk_encryption_set": KEY}
    make(azure, **options)
    assert make(azure, **options)["changed"] is False
    disk = azure.resources()[f"{COMPUTE}/disks/clone-os"]["properties"]
    assert disk["encryption"]["diskEncryptionSetId"] == KEY


def test_a_key_that_is_not_there(azure: EmbeddedAzure) -> None:
    (blocker,) = refused(azure, marketplace=DEBIAN, disk_encryption_set="none")
    assert blocker["code"] == "encryption_set_not_found"


def test_the_sentence_of_a_policy_stays(azure: EmbeddedAzure) -> None:
    azure.settings.policy_insights = False
    name = "Virtual machines and virtual machine scale sets should have encryption at host enabled"
    machines = {"field": "type", "equals": "Microsoft.Compute/virtualMachines"}
    rule = {"allOf": [machines, {"field": "securityProfile.encryptionAtHost", "notEquals": True}]}
    azure.settings.policies = [
        {"name": "at-host", "display_name": name, "scope": GROUP, "effect": "deny", "rule": rule}
    ]
    azure.settings.features = [AT_HOST]
    with pytest.raises(Failure) as raised:
        make(azure, marketplace=DEBIAN)
    assert raised.value.code == "RequestDisallowedByPolicy"
    assert name in str(raised.value)
    assert make(azure, marketplace=DEBIAN, encryption_at_host=True)["instance"]["encryption_at_host"] is True


def test_standard_that_azure_refuses_says_which_feature_to_register(azure: EmbeddedAzure) -> None:
    azure.faults.add(
        "PUT",
        "/virtualMachines/",
        status=400,
        code="InvalidParameter",
        message="The value of parameter securityProfile.securityType is invalid.",
        named="securityProfile.securityType",
    )
    with pytest.raises(Failure) as raised:
        make(azure, marketplace=DEBIAN, for_managed_image=True)
    assert "--name UseStandardSecurityType" in str(raised.value)


ENCRYPTED = {
    "name": "ade",
    "publisher": "Microsoft.Azure.Security",
    "type": "AzureDiskEncryption",
    "version": "2.2",
    "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "Data"},
}


def codes(result: Json) -> list[str]:
    return [warning["code"] for warning in result["plan"]["warnings"]]


@pytest.mark.parametrize("check", [True, False])
def test_azure_disk_encryption_ends(azure: EmbeddedAzure, check: bool) -> None:
    azure.seed(
        {
            "virtual_machines": [
                {"name": "shop", "group": "images", "os_type": "Windows", "data_disks": [4], "extensions": [ENCRYPTED]}
            ]
        }
    )
    copy = {"source_vm": "shop", "isolated_subnet": f"{NETWORK}/subnets/quarantine"}
    assert "disk_encryption_ends" in codes(make(azure, check, **copy))
    wanted = {"resource_group": "images", "source_vm": "shop", "actions": ["disk_encryption"]}
    prepared = run_code(azure, prepare.execute, prepare_request.OPTIONS, check, **wanted)
    assert "disk_encryption_ends" in codes(prepared)
    if not check:
        # What was decrypted has the flag all the same, and can be captured.
        options = {"resource_group": "images", "source_vm": "shop", "os_state": "specialized", "image": None}
        version = {
            "gallery": "golden",
            "definition": "shop",
            "create_definition": {"publisher": "p", "offer": "shop", "sku": "s"},
        }
        captured = run_code(azure, capture.execute, capture_options.OPTIONS, gallery_versions=[version], **options)
        assert "disk_encryption_ends" in codes(captured)


@pytest.mark.parametrize("check", [True, False])
def test_hdds_for_systems_end(azure: EmbeddedAzure, check: bool) -> None:
    azure.seed({"virtual_machines": [{"name": "shop", "group": "images"}]})
    machine = azure.resources()[f"{COMPUTE}/virtualMachines/shop"]["properties"]
    disk = machine["storageProfile"]["osDisk"]["managedDisk"]["id"]
    copy = {"source_vm": "shop", "isolated_subnet": f"{NETWORK}/subnets/quarantine"}
    assert "os_disk_on_hdd" not in codes(make(azure, True, **copy))
    azure.change(disk, {"sku": {"name": "Standard_LRS"}})
    assert "os_disk_on_hdd" in codes(make(azure, check, **copy))
    azure.act(f"{COMPUTE}/virtualMachines/shop", "powerOff")
    options = {"resource_group": "images", "source_vm": "shop", "image": "shop", "generalize": True}
    assert "os_disk_on_hdd" in codes(run_code(azure, capture.execute, capture_options.OPTIONS, check, **options))
