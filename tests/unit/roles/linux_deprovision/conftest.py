# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program of the role linux_deprovision, on files: what it finds and removes, family by family."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from role_files import ROLE, Tree

# The role loads these as modules of their own names, too (see __linux_deprovision_bootstrap).
sys.path.insert(0, str(ROLE / "files"))


@pytest.fixture
def modules() -> dict[str, ModuleType]:
    """Return the role's modules by name."""
    names = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))["__linux_deprovision_modules"]
    return {name: __import__(name) for name in names}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return an empty guest."""
    return Tree(tmp_path)
