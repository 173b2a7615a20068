# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of Windows Setup and updates, the user of the connection, and pending reboots; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

#: Values of ImageState in the registry:
#: https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-states
COMPLETE = "IMAGE_STATE_COMPLETE"
GENERALIZED = ("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT")

#: GeneralizationState before the first run of sysprep and after a successful one, and after a failed one.
_GENERALIZATION_STATES = (None, 0, 7)
_GENERALIZATION_FAILED = 3
_STATUS_KEY = "HKLM\\SYSTEM\\Setup\\Status\\SysprepStatus"


def user_blockers(user: Mapping[str, Any]) -> Iterator[Finding]:
    """Users that cannot run sysprep."""
    if user.get("is_system"):
        yield finding(
            "user_is_system",
            "Ansible is connected as SYSTEM, and sysprep is known to shut the guest down without generalizing it in this case; "
            "connect as an administrator, without become.",
        )
    elif user and not user.get("is_administrator"):
        yield finding(
            "user_is_no_administrator",
            f"{user.get('name')} is not an administrator or has no elevated token, which sysprep requires; connect as an "
            "administrator.",
        )


def setup_is_running(facts: Mapping[str, Any]) -> bool:
    """Whether Windows Setup is still running, as on a new virtual machine."""
    return facts.get("image_state") != COMPLETE and bool((facts.get("setup") or {}).get("in_progress"))


def state_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """States of Windows in which sysprep does not work."""
    state = facts.get("image_state")
    if setup_is_running(facts):
        if "setup_completed" not in actions:
            yield finding(
                "setup_in_progress",
                f"Windows Setup is still running on the guest (ImageState {state or 'not set'}); wait until it has ended.",
            )
    elif not state and "image_state" not in (facts.get("failures") or {}):
        yield finding(
            "image_state_unreadable",
            "The registry contains no ImageState, so the result of sysprep could not be determined; repair the Windows "
            "installation, or use another image.",
        )
    elif state and state != COMPLETE:
        yield finding(
            "image_state_not_complete",
            f"The guest's ImageState is {state} instead of {COMPLETE}: an earlier sysprep or setup did not "
            "complete; reboot the guest, and if the state does not change, create a new virtual machine.",
        )
    sysprep = facts.get("sysprep") or {}
    if sysprep and not sysprep.get("present"):
        yield finding("sysprep_missing", "The guest has no sysprep.exe; use another image.")
    if sysprep.get("running"):
        yield finding(
            "sysprep_running",
            "Another sysprep is already running on the guest; wait until it has ended, or end it and reboot the guest.",
        )
    # The error of sysprep is "machine is in an invalid state", 0x8007001f.
    if sysprep.get("generalization_state") == _GENERALIZATION_FAILED:
        yield finding(
            "earlier_sysprep_failed",
            f"The registry's GeneralizationState is {_GENERALIZATION_FAILED}: an earlier sysprep did not complete, and another one fails "
            f"with 0x8007001f; set GeneralizationState to 7 and CleanupState to 2 in {_STATUS_KEY}, or create a new virtual machine.",
        )
    servicing = facts.get("servicing") or []
    if servicing and "servicing_idle" not in actions:
        yield finding(
            "servicing_in_progress",
            f"Updates are being installed on the guest ({', '.join(servicing)} is running), and sysprep fails meanwhile; wait until that "
            "has ended.",
        )


def state_warnings(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The state after an earlier sysprep, and pending file operations, which sysprep only logs."""
    state = (facts.get("sysprep") or {}).get("generalization_state")
    if state not in (*_GENERALIZATION_STATES, _GENERALIZATION_FAILED):
        yield finding(
            "earlier_sysprep_failed",
            f"The registry's GeneralizationState is {state}: an earlier sysprep did not complete; if this one fails, set "
            f"it to 7 in {_STATUS_KEY}, or create a new virtual machine.",
        )
    renames = file_renames(facts)
    if renames:
        yield finding(
            "files_to_rename",
            f"{len(renames)} files are to be renamed or deleted at the next boot, such as {renames[0]}, which sysprep only logs as "
            "pending; if they are pending after every reboot, the program that they belong to schedules them.",
        )


def reboot_reasons(facts: Mapping[str, Any]) -> list[str]:
    """Components that require a reboot before sysprep can run."""
    pending = facts.get("pending_reboot") or {}
    reasons = []
    if pending.get("component_based_servicing"):
        reasons.append("component servicing")
    if pending.get("windows_update"):
        reasons.append("Windows Update")
    return reasons


def file_renames(facts: Mapping[str, Any]) -> list[str]:
    """The paths of the files, without the prefixes in the registry."""
    renames = (facts.get("pending_reboot") or {}).get("file_renames") or []
    return [str(path).removeprefix("*1").removeprefix("!").removeprefix("\\??\\") for path in renames]


def reboot_blockers(facts: Mapping[str, Any], reboot: bool) -> Iterator[Finding]:
    """A pending reboot that the role is not allowed to perform, or that remains pending after a reboot."""
    reasons = reboot_reasons(facts)
    if reasons and not reboot:
        yield finding(
            "reboot_pending",
            f"A reboot is pending ({'; '.join(reasons)}), and without it sysprep fails or does not end; reboot the guest, or "
            "set 'windows_sysprep_reboot: true'.",
        )


ACCEPTABLE = ("reboot_pending",)
