# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of findings: each blocker, hang and endless wait, its message, and the test that shows it.

    PYTHONPATH=tests:.cache/collections python -m windows_guest.findings

writes docs/windows_sysprep_findings.md anew.

Messages are those that the filters and the role give for the cases that the tests run, so that none is written by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.golden.azure.plugins.filter.sysprep_blockers import sysprep_blockers
from ansible_collections.golden.azure.plugins.filter.sysprep_progress import sysprep_progress

from .cases import BEFORE, BLOCKERS, ENDLESS, HANGS, LIMIT, WARNINGS, WRONG, ids
from .facts import healthy

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "windows_sysprep_findings.md"
FILTERS = ROOT / "plugins" / "filter"
TASKS = ROOT / "roles" / "windows_sysprep" / "tasks"

_UNIT = "tests/unit/plugins/filter"
_ROLE = "tests/integration/test_windows_sysprep.py"
_CODE = re.compile(r"[a-z][a-z_]+")
_HEAD = """\
<!--
Copyright (c) 2026 golden.azure contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# What windows_sysprep finds, what it says, and the test that shows it

Written by `python -m windows_guest.findings`; a test fails when it is stale. Names and figures in the messages are those of the
test's case.
"""


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    finding: str
    message: str
    tests: tuple[str, ...]

    def line(self) -> str:
        """As Markdown."""
        shown = "<br>".join(f"`{test}`" for test in self.tests)
        message = self.message.replace("|", "\\|").replace("\n", " ")
        return f"| `{self.finding}` | {message} | {shown} |"


def blocker_rows() -> list[Row]:
    """What forbids sysprep."""
    rows = []
    for (code, differs, _said), name in zip(BLOCKERS, ids(BLOCKERS), strict=True):
        (finding,) = sysprep_blockers(healthy(**differs))["blockers"]
        rows.append(Row(code, finding["message"], (f"{_UNIT}/test_sysprep_blockers.py::test_each_blocker[{name}]",)))
    return rows


def warning_rows() -> list[Row]:
    """What only deserves attention."""
    rows = []
    for (code, differs, _said), name in zip(WARNINGS, ids(WARNINGS), strict=True):
        (finding,) = sysprep_blockers(healthy(**differs))["warnings"]
        rows.append(Row(code, finding["message"], (f"{_UNIT}/test_sysprep_blockers.py::test_warnings[{name}]",)))
    return rows


def hang_rows() -> list[Row]:
    """How sysprep hangs or fails."""
    rows = []
    for (code, state, elapsed, _said), name in zip(HANGS, ids(HANGS), strict=True):
        verdict = sysprep_progress(state, now=elapsed, started=0, deadline=LIMIT, before=BEFORE)
        tests = [f"{_UNIT}/test_sysprep_progress.py::test_each_hang[{name}]"]
        if name in (code, f"{code} 1"):
            runs = [how for how, (told, _words) in WRONG.items() if told == code]
            tests += [f"{_ROLE}::test_a_sysprep_that_goes_wrong_is_told[{how}]" for how in runs]
        rows.append(Row(code, verdict["message"], tuple(tests)))
    return rows


def wait_rows() -> list[Row]:
    """Waits on a guest that never gets there."""
    verdicts = {row.finding: row.message for row in reversed(hang_rows())}
    texts = list(_texts_of_tasks())
    rows = []
    for name, (case, said) in ENDLESS.items():
        code = WRONG.get(case.scenario.get("sysprep", ""), (said,))[0]
        # What is filled in follows a quotation mark.
        message = verdicts.get(code) or next(text for text in texts if said.split('"', maxsplit=1)[0] in text)
        rows.append(Row(name, message, (f"{_ROLE}::test_every_wait_has_an_end[{name}]",)))
    return rows


def codes_of(filter_name: str) -> set[str]:
    """All codes that a filter of sysprep gives, read from its source."""
    tree = ast.parse((FILTERS / f"{filter_name}.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_finding":
            found |= _constants(node.args[0])
        elif (
            isinstance(node, ast.Tuple)
            and len(node.elts) == 2
            and isinstance(node.elts[1], ast.JoinedStr | ast.Constant)
        ):
            found |= _constants(node.elts[0])
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found |= {code for key, value in pairs if getattr(key, "value", "") == "code" for code in _constants(value)}
    return {code for code in found if _CODE.fullmatch(code)}


def _constants(node: ast.expr) -> set[str]:
    if isinstance(node, ast.IfExp):
        return _constants(node.body) | _constants(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _texts_of_tasks() -> Iterator[str]:
    """Every text in the role's tasks, with dots where something is filled in."""

    def below(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for value in node.values():
                yield from below(value)
        elif isinstance(node, list):
            for value in node:
                yield from below(value)
        elif isinstance(node, str):
            yield re.sub(r"\{\{.*?\}\}", "...", node, flags=re.DOTALL).replace("... ...", "...").strip()

    for path in sorted(TASKS.glob("*.yml")):
        yield from below(yaml.safe_load(path.read_text(encoding="utf-8")))


def render() -> str:
    """The whole table."""
    parts = [
        ("What forbids sysprep", blocker_rows()),
        ("What deserves attention", warning_rows()),
        ("How sysprep hangs or fails", hang_rows()),
        ("Waits on a guest that never gets there", wait_rows()),
    ]
    sections = [
        f"## {title}\n\n| finding | message | shown by |\n|---|---|---|\n"
        + "\n".join(row.line() for row in rows)
        + "\n"
        for title, rows in parts
    ]
    return "\n".join([_HEAD, *sections])


if __name__ == "__main__":
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(render(), encoding="utf-8")
