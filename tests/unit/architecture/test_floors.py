# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports lead one way, and what decides reads nothing."""

from __future__ import annotations

import pytest

import architecture
from architecture.picture import PAGE, current, drawn

GRAPH = architecture.import_graph()


def test_all_imports_lead_down() -> None:
    assert architecture.upward(GRAPH) == []


def test_no_file_reaches_itself() -> None:
    assert architecture.cycles(GRAPH) == []


def test_what_decides_reaches_neither_azure_nor_files() -> None:
    assert architecture.impure(GRAPH) == []


def test_the_picture_is_current() -> None:
    assert current() == drawn(), f"Run: PYTHONPATH=tests python -m architecture, which writes {PAGE}"


@pytest.mark.parametrize(
    ("name", "other", "check"),
    [
        ("module_utils._core.plan", "module_utils._model.facts", architecture.upward),
        ("module_utils._removal.plan", "module_utils._promotion.plan", architecture.upward),
        ("module_utils._core.errors", "plugin_utils.secrets", architecture.upward),
        ("module_utils._core.errors", "module_utils._core.plan", architecture.cycles),
        ("module_utils._model.locks", "module_utils._azure.client", architecture.impure),
        ("module_utils._capture.plan.source_vm", "module_utils._local.programs", architecture.impure),
    ],
)
def test_one_import_that_leads_elsewhere_is_found(name: str, other: str, check) -> None:
    broken = {**GRAPH, name: GRAPH[name] | {other}}
    assert other in GRAPH
    assert check(broken)
