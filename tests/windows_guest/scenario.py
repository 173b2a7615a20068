# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a stand-in guest behaves, step by step. Looks move it on, never the clock, so that no machine is too slow for a test.

A scenario is a dictionary:

- sysprep: success (default), never_transition, undeployable, undeployable_ended (some minutes ago), specialize, exit_87,
  exit_1 (after an AppX package), agent_updates, reboots, cannot_start;
- clock_step: seconds by which the clock is set once sysprep has been started;
- returns_early: how many looks after its end without an error see the state of before;
- looks: how many looks at sysprep see it at work (default 1);
- reboot: returns (default), never, pending (the reboot stays pending);
- agent, decryption: how many looks until settled or decrypted; -1 for never;
- setup: how many looks until Windows Setup has ended, the agent's services are there, and updates are installed; -1 for never;
- stubborn: full names of AppX packages that cannot be removed, each with the reason;
- old_log: what earlier runs of sysprep have left in its log;
- in_use: paths that cannot be deleted, each with the reason;
- lose: kinds of steps whose connection is lost, with the number of times (-1 for always); the step is not done;
- lose_answer: the same, but the step is done;
- silent: kinds of steps that never answer;
- silent_from: kinds of steps, each with the number of the first time from which on it never answers;
- machine: what it says which machine it is (id, source, reason), as its facts have it; on embedded Azure the vmId by default;
- machine_after_reboot: the same, from the first reboot on;
- shares: what a machine made from its disk does not get anew (sid, machine_guid, computer_name, host_keys);
- users: local accounts, besides those of Windows;
- commands: scripts, besides the role's own, that it may be asked to run;
- shutdown: works (default), never;
- default_shell: powershell (default), cmd: what ssh meets.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from typing import Any

from .facts import PER_USER_PACKAGE

COMPLETE = "IMAGE_STATE_COMPLETE"
UNDEPLOYABLE = "IMAGE_STATE_UNDEPLOYABLE"
GENERALIZED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
AUDIT = "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT"
_BOOT = datetime(2026, 1, 1, tzinfo=timezone.utc)
RESULTS_FILE = "C:\\Users\\azureuser\\.ansible_async\\j123.456"

_APPX_LOG = (
    "2026-01-01 00:00:01, Info                  SYSPRP ===          Beginning of a new sysprep run          ===\n"
    f"2026-01-01 00:00:02, Error                 SYSPRP Package {PER_USER_PACKAGE['full_name']} was installed for a user, but "
    "not provisioned for all users. This package will not function properly in the sysprep image.\n"
    "2026-01-01 00:00:02, Error                 SYSPRP Failed to remove apps for the current user: 0x80073cf2.\n"
    "2026-01-01 00:00:02, Error      [0x0f0070] SYSPRP RunExternalDlls:An error occurred while running registry sysprep DLLs, "
    "halting sysprep execution. dwRet = 0x3cf2\n"
)
_FAILED_LOG = (
    "2026-01-01 00:00:02, Error                 SYSPRP SysprepSession::ExecuteInternal: Error in executing action for "
    "Windows-SenseClient-Service; dwRet = 0x5\n"
)


def taken(state: dict[str, Any], trouble: str, kind: str) -> bool:
    """Whether a trouble (lose, silent) befalls this step; each time counts."""
    troubles = state["scenario"].get(trouble, {})
    times = troubles.get(kind, 0) if isinstance(troubles, dict) else (-1 if kind in troubles else 0)
    key = f"{trouble} {kind}"
    seen = state["counts"].get(key, 0)
    state["counts"][key] = seen + 1
    return times < 0 or seen < times


def silent_by_now(state: dict[str, Any], kind: str) -> bool:
    """Whether a step that answered at first does not any more; each time counts."""
    key = f"silent_from {kind}"
    state["counts"][key] = state["counts"].get(key, 0) + 1
    first = state["scenario"].get("silent_from", {}).get(kind)
    return first is not None and state["counts"][key] >= first


def _due(state: dict[str, Any], name: str) -> bool:
    """Whether what takes some looks is over."""
    looks = state["scenario"].get(name, 0)
    state["counts"][name] = state["counts"].get(name, 0) + 1
    return looks >= 0 and state["counts"][name] > looks


def look_at_facts(state: dict[str, Any]) -> dict[str, Any]:
    """Answer the facts script."""
    facts = state["facts"]
    if "agent" in state["scenario"]:
        facts["agent_installers"] = [] if _due(state, "agent") else ["WaInstallerExtended.exe"]
    if "decryption" in state["scenario"]:
        done = _due(state, "decryption")
        facts["volumes"][0].update({"conversion_status": 0 if done else 3, "encryption_percentage": 0 if done else 40})
    if "setup" in state["scenario"]:
        _set_up(state, _due(state, "setup"))
    facts["system"].update(boot_of(state))
    return facts


def _set_up(state: dict[str, Any], done: bool) -> None:
    """What a new machine is like until it is set up: hashicorp/packer#5945, taskcluster/taskcluster#8910."""
    facts = state["facts"]
    state.setdefault("services", facts["services"])
    state["booted"] = time.time() - 120
    facts["image_state"] = COMPLETE if done else "IMAGE_STATE_UNDEPLOYABLE"
    facts["setup"] = {"in_progress": not done}
    facts["servicing"] = [] if done else ["TiWorker"]
    facts["services"] = state["services"] if done else []


def boot_of(state: dict[str, Any]) -> dict[str, Any]:
    """When the guest was booted last, as Windows sees it: a time that moves when the clock is set, and one that does not."""
    step = state["scenario"].get("clock_step", 0) if state["sysprep"] is not None else 0
    booted = _BOOT + timedelta(minutes=10 * state["boots"], seconds=step)
    now, uptime = time.time(), state["facts"]["system"]["uptime"]
    state.setdefault("booted", now - uptime)
    return {
        "boot_time": booted.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "uptime": int(now - state["booted"]),
        "boot_id": 10 + state["boots"] if state["facts"]["system"]["boot_id"] is not None else None,
    }


def _boot(state: dict[str, Any]) -> None:
    state["boots"] += 1
    state["booted"] = time.time() - 30


def reboot(state: dict[str, Any]) -> None:
    """Boot anew; what was pending is done, unless the scenario says otherwise."""
    how = state["scenario"].get("reboot", "returns")
    if how == "never":
        state["running"] = False
        return
    _boot(state)
    if "machine_after_reboot" in state["scenario"]:
        state["facts"]["machine"] = state["scenario"]["machine_after_reboot"]
    if how != "pending":
        state["facts"]["pending_reboot"] = {
            "component_based_servicing": False,
            "windows_update": False,
            "file_renames": [],
        }


def start_sysprep(state: dict[str, Any], argv: list[str]) -> dict[str, Any]:
    """Start sysprep as the asynchronous job it is; its end shows in looks."""
    state["sysprep"] = {"argv": argv, "looks": 0}
    job = {**job_status(state, finished=False), "ansible_job_id": "j123.456", "results_file": RESULTS_FILE}
    return {**job, "_ansible_suppress_tmpdir_delete": True}


def default_shell(state: dict[str, Any]) -> str:
    """Which shell ssh meets."""
    return state["scenario"].get("default_shell", "powershell")


def job_status(state: dict[str, Any], finished: bool) -> dict[str, bool | int]:
    """What the file of an asynchronous job says of its course: ansible-core before 2.19 writes 1 and 0."""
    said = bool if state["says_booleans"] else int
    return {"started": said(True), "finished": said(finished)}


def look_at_sysprep(state: dict[str, Any]) -> dict[str, Any]:
    """Answer the state script: one look further."""
    sysprep = state["sysprep"]
    scenario = state["scenario"]
    how = scenario.get("sysprep", "success")
    running, finished, code = False, False, None
    if sysprep is not None:
        sysprep["looks"] += 1
        working = sysprep["looks"] <= scenario.get("looks", 1)
        running, finished, code = _course(state, how, working)
    if sysprep is not None and finished and "/shutdown" in sysprep["argv"] and code == 0:
        state["running"] = False
    job: dict[str, Any] = {**job_status(state, finished), "ansible_job_id": "j123.456"}
    if code is not None:
        job["rc"] = code
    elif finished:
        job["msg"] = (
            "CreateProcessW() failed (The system cannot find the file specified, Win32ErrorCode 2 - 0x00000002)"
        )
    return {
        "image_state": state["facts"]["image_state"],
        "sysprep_running": running,
        "job": json.dumps(job) if sysprep is not None else None,
        "job_age": None if sysprep is None else 0 if how != "undeployable_ended" else 600,
        **boot_of(state),
        "agent_versions": state["facts"]["agent_versions"],
    }


def _final(state: dict[str, Any], image_state: str) -> str:
    """The state after a success; not at once where sysprep returns early."""
    early = state["scenario"].get("returns_early", 0)
    return UNDEPLOYABLE if state["sysprep"]["looks"] <= state["scenario"].get("looks", 1) + early else image_state


def _course(state: dict[str, Any], how: str, working: bool) -> tuple[bool, bool, int | None]:
    """What sysprep does: whether it runs, whether its job has ended, its exit code; the image state is set."""
    facts = state["facts"]
    audit = "/audit" in state["sysprep"]["argv"]
    ends = {
        "success": (_final(state, AUDIT if audit else GENERALIZED), False, 0),
        "undeployable_ended": (UNDEPLOYABLE, False, 0),
        "never_transition": (COMPLETE, True, None),
        "undeployable": (UNDEPLOYABLE, True, None),
        "specialize": ("IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE", True, None),
        "exit_87": (COMPLETE, False, 87),
        "exit_1": (COMPLETE, False, 1),
        "quits_complete": (COMPLETE, False, 0),
        "agent_updates": (UNDEPLOYABLE, False, 31),
        "reboots": (UNDEPLOYABLE, False, None),
        "cannot_start": (COMPLETE, False, None),
        "generalized_but_running": (GENERALIZED, True, None),
    }
    if how not in ends:
        raise ValueError(f"The stand-in knows no course of sysprep named {how}.")
    if working:
        facts["image_state"] = COMPLETE if how in ("never_transition", "exit_87", "exit_1") else UNDEPLOYABLE
        return True, False, None
    facts["image_state"], running, code = ends[how]
    if how == "agent_updates":
        facts["agent_versions"] = ["WindowsAzureGuestAgent 2.7.41491.1200", "WaAppAgent 2.7.41491.1200"]
    if how == "reboots":
        _boot(state)
        return False, False, None
    return running, not running, code


def logs(state: dict[str, Any]) -> dict[str, str]:
    """Answer the script that reads sysprep's logs."""
    how = state["scenario"].get("sysprep", "success")
    failed = {"exit_1": _APPX_LOG, "never_transition": _APPX_LOG, "quits_complete": _APPX_LOG}.get(how, _FAILED_LOG)
    old = state["scenario"].get("old_log", "")
    return {"setuperr.log": old + failed, "setupact.log": failed, "started": "2026-01-01 00:00:00"}
