# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the floors in docs/architecture.md, drawn from the imports."""

from __future__ import annotations

from collections import Counter

from . import FEATURES, FLOORS, PLUGINS, Graph, arrows, floor_of, import_graph

PAGE = PLUGINS.parent / "docs" / "architecture.md"
_BEGIN, _END = "<!-- drawn by tests/architecture -->\n", "<!-- end of the picture -->\n"
#: What Ansible calls, and what runs for it in the controller's process.
_PLUGINS = ("modules", "action", "filter", "lookup", "plugin_utils")
_WIDTH = 78


def drawn(graph: Graph | None = None) -> str:
    """The picture as text: each floor with its number of files and what it imports."""
    graph = import_graph() if graph is None else graph
    files = Counter(map(floor_of, graph))
    features = sorted(
        {floor_of(name) for name in graph if name.startswith("module_utils.")} - set(FLOORS),
        key=lambda each: (-files[each], each),
    )
    imported = arrows(graph)
    rows = [(f"plugins/{name} ({files[name]})", _below(imported, [name], features)) for name in _PLUGINS]
    rows.append((" ".join(f"{name} ({files[name]})" for name in features), _below(imported, features, features)))
    rows += [(f"{name} ({files[name]})", _below(imported, [name], features)) for name in reversed(FLOORS)]
    edge = f"+{'-' * _WIDTH}+"
    lines = [edge]
    for number, (label, below) in enumerate(rows):
        lines += [f"| {line:<{_WIDTH - 2}} |" for line in _wrapped(label)]
        lines.append(f"|     imports {below or 'nothing of this collection':<{_WIDTH - 14}} |")
        if number >= len(_PLUGINS) - 1:
            lines.append(edge)
    return "```text\n" + "\n".join(lines) + "\n```\n"


def _below(imported: Counter[tuple[str, str]], names: list[str], features: list[str]) -> str:
    found = {other for name, other in imported if name in names}
    shown = [each for each in ("plugin_utils",) if each in found]
    shown += [FEATURES] if found & set(features) else []
    return " ".join([*shown, *(floor for floor in reversed(FLOORS) if floor in found)])


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.replace(" (", "\0(").split(" "):
        entry = word.replace("\0", " ")
        if len(lines[-1]) + len(entry) > _WIDTH - 4:
            lines.append("")
        lines[-1] = f"{lines[-1]} {entry}".strip()
    return lines


def current() -> str:
    """The picture that the page holds."""
    return PAGE.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]


def write() -> None:
    """Bring the page up to date."""
    before, _mark, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    PAGE.write_text(before + _BEGIN + drawn() + _END + rest.partition(_END)[2], encoding="utf-8")
