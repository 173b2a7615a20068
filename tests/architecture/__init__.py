# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The imports of the collection's plugins as a graph: which file imports which, on which floors they lie.

Imports under TYPE_CHECKING and inside functions count as all others: Ansible packs them into modules, too.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
_PACKAGE = "ansible_collections.golden.azure.plugins."

#: The floors of module_utils from the ground up: each may import from itself and from those before it.
FLOORS = ("_core", "_model", "_local", "_azure", "_engine", "_images", "_upload")
#: Every other folder of module_utils is a feature, which stands on all floors and imports no other feature.
FEATURES = "features"
#: What reads or writes something outside the process; what is pure reaches none of them.
IMPURE = ("_local", "_azure")

Graph = Mapping[str, set[str]]


def import_graph(plugins: Path = PLUGINS) -> dict[str, set[str]]:
    """Each file of the plugins, as a dotted name below plugins/, with those that it imports."""
    files = {
        ".".join(path.relative_to(plugins).with_suffix("").parts): path
        for path in sorted(plugins.rglob("*.py"))
        if "__pycache__" not in path.parts
    }
    return {name: set(_imports(path, files.keys())) - {name} for name, path in files.items()}


def _imports(path: Path, known: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.removeprefix(_PACKAGE) in known:
                yield name.removeprefix(_PACKAGE)


def floor_of(name: str) -> str:
    """The floor of a file: the folder in module_utils, else the kind of plugin."""
    first, _dot, rest = name.partition(".")
    return rest.partition(".")[0] if first == "module_utils" else first


def is_pure(name: str) -> bool:
    """Whether a file decides without reading or writing anything: the two lowest floors and all planners."""
    folder = name.rpartition(".")[0]
    return name.startswith("module_utils.") and (
        floor_of(name) in ("_core", "_model") or name.endswith(".plan") or folder.endswith(".plan")
    )


def upward(graph: Graph) -> list[tuple[str, str]]:
    """Imports that go up, from one feature to another, or out of module_utils."""
    return [
        (name, other)
        for name, others in graph.items()
        if name.startswith("module_utils.")
        for other in sorted(others)
        if floor_of(name) != floor_of(other)
        and (not other.startswith("module_utils.") or _height(floor_of(other)) >= _height(floor_of(name)))
    ]


def _height(floor: str) -> int:
    return FLOORS.index(floor) if floor in FLOORS else len(FLOORS)


def reached(graph: Graph, name: str) -> set[str]:
    """All files that a file imports, directly or through others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def cycles(graph: Graph) -> list[str]:
    """Files that reach themselves."""
    return [name for name in graph if name in reached(graph, name)]


def impure(graph: Graph) -> list[tuple[str, str]]:
    """Pure files that reach something outside the process, each with what it reaches."""
    return [
        (name, other)
        for name in graph
        if is_pure(name)
        for other in sorted(reached(graph, name))
        if floor_of(other) in IMPURE
    ]


def arrows(graph: Graph) -> Counter[tuple[str, str]]:
    """How many imports lead from one floor to another."""
    return Counter(
        (floor_of(name), floor_of(other))
        for name, others in graph.items()
        for other in others
        if floor_of(name) != floor_of(other)
    )
