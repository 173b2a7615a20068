# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stock machines of the marketplace, by the role with its defaults: check mode, a run, a second one; and machines that are not ready."""

from __future__ import annotations

from pathlib import Path

import pytest
from windows_runs import Outcome, Runs

from windows_guest.cases import KNOWN, Case, identity
from windows_guest.facts import HEALTHY
from windows_guest.modules import PANTHER
from windows_guest.stock import NAMES, stock

EDGE = {"component_based_servicing": False, "windows_update": False, "file_renames": ["\\??\\C:\\Windows\\Temp\\edge"]}
COPY = f"{PANTHER}\\unattend.xml"
BUILDER = "C:\\Users\\packer"
OWN = "C:\\Windows\\System32\\Sysprep\\unattend.xml"
#: Machines that differ from stock ones.
OTHERS = {
    # Edge's updater leaves files to rename, and does so again after the reboot.
    "edge": Case(facts={**stock("windows-11"), "pending_reboot": EDGE}, scenario={"reboot": "pending"}),
    "new": Case(facts=stock("server-2022"), scenario={"setup": 3}),
    "in-use": Case(facts=stock("server-2022"), scenario={"in_use": {PANTHER: "setupact.log is in use"}}),
    "built": Case(
        facts={
            **stock("server-2019"),
            "user_profiles": [
                *HEALTHY["user_profiles"],
                {"path": BUILDER, "sid": "S-1-5-21-1-2-3-1001", "loaded": False},
            ],
            "known_identities": [identity("puppet"), identity("wazuh")],
            "leftovers": [{"kind": "scheduled_tasks", "path": "\\packer-1"}],
        },
        variables={"windows_sysprep_actions": "known_agents", "windows_sysprep_remove_profiles": "Packer,nobody"},
    ),
    "builder": Case(facts=stock("server-2019"), variables={"windows_sysprep_remove_profiles": ["azureuser"]}),
    "kept": Case(facts=stock("server-2019"), variables={"windows_sysprep_keep": ["panther"]}),
    "accepted": Case(facts=stock("server-2019"), variables={"windows_sysprep_accept": "panther_left"}),
    "somebodys": Case(facts={**stock("server-2019"), "answer_files": [COPY, OWN]}),
    "somebodys-in-use": Case(
        facts={**stock("server-2019"), "answer_files": [COPY, OWN]},
        scenario={"in_use": {OWN: "another process"}},
        variables={"windows_sysprep_actions": "answer_files"},
    ),
}
#: In `make test`, one of a server and one of a desktop.
STOCK = [pytest.param(name, marks=() if name in ("server-2022", "windows-11") else pytest.mark.sweep) for name in NAMES]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("stock"))


@pytest.fixture(scope="module")
def cases(request: pytest.FixtureRequest) -> dict[str, Case]:
    """The stock machines of which there are tests in this run."""
    calls = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path]
    names = {call.params["name"] for call in calls if call and call.params.get("name") in NAMES}
    return {name: Case(facts=stock(name)) for name in sorted(names)}


@pytest.fixture(scope="module")
def checked(cases: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Stock machines in check mode."""
    runs = Runs(tmp_path_factory.mktemp("checked"))
    ended = runs.run(cases, "--check")
    assert "passwords that were typed" in runs.printed
    assert all(outcome.guest.read()["facts"]["panther"] for outcome in ended.values())
    return ended


@pytest.fixture(scope="module")
def ran(runs: Runs, cases: dict[str, Case]) -> dict[str, Outcome]:
    """Stock machines when the role ran on them."""
    return runs.run(cases)


@pytest.fixture(scope="module")
def again(runs: Runs, cases: dict[str, Case], ran: dict[str, Outcome]) -> dict[str, Outcome]:
    """The same, started by somebody, when the role ran again."""
    for outcome in ran.values():
        with outcome.guest.change() as state:
            state["running"] = True
    return runs.run(cases, anew=False)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Machines that differ from stock ones."""
    return Runs(tmp_path_factory.mktemp("others")).run(OTHERS)


@pytest.mark.parametrize("name", STOCK)
@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        pytest.param("checked", "would_generalize", marks=pytest.mark.sweep),
        ("ran", "generalized"),
        pytest.param("again", "already_generalized", marks=pytest.mark.sweep),
    ],
)
def test_a_stock_machine(request: pytest.FixtureRequest, name: str, way: str, outcome: str) -> None:
    ended = request.getfixturevalue(way)[name]
    assert not ended.failed, ended.message
    assert ended.result["outcome"] == outcome
    if way != "again":
        assert {"panther", "custom_data", "powershell_history"} <= set(ended.result["repaired"])
        # HTTPS of WinRM, which only the user can do without.
        codes = [warning["code"] for warning in ended.result["warnings"]]
        assert codes == (["leftover_kept"] if name == "server-2019" else [])


@pytest.mark.parametrize("name", STOCK)
def test_its_records_go_right_before_sysprep(ran: dict[str, Outcome], name: str) -> None:
    ended = ran[name]
    facts = ended.guest.read()["facts"]
    assert (facts["panther"], facts["answer_files"], facts["leftovers"]) == (False, [], [])
    first = ended.kinds[: ended.kinds.index("start") + 1]
    assert first[-2:] == ["remove_leftovers", "start"]
    assert ("remove_appx_packages" in first) == (name != "server-2019")
    # Nothing has changed that another inspection could show.
    assert name != "server-2019" or first == ["facts", "remove_leftovers", "start"]
    # Host keys of OpenSSH go in one step with the shutdown.
    assert ended.kinds[-1] == "shutdown"
    assert ended.result["powering_off"]


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["edge", "new", "in-use", "kept", "accepted"])
def test_a_machine_that_is_fit(others: dict[str, Outcome], name: str) -> None:
    ended = others[name]
    assert not ended.failed, ended.message
    codes = [warning["code"] for warning in ended.result["warnings"] if warning["code"] != "leftover_kept"]
    said = {"edge": "files_to_rename", "in-use": "leftover_in_use", "kept": "panther_left", "accepted": "panther_left"}
    assert codes == ([said[name]] if name in said else [])
    facts = ended.guest.read()["facts"]
    assert facts["panther"] == (name in ("in-use", "kept", "accepted"))
    if name == "edge":
        assert ended.result["rebooted"]
    if name == "new":
        assert ended.kinds.count("facts") > 3


@pytest.mark.sweep
def test_what_a_build_left_goes_as_it_was_asked_for(others: dict[str, Outcome]) -> None:
    ended = others["built"]
    assert not ended.failed, ended.message
    state = ended.guest.read()
    facts = state["facts"]
    assert [profile["path"] for profile in facts["user_profiles"]] == ["C:\\Users\\azureuser"]
    assert [entry["id"] for entry in facts["known_identities"]] == ["wazuh"]
    assert state["stopped"] == KNOWN["puppet"]["services"]
    assert facts["leftovers"] == []
    assert "known_agents" in ended.result["repaired"]
    told = [warning["message"] for warning in ended.result["warnings"] if warning["code"] == "agent_with_identity"]
    assert len(told) == 1
    assert KNOWN["wazuh"]["advice"] in told[0]


@pytest.mark.sweep
def test_the_profile_of_the_connection_is_refused(others: dict[str, Outcome]) -> None:
    ended = others["builder"]
    assert ended.failed
    assert '"code": "profile_in_use"' in ended.message
    assert ended.kinds == ["facts"]


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "said"), [("somebodys", "answer_file_left"), ("somebodys-in-use", "leftovers_not_removed")]
)
def test_an_answer_file_that_somebody_put_there(others: dict[str, Outcome], name: str, said: str) -> None:
    ended = others[name]
    assert ended.failed
    assert f'"code": "{said}"' in ended.message
    assert OWN in ended.message.replace("\\\\", "\\")
    assert "start" not in ended.kinds


@pytest.mark.sweep
def test_what_is_kept_must_be_known(tmp_path: Path) -> None:
    outcome = Runs(tmp_path).run({"misspelt": Case(variables={"windows_sysprep_keep": ["panter"]})})["misspelt"]
    assert outcome.failed
    assert "panter" in outcome.message
