# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check from the state of a running sysprep whether to continue waiting; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sysprep_progress
short_description: Check whether a running sysprep has completed, has failed, or is still in progress
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Evaluates the state of a running sysprep that the role
    R(windows_sysprep,ansible_collections.golden.azure.windows_sysprep_role) monitors.
  - It distinguishes the known causes of a hanging sysprep, and never waits beyond the deadline.
options:
  _input:
    description:
      - C(image_state), C(sysprep_running), C(job) (the result of Ansible's asynchronous job as a JSON string), C(job_age) (the
        seconds since it was written), C(boot_time), C(uptime), C(boot_id) and C(agent_versions) of the guest. Empty if the
        guest did not respond.
    type: dict
    required: true
  now:
    description: The current time, in seconds since 1970.
    type: float
    required: true
  started:
    description: The start time of sysprep, in seconds since 1970.
    type: float
    required: true
  deadline:
    description: The time at which the time limit of the role is exceeded, in seconds since 1970.
    type: float
    required: true
  before:
    description: C(boot_time), C(uptime), C(boot_id) and C(agent_versions) before sysprep was started.
    type: dict
    default: {}
  complete_limit:
    description: Seconds after the start during which the state may be IMAGE_STATE_COMPLETE.
    type: float
    default: 600
  undeployable_limit:
    description: Seconds after the start during which the state may be IMAGE_STATE_UNDEPLOYABLE.
    type: float
    default: 1500
  ended_limit:
    description: Seconds after the end of sysprep during which the state may still change, if sysprep returned no error.
    type: float
    default: 180
"""

EXAMPLES = r"""
- name: Show the progress of sysprep
  ansible.builtin.debug:
    msg: "{{ state | golden.azure.sysprep_progress(now=1700000100, started=1700000000, deadline=1700001800) }}"
"""

RETURN = r"""
_value:
  description:
    - C(verdict) is V(wait), V(done) or V(failed).
    - C(code) and C(message) contain the cause of a failure and its remedy.
  type: dict
"""

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

COMPLETE = "IMAGE_STATE_COMPLETE"
UNDEPLOYABLE = "IMAGE_STATE_UNDEPLOYABLE"
GENERALIZED = ("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT")
#: In these states no generalization is possible before a reboot.
SPECIALIZE = ("IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_SPECIALIZE_RESEAL_TO_AUDIT")

#: Seconds after which a sysprep without any sign counts as not started.
_START_LIMIT = 60
_STARTING = "before sysprep was started"
#: Seconds by which a later boot must be later. The boot time that Windows reports moves when the clock is set.
_BOOT_TOLERANCE = 60
_NOT_READY = "Do not capture the guest."
_REBOOTED = (
    "rebooted",
    "The guest rebooted while sysprep was running, which interrupted it; find out what rebooted it (updates, an "
    "agent), and start again from a backup.",
)


def sysprep_progress(
    state: Any,
    now: float,
    started: float,
    deadline: float,
    before: Mapping[str, Any] | None = None,
    complete_limit: float = 600,
    undeployable_limit: float = 1500,
    ended_limit: float = 180,
) -> dict[str, str]:
    """Evaluate the state.

    :param state: what the role's state script returned; empty if the guest did not respond.
    :param now: seconds since 1970, as started and deadline are.
    :returns: verdict (wait, done, failed), code and message.
    """
    if not isinstance(state, Mapping) or not state:
        return _connection_lost(now, deadline)
    elapsed, out_of_time = now - started, now >= deadline
    failure = None
    if out_of_time or not _may_still_be_written(state, ended_limit):
        failure = _failure(state, elapsed, out_of_time, before or {}, complete_limit, undeployable_limit)
    elif _was_booted_again(state, before or {}, elapsed):
        failure = _REBOOTED
    if failure is None:
        done = state.get("image_state") in GENERALIZED and not state.get("sysprep_running")
        return {"verdict": "done" if done else "wait", "code": "", "message": ""}
    code, message = failure
    return {"verdict": "failed", "code": code, "message": f"{message} {_NOT_READY}"}


def _may_still_be_written(state: Mapping[str, Any], limit: float) -> bool:
    """Whether sysprep has returned without an error a moment ago, and the state is not there yet.

    That of Windows Server 2022 is reported to return before its last part has ended: Azure/AgentBaker, e2e/test_helpers.go.
    """
    finished, exit_code, _message = _job(state)
    age = state.get("job_age")
    passing = state.get("image_state") not in (COMPLETE, *GENERALIZED, *SPECIALIZE)
    return passing and finished and exit_code == 0 and age is not None and age < limit


def _connection_lost(now: float, deadline: float) -> dict[str, str]:
    if now < deadline:
        return {"verdict": "wait", "code": "", "message": ""}
    message = (
        "The guest did not respond until the time limit, so the result of sysprep is unknown; check it with the "
        "serial console or boot diagnostics. It can be generalized only if sysprep was to shut it down itself and Azure reports "
        "PowerState/stopped."
    )
    return {"verdict": "failed", "code": "connection_lost", "message": f"{message} {_NOT_READY}"}


def _failure(
    state: Mapping[str, Any],
    elapsed: float,
    out_of_time: bool,
    before: Mapping[str, Any],
    complete_limit: float,
    undeployable_limit: float,
) -> tuple[str, str] | None:
    image_state = state.get("image_state")
    running = bool(state.get("sysprep_running"))
    finished, exit_code, job_message = _job(state)
    ended = finished and not running
    if image_state in GENERALIZED:
        return _still_running(elapsed) if running and out_of_time else None
    stuck: tuple[str, str] | None = None
    if image_state in SPECIALIZE:
        stuck = (
            "specialize_state",
            f"The ImageState is {image_state}, in which sysprep cannot generalize: the guest needed a reboot {_STARTING}, or a part of "
            "sysprep failed, such as DscCore.dll after a DSC configuration; remove the cause that its log states, reboot the guest, wait "
            "until it is IMAGE_STATE_COMPLETE, and run the role again.",
        )
    elif exit_code not in (None, 0):
        stuck = _exit_code(exit_code)
    elif ended and exit_code is None:
        stuck = (
            "sysprep_not_started",
            f"sysprep could not be run ({job_message or 'no reason given'}); check the program and the permissions of the user.",
        )
    elif image_state == COMPLETE and not running and not state.get("job") and (elapsed >= _START_LIMIT or out_of_time):
        stuck = (
            "sysprep_not_started",
            f"{elapsed:.0f} s after its start sysprep is not running: the command did not reach the guest; run the role again.",
        )
    elif image_state == COMPLETE and (ended or out_of_time or elapsed >= complete_limit):
        stuck = (
            "never_left_complete",
            f"sysprep {'ended' if ended else f'ran for {elapsed:.0f} s'} and the ImageState never left IMAGE_STATE_COMPLETE: its "
            "validation failed, in most cases because of an AppX package installed for one user; remove the cause "
            "that its log states, and run "
            "the role again.",
        )
    elif image_state == UNDEPLOYABLE and (ended or out_of_time or elapsed >= undeployable_limit):
        stuck = (
            "undeployable_too_long",
            f"{elapsed:.0f} s after the start of sysprep the ImageState is still IMAGE_STATE_UNDEPLOYABLE"
            f"{', and sysprep has ended' if ended else ''}: it failed before it completed; the guest is no longer usable, so start "
            "again from a backup, without the cause that its log states.",
        )
    elif ended or out_of_time:
        stuck = (
            "time_is_over" if out_of_time else "unknown_state",
            f"After {elapsed:.0f} s the ImageState is {image_state or 'unreadable'} and sysprep "
            f"{'is still running' if running else 'has ended'}; check its log, and raise "
            "'windows_sysprep_timeout' if it was making progress.",
        )
    if stuck:
        return _with_agent_update(stuck, state, before)
    return _REBOOTED if _was_booted_again(state, before, elapsed) else None


def _with_agent_update(stuck: tuple[str, str], state: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, str]:
    """Attribute the failure to the VM agent if it was updated at the same time, a known race condition."""
    old, new = before.get("agent_versions"), state.get("agent_versions")
    if old and new and sorted(old) != sorted(new):
        return (
            "agent_updated",
            f"{stuck[1]} The Azure VM agent was updated at the same time (from {', '.join(old)} to {', '.join(new)}), which is known to "
            "cause sysprep to fail: this is the likely cause, and a new run on a new virtual machine is likely to succeed.",
        )
    return stuck


def _was_booted_again(state: Mapping[str, Any], before: Mapping[str, Any], elapsed: float) -> bool:
    """Whether the guest was booted, and not only its clock set.

    Setting the clock moves the boot time of Windows by as much (boostorg/interprocess#96 and #97), so that one alone proves nothing. The
    number of the boot changes at boots only; where there is none, a boot shortens the time since the boot, which no clock does.
    """
    numbers = before.get("boot_id"), state.get("boot_id")
    if None not in numbers and numbers[0] != numbers[1]:
        return True
    first, last = _seconds(before.get("boot_time")), _seconds(state.get("boot_time"))
    if first is None or last is None or last - first <= _BOOT_TOLERANCE:
        return False
    if None in (before.get("uptime"), state.get("uptime")):
        return True
    return before["uptime"] + elapsed - state["uptime"] > _BOOT_TOLERANCE


def _seconds(timestamp: Any) -> float | None:
    """Seconds since 1970 of a time that the guest wrote."""
    try:
        return datetime.strptime(str(timestamp), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _still_running(elapsed: float) -> tuple[str, str]:
    return (
        "still_running",
        f"The ImageState is generalized, but sysprep is still running after {elapsed:.0f} s; check its log, and raise "
        "'windows_sysprep_timeout' if it was making progress.",
    )


def _exit_code(code: int) -> tuple[str, str]:
    if code == 87:
        return (
            "exit_code",
            "sysprep rejected its arguments (exit code 87); check 'windows_sysprep_mode_vm', 'windows_sysprep_oobe' and the "
            "answer file: this version of Windows does not support one of them.",
        )
    return (
        "exit_code",
        f"sysprep failed with exit code {code} (0x{code & 0xFFFFFFFF:08x}); remove the cause that its log states, and run the role again.",
    )


def _job(state: Mapping[str, Any]) -> tuple[bool, int | None, str]:
    """Read Ansible's asynchronous job: whether it has finished, the exit code of sysprep, and the error of the job."""
    try:
        job = json.loads(state.get("job") or "{}")
    except ValueError:
        # Read while it was being written; the next poll is correct.
        return False, None, ""
    if not isinstance(job, Mapping) or not job.get("finished"):
        return False, None, ""
    code = job.get("rc")
    return True, code if isinstance(code, int) else None, str(job.get("msg") or "")


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"sysprep_progress": sysprep_progress}
