# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests of PowerShell, where there is no PowerShell: their syntax, and that they and the stand-in tell of machines in one way."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter
import tree_sitter_powershell
from ansible_collections.golden.azure.plugins.filter.sysprep_blockers import sysprep_blockers
from repository import ROOT

from windows_guest import scenario
from windows_guest.facts import HEALTHY, uploadable
from windows_guest.guest import Guest
from windows_guest.stock import NAMES, stock

FOLDER = ROOT / "tests" / "powershell"
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
FACTS = [case for case in CASES if case["script"] == "sysprep_facts.ps1"]
STOCK = FACTS[0]["expected"]
PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
FILES = sorted(FOLDER.glob("*.ps1"))


def errors(node: tree_sitter.Node) -> Iterator[str]:
    if node.is_error or node.is_missing:
        yield f"line {node.start_point[0] + 1}: {node.type}"
    for child in node.children:
        yield from errors(child)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_they_are_well_formed_and_plain_ascii(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.isascii()
    assert list(errors(PARSER.parse(text.encode()).root_node)) == []


def facts_of(case: dict[str, Any]) -> dict[str, Any]:
    """What the facts script is to return: whatever a case does not say is as on the stock machine."""
    return {**STOCK, **case["expected"]}


def shape(value: Any) -> Any:
    """The keys and types of a value, which lists of any length have in common."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def fits(found: Any, known: Any) -> bool:
    """Whether two shapes are those of one thing: either may be unknown, or a list empty."""
    if "NoneType" in (found, known) or [] in (found, known):
        return True
    if isinstance(found, dict) and isinstance(known, dict):
        return set(found) == set(known) and all(fits(found[key], known[key]) for key in found)
    if isinstance(found, list) and isinstance(known, list):
        return fits(found[0], known[0])
    return bool(found == known)


@pytest.mark.parametrize("case", FACTS, ids=lambda case: case["name"])
def test_the_stand_in_tells_of_the_same_machine_in_the_same_way(case: dict[str, Any], tmp_path: Path) -> None:
    facts = facts_of(case)
    assert set(facts) == set(HEALTHY)
    for section, value in facts.items():
        if section != "failures":
            known = [HEALTHY[section], *(stock(name)[section] for name in NAMES)]
            assert all(fits(shape(value), shape(each)) for each in known), section
    if facts["system"] is None:
        return
    guest = Guest(tmp_path / "guest").create()
    with guest.change() as state:
        state["facts"] = facts
        told = json.loads(json.dumps(scenario.look_at_facts(state)))
    moves = ("boot_time", "uptime", "boot_id")
    for each in (told, facts):
        each["system"] = {key: value for key, value in each["system"].items() if key not in moves}
    assert told == facts


@pytest.mark.parametrize("case", FACTS, ids=lambda case: case["name"])
def test_what_is_decided_from_it(case: dict[str, Any]) -> None:
    decision = sysprep_blockers(facts_of(case))
    assert sorted(each["code"] for each in decision["blockers"] + decision["warnings"]) == sorted(case["codes"])


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["script"] == "vhd_upload_facts.ps1"], ids=lambda case: case["name"]
)
def test_a_machine_from_elsewhere_is_told_in_the_same_way(case: dict[str, Any]) -> None:
    known = uploadable([{"path": "", "name": ""}], [], [{"object": "", "element": "", "value": 1}])
    assert set(case["expected"]) == set(known)
    for section, value in case["expected"].items():
        assert fits(shape(value), shape(known[section])) or section == "failures", section


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["script"] == "sysprep_state.ps1"], ids=lambda case: case["name"]
)
def test_the_stand_in_tells_of_sysprep_in_the_same_way(case: dict[str, Any], tmp_path: Path) -> None:
    guest = Guest(tmp_path / "guest").create()
    with guest.change() as state:
        state["says_booleans"] = True
        told = scenario.look_at_sysprep(state)
    assert fits(shape(told), shape(case["expected"]))


def test_each_script_that_runs_on_guests_has_a_case() -> None:
    parts = {"functions.ps1", "leftover_facts.ps1", "removal_functions.ps1"}
    # It works on a disk of a helper host, with a program of Windows.
    without = {"optimize_image.ps1"}
    scripts = {path.name for path in (ROOT / "roles/windows_sysprep/files").glob("*.ps1")}
    assert {case["script"] for case in CASES} == scripts - parts - without
    assert len({case["name"] for case in CASES}) == len(CASES) > 50


def test_without_powershell_they_are_not_taken_for_passed(tmp_path: Path) -> None:
    for program in ("bash", "env"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    ended = subprocess.run(
        ["/usr/bin/env", "bash", "tests/tools/run_powershell_tests.sh"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "did not run: pwsh is not installed" in ended.stderr
