# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible imports to find one filter: all files of the directory, in each worker that uses a filter of this collection."""

from __future__ import annotations

import json
import subprocess
import sys

from repository import ROOT

#: Prints the modules of this collection that are imported with its filters.
PROGRAM = """
import importlib, json, pkgutil, sys
filters = importlib.import_module("ansible_collections.golden.azure.plugins.filter")
for found in pkgutil.iter_modules(filters.__path__):
    importlib.import_module(f"{filters.__name__}.{found.name}")
print(json.dumps(sorted(name for name in sys.modules if name.startswith("ansible_collections.golden.azure"))))
"""
#: What small filters, which many tasks use, are made of.
SMALL = (
    "module_utils._core.conversions",
    "module_utils._core.errors",
    "module_utils._local.paths",
    "plugin_utils.known_identity",
    "plugin_utils.secure_boot",
)


def test_what_few_tasks_use_is_imported_when_it_is_called() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(ROOT / ".cache" / "collections")},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {name.removeprefix("ansible_collections.golden.azure.plugins.") for name in json.loads(finished.stdout)}
    files = {name for name in imported if "plugin_utils." in name or "module_utils." in name}
    packages = {name for name in files if not (ROOT / "plugins" / (name.replace(".", "/") + ".py")).exists()}
    assert files - packages <= set(SMALL)
