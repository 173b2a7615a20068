# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check from the facts of a Windows guest whether sysprep can run on it; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sysprep_blockers
short_description: Check whether sysprep can run on a Windows guest
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Evaluates the facts that the role R(windows_sysprep,ansible_collections.golden.azure.windows_sysprep_role) collects, and
    returns the blockers, the warnings, and the requested actions that apply.
options:
  _input:
    description: The facts.
    type: dict
    required: true
  actions:
    description:
      - Names of the allowed actions. A condition that an allowed action resolves is not a blocker. V(agent_settled) and
        V(decryption) wait until the condition is met. V(disk_encryption) and V(extensions) are performed through Azure.
    type: list
    elements: str
    choices: [cdrom_start, panther, answer_files, decryption, agent_settled, disk_encryption, extensions]
    default: []
  appx_packages:
    description: Names of AppX packages that may be removed for all users.
    type: list
    elements: str
    default: []
  reboot:
    description: Whether the guest may be rebooted if a reboot is pending.
    type: bool
    default: false
  accept:
    description: Codes of blockers to ignore. They are returned as warnings, if that is possible.
    type: list
    elements: str
    default: []
  answer_file:
    description: Path of the answer file for sysprep, which is not reported as a leftover.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the blockers of sysprep
  ansible.builtin.debug:
    msg: "{{ (facts | golden.azure.sysprep_blockers(reboot=true)).blockers | map(attribute='message') }}"
"""

RETURN = r"""
_value:
  description:
    - C(blockers) and C(warnings) are lists of codes and messages.
    - C(actions) contains the actions that apply, C(appx_packages) the packages to remove.
    - C(answer_files) contains answer files that earlier setups left behind.
    - C(reboot) states whether a reboot is pending and allowed, C(generalized) whether the guest is already generalized.
  type: dict
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.plugin_utils import secure_boot

#: The names of image states in the registry:
#: https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-states
COMPLETE = "IMAGE_STATE_COMPLETE"
GENERALIZED = ("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT")

ACTIONS = ("agent_settled", "answer_files", "cdrom_start", "decryption", "disk_encryption", "extensions", "panther")

#: Blockers that users can accept; the others mean that sysprep or the new virtual machines would not work.
ACCEPTABLE = (
    "answer_file_left",
    "appx_for_some_users",
    "domain_member",
    "extensions_installed",
    "panther_left",
    "reboot_pending",
    "rearm_exhausted",
    "removable_storage_policy",
    "server_role_unsupported",
    "upgraded_system",
)

#: Server roles that do not support sysprep, by the names of Get-WindowsFeature:
#: https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-support-for-server-roles
UNSUPPORTED_ROLES = {
    "ad-certificate": "Active Directory Certificate Services",
    "adfs-federation": "Active Directory Federation Services",
    "adlds": "Active Directory Lightweight Directory Services",
    "adrms": "Active Directory Rights Management Services",
    "dhcp": "DHCP Server",
    "fax": "Fax Server",
    "npas": "Network Policy and Access Services",
    "updateservices": "Windows Server Update Services",
    "wds": "Windows Deployment Services",
}

_DOMAIN_CONTROLLER = 2
_AGENT_SERVICES = ("RdAgent", "WindowsAzureGuestAgent")
#: Win32_EncryptableVolume.GetConversionStatus: 0 fully decrypted, 3 decryption in progress.
_DECRYPTED = 0
_DECRYPTING = 3
_CONVERSIONS = {
    1: "fully encrypted",
    2: "being encrypted",
    3: "being decrypted",
    4: "partially encrypted (paused)",
    5: "partially decrypted (paused)",
}
#: The directory of the Azure Disk Encryption extension, in lower case.
_ENCRYPTION_EXTENSION = "microsoft.azure.security.azurediskencryption"
#: The number of remaining rearms below which a warning is reported.
_FEW_REARMS = 10

Finding = dict[str, str]


def sysprep_blockers(
    facts: Any,
    actions: Sequence[str] = (),
    appx_packages: Sequence[str] = (),
    reboot: bool = False,
    accept: Sequence[str] = (),
    answer_file: str = "",
) -> dict[str, Any]:
    """Evaluate the facts.

    :param facts: what the role's facts script returned.
    :returns: blockers, warnings, actions, appx_packages, reboot, generalized; see the documentation above.
    :raises AnsibleFilterError: if the facts are invalid, or an option contains unknown values.
    """
    if not isinstance(facts, Mapping):
        raise AnsibleFilterError(
            f"sysprep_blockers requires the facts of a Windows guest as a dictionary, not {type(facts).__name__}."
        )
    _refuse_unknown("actions", actions, ACTIONS)
    _refuse_unknown("accept", accept, ACCEPTABLE)
    facts = {**facts, "answer_files": _without(facts.get("answer_files") or [], answer_file)}
    packages = [name.lower() for name in appx_packages]
    if facts.get("image_state") in GENERALIZED:
        # A generalized guest cannot and need not be prepared.
        return _answer(facts, [], [], [], [], False, True)
    findings = list(_blockers(facts, actions, packages, reboot))
    blockers = [finding for finding in findings if finding["code"] not in accept]
    accepted = [
        {"code": finding["code"], "message": f"Accepted: {finding['message']}"}
        for finding in findings
        if finding["code"] in accept
    ]
    warnings = accepted + list(_warnings(facts))
    pending = bool(_reboot_reasons(facts)) and reboot
    wanted = list(_actions(facts, actions))
    return _answer(facts, blockers, warnings, wanted, sorted(_removable(facts, packages)), pending, False)


def _answer(
    facts: Mapping[str, Any],
    blockers: list[Finding],
    warnings: list[Finding],
    actions: list[str],
    appx_packages: list[str],
    reboot: bool,
    generalized: bool,
) -> dict[str, Any]:
    return {
        "blockers": blockers,
        "warnings": warnings,
        "actions": actions,
        "appx_packages": appx_packages,
        "answer_files": list(facts["answer_files"]),
        "reboot": reboot,
        "generalized": generalized,
    }


def _refuse_unknown(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise AnsibleFilterError(f"Option '{option}' names {', '.join(unknown)}; supported are {', '.join(known)}.")


def _without(paths: Sequence[str], path: str) -> list[str]:
    """Paths of Windows are the same in any case, and with either slash."""
    wanted = path.replace("/", "\\").lower()
    return [each for each in paths if each.lower() != wanted]


def _finding(code: str, message: str) -> Finding:
    return {"code": code, "message": message}


# -- blockers ---------------------------------------------------------------------------------------------------


def _blockers(
    facts: Mapping[str, Any], actions: Sequence[str], appx_packages: Sequence[str], reboot: bool
) -> Iterator[Finding]:
    for section, reason in sorted((facts.get("failures") or {}).items()):
        yield _finding(
            "facts_incomplete",
            f"The guest's {section.replace('_', ' ')} could not be read ({reason}), so it is unknown whether sysprep "
            "can run; remove the cause and run the role again.",
        )
    yield from _user_blockers(facts.get("user") or {})
    yield from _state_blockers(facts)
    yield from _reboot_blockers(facts, reboot)
    yield from _volume_blockers(facts, actions)
    yield from _agent_blockers(facts, actions)
    yield from _provisioning_blockers(facts, actions)
    yield from _appx_blockers(facts, appx_packages)
    yield from _system_blockers(facts)
    yield from _leftover_blockers(facts, actions)


def _user_blockers(user: Mapping[str, Any]) -> Iterator[Finding]:
    if user.get("is_system"):
        yield _finding(
            "user_is_system",
            "Ansible is connected as SYSTEM, and sysprep is known to shut the guest down without generalizing it in this case; "
            "connect as an administrator, without become.",
        )
    elif user and not user.get("is_administrator"):
        yield _finding(
            "user_is_no_administrator",
            f"{user.get('name')} is not an administrator or has no elevated token, which sysprep requires; connect as an "
            "administrator.",
        )


def _state_blockers(facts: Mapping[str, Any]) -> Iterator[Finding]:
    state = facts.get("image_state")
    failures = facts.get("failures") or {}
    if not state and "image_state" not in failures:
        yield _finding(
            "image_state_unreadable",
            "The registry contains no ImageState, so the result of sysprep could not be determined; repair the Windows "
            "installation, or use another image.",
        )
    elif state and state != COMPLETE:
        yield _finding(
            "image_state_not_complete",
            f"The guest's ImageState is {state} instead of {COMPLETE}: an earlier sysprep or setup did not "
            "complete; reboot the guest, and if the state does not change, create a new virtual machine.",
        )
    sysprep = facts.get("sysprep") or {}
    if sysprep and not sysprep.get("present"):
        yield _finding("sysprep_missing", "The guest has no sysprep.exe; use another image.")
    if sysprep.get("running"):
        yield _finding(
            "sysprep_running",
            "Another sysprep is already running on the guest; wait until it has ended, or end it and reboot the guest.",
        )


def _reboot_reasons(facts: Mapping[str, Any]) -> list[str]:
    pending = facts.get("pending_reboot") or {}
    reasons = []
    if pending.get("component_based_servicing"):
        reasons.append("component servicing")
    if pending.get("windows_update"):
        reasons.append("Windows Update")
    renames = pending.get("file_renames") or []
    if renames:
        reasons.append(f"files to rename, such as {str(renames[0]).removeprefix('*1').removeprefix('!')}")
    return reasons


def _reboot_blockers(facts: Mapping[str, Any], reboot: bool) -> Iterator[Finding]:
    reasons = _reboot_reasons(facts)
    if reasons and not reboot:
        yield _finding(
            "reboot_pending",
            f"A reboot is pending ({'; '.join(reasons)}), and without it sysprep fails or does not end; reboot the guest, or "
            "set 'windows_sysprep_reboot: true'.",
        )


def _volume_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    for volume in facts.get("volumes") or []:
        status = volume.get("conversion_status")
        waits = status == _DECRYPTING and "decryption" in actions
        if status == _DECRYPTED or waits or "disk_encryption" in actions:
            continue
        name = volume.get("mount_point") or volume.get("device")
        advice = (
            "wait until that has ended, or add the action 'decryption' to let the role wait"
            if status == _DECRYPTING
            else "disable Azure Disk Encryption with the action 'disk_encryption', or turn off BitLocker if the volume is not "
            "encrypted by Azure"
        )
        yield _finding(
            "volume_encrypted",
            f"The volume {name} is {_CONVERSIONS.get(status, f'in the encryption state {status}')} "
            f"({volume.get('encryption_percentage')} %), which causes sysprep to fail (0x80310039); {advice}.",
        )


def _agent_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    if "agent" in (facts.get("failures") or {}):
        return
    found = {str(service.get("name")).lower(): service for service in facts.get("services") or []}
    for name in _AGENT_SERVICES:
        service = found.get(name.lower())
        if service is None:
            yield _finding(
                "agent_missing",
                f"The guest has no service {name}: the Azure VM agent is not installed, so Azure could not provision virtual machines "
                f"created from the image; "
                "install it.",
            )
        elif str(service.get("status")).lower() != "running" and "agent_settled" not in actions:
            yield _finding(
                "agent_not_running",
                f"The service {name} of the Azure VM agent is {service.get('status')}; start it, and check the logs in "
                "C:\\WindowsAzure\\Logs if it stops again.",
            )
    installers = facts.get("agent_installers") or []
    if installers and "agent_settled" not in actions:
        yield _finding(
            "agent_updating",
            f"The Azure VM agent is updating itself ({', '.join(installers)} is running), which causes a concurrent sysprep to fail; "
            "wait a few minutes and run the role again.",
        )


def _provisioning_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    start = facts.get("cdrom_start")
    if "cdrom_start" not in (facts.get("failures") or {}) and start != 1 and "cdrom_start" not in actions:
        yield _finding(
            "cdrom_disabled",
            f"The driver cdrom has Start = {start} instead of 1: Azure provisions virtual machines from a DVD, so those "
            "created from the image would not start; set HKLM\\SYSTEM\\CurrentControlSet\\Services\\cdrom Start to 1, or add the "
            "action 'cdrom_start'.",
        )
    for policy in facts.get("removable_storage_policies") or []:
        yield _finding(
            "removable_storage_policy",
            f"The policy {policy} denies removable storage, including the DVD that Azure provisions virtual machines from; remove it.",
        )


def _appx_for_some_users(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    provisioned = {str(package.get("name")).lower() for package in facts.get("appx_provisioned") or []}
    for package in facts.get("appx_packages") or []:
        part_of_windows = package.get("non_removable") or str(package.get("signature_kind")).lower() == "system"
        if part_of_windows or package.get("framework") or package.get("resource") or not package.get("users"):
            continue
        if str(package.get("name")).lower() not in provisioned:
            yield package


def _appx_blockers(facts: Mapping[str, Any], appx_packages: Sequence[str]) -> Iterator[Finding]:
    for package in _appx_for_some_users(facts):
        if str(package.get("name")).lower() not in appx_packages:
            yield _finding(
                "appx_for_some_users",
                f"The AppX package {package.get('full_name')} is installed for {', '.join(package['users'])} but not "
                "provisioned for all users, which causes sysprep to fail (0x80073cf2); remove it, manually or with "
                f"'windows_sysprep_remove_appx_packages: [{package.get('name')}]', or provision it for all users.",
            )


def _system_blockers(facts: Mapping[str, Any]) -> Iterator[Finding]:
    system = facts.get("system") or {}
    if system.get("product_type") == _DOMAIN_CONTROLLER:
        yield _finding(
            "domain_controller",
            "The guest is a domain controller, which cannot be generalized; use another virtual machine.",
        )
    elif system.get("part_of_domain"):
        yield _finding(
            "domain_member",
            f"The guest is a member of the domain {system.get('domain')}, and sysprep removes it from the domain; leave the "
            "domain first, or accept 'domain_member'.",
        )
    for name in facts.get("server_roles") or []:
        if name.lower() in UNSUPPORTED_ROLES:
            yield _finding(
                "server_role_unsupported",
                f"The server role {UNSUPPORTED_ROLES[name.lower()]} ({name}) is installed and does not work after sysprep; "
                "remove it and install it on the virtual machines created from the image.",
            )
    if facts.get("upgrades"):
        yield _finding(
            "upgraded_system",
            f"This Windows was upgraded from an earlier one ({facts['upgrades'][0]}), which sysprep does not support; use a "
            "new installation.",
        )
    rearm = facts.get("rearm_count")
    if rearm is not None and rearm <= 0:
        yield _finding(
            "rearm_exhausted",
            "Windows cannot be rearmed again (0 left), and sysprep fails with 0xc004d307; use a new installation.",
        )


def _leftover_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    if facts.get("panther") and "panther" not in actions:
        yield _finding(
            "panther_left",
            "The directory Panther of an earlier setup exists, and its records can cause errors in sysprep and on new virtual machines; "
            "delete it from the Windows directory, or add the action 'panther'.",
        )
    for path in facts.get("answer_files") or []:
        if "answer_files" not in actions:
            yield _finding(
                "answer_file_left",
                f"The answer file {path} would be used by sysprep and by every virtual machine created from "
                f"the image; delete it, or add the action "
                "'answer_files'.",
            )
    own = (_ENCRYPTION_EXTENSION,) if "disk_encryption" in actions else ()
    extensions = [name for name in facts.get("extensions") or [] if name.lower() not in own]
    if extensions and "extensions" not in actions:
        yield _finding(
            "extensions_installed",
            f"The guest has VM extensions ({', '.join(extensions)}), which would remain as non-functional files in the "
            "image; remove them with the action 'extensions', or accept 'extensions_installed'.",
        )


# -- actions and warnings -----------------------------------------------------------------------------------------


def _removable(facts: Mapping[str, Any], appx_packages: Sequence[str]) -> set[str]:
    return {
        str(package["name"])
        for package in facts.get("appx_packages") or []
        if str(package.get("name")).lower() in appx_packages and not package.get("non_removable")
    }


def _actions(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[str]:
    services = facts.get("services") or []
    volumes = [volume.get("conversion_status") for volume in facts.get("volumes") or []]
    stopped = any(
        service.get("name") in _AGENT_SERVICES and str(service.get("status")).lower() != "running"
        for service in services
    )
    applies = {
        "cdrom_start": facts.get("cdrom_start") != 1,
        "panther": bool(facts.get("panther")),
        "answer_files": bool(facts.get("answer_files")),
        "decryption": _DECRYPTING in volumes,
        "disk_encryption": any(status != _DECRYPTED for status in volumes),
        "extensions": bool(facts.get("extensions")),
        "agent_settled": stopped or bool(facts.get("agent_installers")),
    }
    return (name for name in ACTIONS if name in actions and applies[name])


def _warnings(facts: Mapping[str, Any]) -> Iterator[Finding]:
    rearm = facts.get("rearm_count")
    if rearm is not None and 0 < rearm <= _FEW_REARMS:
        yield _finding(
            "rearm_low",
            f"Windows can be rearmed only {rearm} more times, and every sysprep uses one rearm; build the next image from a new "
            "installation.",
        )
    if secure_boot.is_outdated(facts.get("secure_boot")):
        yield _finding("secure_boot_outdated", secure_boot.outdated_message("the guest"))
    newest = {str(package.get("name")).lower(): _version(package) for package in facts.get("appx_provisioned") or []}
    for package in facts.get("appx_packages") or []:
        name = str(package.get("name")).lower()
        if package.get("users") and name in newest and _version(package) > newest[name]:
            yield _finding(
                "appx_newer_than_provisioned",
                f"The AppX package {package.get('full_name')} is newer than the one provisioned for all users; if "
                "sysprep fails because of it, remove it or provision the newer one.",
            )
    state = (facts.get("sysprep") or {}).get("generalization_state")
    if state not in (None, 0, 7):
        yield _finding(
            "earlier_sysprep_failed",
            f"The registry's GeneralizationState is {state}: an earlier sysprep did not complete; if this one fails, set "
            "it to 7 in HKLM\\SYSTEM\\Setup\\Status\\SysprepStatus, or create a new virtual machine.",
        )


def _version(package: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in str(package.get("version") or "").split(".") if part.isdigit())


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"sysprep_blockers": sysprep_blockers}
