# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The syntax of every PowerShell script that goes to a guest, with a self-test: scripts that were broken must be caught."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell
from repository import ROOT

from windows_guest import scenario
from windows_guest.facts import HEALTHY, healthy
from windows_guest.scripts import FILES, PARTS, rendered
from windows_guest.stock import NAMES, stock

#: As they reach a guest, with their parts.
SCRIPTS = [
    *(path for path in sorted(FILES.glob("*.ps1")) if path.name not in PARTS),
    ROOT / "roles" / "image_verify" / "files" / "identity.ps1",
]
PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))

#: Each of these must be missed when it is not there. Not so ( [ and ': without one of them much is still well-formed, such as
#: the text "$($name)" without its inner parenthesis.
DELIMITERS = '){}]"'


def errors(script: str) -> list[str]:
    """Where the parser had to guess."""

    def below(node: tree_sitter.Node) -> Iterator[str]:
        if node.is_error or node.is_missing:
            yield f"line {node.start_point[0] + 1}: {node.type}"
        for child in node.children:
            yield from below(child)

    return list(below(PARSER.parse(script.encode()).root_node))


def test_there_are_scripts() -> None:
    assert {path.name for path in SCRIPTS} >= {"sysprep_facts.ps1", "sysprep_state.ps1", "sysprep_logs.ps1"}
    # Each part is one of something, and no line that names one is left.
    everything = "".join(rendered(path) for path in SCRIPTS)
    assert "comes here" not in everything
    assert all((FILES / part).read_text(encoding="utf-8") in everything for part in PARTS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_well_formed(path: Path) -> None:
    assert errors(rendered(path)) == []


@pytest.mark.sweep
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_without_one_of_its_delimiters_is_not(path: Path) -> None:
    script = rendered(path)
    code = script.index("[CmdletBinding()]")
    # The head of a part stands within what it is a part of.
    comments = [range(*found.span()) for found in re.finditer(r"^#.*$", script, re.MULTILINE)]
    places = [
        place
        for place in range(code, len(script))
        if script[place] in DELIMITERS and not any(place in comment for comment in comments)
    ]
    missed = [place for place in places if not errors(script[:place] + script[place + 1 :])]
    assert len(places) > 10
    assert missed == []


KEYS = re.compile(r"^    (\w+) += ", re.MULTILINE)


def keys(name: str, table: str) -> set[str]:
    """The names in what a script returns."""
    return set(KEYS.findall(rendered(FILES / name).partition(f"${table} = @{{\n")[2].partition("\n}")[0]))


def test_the_stand_in_returns_what_the_scripts_do() -> None:
    """Section by section; and so do recorded machines."""
    facts = keys("sysprep_facts.ps1", "facts")
    assert len(facts) > 30
    assert set(HEALTHY) == facts
    assert all(set(stock(name)) == facts for name in NAMES)
    state = {"sysprep": {"looks": 0, "argv": []}, "scenario": {}, "facts": healthy(), "boots": 1, "says_booleans": True}
    assert set(scenario.look_at_sysprep(state)) == keys("sysprep_state.ps1", "state")


@pytest.mark.parametrize("modern", ["$a = $b ? 1 : 2", "$a = $b ?? 1", "$a ??= 1"])
def test_what_windows_powershell_does_not_know_is_caught(modern: str) -> None:
    """Windows PowerShell 5.1 is what guests have."""
    assert errors(modern)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_plain_ascii(path: Path) -> None:
    """Windows PowerShell takes what has no byte order mark for the system's code page."""
    assert rendered(path).isascii()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_that_looks_changes_nothing(path: Path) -> None:
    """Whoever reads only says so, and calls nothing that writes."""
    script = rendered(path)
    writes = ("Set-", "Remove-", "New-Item", "Stop-", "Restart-", "Mount-", "Clear-", "Disable-", "Enable-")
    if path.name not in ("remove_appx_packages.ps1", "remove_leftovers.ps1", "shut_down.ps1", "optimize_image.ps1"):
        assert [word for word in writes if word in script] == []
        # Some go by run commands, which know no changes.
        assert "$Ansible.Changed = $false" in script or path.name == "identity.ps1"
