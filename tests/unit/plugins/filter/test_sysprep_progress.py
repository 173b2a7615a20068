# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a running sysprep is done, has failed, or deserves more time: every hang that users report is told apart."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.filter.sysprep_culprits import sysprep_culprits
from ansible_collections.golden.azure.plugins.filter.sysprep_progress import sysprep_progress
from hypothesis import given
from hypothesis import strategies as st

from windows_guest.cases import (
    BEFORE,
    COMPLETE,
    GENERALIZED,
    HANGS,
    LIMIT,
    SPECIALIZE,
    UNDEPLOYABLE,
    ended,
    ids,
    seen,
)


def judge(state: Any, elapsed: float = 60) -> dict[str, str]:
    return sysprep_progress(state, now=1000 + elapsed, started=1000, deadline=1000 + LIMIT, before=BEFORE)


@pytest.mark.parametrize(
    ("state", "elapsed"),
    [
        (seen(COMPLETE), 0),
        (seen(COMPLETE, running=False, job=None), 59),
        (seen(COMPLETE), 599),
        (seen(UNDEPLOYABLE), 1499),
        (seen(GENERALIZED), 60),
        (seen(None), 60),
        (seen("IMAGE_STATE_NEW_ONE"), 60),
        (seen(UNDEPLOYABLE, job='{"finished": 1'), 60),
        # Sysprep of 2022 may return before its last part has ended; and the clock may have been set back meanwhile.
        (seen(UNDEPLOYABLE, running=False, job=ended(0), job_age=179), 60),
        (seen(UNDEPLOYABLE, running=False, job=ended(0), job_age=-3600), 1600),
        (seen(None, running=False, job=ended(0), job_age=5), 60),
        ({}, 60),
    ],
)
def test_what_deserves_more_time(state: Any, elapsed: float) -> None:
    assert judge(state, elapsed)["verdict"] == "wait"


@pytest.mark.parametrize("state", [GENERALIZED, "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT"])
def test_done(state: str) -> None:
    assert judge(seen(state, running=False, job=ended(0)))["verdict"] == "done"
    assert judge(seen(state, running=False))["verdict"] == "done"


@pytest.mark.parametrize(("code", "state", "elapsed", "said"), HANGS, ids=ids(HANGS))
def test_each_hang(code: str, state: dict[str, Any], elapsed: float, said: tuple[str, ...]) -> None:
    verdict = judge(state, elapsed)
    assert (verdict["verdict"], verdict["code"]) == ("failed", code)
    for words in said:
        assert words in verdict["message"]
    assert verdict["message"].endswith("Do not capture the guest.")


DAY = "2026-01-01T00:00:01Z"
HOUR_LATER, HOUR_BEFORE = "2026-01-01T01:00:01Z", "2025-12-31T23:00:01Z"
SECOND_LATER, NEXT_DAY = "2026-01-01T00:00:02Z", "2026-01-02T00:00:09Z"


@pytest.mark.parametrize("boot_id", [12, None])
@pytest.mark.parametrize("boot_time", [DAY, SECOND_LATER, "2026-01-01T00:00:00Z", HOUR_LATER, HOUR_BEFORE, None, "?"])
def test_a_clock_that_is_set_is_no_reboot(boot_time: str | None, boot_id: int | None) -> None:
    """The boot time that Windows reports moves with it; the time since then does not."""
    state = seen(UNDEPLOYABLE, boot_time=boot_time, uptime=86400 + 60, boot_id=boot_id)
    assert judge(state)["verdict"] == "wait"


@pytest.mark.parametrize(
    "differs",
    [
        {"boot_time": NEXT_DAY, "uptime": 30, "boot_id": 13},
        {"boot_time": NEXT_DAY, "uptime": 30, "boot_id": None},
        # A number that no boot changes proves nothing.
        {"boot_time": NEXT_DAY, "uptime": 30},
        # The clock was set back as well.
        {"boot_time": HOUR_BEFORE, "uptime": 30, "boot_id": 13},
        {"boot_time": NEXT_DAY, "uptime": None},
        # While its state may still be written.
        {"boot_time": NEXT_DAY, "uptime": 30, "running": False, "job": ended(0), "job_age": 1},
    ],
)
def test_a_reboot_is_told(differs: dict[str, Any]) -> None:
    assert judge(seen(UNDEPLOYABLE, **differs))["code"] == "rebooted"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (seen(UNDEPLOYABLE, running=False, job=ended(0), job_age=180), "undeployable_too_long"),
        (seen(UNDEPLOYABLE, running=False, job=ended(0), job_age=None), "undeployable_too_long"),
        (seen(UNDEPLOYABLE, running=False, job=ended(31), job_age=1), "exit_code"),
        (seen(COMPLETE, running=False, job=ended(0), job_age=1), "never_left_complete"),
        (seen(SPECIALIZE, running=False, job=ended(0), job_age=1), "specialize_state"),
    ],
)
def test_the_grace_after_the_end_is_for_a_success_that_is_not_written_yet(state: dict[str, Any], code: str) -> None:
    assert judge(state)["code"] == code


def test_an_agent_that_updated_itself_and_did_no_harm() -> None:
    assert judge(seen(UNDEPLOYABLE, agent_versions=["WindowsAzureGuestAgent 2"]))["verdict"] == "wait"
    assert judge(seen(GENERALIZED, running=False, agent_versions=[]))["verdict"] == "done"


@given(
    state=st.one_of(
        st.just({}),
        st.fixed_dictionaries(
            {
                "image_state": st.sampled_from([None, COMPLETE, UNDEPLOYABLE, GENERALIZED, SPECIALIZE, "OTHER"]),
                "sysprep_running": st.booleans(),
                "job": st.sampled_from([None, "", "{", "[]", ended(0), ended(1), ended(None)]),
                "boot_time": st.sampled_from([None, "2026-01-01T00:00:01Z", "2026-01-02T00:00:09Z"]),
                "uptime": st.sampled_from([None, 30, 90000]),
                "boot_id": st.sampled_from([None, 12, 13]),
                "job_age": st.sampled_from([None, -1, 5, 600]),
                "agent_versions": st.lists(st.text(max_size=3), max_size=2),
            }
        ),
    ),
    overtime=st.floats(min_value=0, max_value=1e6),
)
def test_nothing_waits_beyond_the_deadline(state: dict[str, Any], overtime: float) -> None:
    assert judge(state, LIMIT + overtime)["verdict"] != "wait"


LINE = "2026-01-01 00:00:02, Error                 SYSPRP "


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "Package NotepadPlusPlus_1.0.0.0_neutral__7njy0v32s6xk6 was installed for a user, but not provisioned for all users.",
            "The AppX package NotepadPlusPlus_1.0.0.0_neutral__7njy0v32s6xk6",
        ),
        ("BitLocker-Sysprep: BitLocker is on for the OS volume. (0x80310039)", "decrypt all volumes"),
        ("There are one or more Windows updates that require a reboot.", "reboot before sysprep"),
        ("Audit mode cannot be turned on if reserved storage is in use.", "Reserved storage"),
        ("SL_E: hr = 0xC004D307", "rearmed"),
        ("Error in executing action for Windows-SenseClient-Service; dwRet = 0x5", "Windows-SenseClient-Service"),
        (
            "Failure occurred while executing 'SysprepGeneralizeValidate' from C:\\Windows\\System32\\AppxSysprep.dll; dwRet = 0x3cf2",
            "SysprepGeneralizeValidate of C:\\Windows\\System32\\AppxSysprep.dll",
        ),
    ],
)
def test_the_log_names_the_culprit(line: str, said: str) -> None:
    (culprit,) = sysprep_culprits(f"{LINE}{line}\n{LINE}{line}\n")
    assert said in culprit


def test_only_the_last_run_counts() -> None:
    earlier = f"{LINE}There are one or more Windows updates that require a reboot.\n"
    assert sysprep_culprits(f"{earlier}{LINE}===  Beginning of a new sysprep run  ===\n{LINE}something else\n") == []
    assert sysprep_culprits(None) == []
