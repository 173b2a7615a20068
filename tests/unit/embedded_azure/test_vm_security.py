# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machine comes of a request that leaves its security open, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.seed import ARM64_IMAGE, DEFAULT_IMAGE

GENERATION_ONE = {**DEFAULT_IMAGE, "sku": "13"}
BY_DEFAULT = "Microsoft.Compute/TrustedLaunchByDefaultPreview"
ENCRYPTION = "Microsoft.Compute/EncryptionAtHost"


def definition(arm: Any, name: str, **features: str) -> dict[str, str]:
    """A definition of a gallery with a version of the machine `source`'s OS disk; what refers to it."""
    arm.send("PUT", "galleries/g", {"location": "westeurope"})
    properties = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "p", "offer": "o", "sku": name},
        "features": [{"name": key, "value": value} for key, value in features.items()],
    }
    arm.send("PUT", f"galleries/g/images/{name}", {"location": "westeurope", "properties": properties})
    source = {"creationData": {"createOption": "Copy", "sourceResourceId": arm.os_disk}}
    arm.send("PUT", "snapshots/s", {"location": "westeurope", "properties": source})
    storage = {"osDiskImage": {"source": {"id": arm.id("snapshots/s")}}}
    body = {"location": "westeurope", "properties": {"storageProfile": storage}}
    assert arm.send("PUT", f"galleries/g/images/{name}/versions/1.0.0", body).status_code == 201
    return {"id": arm.id(f"galleries/g/images/{name}/versions/1.0.0")}


@pytest.fixture
def arm(arm: Any) -> Any:
    machine = arm.send("GET", "virtualMachines/source").json()
    arm.os_disk = machine["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    return arm


def make(
    arm: Any, image: dict[str, str], size: str = "Standard_D2s_v5", version: str | None = None, **more: Any
) -> Any:
    body = arm.machine(image, hardwareProfile={"vmSize": size}, **more)
    return arm.send("PUT", "virtualMachines/x", body, version=version)


def security_of(answer: Any) -> str | None:
    assert answer.status_code == 201, answer.text
    return (answer.json()["properties"].get("securityProfile") or {}).get("securityType")


@pytest.mark.parametrize(
    ("registered", "image", "size", "version", "made"),
    [
        (True, DEFAULT_IMAGE, "Standard_D2s_v5", "2025-11-01", "TrustedLaunch"),
        (False, DEFAULT_IMAGE, "Standard_D2s_v5", "2025-11-01", "Standard"),
        (True, DEFAULT_IMAGE, "Standard_D2s_v5", "2025-04-01", None),
        (True, GENERATION_ONE, "Standard_D2s_v5", "2025-11-01", "Standard"),
        (True, ARM64_IMAGE, "Standard_D2ps_v6", "2025-11-01", "TrustedLaunch"),
        (True, ARM64_IMAGE, "Standard_D2ps_v5", "2025-11-01", "Standard"),
    ],
)
def test_what_is_made_of_a_request_without_a_security_type(azure, arm, registered, image, size, version, made):
    azure.settings.features = [BY_DEFAULT] if registered else []
    answer = make(arm, image, size, version)
    assert security_of(answer) == made
    if made == "TrustedLaunch":
        firmware = answer.json()["properties"]["securityProfile"]["uefiSettings"]
        assert firmware == {"secureBootEnabled": True, "vTpmEnabled": True}


def test_what_the_request_says_stays(azure, arm):
    azure.settings.features = [BY_DEFAULT]
    assert security_of(make(arm, DEFAULT_IMAGE, securityProfile={"securityType": "Standard"})) == "Standard"


@pytest.mark.parametrize(
    ("version", "features", "status"),
    [
        ("2025-04-01", [], 400),
        ("2025-04-01", ["Microsoft.Compute/UseStandardSecurityType"], 201),
        ("2025-11-01", [], 201),
    ],
)
def test_standard_takes_a_feature_before_2025_11(azure, arm, version, features, status):
    azure.settings.features = features
    answer = make(arm, DEFAULT_IMAGE, version=version, securityProfile={"securityType": "Standard"})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["target"] == "securityProfile.securityType"


@pytest.mark.parametrize(
    ("feature", "profile", "status"),
    [
        ("TrustedLaunch", {}, 400),
        ("TrustedLaunch", {"securityProfile": {"securityType": "Standard"}}, 400),
        ("TrustedLaunch", {"securityProfile": {"securityType": "TrustedLaunch"}}, 201),
        ("ConfidentialVM", {}, 400),
        ("TrustedLaunchSupported", {}, 201),
        ("TrustedLaunchSupported", {"securityProfile": {"securityType": "TrustedLaunch"}}, 201),
        ("Standard", {"securityProfile": {"securityType": "TrustedLaunch"}}, 400),
        ("Standard", {"securityProfile": {"uefiSettings": {"vTpmEnabled": True}}}, 400),
    ],
)
def test_a_version_makes_machines_of_the_security_type_of_its_definition(arm, feature, profile, status):
    image = definition(arm, "web", SecurityType=feature)
    assert make(arm, image, **profile).status_code == status


@pytest.mark.parametrize(
    ("controllers", "size", "asked", "status"),
    [
        ("SCSI", "Standard_D2s_v6", None, 400),
        ("SCSI, NVMe", "Standard_D2s_v6", None, 201),
        ("SCSI, NVMe", "Standard_D2s_v6", "SCSI", 400),
        ("SCSI, NVMe", "Standard_D2s_v5", "NVMe", 400),
        ("NVMe", "Standard_D2s_v5", None, 400),
        ("NVMe", "Standard_E2bs_v5", "NVMe", 201),
    ],
)
def test_disk_controllers_of_image_and_size(arm, controllers, size, asked, status):
    image = definition(arm, "web", DiskControllerTypes=controllers)
    body = arm.machine(image, hardwareProfile={"vmSize": size})
    if asked:
        body["properties"]["storageProfile"]["diskControllerType"] = asked
    answer = arm.send("PUT", "virtualMachines/x", body)
    assert answer.status_code == status
    if status == 201:
        assert answer.json()["properties"]["storageProfile"]["diskControllerType"] == "NVMe"


@pytest.mark.parametrize(
    ("image", "size", "status"),
    [
        (ARM64_IMAGE, "Standard_D2s_v5", 400),
        (ARM64_IMAGE, "Standard_B2pts_v2", 201),
        (DEFAULT_IMAGE, "Standard_D2ps_v6", 400),
        (GENERATION_ONE, "Standard_D2s_v6", 400),
        (DEFAULT_IMAGE, "Standard_D2_v3", 400),
        (GENERATION_ONE, "Standard_D2_v3", 201),
    ],
)
def test_architecture_and_generation_of_image_and_size(arm, image, size, status):
    assert make(arm, image, size).status_code == status


@pytest.mark.parametrize(
    ("features", "size", "status"),
    [([], "Standard_D2s_v5", 400), ([ENCRYPTION], "Standard_D2s_v5", 201), ([ENCRYPTION], "Standard_A2_v2", 400)],
)
def test_encryption_at_host(azure, arm, features, size, status):
    azure.settings.features = features
    image = GENERATION_ONE if "A2" in size else DEFAULT_IMAGE
    assert make(arm, image, size, securityProfile={"encryptionAtHost": True}).status_code == status


def test_what_was_encrypted_before_is_not_encrypted_at_its_host(azure, arm):
    azure.settings.features = [ENCRYPTION]
    extension = {
        "publisher": "Microsoft.Azure.Security",
        "type": "AzureDiskEncryptionForLinux",
        "typeHandlerVersion": "1.1",
        "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"},
    }
    path = "virtualMachines/source/extensions/AzureDiskEncryptionForLinux"
    arm.send("PUT", path, {"location": "westeurope", "properties": extension})
    for copy, source in (("snapshots/copy", arm.os_disk), ("disks/copy", arm.id("snapshots/copy"))):
        properties = {"creationData": {"createOption": "Copy", "sourceResourceId": source}}
        arm.send("PUT", copy, {"location": "westeurope", "properties": properties})
    disk = {"osType": "Linux", "createOption": "Attach", "managedDisk": {"id": arm.id("disks/copy")}}
    size = {"vmSize": "Standard_D2s_v5"}
    properties = {"storageProfile": {"osDisk": disk}, "hardwareProfile": size, "networkProfile": arm.INTERFACE}
    for encrypted, status in ((True, 409), (False, 201)):
        body = {
            "location": "westeurope",
            "properties": {**properties, "securityProfile": {"encryptionAtHost": encrypted}},
        }
        assert arm.send("PUT", "virtualMachines/x", body).status_code == status


def test_features_are_read_and_registered(azure, arm):
    path = f"/subscriptions/{azure.settings.subscription}/providers/Microsoft.Features/providers/{ENCRYPTION.replace('/', '/features/')}"
    assert arm.send("GET", path, version="2021-07-01").json()["properties"]["state"] == "NotRegistered"
    arm.send("POST", f"{path}/register", version="2021-07-01")
    assert arm.send("GET", path, version="2021-07-01").json()["properties"]["state"] == "Registered"


def test_a_seed_has_machines_of_each_kind():
    kinds = [{"security_type": "TrustedLaunch"}, {"disk_controller": "NVMe"}, {"architecture": "Arm64"}]
    machines = [{"name": f"m{number}", "group": "golden", **kind} for number, kind in enumerate(kinds)]
    with EmbeddedAzure(seed={"virtual_machines": machines}) as azure:
        found = {
            body["name"]: body["properties"]
            for body in azure.resources().values()
            if "vmId" in body.get("properties", {})
        }
    assert found["m0"]["securityProfile"]["securityType"] == "TrustedLaunch"
    assert found["m1"]["storageProfile"]["diskControllerType"] == "NVMe"
    assert found["m2"]["hardwareProfile"]["vmSize"] == "Standard_D2ps_v6"
