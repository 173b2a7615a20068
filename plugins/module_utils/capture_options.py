# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of vm_image_capture."""

from __future__ import annotations

from typing import Any

_REGION: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "replicas": {"type": "int"},
    "storage_account_type": {"type": "str"},
    "disk_encryption_set": {"type": "str"},
}

_NEW_DEFINITION: dict[str, Any] = {
    "publisher": {"type": "str", "required": True},
    "offer": {"type": "str", "required": True},
    "sku": {"type": "str", "required": True},
    "description": {"type": "str"},
}

_GALLERY_VERSION: dict[str, Any] = {
    "gallery": {"type": "str", "required": True},
    "definition": {"type": "str", "required": True},
    "version": {"type": "str", "default": "next"},
    "regions": {"type": "list", "elements": "dict", "options": _REGION},
    "exclude_from_latest": {"type": "bool", "default": False},
    "end_of_life": {"type": "str"},
    "block_deletion_before_end_of_life": {"type": "bool", "default": False},
    "replication_mode": {"type": "str", "choices": ["full", "shallow"], "default": "full"},
    "create_definition": {"type": "dict", "options": _NEW_DEFINITION},
}

OPTIONS: dict[str, Any] = {
    "source_vm": {"type": "str", "required": True},
    "image": {"type": "str", "aliases": ["name"]},
    "gallery_versions": {"type": "list", "elements": "dict", "options": _GALLERY_VERSION},
    "resource_group": {"type": "str"},
    "os_state": {"type": "str", "choices": ["generalized", "specialized"], "default": "generalized"},
    "generalize": {"type": "bool", "default": False},
    "preparation": {"type": "str", "choices": ["done", "pending"], "default": "done"},
    "shutdown_timeout": {"type": "int", "default": 0},
    "location": {"type": "str"},
    "zone_resilient": {"type": "bool"},
    "tags": {"type": "dict"},
    "delete_source_vm": {"type": "bool", "default": False},
    "concurrent_deployments": {"type": "int"},
    "deployments_per_replica": {"type": "int", "default": 20},
}

RULES: dict[str, Any] = {"required_one_of": [("image", "gallery_versions")]}
