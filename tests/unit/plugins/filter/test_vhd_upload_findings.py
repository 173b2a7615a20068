# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a Windows disk from elsewhere from working on Azure."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.filter.vhd_upload_findings import vhd_upload_findings
from repository import ROOT

from windows_guest.facts import boot_bytes, uploadable

ROLE = ROOT / "roles" / "windows_sysprep"
VARIABLES = yaml.safe_load((ROLE / "vars/vhd_upload.yml").read_text(encoding="utf-8"))
SETTINGS = VARIABLES["__windows_sysprep_upload_settings"]
SERVICES = VARIABLES["__windows_sysprep_upload_services"]
BOOT_SETTINGS = VARIABLES["__windows_sysprep_upload_boot_settings"]


def findings(**differences: Any) -> list[dict[str, Any]]:
    return vhd_upload_findings(
        uploadable(SETTINGS, SERVICES, BOOT_SETTINGS, **differences), SETTINGS, SERVICES, BOOT_SETTINGS
    )


def test_a_machine_that_is_fit_has_none() -> None:
    assert findings() == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting["name"])
def test_each_setting(setting: dict[str, Any]) -> None:
    registry = uploadable(SETTINGS, SERVICES, BOOT_SETTINGS)["registry"]
    for entry in registry:
        if (entry["path"], entry["name"]) == (setting["path"], setting["name"]):
            entry["value"] = "something else"
    (finding,) = findings(registry=registry)
    assert finding["code"] == setting["code"]
    assert finding.get("setting") == (None if "advice" in setting else setting)
    assert setting["name"] in finding["message"]
    absent = [entry for entry in registry if entry["value"] != "something else"]
    fine = "value" not in setting or setting.get("absent_is_fine", False)
    assert bool(findings(registry=absent)) != fine


@pytest.mark.parametrize("setting", BOOT_SETTINGS, ids=lambda setting: setting["option"])
@pytest.mark.parametrize("value", [None, 7])
def test_each_boot_setting(setting: dict[str, Any], value: int | None) -> None:
    boot = uploadable(SETTINGS, SERVICES, BOOT_SETTINGS)["boot_configuration"]
    for entry in boot:
        if (entry["object"], entry["element"]) == (setting["object"], setting["element"]):
            entry["bytes"] = None if value is None else boot_bytes(value)
    (finding,) = findings(boot_configuration=boot)
    assert finding["code"] == "boot_configuration"
    assert finding["boot_setting"] == setting
    assert setting["command"] in finding["message"]
    assert ("is not set" if value is None else "is 7") in finding["message"]


def test_a_boot_configuration_that_cannot_be_read_is_one_finding() -> None:
    (finding,) = findings(boot_configuration=[], failures={"boot_configuration": "Access is denied"})
    assert finding["code"] == "facts_incomplete"


@pytest.mark.parametrize(
    ("value", "fine"),
    [
        ("?:\\pagefile.sys", True),
        ("c:\\pagefile.sys 4096 8192", True),
        ("D:\\pagefile.sys", True),
        ("C:\\pagefile.sys 0 0;D:\\pagefile.sys 0 0", True),
        ("", True),
        ("E:\\pagefile.sys", False),
        ("C:\\pagefile.sys;F:\\pagefile.sys 1024 1024", False),
    ],
)
def test_page_files(value: str, fine: bool) -> None:
    registry = uploadable(SETTINGS, SERVICES, BOOT_SETTINGS)["registry"]
    for entry in registry:
        if entry["name"] == "PagingFiles":
            entry["value"] = value
    assert [finding["code"] for finding in findings(registry=registry)] == ([] if fine else ["page_file"])


def test_a_client_needs_no_service_of_the_serial_console() -> None:
    assert findings(services=[service for service in SERVICES if service["name"] != "sacsvr"]) == []


def test_large_numbers_come_negative_from_powershell() -> None:
    registry = uploadable(SETTINGS, SERVICES, BOOT_SETTINGS)["registry"]
    for entry in registry:
        entry["value"] = -1 if entry["value"] == 4294967295 else entry["value"]
    assert findings(registry=registry) == []


@pytest.mark.parametrize(
    ("code", "differs"),
    [
        ("services", {"services": [{**SERVICES[0], "start_type": "Disabled"}, *SERVICES[1:]]}),
        ("service_missing", {"services": SERVICES[1:]}),
        ("static_route", {"static_routes": ["10.0.0.0/8 via 10.1.1.1"]}),
        ("static_address", {"static_addresses": ["192.0.2.4 on Ethernet"]}),
        ("winhttp_proxy", {"winhttp_proxy": True}),
        ("firewall_disabled", {"firewall_profiles": [{"name": "Public", "enabled": False}]}),
        ("remote_desktop_blocked", {"firewall_rules": [{"name": "FPS-ICMP4-ERQ-In", "enabled": True}]}),
        ("ping_blocked", {"firewall_rules": [{"name": "RemoteDesktop-UserMode-In-TCP", "enabled": True}]}),
        ("platform_blocked", {"platform_rules": ["Inbound"]}),
        ("agent_missing", {"agent_installed": False}),
        ("system_files_damaged", {"component_store": "Repairable"}),
        ("file_system_dirty", {"file_system_dirty": True}),
        ("remote_desktop_port_used", {"remote_desktop_others": ["nginx.exe"]}),
        ("facts_incomplete", {"failures": {"registry": "Access is denied"}}),
    ],
)
def test_the_rest(code: str, differs: dict[str, Any]) -> None:
    (finding,) = findings(**differs)
    assert finding["code"] == code


def test_repairs_of_the_role_are_those_that_can_be_done() -> None:
    specification = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    options = specification["argument_specs"]["check_vhd_upload"]["options"]
    choices = options["windows_sysprep_vhd_upload_repairs"]["choices"]
    repairable = {setting["code"] for setting in SETTINGS if "advice" not in setting}
    assert sorted(repairable | {"boot_configuration", "services"}) == choices
    # Each finding can be accepted, by its code in the source.
    written = set(
        re.findall(r'"code": "(\w+)"', Path(inspect.getfile(vhd_upload_findings)).read_text(encoding="utf-8"))
    )
    accepted = options["windows_sysprep_vhd_upload_accept"]["choices"]
    assert sorted(written | {setting["code"] for setting in SETTINGS}) == accepted


def test_what_is_no_facts_is_refused() -> None:
    with pytest.raises(AnsibleFilterError):
        vhd_upload_findings("text")
