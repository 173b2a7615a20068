# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evaluation of the facts of a Windows guest: whether sysprep can run, and the actions before it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.plugin_utils import secure_boot
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep import (
    agent,
    identities,
    leftovers,
    packages,
    profiles,
    providers,
    state,
    system,
    volumes,
)
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

ACTIONS = (
    "agent_settled",
    "answer_files",
    "autologon_password",
    "cdrom_start",
    "cloud_credentials",
    "custom_data",
    "decryption",
    "disk_encryption",
    "dsc_agent_id",
    "extension_remains",
    "extensions",
    "known_agents",
    "panther",
    "powershell_history",
    "run_command",
    "scheduled_tasks",
    "servicing_idle",
    "setup_completed",
    "sign_in_packages",
    "ssh_authorized_keys",
    "ssh_host_keys",
    "temporary_files",
    "transcripts",
    "winrm_listeners",
)

#: Sections of the facts without which sysprep can still be expected to work, as it does on most guests.
_ADDITIONAL = (
    "appx_bundles",
    "autologon",
    "defender_endpoint",
    "dsc",
    "extension_handlers",
    "known_identities",
    "leftovers",
    "private_keys",
    "profiles",
    "reserved_storage",
    "servicing",
    "setup",
    "sysprep_providers",
    "sysprep_services",
    "user_profiles",
    "winrm_listeners",
)

#: Codes of blockers that users can accept. With the others, sysprep or the clones cannot work.
ACCEPTABLE = tuple(
    sorted(
        (
            *agent.ACCEPTABLE,
            *leftovers.ACCEPTABLE,
            *packages.ACCEPTABLE,
            *providers.ACCEPTABLE,
            *state.ACCEPTABLE,
            *system.ACCEPTABLE,
            *volumes.ACCEPTABLE,
        )
    )
)


def decide(
    facts: Any,
    actions: Sequence[str] = (),
    appx_packages: Sequence[str] = (),
    reboot: bool = False,
    accept: Sequence[str] = (),
    answer_file: str = "",
    remove_profiles: Sequence[str] = (),
) -> dict[str, Any]:
    """Return blockers, warnings, actions and removals.

    :param facts: the result of the role's facts script.
    :returns: a dictionary, described in the documentation of the filter sysprep_blockers.
    :raises AnsibleFilterError: if the facts are invalid, or an option contains unknown values.
    """
    if not isinstance(facts, Mapping):
        raise AnsibleFilterError(f"The facts of a Windows guest are a dictionary, not {type(facts).__name__}.")
    _refuse_unknown("actions", actions, ACTIONS)
    _refuse_unknown("accept", accept, ACCEPTABLE)
    # Windows PowerShell converts some null values to empty objects: https://github.com/PowerShell/PowerShell/pull/10957
    facts = {section: None if value == {} else value for section, value in facts.items()}
    facts = {**facts, "answer_files": _without(facts.get("answer_files") or [], answer_file)}
    if _normalized(answer_file).startswith(f"{leftovers.panther_folder(facts)}\\".lower()):
        # Sysprep must read a file in this directory.
        facts["panther"] = False
    names = [name.lower() for name in appx_packages]
    if "sign_in_packages" in actions:
        names += packages.of_sign_in(facts)
    generalized = facts.get("image_state") in state.GENERALIZED
    answer: dict[str, Any] = {
        "blockers": [],
        "warnings": [],
        "actions": [],
        "appx_packages": [],
        "removals": [],
        "late_removals": [],
        "remains": [],
        "reboot": False,
        "generalized": generalized,
    }
    if generalized:
        # No preparation is possible or required.
        return answer
    findings = [*_blockers(facts, actions, names, reboot), *profiles.profile_blockers(facts, remove_profiles)]
    accepted = [
        {"code": each["code"], "message": f"Accepted: {each['message']}"} for each in findings if each["code"] in accept
    ]
    answer["blockers"] = [each for each in findings if each["code"] not in accept]
    answer["warnings"] = accepted + list(_warnings(facts, actions))
    answer["actions"] = list(_actions(facts, actions))
    answer["appx_packages"] = sorted(packages.removable(facts, names))
    removals = [
        *leftovers.removals(facts, actions),
        *identities.identity_removals(facts, actions),
        *profiles.profile_removals(facts, remove_profiles),
    ]
    answer["removals"] = [each for each in removals if not each["late"]]
    answer["late_removals"] = [each for each in removals if each["late"]]
    answer["remains"] = leftovers.remains(facts, actions)
    answer["reboot"] = reboot and bool(state.reboot_reasons(facts) or state.file_renames(facts))
    return answer


def _refuse_unknown(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise AnsibleFilterError(f"Option '{option}' names {', '.join(unknown)}; supported are {', '.join(known)}.")


def _without(paths: Sequence[str], path: str) -> list[str]:
    return [each for each in paths if each.lower() != _normalized(path)]


def _normalized(path: str) -> str:
    """A Windows path in lower case with backslashes."""
    return path.replace("/", "\\").lower()


def _blockers(
    facts: Mapping[str, Any], actions: Sequence[str], appx_packages: Sequence[str], reboot: bool
) -> Iterator[Finding]:
    for section, reason in sorted((facts.get("failures") or {}).items()):
        if section in _ADDITIONAL:
            continue
        yield finding(
            "facts_incomplete",
            f"The guest's {section.replace('_', ' ')} could not be read ({reason}), so it is unknown whether sysprep "
            "can run; remove the cause and run the role again.",
        )
    yield from state.user_blockers(facts.get("user") or {})
    yield from state.state_blockers(facts, actions)
    yield from state.reboot_blockers(facts, reboot)
    yield from volumes.volume_blockers(facts, actions)
    yield from agent.agent_blockers(facts, actions)
    yield from agent.provisioning_blockers(facts, actions)
    yield from packages.appx_blockers(facts, appx_packages)
    yield from packages.newer_blockers(facts, appx_packages)
    yield from providers.provider_blockers(facts)
    yield from providers.component_blockers(facts, actions)
    yield from system.system_blockers(facts)
    yield from leftovers.leftover_blockers(facts, actions)


def _warnings(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    for section, reason in sorted((facts.get("failures") or {}).items()):
        if section in _ADDITIONAL:
            yield finding(
                "facts_incomplete",
                f"The guest's {section.replace('_', ' ')} could not be read ({reason}), so nothing that depends on it was checked.",
            )
    yield from system.system_warnings(facts)
    if secure_boot.is_outdated(facts.get("secure_boot")):
        yield finding("secure_boot_outdated", secure_boot.outdated_message("the guest"))
    yield from state.state_warnings(facts)
    yield from providers.component_warnings(facts)
    yield from leftovers.leftover_warnings(facts, actions)
    yield from identities.identity_warnings(facts, actions)


def _actions(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[str]:
    leftover = leftovers.found(facts)
    conversions = [volume.get("conversion_status") for volume in facts.get("volumes") or []]
    applies = {
        "cdrom_start": facts.get("cdrom_start") != 1,
        "panther": bool(facts.get("panther")),
        "answer_files": bool(facts.get("answer_files")),
        "decryption": volumes.DECRYPTING in conversions,
        "disk_encryption": any(status != volumes.DECRYPTED for status in conversions),
        "dsc_agent_id": providers.lacks_dsc_agent_id(facts),
        "extensions": bool(facts.get("extensions")),
        "known_agents": bool(identities.removable_identities(facts)),
        "agent_settled": agent.agent_is_busy(facts),
        "servicing_idle": bool(facts.get("servicing")),
        "setup_completed": state.setup_is_running(facts),
        "sign_in_packages": bool(packages.of_sign_in(facts)),
    }
    applies["autologon_password"] = bool((facts.get("autologon") or {}).get("password"))
    return (name for name in ACTIONS if name in actions and applies.get(name, name in leftover))
