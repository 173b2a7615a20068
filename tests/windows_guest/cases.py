# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every blocker, every hang and every wait that never ends, each once: tests run them, and the table of findings shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import yaml

from .facts import HEALTHY, PER_USER_PACKAGE
from .scripts import FILES

UNATTEND = "C:\\Windows\\System32\\Sysprep\\unattend.xml"
SERVICES = HEALTHY["services"]


@dataclass
class Case:
    """A guest and how the role is to run on it."""

    scenario: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


# -- what forbids sysprep, decided from facts -----------------------------------------------------------------------


def volume(status: int | None, percentage: int | None, **more: Any) -> list[dict[str, Any]]:
    """Give the healthy guest's volume in another state of encryption."""
    return [{**HEALTHY["volumes"][0], "conversion_status": status, "encryption_percentage": percentage, **more}]


def provider(**differs: Any) -> list[dict[str, Any]]:
    """Give what sysprep runs on the healthy guest, with a difference in the first."""
    first, *rest = HEALTHY["sysprep_providers"]
    return [{**first, **differs}, *rest]


#: code, what differs from a healthy guest, and what the message must say.
BLOCKERS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("facts_incomplete", {"failures": {"appx_packages": "Access is denied"}}, ("appx packages", "Access is denied")),
    ("user_is_system", {"user": {"is_system": True}}, ("SYSTEM", "connect as an administrator")),
    ("user_is_no_administrator", {"user": {"is_administrator": False}}, ("azureuser", "connect as an administrator")),
    ("image_state_unreadable", {"image_state": None}, ("no ImageState",)),
    ("image_state_not_complete", {"image_state": "IMAGE_STATE_UNDEPLOYABLE"}, ("UNDEPLOYABLE", "reboot the guest")),
    ("sysprep_missing", {"sysprep": {"present": False}}, ("sysprep.exe",)),
    ("sysprep_running", {"sysprep": {"running": True}}, ("wait until it has ended",)),
    (
        "reboot_pending",
        {"pending_reboot": {"component_based_servicing": True}},
        ("component servicing", "windows_sysprep_reboot"),
    ),
    ("reboot_pending", {"pending_reboot": {"windows_update": True}}, ("Windows Update", "reboot the guest")),
    (
        "earlier_sysprep_failed",
        {"sysprep": {"generalization_state": 3}},
        ("GeneralizationState is 3", "0x8007001f", "GeneralizationState to 7 and CleanupState to 2"),
    ),
    (
        "setup_in_progress",
        {"image_state": "IMAGE_STATE_UNDEPLOYABLE", "setup": {"in_progress": True}},
        ("Windows Setup is still running", "UNDEPLOYABLE"),
    ),
    ("servicing_in_progress", {"servicing": ["TiWorker"]}, ("TiWorker", "wait until that has ended")),
    (
        "volume_encrypted",
        {"volumes": volume(1, 100)},
        ("C:", "fully encrypted", "0x80310039", "action 'disk_encryption'", "BitLocker"),
    ),
    ("volume_encrypted", {"volumes": volume(3, 40)}, ("being decrypted", "40 %", "'decryption'")),
    ("volume_encrypted", {"volumes": volume(5, 40)}, ("partially decrypted (paused)",)),
    ("volume_encrypted", {"volumes": volume(None, None, return_value=0x80310000)}, ("cannot be read (it is locked)",)),
    ("volume_encrypted", {"volumes": volume(None, None, return_value=0x80070005)}, ("cannot be read (0x80070005)",)),
    (
        "data_volume_encrypted",
        {"volumes": [*HEALTHY["volumes"], *volume(1, 100, mount_point="E:")]},
        ("data volume E:", "fully encrypted", "accept 'data_volume_encrypted'"),
    ),
    (
        "data_volume_encrypted",
        {"volumes": [*HEALTHY["volumes"], *volume(None, None, mount_point="E:", return_value=-2144272384)]},
        ("data volume E:", "it is locked", "unlock and decrypt it"),
    ),
    ("agent_missing", {"services": SERVICES[:1]}, ("WindowsAzureGuestAgent", "install it")),
    ("agent_not_running", {"services": [{**SERVICES[0], "status": "Stopped"}, SERVICES[1]]}, ("RdAgent", "Stopped")),
    ("agent_updating", {"agent_installers": ["WaInstaller.exe"]}, ("updating itself", "WaInstaller.exe")),
    ("cdrom_disabled", {"cdrom_start": 4}, ("Start = 4", "DVD", "'cdrom_start'")),
    ("removable_storage_policy", {"removable_storage_policies": ["HKLM\\x\\Deny_All"]}, ("Deny_All", "DVD")),
    (
        "appx_for_some_users",
        {"appx_packages": [PER_USER_PACKAGE]},
        (PER_USER_PACKAGE["full_name"], "0x80073cf2", "azureuser"),
    ),
    (
        "provider_not_loadable",
        {"sysprep_providers": provider(present=False, machine=None)},
        (
            "VMAgentDisabler.dll of the Azure VM agent",
            "value {4d36e96c}",
            "SysPrepExternal\\Generalize",
            "is missing",
            "delete its value",
        ),
    ),
    ("provider_not_loadable", {"sysprep_providers": provider(hidden=True)}, ("is hidden", "attrib -h")),
    ("provider_not_loadable", {"sysprep_providers": provider(machine=None)}, ("is not a library",)),
    ("provider_not_loadable", {"sysprep_providers": provider(machine=0x14C)}, ("built for another processor",)),
    (
        "provider_not_loadable",
        {
            "sysprep_providers": provider(
                phase="Cleanup.xml", name="", library="C:\\Windows\\System32\\spopk.dll", present=False
            )
        },
        ("action file Cleanup.xml", "/RestoreHealth"),
    ),
    (
        "provider_not_loadable",
        {
            "sysprep_providers": provider(
                phase="Cleanup", name="7", library="C:\\Program Files\\Vendor\\seal.dll", present=False
            )
        },
        ("value 7", "C:\\Program Files\\Vendor\\seal.dll", "software that it belongs to"),
    ),
    (
        "defender_onboarded",
        {"defender_endpoint": {"service": "Running", "onboarding_state": 1}},
        ("Sense is running", "OnboardingState is 1", "offboard", "ExcludeMdeAutoProvisioning"),
    ),
    ("dsc_agent_id_missing", {"dsc": {"configured": True}}, ("AgentId", "DscCore.dll", "'dsc_agent_id'")),
    (
        "required_service_disabled",
        {"sysprep_services": [{"name": "AppXSvc", "start_type": "Disabled"}]},
        ("AppXSvc", "0x422", "manual start"),
    ),
    (
        "required_service_disabled",
        {"sysprep_services": [{"name": "CryptSvc", "start_type": "Disabled"}]},
        ("CryptSvc", "keys and certificates", "automatic start"),
    ),
    (
        "required_service_disabled",
        {"sysprep_services": [{"name": "TrustedInstaller", "start_type": "Disabled"}]},
        ("TrustedInstaller", "servicing", "manual start"),
    ),
    (
        "reserved_storage_in_use",
        {"reserved_storage": {"active_scenario": 1}},
        ("ActiveScenario is 1", "0x800f0975", "StartComponentCleanup", "set it to 0"),
    ),
    (
        "appx_newer_than_provisioned",
        {"appx_provisioned": [{"name": "Microsoft.DesktopAppInstaller", "version": "1.9"}]},
        ("is newer than", "(1.9)", "windows_sysprep_remove_appx_packages", "0x80073cf2"),
    ),
    (
        "appx_newer_than_provisioned",
        {
            "appx_provisioned": [{"name": "Microsoft.DesktopAppInstaller", "version": "1.9"}],
            "appx_packages": [{**HEALTHY["appx_packages"][0], "non_removable": True}],
        },
        ("is part of Windows", "provision the newer version", "delete the profile"),
    ),
    (
        "appx_newer_than_provisioned",
        {
            "appx_provisioned": [{"name": "Microsoft.DesktopAppInstaller", "version": "2021.1.0.0", "bundle": True}],
            "appx_bundles": [{"name": "Microsoft.DesktopAppInstaller", "version": "2022.1.0.0"}],
        },
        ("(2021.1.0.0)",),
    ),
    ("profile_in_use", {}, ("C:\\Users\\azureuser", "connect as another user")),
    ("domain_controller", {"system": {"product_type": 2, "part_of_domain": True}}, ("domain controller",)),
    (
        "domain_member",
        {"system": {"part_of_domain": True, "domain": "corp.example"}},
        ("corp.example", "leave the"),
    ),
    ("server_role_unsupported", {"server_roles": ["DHCP"]}, ("DHCP Server", "remove it")),
    ("upgraded_system", {"upgrades": ["Source OS (Updated on 1/1/2026)"]}, ("Source OS", "new installation")),
    ("rearm_exhausted", {"rearm_count": 0}, ("0xc004d307",)),
    ("panther_left", {"panther": True}, ("Panther", "'panther'")),
    (
        "panther_left",
        {"panther": True, "answer_files": ["C:\\Windows\\Panther\\unattend.xml"]},
        ("the answer file C:\\Windows\\Panther\\unattend.xml",),
    ),
    (
        "answer_file_left",
        {"answer_files": ["C:\\Windows\\Panther\\Unattend\\unattend.xml"]},
        ("Panther\\Unattend\\unattend.xml",),
    ),
    ("answer_file_left", {"answer_files": [UNATTEND]}, (UNATTEND, "'answer_files'")),
    (
        "run_command_left",
        {"extensions": ["Microsoft.CPlat.Core.RunCommandWindows"]},
        ("Run Command", "'run_command'", "RemoveRunCommandWindowsExtension"),
    ),
    (
        "extensions_installed",
        {"extensions": ["Microsoft.Compute.CustomScriptExtension"]},
        ("CustomScriptExtension", "'extensions'"),
    ),
]


KNOWN = {
    entry["id"]: entry
    for entry in yaml.safe_load((FILES.parent / "vars/known_identities.yml").read_text(encoding="utf-8"))[
        "__windows_sysprep_known_identities_table"
    ]
}


def identity(id: str, paths: list[str] | None = None) -> dict[str, Any]:
    """Give what the facts say of an agent of the role's table."""
    entry = KNOWN[id]
    told = {key: entry[key] for key in ("id", "what", "advice", "source", "removal", "services")}
    return {**told, "paths": [f"C:\\{id}"] if paths is None else paths}


#: Options of the decision, for codes that need one.
OPTIONS: dict[str, dict[str, Any]] = {"profile_in_use": {"remove_profiles": ["azureuser"]}}


def leftover(kind: str, path: str) -> dict[str, Any]:
    """Give a guest with something that must not be in an image."""
    return {"leftovers": [{"kind": kind, "path": path}]}


#: The same for what only deserves attention.
WARNINGS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("rearm_low", {"rearm_count": 3}, ("only 3 more times",)),
    ("secure_boot_outdated", {"secure_boot": {"status": "InProgress", "capable": 1}}, ("certificates of 2023",)),
    ("leftover_kept", leftover("custom_data", "C:\\AzureData"), ("custom data", "C:\\AzureData", "'custom_data'")),
    (
        "leftover_kept",
        leftover("powershell_history", "C:\\Users\\a\\ConsoleHost_history.txt"),
        ("history", "passwords", "'powershell_history'"),
    ),
    (
        "leftover_kept",
        leftover("transcripts", "C:\\Users\\a\\Documents\\PowerShell_transcript.A.txt"),
        ("transcripts",),
    ),
    ("leftover_kept", leftover("cloud_credentials", "C:\\Users\\a\\.azure"), ("cloud tools", ".azure")),
    ("leftover_kept", leftover("ssh_host_keys", "C:\\ProgramData\\ssh\\ssh_host_rsa_key"), ("host keys", "share them")),
    (
        "leftover_kept",
        leftover("ssh_authorized_keys", "C:\\ProgramData\\ssh\\administrators_authorized_keys"),
        ("log in",),
    ),
    ("leftover_kept", leftover("temporary_files", "C:\\Windows\\Temp\\a"), ("temporary files",)),
    ("leftover_kept", {"winrm_listeners": [{"name": "Listener7", "thumbprint": "1"}]}, ("WinRM", "Listener7")),
    ("autologon_password_kept", {"autologon": {"password": True, "user": "kiosk"}}, ("kiosk", "'autologon_password'")),
    (
        "private_key_kept",
        {"private_keys": [{"subject": "CN=web.example", "issuer": "CN=Example CA", "thumbprint": "1"}]},
        ("CN=web.example", "CN=Example CA"),
    ),
    (
        "agent_with_identity",
        {"known_identities": [identity("azure_arc", paths=[])]},
        ("the registration with Azure Arc (himds)", "azcmagent disconnect"),
    ),
    (
        "agent_with_identity",
        {"known_identities": [identity("puppet")]},
        ("the certificate of Puppet (C:\\puppet)", "the action 'known_agents'", "requests a new one"),
    ),
    ("leftover_kept", leftover("scheduled_tasks", "\\packer-1"), ("scheduled tasks", "\\packer-1", "password")),
    (
        "media_sharing_running",
        {"sysprep_services": [{"name": "WMPNetworkSvc", "start_type": "Manual", "status": "Running"}]},
        ("WMPNetworkSvc", "drmv2clt.dll", "stop and disable it"),
    ),
    ("rearm_unknown", {"rearm_count": None}, ("does not report", "0xc004d307")),
    ("earlier_sysprep_failed", {"sysprep": {"generalization_state": 4}}, ("GeneralizationState is 4",)),
    (
        "files_to_rename",
        {"pending_reboot": {"file_renames": ["\\??\\C:\\x.dll"]}},
        ("1 files", "such as C:\\x.dll", "only logs as pending"),
    ),
    (
        "upgraded_system",
        {"upgrades": ["Source OS (Updated on 1/1/2026)"], "system": {"product_type": 1, "version": "10.0.26100"}},
        ("Source OS", "supports on clients"),
    ),
]

# -- how sysprep hangs, decided from what is seen of it -------------------------------------------------------------

COMPLETE = "IMAGE_STATE_COMPLETE"
UNDEPLOYABLE = "IMAGE_STATE_UNDEPLOYABLE"
GENERALIZED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
SPECIALIZE = "IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE"
BEFORE = {
    "boot_time": "2026-01-01T00:00:01Z",
    "uptime": 86400,
    "boot_id": 12,
    "agent_versions": ["WindowsAzureGuestAgent 1"],
}
#: Seconds of the role's time in HANGS.
LIMIT = 1800


def seen(image_state: str | None, running: bool = True, **differs: Any) -> dict[str, Any]:
    """Give what a look at sysprep sees."""
    job = json.dumps({"started": 1, "finished": 0})
    passed = {"job": job, "job_age": 180, "uptime": 90000}
    return {**BEFORE, "image_state": image_state, "sysprep_running": running, **passed, **differs}


def ended(code: int | None, **more: Any) -> str:
    """Give the result of Ansible's job when it has ended."""
    return json.dumps({"finished": 1, **({} if code is None else {"rc": code}), **more})


#: code, what is seen, seconds since the start, and what the message must say.
HANGS: list[tuple[str, dict[str, Any], float, tuple[str, ...]]] = [
    ("never_left_complete", seen(COMPLETE), 600, ("AppX", "600 s")),
    ("never_left_complete", seen(COMPLETE, running=False, job=ended(0)), 60, ("ended", "AppX")),
    ("undeployable_too_long", seen(UNDEPLOYABLE), 1500, ("1500 s", "from a backup")),
    ("undeployable_too_long", seen(UNDEPLOYABLE, running=False, job=ended(0)), 60, ("sysprep has ended",)),
    ("specialize_state", seen(SPECIALIZE), 60, ("needed a reboot", "DscCore.dll", "reboot the guest")),
    ("exit_code", seen(COMPLETE, running=False, job=ended(87)), 60, ("arguments", "windows_sysprep_mode_vm")),
    ("exit_code", seen(COMPLETE, running=False, job=ended(-2147024891)), 60, ("0x80070005",)),
    ("sysprep_not_started", seen(COMPLETE, running=False, job=None), 60, ("not running",)),
    ("sysprep_not_started", seen(COMPLETE, running=False, job=ended(None, msg="no such file")), 60, ("no such file",)),
    (
        "agent_updated",
        seen(UNDEPLOYABLE, agent_versions=["WindowsAzureGuestAgent 2"]),
        1500,
        ("from WindowsAzureGuestAgent 1 to",),
    ),
    (
        "rebooted",
        seen(UNDEPLOYABLE, running=False, boot_time="2026-01-02T00:00:09Z", uptime=30, boot_id=13),
        60,
        ("rebooted while sysprep was running",),
    ),
    ("still_running", seen(GENERALIZED), LIMIT, ("still running", "windows_sysprep_timeout")),
    ("time_is_over", seen("IMAGE_STATE_NEW_ONE"), LIMIT, ("IMAGE_STATE_NEW_ONE", "windows_sysprep_timeout")),
    ("unknown_state", seen(None, running=False, job=ended(0)), 60, ("unreadable",)),
    ("connection_lost", {}, LIMIT, ("did not respond", "PowerState/stopped")),
]

# -- the role on a stand-in guest ---------------------------------------------------------------------------------

#: How sysprep can go wrong, and what must be said of it: its code, and a culprit where the log names one.
WRONG = {
    "exit_1": ("exit_code", PER_USER_PACKAGE["full_name"]),
    "exit_87": ("exit_code", "87"),
    "quits_complete": ("never_left_complete", PER_USER_PACKAGE["full_name"]),
    "never_transition": ("never_left_complete", PER_USER_PACKAGE["full_name"]),
    "undeployable": ("undeployable_too_long", "Windows-SenseClient-Service"),
    "undeployable_ended": ("undeployable_too_long", "sysprep has ended"),
    "specialize": ("specialize_state", "reboot the guest"),
    "agent_updates": ("agent_updated", "2.7.41491.1200"),
    "cannot_start": ("sysprep_not_started", "Win32ErrorCode 2"),
    "reboots": ("rebooted", "from a backup"),
}


def ids(rows: list[Any]) -> list[str]:
    """Name the rows of a list by their codes, numbered where a code has several."""
    codes = [row[0] for row in rows]
    return [
        code if codes.count(code) == 1 else f"{code} {codes[: place + 1].count(code)}"
        for place, code in enumerate(codes)
    ]


#: Every kind of wait, on a guest that never gets there: how it behaves, and what must be said.
ENDLESS: dict[str, tuple[Case, str]] = {
    "silent-look": (Case(scenario={"silent": ["facts"]}), "The guest cannot be examined"),
    "silent-command": (
        Case(scenario={"silent": ["command"]}, variables={"windows_sysprep_commands_before": ["Start-Sleep 1"]}),
        "Run the requested commands",
    ),
    "silent-repair": (
        Case(
            scenario={"silent": ["win_regedit"]},
            facts={"cdrom_start": 4},
            variables={"windows_sysprep_actions": ["cdrom_start"]},
        ),
        "Enable the driver",
    ),
    "silent-second-look": (
        Case(
            scenario={"silent_from": {"facts": 2}},
            facts={"cdrom_start": 4},
            variables={"windows_sysprep_actions": ["cdrom_start"]},
        ),
        "The guest cannot be examined",
    ),
    "silent-removal": (
        Case(scenario={"silent": ["remove_leftovers"]}, facts={"panther": True}),
        "What must not be in the image could not be deleted",
    ),
    "never-set-up": (Case(scenario={"setup": -1}), "The guest is still being set up"),
    "no-return": (
        Case(scenario={"reboot": "never"}, facts={"pending_reboot": {"windows_update": True}}),
        "was rebooted and did not respond in time",
    ),
    "encrypted": (
        Case(scenario={"decryption": -1}, variables={"windows_sysprep_actions": ["decryption"]}),
        "The volumes are still being decrypted",
    ),
    "unsettled": (Case(scenario={"agent": -1}), "The Azure agent is not ready"),
    "silent-while-it-settles": (
        Case(scenario={"agent": -1, "silent_from": {"facts": 3}}),
        "The guest did not respond",
    ),
    "silent-start": (Case(scenario={"silent": ["start"]}), "sysprep_not_started"),
    "endless": (Case(scenario={"sysprep": "undeployable"}), "undeployable_too_long"),
    "unfinished": (Case(scenario={"sysprep": "generalized_but_running"}), "still_running"),
    "silent-state": (Case(scenario={"silent": ["state"]}), "connection_lost"),
    "lost": (Case(scenario={"lose": {"state": -1}}), "connection_lost"),
    "silent-logs": (Case(scenario={"sysprep": "undeployable", "silent": ["logs"]}), "not available"),
}
