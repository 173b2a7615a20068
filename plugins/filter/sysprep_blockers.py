# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide from facts of a Windows guest whether sysprep may run on it; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sysprep_blockers
short_description: Check whether sysprep can run on a Windows guest
version_added: 1.0.0
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
      - Names of the allowed actions. A condition that an allowed action resolves is not a blocker. V(agent_settled),
        V(decryption), V(servicing_idle) and V(setup_completed) wait until the condition is met. V(sign_in_packages) removes
        the AppX packages that Windows installs for each user who signs in. V(disk_encryption) and V(extensions) are
        performed through Azure.
    type: list
    elements: str
    choices:
      - agent_settled
      - answer_files
      - autologon_password
      - cdrom_start
      - cloud_credentials
      - custom_data
      - decryption
      - disk_encryption
      - dsc_agent_id
      - extension_remains
      - extensions
      - panther
      - powershell_history
      - run_command
      - servicing_idle
      - setup_completed
      - sign_in_packages
      - ssh_authorized_keys
      - ssh_host_keys
      - temporary_files
      - transcripts
      - winrm_listeners
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
    - C(removals) contains what the requested actions delete right before sysprep (path, action and reason),
      C(late_removals) what they delete with the shutdown, and C(remains) the names of extensions of which files or registry
      keys stay in the guest.
    - C(reboot) states whether a reboot is pending and allowed, C(generalized) whether the guest is already generalized.
  type: dict
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.plugin_utils import secure_boot
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep import (
    agent,
    leftovers,
    packages,
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
    "panther",
    "powershell_history",
    "run_command",
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
    "identity_agents",
    "leftovers",
    "private_keys",
    "profiles",
    "servicing",
    "setup",
    "sysprep_providers",
    "sysprep_services",
    "winrm_listeners",
)

#: Blockers that a person can know better about; the others mean that sysprep or the clones cannot work.
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


def sysprep_blockers(
    facts: Any,
    actions: Sequence[str] = (),
    appx_packages: Sequence[str] = (),
    reboot: bool = False,
    accept: Sequence[str] = (),
    answer_file: str = "",
) -> dict[str, Any]:
    """Decide.

    :param facts: what the role's facts script returned.
    :returns: blockers, warnings, actions, appx_packages, removals, reboot, generalized; see the documentation above.
    :raises AnsibleFilterError: if the facts are invalid, or an option contains unknown values.
    """
    if not isinstance(facts, Mapping):
        raise AnsibleFilterError(
            f"sysprep_blockers takes the facts of a Windows guest, a dictionary, not {type(facts).__name__}."
        )
    _refuse_unknown("actions", actions, ACTIONS)
    _refuse_unknown("accept", accept, ACCEPTABLE)
    # Windows PowerShell before 7 writes what is nothing as an empty object: https://github.com/PowerShell/PowerShell/pull/10957
    facts = {section: None if value == {} else value for section, value in facts.items()}
    facts = {**facts, "answer_files": _without(facts.get("answer_files") or [], answer_file)}
    if _normalized(answer_file).startswith(f"{leftovers.panther_folder(facts)}\\".lower()):
        # Sysprep is to read a file of that directory.
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
        # Nothing can be prepared any more, and nothing needs to be.
        return answer
    findings = list(_blockers(facts, actions, names, reboot))
    accepted = [
        {"code": each["code"], "message": f"Accepted: {each['message']}"} for each in findings if each["code"] in accept
    ]
    answer["blockers"] = [each for each in findings if each["code"] not in accept]
    answer["warnings"] = accepted + list(_warnings(facts, actions))
    answer["actions"] = list(_actions(facts, actions))
    answer["appx_packages"] = sorted(packages.removable(facts, names))
    removals = leftovers.removals(facts, actions)
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
    """Paths of Windows are the same in any case, and with either slash."""
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
    yield from leftovers.leftover_warnings(facts, actions)


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
        "agent_settled": agent.agent_is_busy(facts),
        "servicing_idle": bool(facts.get("servicing")),
        "setup_completed": state.setup_is_running(facts),
        "sign_in_packages": bool(packages.of_sign_in(facts)),
    }
    applies["autologon_password"] = bool((facts.get("autologon") or {}).get("password"))
    return (name for name in ACTIONS if name in actions and applies.get(name, name in leftover))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """Name them."""
        return {"sysprep_blockers": sysprep_blockers}
