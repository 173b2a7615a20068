# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of vm_image_instance."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import AUTO, CHOICES

_MARKETPLACE: dict[str, Any] = {
    "publisher": {"type": "str", "required": True},
    "offer": {"type": "str", "required": True},
    "sku": {"type": "str", "required": True},
    "version": {"type": "str", "default": "latest"},
}

_PURCHASE_PLAN: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "product": {"type": "str", "required": True},
    "publisher": {"type": "str", "required": True},
}

#: The options for the source of an instance: exactly one of them is required.
SOURCES = ("image", "gallery_version_id", "marketplace", "source_vm")

OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "resource_group": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "create_resource_group": {"type": "bool", "default": False},
    "image": {"type": "str"},
    "gallery_version_id": {"type": "str"},
    "marketplace": {"type": "dict", "options": _MARKETPLACE},
    "source_vm": {"type": "str"},
    "purchase_plan": {"type": "dict", "options": _PURCHASE_PLAN},
    "location": {"type": "str"},
    "subnet": {"type": "str"},
    "isolated_subnet": {"type": "str"},
    "public_ip": {"type": "bool", "default": False},
    "security_group": {"type": "str"},
    "vm_size": {"type": "list", "elements": "str"},
    "priority": {"type": "str", "choices": ["regular", "spot"], "default": "regular"},
    "security_type": {"type": "str", "choices": ["Standard", "TrustedLaunch", "ConfidentialVM"]},
    "encryption_at_host": {"type": "bool"},
    "disk_controller": {"type": "str", "choices": ["SCSI", "NVMe"]},
    "accelerated_networking": {"type": "bool"},
    "disk_encryption_set": {"type": "str"},
    "disk_consistency": {"type": "str", "choices": list(CHOICES), "default": AUTO},
    "for_managed_image": {"type": "bool", "default": False},
    "admin_username": {"type": "str"},
    "ssh_public_key": {"type": "str", "no_log": False},
    "admin_password": {"type": "str", "no_log": True},
    "custom_data": {"type": "str", "no_log": True},
    "tags": {"type": "dict"},
    "wait": {"type": "bool", "default": True},
    "wait_for_agent": {"type": "bool", "default": True},
    "agent_timeout": {"type": "int", "default": 600},
    "serial_log": {"type": "path"},
}

RULES: dict[str, Any] = {
    "mutually_exclusive": [SOURCES, ("subnet", "isolated_subnet")],
    "required_if": [("state", "present", SOURCES, True), ("public_ip", True, ("security_group",))],
}
