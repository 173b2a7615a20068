# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role over winrm and psrp, by Ansible's own plugins and the libraries they use; over ssh it runs in all other tests."""

from __future__ import annotations

import pytest
from windows_runs import Outcome, Runs

from windows_guest.cases import Case
from windows_guest.facts import PER_USER_PACKAGE

RUN = ["start", "state", "state", "win_file", "shutdown"]
#: Seconds of the role's time on guests with a wait that never ends: many times what it takes to get there. They come last, and
#: so at once.
DEADLINE = 40
GRACE = 4
#: Seconds a connection may take; the clients ask for as much for each of their operations.
LIMIT = 7
CASES = {
    "plain": Case(),
    "repaired": Case(
        facts={
            "panther": True,
            "appx_packages": [PER_USER_PACKAGE],
            "pending_reboot": {"windows_update": True},
        },
        variables={
            "windows_sysprep_actions": ["panther"],
            "windows_sysprep_remove_appx_packages": ["NotepadPlusPlus"],
        },
    ),
    "lossy": Case(scenario={"lose": {"state": 2, "win_file": 1}, "lose_answer": {"start": 1, "shutdown": 1}}),
    "unwelcome": Case(variables={"ansible_password": "wrong"}),
    "silent": Case(scenario={"silent": ["state"]}, variables={"windows_sysprep_timeout": DEADLINE}),
    "lost": Case(scenario={"lose": {"state": -1}}, variables={"windows_sysprep_timeout": DEADLINE}),
}


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=pytest.mark.sweep) for kind in ("winrm", "psrp")])
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """All cases over one kind of connection."""
    runs = Runs(tmp_path_factory.mktemp(request.param))
    return runs.run(
        CASES,
        connections=dict.fromkeys(CASES, request.param),
        windows_sysprep_connection_timeout=LIMIT,
        __windows_sysprep_log_timeout=GRACE,
    )


def test_a_healthy_guest(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["plain"]
    assert not outcome.failed, outcome.message
    assert outcome.kinds == ["facts", *RUN]
    assert outcome.result["outcome"] == "generalized"
    assert outcome.result["powering_off"]
    assert not outcome.guest.read()["running"]


def test_repairs_and_the_reboot(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["repaired"]
    assert not outcome.failed, outcome.message
    assert outcome.kinds[-7:] == ["facts", "remove_leftovers", *RUN]
    assert outcome.result["rebooted"]


def test_lost_connections_do_not_end_the_watch(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["lossy"]
    assert not outcome.failed, outcome.message
    assert outcome.result["outcome"] == "generalized"
    assert not outcome.result["powering_off"]


@pytest.mark.parametrize("name", ["silent", "lost"])
def test_every_wait_has_an_end(outcomes: dict[str, Outcome], name: str) -> None:
    outcome = outcomes[name]
    assert outcome.failed
    assert "connection_lost" in outcome.message
    assert "shutdown" not in outcome.kinds
    assert outcome.limits
    assert outcome.kept_to(DEADLINE + GRACE)


def test_the_limit_of_a_connection_reaches_it(outcomes: dict[str, Outcome]) -> None:
    asked = {
        call["limit"] for outcome in outcomes.values() for call in outcome.guest.calls if call["kind"] == "connection"
    }
    assert asked == {LIMIT}


def test_a_wrong_password_is_told(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["unwelcome"]
    assert outcome.failed
    assert outcome.kinds == []
    assert (
        "credentials were rejected" in outcome.message or "401" in outcome.message or "auth" in outcome.message.lower()
    )
