# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stops a capture: our sentence comes before anything is written, where Azure's would come in the middle of it.

Each case runs twice: as it is, and with our blockers silenced, when embedded Azure must refuse by the same rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import capture as capture_plan
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import (
    GALLERY_PROPERTIES,
    Difference,
)
from driven import driven_azure, run_code
from predicted_writes import sent_writes
from target_cases import TARGET_CASES, TARGET_OURS

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

PLANS = Path(capture_plan.__file__).parent
BASE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
NEW = {"publisher": "Example", "offer": "web", "sku": "new"}
IN_GALLERY = {"gallery": "golden", "definition": "web", "create_definition": NEW}


def machine(**more: Any) -> Json:
    """A stopped machine for the seed."""
    return {"name": "web", "group": "images", "power": "stopped", **more}


def disk(name: str, location: str = "westeurope", sku: str = "Premium_LRS", **properties: Any) -> Json:
    """A disk for the seed, with an operating system unless it says otherwise."""
    properties.setdefault("creationData", {"createOption": "Empty"})
    properties.setdefault("diskSizeGB", 8)
    return {
        "id": f"{BASE}/disks/{name}",
        "location": location,
        "sku": {"name": sku},
        "properties": {"osType": "Linux", **properties},
    }


def definition(**properties: Any) -> Json:
    """An image definition for the seed, which fits the machine unless it says otherwise."""
    fitting = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "architecture": "x64",
        "features": [{"name": "SecurityType", "value": "Standard"}],
        "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
    }
    return {
        "id": f"{BASE}/galleries/golden/images/web",
        "location": "westeurope",
        "properties": {**fitting, **properties},
    }


EPHEMERAL = {
    "id": f"{BASE}/virtualMachines/web",
    "location": "westeurope",
    "properties": {
        "hardwareProfile": {"vmSize": "Standard_D4ds_v5"},
        "storageProfile": {
            "imageReference": {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"},
            "osDisk": {"createOption": "FromImage", "caching": "ReadOnly", "diffDiskSettings": {"option": "Local"}},
        },
        "osProfile": {
            "computerName": "web",
            "adminUsername": "azureuser",
            "linuxConfiguration": {
                "disablePasswordAuthentication": True,
                "ssh": {
                    "publicKeys": [{"path": "/home/azureuser/.ssh/authorized_keys", "keyData": "ssh-ed25519 AAAA"}]
                },
            },
        },
        "networkProfile": {
            "networkApiVersion": "2020-11-01",
            "networkInterfaceConfigurations": [
                {"name": "nic", "properties": {"primary": True, "ipConfigurations": [{"name": "ip", "properties": {}}]}}
            ],
        },
    },
}
UNMANAGED = {
    **EPHEMERAL,
    "properties": {
        **EPHEMERAL["properties"],
        "storageProfile": {
            **EPHEMERAL["properties"]["storageProfile"],
            "osDisk": {
                "createOption": "FromImage",
                "name": "system",
                "vhd": {"uri": "https://vhds.blob.core.windows.net/vhds/system.vhd"},
            },
        },
    },
}
STOP = {"id": f"{BASE}/virtualMachines/web", "action": "powerOff"}
ULTRA = {
    **EPHEMERAL,
    "properties": {
        **EPHEMERAL["properties"],
        "storageProfile": {
            "imageReference": EPHEMERAL["properties"]["storageProfile"]["imageReference"],
            "osDisk": {"createOption": "FromImage"},
            "dataDisks": [{"lun": 0, "createOption": "Attach", "managedDisk": {"id": f"{BASE}/disks/fast"}}],
        },
    },
}
ENCRYPTION = {
    "name": "AzureDiskEncryptionForLinux",
    "publisher": "Microsoft.Azure.Security",
    "type": "AzureDiskEncryptionForLinux",
    "version": "1.1",
    "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"},
}
MACHINE = {"source_vm": "web", "generalize": True}
IMAGE = {**MACHINE, "image": "golden"}
OF_DISK = {"source_disk": "system", "os_state": "generalized", "os_type": "linux", "image": "golden"}
IN_WEB = {**MACHINE, "gallery_versions": [IN_GALLERY]}

CONFIDENTIAL_REFERENCE = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-confidential-vm-jammy",
    "sku": "22_04-lts-cvm",
}
CONFIDENTIAL_IMAGE = {
    **CONFIDENTIAL_REFERENCE,
    "version": "22.04.202503100",
    "hyper_v_generation": "V2",
    "features": {"SecurityType": "ConfidentialVMSupported"},
}
ARM_REFERENCE = {"publisher": "Debian", "offer": "debian-13", "sku": "13-arm64", "version": "0.20260914.2601"}
ARM_IMAGE = {**ARM_REFERENCE, "hyper_v_generation": "V2", "architecture": "Arm64"}

#: Name of the case -> seed, options, our code, Azure's code.
CASES: dict[str, tuple[Json, Json, str, str]] = {
    "running": ({"virtual_machines": [machine(power="running")]}, IMAGE, "not_stopped", "time_limit_exceeded"),
    "ephemeral disk": (
        {"resources": [EPHEMERAL], "actions": [STOP]},
        IMAGE,
        "ephemeral_os_disk",
        "OperationNotAllowed",
    ),
    "disk encryption": (
        {"virtual_machines": [machine(extensions=[ENCRYPTION])]},
        IMAGE,
        "disk_encryption",
        "OperationNotAllowed",
    ),
    "Ultra disk": (
        {"resources": [disk("fast", sku="UltraSSD_LRS", osType=None), ULTRA], "actions": [STOP]},
        IMAGE,
        "disk_type_not_supported",
        "OperationNotAllowed",
    ),
    "Trusted Launch": (
        {"virtual_machines": [machine(security_type="TrustedLaunch")]},
        IMAGE,
        "security_type_not_supported",
        "OperationNotAllowed",
    ),
    "Confidential": (
        {
            "marketplace": [CONFIDENTIAL_IMAGE],
            "virtual_machines": [
                machine(image=CONFIDENTIAL_REFERENCE, size="Standard_DC2as_v5", security_type="ConfidentialVM")
            ],
        },
        IMAGE,
        "security_type_not_supported",
        "OperationNotAllowed",
    ),
    "Arm64": (
        {"marketplace": [ARM_IMAGE], "virtual_machines": [machine(image=ARM_REFERENCE, size="Standard_D2ps_v5")]},
        IMAGE,
        "architecture_not_supported",
        "BadRequest",
    ),
    "read-only lock": (
        {
            "virtual_machines": [machine()],
            "locks": [{"scope": BASE.split("/providers", maxsplit=1)[0], "name": "keep", "level": "ReadOnly"}],
        },
        IMAGE,
        "locked",
        "ScopeLocked",
    ),
    "lock against deletion": (
        {
            "virtual_machines": [machine()],
            "locks": [{"scope": f"{BASE}/virtualMachines/web", "name": "keep", "level": "CanNotDelete"}],
        },
        {**IMAGE, "delete_source_vm": True},
        "locked",
        "ScopeLocked",
    ),
    "no zones": (
        {"groups": {"images": "northcentralus"}, "virtual_machines": [machine()]},
        {**IMAGE, "zone_resilient": True},
        "no_zones_in_region",
        "BadRequest",
    ),
    "unmanaged disks in a gallery": (
        {"resources": [UNMANAGED], "actions": [STOP]},
        IN_WEB,
        "unmanaged_disks",
        "InvalidParameter",
    ),
    "gallery is absent": (
        {"virtual_machines": [machine()]},
        {**MACHINE, "gallery_versions": [{**IN_GALLERY, "gallery": "absent"}]},
        "gallery_not_found",
        "ParentResourceNotFound",
    ),
    "definition for Windows": (
        {"resources": [definition(osType="Windows")], "virtual_machines": [machine()]},
        IN_WEB,
        "definition_mismatch",
        "InvalidParameter",
    ),
    "definition is specialized": (
        {"resources": [definition(osState="Specialized")], "virtual_machines": [machine()]},
        IN_WEB,
        "definition_mismatch",
        "OperationNotAllowed",
    ),
    "definition of the other generation": (
        {"resources": [definition(hyperVGeneration="V1")], "virtual_machines": [machine()]},
        IN_WEB,
        "definition_mismatch",
        "InvalidParameter",
    ),
    "definition of the other architecture": (
        {"resources": [definition(architecture="Arm64")], "virtual_machines": [machine()]},
        IN_WEB,
        "definition_mismatch",
        "InvalidParameter",
    ),
    "definition without the security type": (
        {"resources": [definition()], "virtual_machines": [machine(security_type="TrustedLaunch")]},
        IN_WEB,
        "definition_mismatch",
        "InvalidParameter",
    ),
    "regions without the source's": (
        {"virtual_machines": [machine()]},
        {**MACHINE, "gallery_versions": [{**IN_GALLERY, "target_regions": [{"name": "northeurope"}]}]},
        "source_region_missing",
        "InvalidParameter",
    ),
    "specialized of a generalized machine": (
        {"virtual_machines": [machine(power="deallocated", generalized=True)]},
        {"source_vm": "web", "os_state": "specialized", "gallery_versions": [IN_GALLERY]},
        "already_generalized",
        "OperationNotAllowed",
    ),
    "specialized managed image": (
        {"resources": [disk("system")]},
        {**OF_DISK, "os_state": "specialized"},
        "specialized_image",
        "BadRequest",
    ),
    "disk of a running machine": (
        {"virtual_machines": [machine(power="running")]},
        {**OF_DISK, "source_disk": "OS DISK OF web"},
        "disk_in_use",
        "OperationNotAllowed",
    ),
    "disk that is being uploaded": (
        {"resources": [disk("system", creationData={"createOption": "Upload", "uploadSizeBytes": 20972032})]},
        OF_DISK,
        "disk_not_uploaded",
        "OperationNotAllowed",
    ),
    "Ultra disk as data disk": (
        {"resources": [disk("system"), disk("fast", sku="PremiumV2_LRS", osType=None)]},
        {**OF_DISK, "data_disks": [{"lun": 0, "disk": "fast"}]},
        "disk_type_not_supported",
        "OperationNotAllowed",
    ),
    "encrypted disk": (
        {"resources": [disk("system", encryptionSettingsCollection={"enabled": True})]},
        OF_DISK,
        "disk_encryption",
        "OperationNotAllowed",
    ),
    "data disk of another region": (
        {"resources": [disk("system"), disk("far", location="northeurope")]},
        {**OF_DISK, "data_disks": [{"lun": 0, "disk": "far"}]},
        "data_disk_elsewhere",
        "InvalidParameter",
    ),
    "data disk that is absent": (
        {"resources": [disk("system")]},
        {**OF_DISK, "data_disks": [{"lun": 0, "disk": "absent"}]},
        "data_disk_not_found",
        "NotFound",
    ),
    "disk of an unknown system": (
        {"resources": [disk("system", osType=None)]},
        {"source_disk": "system", "os_state": "generalized", "image": "golden"},
        "os_type_unknown",
        "InvalidParameter",
    ),
    "blob without a region": (
        {},
        {
            "source_blob": "https://vhds.blob.core.windows.net/vhds/web.vhd",
            "os_state": "generalized",
            "os_type": "linux",
            "image": "golden",
        },
        "location_unknown",
        "LocationRequired",
    ),
}

#: Files besides those of the plan of a capture that its blockers stand in.
SHARED = (
    "_upload/plan.py",
    *(
        f"_model/{name}.py"
        for name in (
            "disk_consistency",
            "encryption_sets",
            "gallery_containers",
            "locks",
            "machine_findings",
            "possible_targets",
            "publishing",
            "quota",
            "regions",
            "resource_names",
            "tag_limits",
        )
    ),
)

#: Blockers that no refusal of Azure's stands behind, or where nothing is left that could be sent.
OURS = {
    "generalize_not_allowed": "consent is ours to ask for",
    "not_running": "a guest that does not run cannot be prepared; no request is concerned",
    "preparation_interrupted": "a guest that does not run cannot be prepared; no request is concerned",
    "not_the_copy": "Azure knows nothing of which machine is the copy of which; test_capture_copy_plans",
    "source_is_another_machine": "Azure knows nothing of whose guest was prepared; test_source_vm_id",
    "source_not_found": "there is nothing to send",
    "definition_not_found": "there is nothing to send: what a definition is called is not known",
    "source_in_transition": "Azure answers Conflict by chance of time; the unit tests of the plan",
    "image_of_unknown_source": "Azure would answer that all is well",
    "image_of_another_source": "Azure would answer that all is well, or that a property cannot change",
    "version_of_another_source": "Azure would take it for an update",
    "image_being_deleted": "Azure answers Conflict by chance of time; the unit tests of the plan",
    "version_replication_failed": "Azure would delete it, and create it again; test_capture_version_options",
    "version_being_deleted": "Azure answers Conflict by chance of time; the unit tests of the plan",
    "zone_resilience_differs": "the image is there, so that nothing is sent",
    "data_disks_differ": "the image is there, so that nothing is sent",
    "location_differs": "the image is made where its source is, whatever the task says",
    "image_of_an_image": "there is no way to say it to Azure",
    "image_is_taken_whole": "there is no way to say it to Azure",
    "os_state_differs": "the definition is made as the source is",
    "os_type_differs": "the source's own is sent",
    "storage_account_unknown": "the rights on a storage account are not embedded Azure's",
    "backup_of_another_disk": "Azure would answer that a property cannot change",
    "backup_name_taken": "Azure would take it for an update; test_restore_points",
    "backups_of_another_time": "Azure knows nothing of which snapshots belong together; test_restore_points",
    "crash_consistency_not_supported": "the disks would be snapshotted one after the other; test_restore_points",
    "upload_not_possible": "nothing is sent; tests of local files",
    "disk_size_not_supported": "nothing is sent; tests of local files",
    "disk_of_something_else": "nothing is sent; tests of local files",
    "upload_disk_in_use": "nothing is sent; tests of local files",
}


ALL_CASES = {**CASES, **TARGET_CASES}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        yield running


def attempt(azure: EmbeddedAzure, options: Json, check: bool = False) -> Failure:
    """Run the capture, which must fail."""
    with pytest.raises(Failure) as caught:
        run_code(azure, capture.execute, capture_options.OPTIONS, check, resource_group="images", **options)
    return caught.value


def plant(azure: EmbeddedAzure, seed: Json) -> None:
    """Seed, and bring about what no seed does."""
    gallery = {"id": f"{BASE}/galleries/golden", "location": "westeurope"}
    groups = {"images": "westeurope", **seed.get("groups", {})}
    own = {name: value for name, value in seed.items() if name not in ("deleting", "failed_version")}
    azure.seed({**own, "groups": groups, "resources": [gallery, *seed.get("resources", [])]})
    if seed.get("deleting"):
        leaving = azure.cloud.group(azure.settings.subscription, seed["deleting"])
        assert leaving is not None
        leaving.properties["provisioningState"] = "Deleting"
    if seed.get("failed_version"):
        fail_version(azure)


def fail_version(azure: EmbeddedAzure) -> None:
    """A version of the machine that could not be replicated, as a run before has left it."""
    azure.faults.add(
        "PUT", "versions/1.0.0", operation="Failed", code="ReplicationFailed", message="Replication failed."
    )
    options = {**IN_WEB, "gallery_versions": [{**IN_GALLERY, "version": "1.0.0"}]}
    attempt(azure, options)


@pytest.mark.parametrize("case", ALL_CASES)
def test_our_sentence_comes_before_azures(azure: EmbeddedAzure, case: str):
    seed, options, ours, azures = ALL_CASES[case]
    plant(azure, seed)
    if options.get("source_disk") == "OS DISK OF web":
        (name,) = [key for key in azure.resources() if "/disks/web_OsDisk" in key]
        options = {**options, "source_disk": name}
    azure.clear_requests()
    for check in (True, False):
        blocked = attempt(azure, options, check)
        assert isinstance(blocked, Blocked)
        assert ours in [blocker["code"] for blocker in blocked.details["plan"]["blockers"]]
        assert sent_writes(azure.requests) == []

    silenced = {name: mock.Mock(return_value=[]) for name in ("_blockers", "_request_blockers", "_step_blockers")}
    with mock.patch.multiple(capture_plan, **silenced):
        refused = attempt(azure, options)
    assert not isinstance(refused, Blocked)
    assert (refused.code or type(refused).__name__) == azures, refused


def test_every_blocker_is_in_one_of_the_tables():
    found: set[str] = set()
    for path in (*PLANS.glob("*.py"), *(PLANS.parents[1] / each for each in SHARED)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.endswith(("blockers", "_blockers")):
                found |= {
                    call.args[0].value
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") == "Finding"
                    # Those of properties stand in the table of these.
                    and isinstance(call.args[0], ast.Constant)
                }
    found |= {each.code for each in GALLERY_PROPERTIES if each.difference("Shallow", "Full") is Difference.FIXED}
    stated = {ours for _seed, _options, ours, _azures in ALL_CASES.values()}
    assert found == stated | set(OURS) | set(TARGET_OURS)
