# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One case of everything that the modules write, on the same embedded Azure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._cleanup import run as cleanup
from ansible_collections.golden.azure.plugins.module_utils._definition import run as definition
from ansible_collections.golden.azure.plugins.module_utils._gallery import run as gallery
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from ansible_collections.golden.azure.plugins.module_utils._lease import run as lease
from ansible_collections.golden.azure.plugins.module_utils._preparation import request as preparation_request
from ansible_collections.golden.azure.plugins.module_utils._preparation import run as preparation
from ansible_collections.golden.azure.plugins.module_utils._promotion import run as promote
from ansible_collections.golden.azure.plugins.module_utils._publishing import run as publish
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal
from ansible_collections.golden.azure.plugins.module_utils._run_command import run as run_command
from ansible_collections.golden.azure.plugins.module_utils._tag import run as tagging
from driven import run_code

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
BASE = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/network/providers/Microsoft.Network"
KEYS = f"{BASE}/diskEncryptionSets/keys"
DEFINITION = {"publisher": "Example", "offer": "web", "sku": "debian"}
IN_GALLERY = [{"gallery": "golden", "definition": "web", "create_definition": DEFINITION}]
SECURED = [{**IN_GALLERY[0], "target_regions": [{"name": "westeurope", "disk_encryption_set": "keys"}]}]
MONITOR = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent"}
STORAGE = {
    "osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
}
BLOB = {"uri": "https://a.blob.core.windows.net/v/o.vhd", "storageAccountId": "/a"}
SEED: Json = {
    "groups": {"images": "westeurope", "network": "westeurope"},
    "resources": [
        {"id": f"{BASE}/galleries/golden", "location": "westeurope"},
        {
            "id": f"{NETWORK}/virtualNetworks/build",
            "location": "westeurope",
            "properties": {"subnets": [{"name": "build", "properties": {}}]},
        },
        {"id": f"{NETWORK}/networkSecurityGroups/office", "location": "westeurope", "properties": {}},
        {
            "id": KEYS,
            "location": "westeurope",
            "identity": {"type": "SystemAssigned"},
            "properties": {"activeKey": {"keyUrl": "https://v.vault.azure.net/keys/k/1"}},
        },
        {
            "id": f"{BASE}/images/old",
            "location": "westeurope",
            "tags": {"golden.azure.verified": "true", "golden.azure.run_id": "1"},
            "properties": {"storageProfile": STORAGE},
        },
        {"id": f"{BASE}/galleries/empty", "location": "westeurope"},
        {
            "id": f"{BASE}/snapshots/orphan",
            "location": "westeurope",
            "created": "2026-01-01T00:00:00Z",
            "tags": {"golden.azure.image": f"{BASE}/images/gone".lower()},
            "properties": {
                "creationData": {"createOption": "Import", "sourceUri": BLOB["uri"], "storageAccountId": "/a"}
            },
        },
        {
            "id": f"{BASE}/galleries/golden/images/old",
            "location": "westeurope",
            "properties": {
                "osType": "Linux",
                "osState": "Generalized",
                "hyperVGeneration": "V1",
                "features": [],
                "identifier": {"publisher": "Example", "offer": "old", "sku": "1"},
            },
        },
        {
            "id": f"{BASE}/galleries/golden/images/old/versions/1.0.0",
            "location": "westeurope",
            "properties": {
                "publishingProfile": {"targetRegions": [{"name": "westeurope"}]},
                # An update takes no right on a source, which may be gone.
                "storageProfile": {"osDiskImage": {"source": BLOB}},
            },
        },
    ],
    "virtual_machines": [
        {"name": "web", "group": "images", "power": "stopped", "data_disks": [4]},
        {"name": "runs", "group": "images", "extensions": [MONITOR]},
        {"name": "busy", "group": "images", "data_disks": [4]},
    ],
}
MACHINE = {"resource_group": "images", "source_vm": "web", "generalize": True}
BUILD = {"name": "build", "resource_group": "images", "subnet": f"{NETWORK}/virtualNetworks/build/subnets/build"}
LOGIN = {"ssh_public_key": "ssh-ed25519 AAAA", "wait_for_agent": False}
MARKETPLACE = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"}
NAMED = {"resource_group": "images", "image": "old"}
LEASE = {"name": "lease", "image": "web", "run": "1", "holder": "me"}

#: Name of the case -> the module's code, its options' specification, the options.
CASES: dict[str, tuple[Any, Json, Json]] = {
    "managed image": (capture.execute, capture_options.OPTIONS, {**MACHINE, "image": "golden"}),
    "image of a disk": (
        capture.execute,
        capture_options.OPTIONS,
        {
            "resource_group": "images",
            "source_snapshot": "kept",
            "os_type": "linux",
            "os_state": "generalized",
            "gallery_versions": IN_GALLERY,
        },
    ),
    "with everything": (
        capture.execute,
        capture_options.OPTIONS,
        {
            **MACHINE,
            "image": f"{BASE.replace('/images/', '/others/', 1)}/images/golden",
            "create_resource_group": True,
            "gallery_versions": SECURED,
            "snapshot_disks": True,
            "delete_source_vm": True,
        },
    ),
    "several": (
        capture.execute,
        capture_options.OPTIONS,
        {"captures": [{**MACHINE, "image": "golden"}]},
    ),
    "instance": (
        instance.execute,
        instance.OPTIONS,
        {
            **BUILD,
            **LOGIN,
            "marketplace": MARKETPLACE,
            "security_group": f"{NETWORK}/networkSecurityGroups/office",
            "public_ip": True,
        },
    ),
    "instance in a group of its own": (
        instance.execute,
        instance.OPTIONS,
        {**BUILD, **LOGIN, "resource_group": "own", "create_resource_group": True, "image": f"{BASE}/images/old"},
    ),
    "copy": (
        instance.execute,
        instance.OPTIONS,
        {
            "name": "copy",
            "resource_group": "images",
            "source_vm": "web",
            "isolated_subnet": BUILD["subnet"],
            "wait_for_agent": False,
        },
    ),
    "copy of several disks": (
        instance.execute,
        instance.OPTIONS,
        {
            "name": "copy",
            "resource_group": "images",
            "source_vm": "busy",
            "isolated_subnet": BUILD["subnet"],
            "wait_for_agent": False,
        },
    ),
    "backup of several disks": (
        capture.execute,
        capture_options.OPTIONS,
        {
            "resource_group": "images",
            "source_vm": "busy",
            "os_state": "specialized",
            "gallery_versions": IN_GALLERY,
            "snapshot_disks": True,
        },
    ),
    "clean-up": (cleanup.execute, cleanup.OPTIONS, {"resource_group": "images", "remove": True}),
    "removal": (removal.execute, removal.OPTIONS, {"resource_group": "images", "name": "old"}),
    "deprecation": (removal.execute, removal.OPTIONS, {"resource_group": "images", "name": "old", "deprecate": True}),
    "promotion": (promote.execute, promote.OPTIONS, NAMED),
    "preparation": (
        preparation.execute,
        preparation_request.OPTIONS,
        {"resource_group": "images", "source_vm": "runs", "actions": ["extensions"]},
    ),
    "tags": (tagging.execute, tagging.OPTIONS, {**NAMED, "tags": {"a": "b"}}),
    "version": (
        publish.execute,
        publish.OPTIONS,
        {
            "resource_group": "images",
            "gallery": "golden",
            "definition": "old",
            "gallery_version": "1.0.0",
            "target_regions": [{"name": "northeurope"}],
        },
    ),
    "lease": (lease.execute, lease.OPTIONS, {**LEASE, "location": "westeurope"}),
    "gallery": (
        gallery.execute,
        gallery.OPTIONS,
        {
            "resource_group": "images",
            "gallery": "shared",
            "sharing": "groups",
            "tenants": ["22222222-2222-4222-8222-222222222222"],
            "identity": {"system_assigned": False, "user_assigned": ["publisher"]},
        },
    ),
    "gallery that is changed": (
        gallery.execute,
        gallery.OPTIONS,
        {"resource_group": "images", "gallery": "golden", "description": "d", "tags": {"a": "b"}},
    ),
    "gallery that is deleted": (
        gallery.execute,
        gallery.OPTIONS,
        {"resource_group": "images", "gallery": "empty", "state": "absent"},
    ),
    "image definition": (
        definition.execute,
        definition.OPTIONS,
        {
            "resource_group": "images",
            "gallery": "golden",
            "definition": "web",
            "os_type": "linux",
            "security_type": "Standard",
        },
    ),
    "script": (
        run_command.execute,
        run_command.OPTIONS,
        {"resource_group": "images", "vm_name": "runs", "script": "true"},
    ),
}
_KEPT = {"id": f"{BASE}/snapshots/kept", "location": "westeurope", "properties": {"osType": "Linux", "diskSizeGB": 8}}


def begin(azure: EmbeddedAzure) -> None:
    azure.reset()
    azure.seed(SEED)
    creation = {"createOption": "Copy", "sourceResourceId": os_disk(azure)}
    azure.seed({"resources": [{**_KEPT, "properties": {**_KEPT["properties"], "creationData": creation}}]})
    azure.clear_requests()


def os_disk(azure: EmbeddedAzure) -> str:
    profile = azure.resources()[f"{BASE}/virtualMachines/web"]["properties"]["storageProfile"]
    return str(profile["osDisk"]["managedDisk"]["id"])


def run(azure: EmbeddedAzure, case: str, check: bool = False) -> Json:
    code, specification, options = CASES[case]
    return run_code(azure, code, specification, check, **options)
