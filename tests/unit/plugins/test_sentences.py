# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sentences hold no names of the code: one that is renamed must not end up in what people read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from repository import ROOT

#: A word with an underscore that is neither quoted, nor a part of a path, an address or a mark of documentation.
_NAME = re.compile(r"(?<![\w'\"`/.:=({$%-])[a-z]+(?:_[a-z]+)+(?![\w'\"`/=(){}*-]|\.[a-z]|: )")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Texts with a space in them that are no docstrings: what is said to people, as far as it stands in the code."""
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and _is_text(node.body)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and " " in node.value
        ):
            yield node.lineno, node.value


def _is_text(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)


def names_in(text: str) -> list[str]:
    """Names of the code in sentences."""
    return [f"{line}: {found} in {said!r}" for line, said in sentences(text) for found in _NAME.findall(said)]


@pytest.mark.parametrize("folder", ["module_utils", "plugin_utils"])
def test_no_sentence_holds_a_name_of_the_code(folder: str) -> None:
    found = [
        f"{path}:{name}"
        for path in sorted(Path(ROOT, "plugins", folder).rglob("*.py"))
        for name in names_in(path.read_text())
    ]
    assert found == []


def test_one_that_does_is_found() -> None:
    assert names_in("raise Failure(f'The {label} failed: run the task retry_synchronously to go on.')")
    assert not names_in("raise Failure(f\"Option '{name}' is for 'source_vm'; see golden.azure.vm_image_info.\")")
