# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role windows_sysprep by the real Ansible, its ssh connection and its shell of Windows, on stand-in guests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from windows_runs import LIMIT, Outcome, Runs

from windows_guest.cases import ENDLESS, UNATTEND, WRONG, Case
from windows_guest.facts import PER_USER_PACKAGE

STUBBORN = {**PER_USER_PACKAGE, "name": "Vendor.App", "full_name": "Vendor.App_1.0_x64__1"}
RUN = ["start", "state", "state", "win_file", "shutdown"]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Guests on which it works, one way or the other."""
    command = "Write-Output 'hello'"
    return Runs(tmp_path_factory.mktemp("good")).run(
        {
            "plain": Case(),
            "repaired": Case(
                facts={
                    "panther": True,
                    "cdrom_start": 4,
                    "answer_files": [UNATTEND],
                    "appx_packages": [PER_USER_PACKAGE],
                    "pending_reboot": {"windows_update": True},
                },
                variables={
                    "windows_sysprep_actions": ["panther", "cdrom_start", "answer_files"],
                    "windows_sysprep_remove_appx_packages": ["NotepadPlusPlus"],
                },
            ),
            "options": Case(
                scenario={"commands": [command]},
                facts={"answer_files": [UNATTEND]},
                variables={
                    "windows_sysprep_commands_before": [command],
                    "windows_sysprep_mode_vm": False,
                    "windows_sysprep_oobe": False,
                    "windows_sysprep_unattend_file": UNATTEND,
                    "windows_sysprep_power_off": False,
                },
            ),
            "settling": Case(
                scenario={"agent": 2, "decryption": 3}, variables={"windows_sysprep_actions": ["decryption"]}
            ),
            # The clock is set while sysprep runs; the boot time that Windows reports moves with it.
            "a-second-back": Case(scenario={"clock_step": -1, "looks": 2}),
            "an-hour-back": Case(scenario={"clock_step": -3600, "looks": 2}),
            "an-hour-ahead": Case(scenario={"clock_step": 3600, "looks": 2}, facts={"system": {"boot_id": None}}),
            "early": Case(scenario={"returns_early": 3}),
            "lossy": Case(scenario={"lose": {"state": 2, "win_file": 1}, "lose_answer": {"start": 1, "shutdown": 1}}),
            "shutdown": Case(
                variables={"windows_sysprep_end": "shutdown"},
                scenario={"looks": 2},
            ),
        },
        windows_sysprep_timeout=2 * LIMIT,
        __windows_sysprep_connection_lost_limit=3,
    )


def test_a_healthy_guest(good: dict[str, Outcome]) -> None:
    outcome = good["plain"]
    assert not outcome.failed, outcome.message
    assert outcome.kinds == ["facts", *RUN]
    assert outcome.result["outcome"] == "generalized"
    assert outcome.result["powering_off"]
    argv = next(call["arguments"]["argv"] for call in outcome.guest.calls if call["kind"] == "start")
    assert argv == [
        "C:\\Windows\\System32\\Sysprep\\sysprep.exe",
        "/generalize",
        "/oobe",
        "/quiet",
        "/quit",
        "/mode:vm",
    ]
    assert not outcome.guest.read()["running"]


@pytest.mark.parametrize("name", ["a-second-back", "an-hour-back", "an-hour-ahead", "early"])
def test_what_would_have_cost_the_machine(good: dict[str, Outcome], name: str) -> None:
    outcome = good[name]
    assert not outcome.failed, outcome.message
    assert outcome.result["outcome"] == "generalized"
    if name == "early":
        assert outcome.kinds.count("state") == 5


def test_every_connection_has_a_limit(good: dict[str, Outcome]) -> None:
    limits = {
        call["limit"] for outcome in good.values() for call in outcome.guest.calls if call["kind"] == "connection"
    }
    assert limits == {30}


def test_repairs_and_the_reboot_come_before_sysprep(good: dict[str, Outcome]) -> None:
    outcome = good["repaired"]
    assert not outcome.failed, outcome.message
    kinds = outcome.kinds
    assert kinds[:4] == ["facts", "win_regedit", "remove_appx_packages", "facts"]
    assert kinds[4:-7] == ["script"] * len(kinds[4:-7])
    assert kinds[-7:] == ["facts", "remove_leftovers", *RUN]
    assert outcome.result["rebooted"]
    assert set(outcome.result["repaired"]) == {"panther", "cdrom_start", "answer_files", "NotepadPlusPlus"}
    facts = outcome.guest.read()["facts"]
    assert (facts["panther"], facts["cdrom_start"], facts["answer_files"], facts["appx_packages"]) == (False, 1, [], [])


def test_options_reach_sysprep(good: dict[str, Outcome]) -> None:
    outcome = good["options"]
    assert not outcome.failed, outcome.message
    argv = next(call["arguments"]["argv"] for call in outcome.guest.calls if call["kind"] == "start")
    assert argv[1:] == ["/generalize", "/audit", "/quiet", "/quit", f"/unattend:{UNATTEND}"]
    assert "command" in outcome.kinds[: outcome.kinds.index("start")]
    assert "shutdown" not in outcome.kinds
    assert outcome.guest.read()["running"]
    assert [warning["code"] for warning in outcome.result["warnings"]] == ["answer_file_stays", "audit_mode"]


def test_waits_that_come_to_an_end(good: dict[str, Outcome]) -> None:
    outcome = good["settling"]
    assert not outcome.failed, outcome.message
    assert outcome.kinds[-6:] == ["facts", *RUN]
    assert outcome.kinds.count("facts") > 3


def test_lost_connections_do_not_end_the_watch(good: dict[str, Outcome]) -> None:
    outcome = good["lossy"]
    assert not outcome.failed, outcome.message
    assert outcome.result["outcome"] == "generalized"
    assert not outcome.result["powering_off"]
    assert outcome.kinds.count("state") >= 3


def test_a_sysprep_that_shuts_down_itself_is_confirmed_by_nobody_here(good: dict[str, Outcome]) -> None:
    outcome = good["shutdown"]
    assert not outcome.failed, outcome.message
    assert outcome.result["outcome"] in ("unconfirmed", "generalized")
    assert not outcome.guest.read()["running"]


def test_a_second_run_only_shuts_down(runs: Runs) -> None:
    case = {"again": Case(variables={"windows_sysprep_power_off": False})}
    assert not runs.run(case)["again"].failed
    case["again"].variables = {}
    before = len(runs.guests.guest("again").calls)
    outcome = runs.run(case, anew=False)["again"]
    assert not outcome.failed, outcome.message
    assert outcome.result["outcome"] == "already_generalized"
    assert [call["kind"] for call in outcome.guest.calls[before:] if call["kind"] != "connection"] == [
        "facts",
        "shutdown",
    ]


def test_check_mode_says_what_would_be_done_and_does_nothing(runs: Runs) -> None:
    case = Case(facts={"panther": True}, variables={"windows_sysprep_actions": ["panther"]})
    outcome = runs.run({"checked": case}, "--check")["checked"]
    assert not outcome.failed, outcome.message
    assert outcome.kinds == ["facts"]
    assert outcome.result["outcome"] == "would_generalize"
    assert outcome.result["repaired"] == ["panther"]
    assert "sysprep.exe" in runs.printed


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Guests that it must leave alone."""
    return Runs(tmp_path_factory.mktemp("refused")).run(
        {
            "package": Case(facts={"appx_packages": [PER_USER_PACKAGE]}),
            "reboot": Case(
                facts={"pending_reboot": {"windows_update": True}}, variables={"windows_sysprep_reboot": False}
            ),
            "always_pending": Case(scenario={"reboot": "pending"}, facts={"pending_reboot": {"windows_update": True}}),
            "unknown_command": Case(variables={"windows_sysprep_commands_before": ["Write-Output 'unheard of'"]}),
            "stubborn": Case(
                facts={"appx_packages": [PER_USER_PACKAGE, STUBBORN]},
                scenario={"stubborn": {STUBBORN["full_name"]: "Deployment failed with HRESULT: 0x80073CFA"}},
                variables={"windows_sysprep_remove_appx_packages": ["NotepadPlusPlus", "Vendor.App"]},
            ),
            "spaced": Case(variables={"windows_sysprep_unattend_file": "C:\\Program Files\\own.xml"}),
            "misspelt": Case(variables={"windows_sysprep_actions": ["panter"]}),
            "unnamed": Case(variables={"windows_sysprep_actions": ["extensions"]}),
        }
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("package", "appx_for_some_users.*NotepadPlusPlus_1.0.0.0"),
        ("reboot", "reboot_pending"),
        ("always_pending", "reboot_pending.*Sysprep was not started"),
        ("unknown_command", "preparation_broken_off.*does not know this script"),
        (
            "stubborn",
            "Vendor.App_1.0_x64__1 could not be removed.*0x80073CFA.*packages that were removed: NotepadPlusPlus_1.0.0.0",
        ),
        ("spaced", "answer_file_path_has_spaces"),
        ("misspelt", "panter"),
        ("unnamed", "source_vm_not_named"),
    ],
)
def test_refusals_come_before_sysprep(refused: dict[str, Outcome], name: str, said: str) -> None:
    outcome = refused[name]
    assert outcome.failed
    assert "start" not in outcome.kinds
    for words in said.split(".*"):
        assert words in outcome.message


#: What may last for a few seconds only where it never ends by itself: a slow machine takes longer for anything.
SHORT = {
    "never_transition": {"windows_sysprep_complete_limit": 4},
    "undeployable": {"windows_sysprep_undeployable_limit": 4},
}


#: Ways to go wrong that make test tries; make sweep tries the others.
TRIED = ("exit_1", "quits_complete", "reboots")


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """Guests on which sysprep goes wrong. The limit of a state that must be told is short, the deadline beyond the run's end."""
    ended: dict[str, Outcome] = {}

    def of(how: str) -> Outcome:
        if how not in ended:
            directory = tmp_path_factory.mktemp("wrong")
            beside = [name for name in WRONG if (name in TRIED) == (how in TRIED)]
            outcomes = Runs(directory).run(
                {
                    name.replace("_", "-"): Case(scenario={"sysprep": name}, variables=SHORT.get(name, {}))
                    for name in beside
                },
                windows_sysprep_timeout=2 * LIMIT,
                windows_sysprep_log_directory=str(directory),
            )
            ended.update({name: outcomes[name.replace("_", "-")] for name in beside})
        return ended[how]

    return of


def test_an_earlier_run_is_not_blamed(runs: Runs) -> None:
    old = "2025-12-30 09:00:01, Error                 SYSPRP Error in executing action for Windows-SenseClient-Service; dwRet = 0x5\n"
    outcome = runs.run({"repaired-since": Case(scenario={"sysprep": "exit_1", "old_log": old})})["repaired-since"]
    told = json.loads(outcome.message)
    assert len(told["culprits"]) == 1
    assert "NotepadPlusPlus" in told["culprits"][0]
    assert "SenseClient" in told["setuperr_log"][0]


@pytest.mark.parametrize("how", [pytest.param(how, marks=[] if how in TRIED else pytest.mark.sweep) for how in WRONG])
def test_a_sysprep_that_goes_wrong_is_told(wrong: Callable[[str], Outcome], how: str) -> None:
    outcome = wrong(how)
    code, words = WRONG[how]
    assert outcome.failed
    told = json.loads(outcome.message)
    assert told["code"] == code
    assert words in outcome.message
    assert "Do not capture" in told["message"]
    assert told["setuperr_log"][-1].startswith("2026-01-01")
    assert "shutdown" not in outcome.kinds
    log = outcome.guest.folder.parents[1] / f"{outcome.guest.name}-setuperr.log"
    assert "SYSPRP" in log.read_text()


GRACE = 4
#: Seconds of the role's deadline: a few; more only where the machine was too slow to get to the wait before it.
DEADLINES = (12, 60, 240)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Outcome, int]]:
    """Guests that never get there, each with the deadline that ended the role."""
    runs = Runs(tmp_path_factory.mktemp("endless"))
    ended: dict[str, tuple[Outcome, int]] = {}
    for deadline in DEADLINES:
        left = {
            name: case
            for name, (case, said) in ENDLESS.items()
            if name not in ended or said not in ended[name][0].message
        }
        if left:
            outcomes = runs.run(left, windows_sysprep_timeout=deadline, __windows_sysprep_log_timeout=GRACE)
            ended.update({name: (outcome, deadline) for name, outcome in outcomes.items()})
    return ended


@pytest.mark.sweep
@pytest.mark.parametrize("name", ENDLESS)
def test_every_wait_has_an_end(endless: dict[str, tuple[Outcome, int]], name: str) -> None:
    outcome, deadline = endless[name]
    assert outcome.failed
    assert ENDLESS[name][1] in outcome.message
    assert "shutdown" not in outcome.kinds
    assert outcome.limits or "silent" not in name
    assert outcome.kept_to(deadline + GRACE)


HOST_KEYS = {"leftovers": [{"kind": "ssh_host_keys", "path": "C:\\ProgramData\\ssh\\ssh_host_rsa_key"}]}
#: Guests whose last steps have no answer, or none in time.
QUIET: dict[str, Case] = {
    "silent-shutdown": Case(scenario={"silent": ["shutdown"]}),
    "lost-shutdown": Case(scenario={"lose": {"shutdown": -1}}),
    "lost-answer": Case(scenario={"lose_answer": {"shutdown": -1}}),
    "silent-shutdown-with-keys": Case(scenario={"silent": ["shutdown"]}, facts=HOST_KEYS),
    "lost-answer-with-keys": Case(scenario={"lose_answer": {"shutdown": -1}}, facts=HOST_KEYS),
    "silent-record": Case(scenario={"silent": ["win_file"]}),
}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Guests that are generalized and then fall silent."""
    return Runs(tmp_path_factory.mktemp("quiet")).run(QUIET, windows_sysprep_step_timeout=15)


@pytest.mark.sweep
@pytest.mark.parametrize("name", QUIET)
def test_a_last_step_without_an_answer_is_for_azure_to_tell(quiet: dict[str, Outcome], name: str) -> None:
    outcome = quiet[name]
    assert not outcome.failed, outcome.message
    assert outcome.result["outcome"] == "generalized"
    assert outcome.result["powering_off"] == (name == "silent-record")
