# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of vm_image_capture."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kinds import KINDS
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import AUTO, CHOICES
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import GALLERY_PROPERTIES

_DISK: dict[str, Any] = {
    "host_caching": {"type": "str", "choices": ["None", "ReadOnly", "ReadWrite"]},
    "storage_account_type": {"type": "str", "choices": ["Standard_LRS", "StandardSSD_LRS", "Premium_LRS"]},
    "disk_encryption_set": {"type": "str"},
}

_DATA_DISK: dict[str, Any] = {
    "lun": {"type": "int", "required": True},
    "disk": {"type": "str"},
    "snapshot": {"type": "str"},
    "blob": {"type": "str"},
    **_DISK,
}

_REGION: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "regional_replica_count": {"type": "int"},
    "storage_account_type": {"type": "str"},
    "disk_encryption_set": {"type": "str"},
}

_NEW_DEFINITION: dict[str, Any] = {
    "publisher": {"type": "str"},
    "offer": {"type": "str"},
    "sku": {"type": "str"},
    "description": {"type": "str"},
}

_GALLERY_VERSION: dict[str, Any] = {
    "gallery": {"type": "str", "required": True, "aliases": ["gallery_name"]},
    "definition": {"type": "str", "required": True, "aliases": ["gallery_image_name"]},
    "version": {"type": "str", "default": "next"},
    "target_regions": {"type": "list", "elements": "dict", "options": _REGION},
    **{each.option: each.specification for each in GALLERY_PROPERTIES},
    "create_gallery": {"type": "bool", "default": False},
    "create_definition": {"type": "dict", "options": _NEW_DEFINITION},
}

#: The options of one capture.
ITEM: dict[str, Any] = {
    **{kind.option: kind.specification for kind in KINDS},
    "source_vm_id": {"type": "str"},
    "copy_name": {"type": "str"},
    "work_directory": {"type": "path"},
    "storage_account": {"type": "str"},
    "image": {"type": "str", "aliases": ["name"]},
    "gallery_versions": {"type": "list", "elements": "dict", "options": _GALLERY_VERSION},
    "resource_group": {"type": "str"},
    "os_state": {"type": "str", "choices": ["generalized", "specialized"]},
    "os_type": {"type": "str", "choices": ["linux", "windows"]},
    "hyper_v_generation": {"type": "str", "choices": ["V1", "V2"]},
    "architecture": {"type": "str", "choices": ["x64", "Arm64"]},
    "os_disk": {"type": "dict", "options": _DISK},
    "data_disks": {"type": "list", "elements": "dict", "options": _DATA_DISK},
    "generalize": {"type": "bool", "default": False},
    "guest_prepared": {"type": "bool", "default": True},
    "release_claim": {"type": "bool", "default": False},
    "shutdown_timeout": {"type": "int", "default": 0},
    "location": {"type": "str"},
    "zone_resilient": {"type": "bool"},
    "tags": {"type": "dict"},
    "delete_source_vm": {"type": "bool", "default": False},
    "concurrent_deployments": {"type": "int"},
    "create_resource_group": {"type": "bool", "default": False},
    "snapshot_disks": {"type": "bool", "default": False},
    "disk_consistency": {"type": "str", "choices": list(CHOICES), "default": AUTO},
    "run_id": {"type": "str"},
    "deployments_per_replica": {"type": "int", "default": 20},
}

_SOURCES = tuple(kind.option for kind in KINDS)

_TARGETS = ("image", "gallery_versions")

OPTIONS: dict[str, Any] = {
    **ITEM,
    "captures": {
        "type": "list",
        "elements": "dict",
        "options": ITEM,
        "required_one_of": [_TARGETS, _SOURCES],
        "mutually_exclusive": [_SOURCES],
    },
    "max_concurrency": {"type": "int", "default": 100},
}

RULES: dict[str, Any] = {
    "required_one_of": [(*_SOURCES, "captures")],
    # Options with defaults are checked later.
    "mutually_exclusive": [_SOURCES, *(("captures", name) for name in ITEM if "default" not in ITEM[name])],
}
