# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/comparison.md: what image tools do, and how this collection does it, from docs/comparison.yml."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from repository import ROOT

REGISTER = ROOT / "docs" / "comparison.yml"
PAGE = ROOT / "docs" / "comparison.md"
COMMAND = "python tests/tools/write_comparison.py"
REPOSITORY = "https://github.com/golden-azure/golden.azure/blob/main/"

_HEAD = f"""\
<!--
Copyright (c) 2026 golden.azure contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Comparison

What tools for Azure images do, and how this collection does it: the options, a test that shows it, and where it is described. The last
rows are what Azure's documentation on images describes. The column "others" names the tools that do it completely, as of 2026:
azure.azcollection 3.12, the Azure plugin of Packer 2.6, Azure Image Builder, the Azure CLI 2.91 (with Az PowerShell), image-builder of
Kubernetes, runner-images of GitHub, and amazon.aws with EC2 Image Builder. This page is generated from `docs/comparison.yml` by
`{COMMAND}`. A test fails if it is out of date, or if an option, a test or a document does not exist.
"""
_TABLE = "\n## {}\n\n| | capability | options | test | document | others |\n|---|---|---|---|---|---|\n"


def load() -> list[dict[str, Any]]:
    """Read the rows."""
    return list(yaml.safe_load(REGISTER.read_text(encoding="utf-8")))


def page(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a page, a table for each group."""
    return _HEAD + "".join(
        _TABLE.format(group) + "".join(_line(row) for row in members)
        for group, members in groupby(rows, key=lambda row: row["group"])
    )


def faults(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is named and does not exist, each in a sentence."""
    for row in rows:
        if "open" in row:
            continue
        name = f"row {row['row']}"
        yield from (f"{name}: there is no option {option}" for option in row["options"] if option not in _options())
        if not row["options"]:
            yield f"{name} names no option"
        if not (ROOT / row["document"]).is_file():
            yield f"{name}: there is no document {row['document']}"
        if not _test_exists(row["test"]):
            yield f"{name}: there is no test {row['test']}"


def _line(row: Mapping[str, Any]) -> str:
    others = ", ".join(row.get("others", []))
    if "open" in row:
        return f"| {row['row']} | {row['capability']} | {row['open']} | | | {others} |\n"
    options = ", ".join(f"`{option}`" for option in _short(row["options"]))
    test = f"[{_name(row['test'])}]({REPOSITORY}{row['test'].partition('::')[0]})"
    document = row["document"]
    shown = f"[{Path(document).name}]({_link(document)})"
    return f"| {row['row']} | {row['capability']} | {options} | {test} | {shown} | {others} |\n"


def _short(options: Sequence[str]) -> list[str]:
    """Options, without the module's name where the one before has the same."""
    shown, before = [], ""
    for option in options:
        module, _dot, name = option.partition(".")
        # The variables of a role begin with its name.
        shown.append(name if module == before or name.startswith(module) else f"{module}: {name}")
        before = module
    return shown


def _name(test: str) -> str:
    return test.partition("::")[2] or f"target {Path(test).name}"


def _link(document: str) -> str:
    if document.startswith("docs/"):
        return document.removeprefix("docs/")
    return REPOSITORY + document


@cache
def _options() -> frozenset[str]:
    """All options of modules, and all variables of roles."""
    shared = set()
    for path in (ROOT / "plugins" / "doc_fragments").glob("*.py"):
        shared |= set(re.findall(r"^  (\w+):$", path.read_text(encoding="utf-8"), re.MULTILINE))
    found = set()
    for path in (ROOT / "plugins" / "modules").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        documentation = re.search(r'^DOCUMENTATION = r?"""(.*?)"""', text, re.DOTALL | re.MULTILINE)
        if documentation:
            options = yaml.safe_load(documentation[1]).get("options", {})
            found |= {f"{path.stem}.{name}" for name in {*options, *shared}}
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        entry_points = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
        found |= {f"{path.parents[1].name}.{name}" for each in entry_points for name in each["options"]}
    return frozenset(found)


def _test_exists(test: str) -> bool:
    path, _colons, function = test.partition("::")
    if not function:
        return path.startswith("tests/integration/targets/") and (ROOT / path / "tasks").is_dir()
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in ast.walk(tree))
