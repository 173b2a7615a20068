# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the settings of a Windows machine whose disk is to be uploaded to Azure; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vhd_upload_findings
short_description: Check the settings of a Windows disk to be uploaded to Azure
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Compares the facts that the role R(windows_sysprep,ansible_collections.golden.azure.windows_sysprep_role) collects with
    the settings that Azure documents for preparing a VHD for upload.
options:
  _input:
    description: The facts that the role collects.
    type: dict
    required: true
  settings:
    description:
      - Registry settings, each with C(code), C(path), C(name), C(value), C(type), C(reason), and C(absent_is_fine). A
        setting without C(value) must not exist. A setting with C(advice) cannot be repaired by writing it. A setting with
        C(accepted) can have any value that matches this regular expression.
    type: list
    elements: dict
    default: []
  services:
    description: Services, each with C(name), C(start_type), and C(absent_is_fine).
    type: list
    elements: dict
    default: []
  boot_settings:
    description:
      - Elements of the boot configuration data, each with C(object), C(element), C(option), C(value), C(command), and C(reason).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show the settings to repair
  ansible.builtin.debug:
    msg: "{{ facts | golden.azure.vhd_upload_findings(settings, services, boot_settings) | map(attribute='message') }}"
"""

RETURN = r"""
_value:
  description:
    - Findings with C(code) and C(message). Findings that can be repaired contain C(setting), C(service) or C(boot_setting),
      the corresponding input item.
  type: list
  elements: dict
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

Finding = dict[str, Any]


def vhd_upload_findings(
    facts: Any,
    settings: Sequence[Mapping[str, Any]] = (),
    services: Sequence[Mapping[str, Any]] = (),
    boot_settings: Sequence[Mapping[str, Any]] = (),
) -> list[Finding]:
    """Compare the facts with the settings.

    :returns: findings with code, message, and setting, service or boot_setting if it can be repaired.
    :raises AnsibleFilterError: if the facts are invalid.
    """
    if not isinstance(facts, Mapping):
        raise AnsibleFilterError(
            f"vhd_upload_findings requires the facts of a Windows guest as a dictionary, not {type(facts).__name__}."
        )
    return [
        *(
            {
                "code": "facts_incomplete",
                "message": f"The guest's {section.replace('_', ' ')} could not be read ({reason}).",
            }
            for section, reason in sorted((facts.get("failures") or {}).items())
        ),
        *_registry(facts, settings),
        *_boot_configuration(facts, boot_settings),
        *_services(facts, services),
        *_system(facts),
        *_network(facts),
    ]


def _registry(facts: Mapping[str, Any], settings: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    found = {(entry["path"], entry["name"]): entry.get("value") for entry in facts.get("registry") or []}
    for setting in settings:
        value, wanted = found.get((setting["path"], setting["name"])), setting.get("value")
        if value is None and (wanted is None or setting.get("absent_is_fine")):
            continue
        if "accepted" in setting and re.fullmatch(setting["accepted"], str(value), re.IGNORECASE):
            continue
        if wanted is None or _text(value) != _text(wanted):
            should = "should not exist" if wanted is None else f"should be {wanted}"
            advice = setting.get("advice") or f"set it, or add the repair '{setting['code']}'"
            found_value = "absent" if value is None else value
            yield {
                "code": setting["code"],
                "message": f"{setting['path']} {setting['name']} is {found_value} and {should}: {setting['reason']}; {advice}.",
                **({} if setting.get("advice") else {"setting": dict(setting)}),
            }


def _text(value: Any) -> str:
    """A value as text for comparisons; PowerShell shows a DWORD above 0x7fffffff as a negative number."""
    text = str(value)
    if text.startswith("-") and text[1:].isdigit():
        text = str(int(text) & 0xFFFFFFFF)
    return text.lower()


def _boot_configuration(facts: Mapping[str, Any], settings: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    if "boot_configuration" in (facts.get("failures") or {}):
        return
    found = {(entry["object"], entry["element"]): entry.get("bytes") for entry in facts.get("boot_configuration") or []}
    for setting in settings:
        value = _number(found.get((setting["object"], str(setting["element"]))))
        if value != setting["value"]:
            yield {
                "code": "boot_configuration",
                "message": f"The boot option {setting['option']} of {setting['object']} is {'not set' if value is None else value} "
                f"and should be {setting['value']}: {setting['reason']}; run '{setting['command']}', or add the repair "
                "'boot_configuration'.",
                "boot_setting": dict(setting),
            }


def _number(value: Any) -> int | None:
    """The value of an element of the boot configuration data, whose bytes are little-endian and joined with semicolons."""
    return None if value is None else int.from_bytes(bytes(int(byte) for byte in str(value).split(";")), "little")


def _system(facts: Mapping[str, Any]) -> Iterator[Finding]:
    failures = facts.get("failures") or {}
    if not facts.get("agent_installed") and "agent" not in failures:
        yield {
            "code": "agent_missing",
            "message": "The Azure VM agent is not installed, so virtual machines created from a specialized image have no extensions; "
            "install it, or accept 'agent_missing' for a generalized image, on which Azure installs it.",
        }
    if facts.get("component_store") != "Healthy" and "component_store" not in failures:
        yield {
            "code": "system_files_damaged",
            "message": f"Windows marks its component store as {facts.get('component_store')}; run 'DISM.exe /Online /Cleanup-Image "
            "/RestoreHealth' and 'sfc.exe /scannow'.",
        }
    if facts.get("file_system_dirty"):
        yield {
            "code": "file_system_dirty",
            "message": "Windows checks the file system of its drive at the next start; run 'chkdsk.exe /f' and restart the machine.",
        }
    for process in facts.get("remote_desktop_others") or []:
        yield {
            "code": "remote_desktop_port_used",
            "message": f"The process {process} listens on port 3389, which Azure uses for Remote Desktop; let it use another port.",
        }


def _services(facts: Mapping[str, Any], services: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    found = {str(service["name"]).lower(): service for service in facts.get("services") or []}
    for wanted in services:
        service = found.get(str(wanted["name"]).lower())
        if service is None:
            if wanted.get("absent_is_fine"):
                continue
            yield {
                "code": "service_missing",
                "message": f"The service {wanted['name']}, which Windows has by default, does not exist.",
            }
        elif str(service["start_type"]).lower() != str(wanted["start_type"]).lower():
            yield {
                "code": "services",
                "message": f"The service {wanted['name']} has the start type {service['start_type']} instead of "
                f"{wanted['start_type']}; set it, "
                "or add the repair 'services'.",
                "service": dict(wanted),
            }


def _network(facts: Mapping[str, Any]) -> Iterator[Finding]:
    for route in facts.get("static_routes") or []:
        yield {
            "code": "static_route",
            "message": f"The static route {route} would apply to every virtual machine created from the disk; delete it.",
        }
    for address in facts.get("static_addresses") or []:
        yield {
            "code": "static_address",
            "message": f"Because of the static address {address}, Azure cannot connect to the virtual machine; use DHCP.",
        }
    if facts.get("winhttp_proxy"):
        yield {
            "code": "winhttp_proxy",
            "message": "A WinHTTP proxy is set, which prevents the Azure VM agent from connecting to its host; "
            "run 'netsh winhttp reset proxy'.",
        }
    for profile in facts.get("firewall_profiles") or []:
        if not profile["enabled"]:
            yield {
                "code": "firewall_disabled",
                "message": f"The firewall profile {profile['name']} is disabled; enable it.",
            }
    enabled = [str(rule["name"]).lower() for rule in facts.get("firewall_rules") or [] if rule["enabled"]]
    if not any(name.startswith("remotedesktop-") for name in enabled):
        yield {
            "code": "remote_desktop_blocked",
            "message": "The firewall has no enabled rule for Remote Desktop; enable the rule group.",
        }
    if "fps-icmp4-erq-in" not in enabled:
        yield {
            "code": "ping_blocked",
            "message": "The firewall does not allow ICMP echo requests, which virtual machines in the virtual network use; enable the "
            "rule FPS-ICMP4-ERQ-In.",
        }
    directions = {str(direction).lower() for direction in facts.get("platform_rules") or []}
    for direction in ("Inbound", "Outbound"):
        if direction.lower() not in directions:
            yield {
                "code": "platform_blocked",
                "message": f"The firewall has no {direction.lower()} rule AzurePlatform that allows 168.63.129.16, the address of "
                f"the Azure platform; run 'New-NetFirewallRule -DisplayName AzurePlatform -Direction {direction} -RemoteAddress "
                "168.63.129.16 -Profile Any -Action Allow'.",
            }


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"vhd_upload_findings": vhd_upload_findings}
