# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of a Windows guest in the shape that the role's facts script gives them; a healthy one, and ways to differ."""

from __future__ import annotations

import copy
from typing import Any

#: Which machine a healthy guest is, unless embedded Azure has made it.
VM_ID = "d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b8"

HEALTHY: dict[str, Any] = {
    "machine": {"id": VM_ID, "source": "SMBIOS UUID", "reason": ""},
    "system": {
        "caption": "Microsoft Windows Server 2022 Datacenter",
        "version": "10.0.20348",
        "product_type": 3,
        "boot_time": "2026-01-01T00:00:00Z",
        "uptime": 86400,
        "boot_id": 12,
        "part_of_domain": False,
        "domain": "WORKGROUP",
        "windows_folder": "C:\\Windows",
        "architecture": "AMD64",
        "edition": "ServerDatacenter",
    },
    "user": {"name": "GUEST\\azureuser", "is_system": False, "is_administrator": True},
    "image_state": "IMAGE_STATE_COMPLETE",
    "setup": {"in_progress": False},
    "servicing": [],
    "pending_reboot": {"component_based_servicing": False, "windows_update": False, "file_renames": []},
    "volumes": [
        {
            "mount_point": "C:",
            "device": "\\\\?\\Volume{1}\\",
            "conversion_status": 0,
            "encryption_percentage": 0,
            "protection_status": 0,
            "return_value": 0,
        }
    ],
    "services": [
        {"name": "RdAgent", "status": "Running", "start_type": "Automatic"},
        {"name": "WindowsAzureGuestAgent", "status": "Running", "start_type": "Automatic"},
    ],
    "agent_versions": ["WindowsAzureGuestAgent 2.7.41491.1149", "WaAppAgent 2.7.41491.1149"],
    "agent_installers": [],
    "cdrom_start": 1,
    "removable_storage_policies": [],
    "appx_packages": [
        {
            "name": "Microsoft.DesktopAppInstaller",
            "full_name": "Microsoft.DesktopAppInstaller_1.21.10120.0_x64__8wekyb3d8bbwe",
            "version": "1.21.10120.0",
            "framework": False,
            "resource": False,
            "non_removable": False,
            "signature_kind": "Store",
            "users": ["GUEST\\azureuser S-1-5-21-1-2-3-500"],
        }
    ],
    "appx_provisioned": [{"name": "Microsoft.DesktopAppInstaller", "version": "1.21.10120.0", "bundle": False}],
    "appx_bundles": [],
    "server_roles": ["FileAndStorage-Services", "Web-Server", "PowerShell"],
    "upgrades": [],
    "rearm_count": 1001,
    "panther": False,
    "answer_files": [],
    "extensions": [],
    "extension_handlers": [],
    "leftovers": [],
    "autologon": {"password": False, "user": ""},
    "private_keys": [
        {
            "subject": "DC=Windows Azure CRP Certificate Generator",
            "issuer": "DC=Windows Azure CRP Certificate Generator",
            "thumbprint": "0123456789ABCDEF0123456789ABCDEF01234567",
        }
    ],
    "winrm_listeners": [],
    "user_profiles": [{"path": "C:\\Users\\azureuser", "sid": "S-1-5-21-1-2-3-500", "loaded": True}],
    "known_identities": [],
    "sysprep": {"present": True, "running": False, "generalization_state": 7, "cleanup_state": 2},
    "sysprep_providers": [
        {
            "phase": "Generalize",
            "name": "{4d36e96c}",
            "library": "C:\\Windows\\System32\\VMAgentDisabler.dll",
            "present": True,
            "hidden": False,
            "machine": 0x8664,
        },
        {
            "phase": "Generalize.xml",
            "name": "",
            "library": "C:\\Windows\\System32\\AppxSysprep.dll",
            "present": True,
            "hidden": False,
            "machine": 0x8664,
        },
    ],
    "sysprep_services": [
        {"name": "AppXSvc", "start_type": "Manual", "status": "Stopped"},
        {"name": "CryptSvc", "start_type": "Automatic", "status": "Running"},
        {"name": "sppsvc", "start_type": "Automatic", "status": "Stopped"},
        {"name": "TrustedInstaller", "start_type": "Manual", "status": "Stopped"},
    ],
    "reserved_storage": {"active_scenario": None},
    "defender_endpoint": {"service": "Stopped", "onboarding_state": None},
    "dsc": {"configured": False, "agent_id": None},
    "secure_boot": {"enabled": True, "status": "Updated", "capable": 2},
    "failures": {},
}

PER_USER_PACKAGE = {
    "name": "NotepadPlusPlus",
    "full_name": "NotepadPlusPlus_1.0.0.0_neutral__7njy0v32s6xk6",
    "version": "1.0.0.0",
    "framework": False,
    "resource": False,
    "non_removable": False,
    "signature_kind": "Developer",
    "users": ["GUEST\\azureuser S-1-5-21-1-2-3-500"],
}


def healthy(**differences: Any) -> dict[str, Any]:
    """Give the facts of a healthy guest, with some sections replaced (a dictionary: updated)."""
    facts = copy.deepcopy(HEALTHY)
    for section, value in differences.items():
        if isinstance(value, dict) and isinstance(facts.get(section), dict):
            facts[section].update(value)
        else:
            facts[section] = value
    return facts


def boot_bytes(value: int) -> str:
    """Give an element of the boot configuration as the registry has it: a byte for yes or no, eight bytes for a number."""
    return ";".join(str(byte) for byte in value.to_bytes(1 if value in (0, 1) else 8, "little"))


def uploadable(
    settings: list[dict[str, Any]],
    services: list[dict[str, Any]],
    boot_settings: list[dict[str, Any]],
    /,
    **differences: Any,
) -> dict[str, Any]:
    """Give what the script vhd_upload_facts finds on a machine that is fit for Azure, with some sections replaced."""
    return {
        "registry": [{**{key: row[key] for key in ("path", "name")}, "value": row.get("value")} for row in settings],
        "boot_configuration": [
            {"object": row["object"], "element": row["element"], "bytes": boot_bytes(row["value"])}
            for row in boot_settings
        ],
        "services": [{"name": row["name"], "status": "Running", "start_type": row["start_type"]} for row in services],
        "agent_installed": True,
        "component_store": "Healthy",
        "file_system_dirty": False,
        "remote_desktop_others": [],
        "static_routes": [],
        "static_addresses": [],
        "firewall_profiles": [{"name": name, "enabled": True} for name in ("Domain", "Private", "Public")],
        "firewall_rules": [
            {"name": name, "enabled": True} for name in ("RemoteDesktop-UserMode-In-TCP", "FPS-ICMP4-ERQ-In")
        ],
        "platform_rules": ["Inbound", "Outbound"],
        "winhttp_proxy": False,
        "failures": {},
        **differences,
    }
