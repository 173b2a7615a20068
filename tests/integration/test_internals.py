# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An ansible-core that is built otherwise: each undocumented part taken away in turn, the same capture ends well, with one warning."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import ROOT, TESTS

from embedded_azure import EmbeddedAzure

PLUGINS = ROOT / "plugins"
INTERNALS = PLUGINS / "plugin_utils" / "_ansible"

#: What Ansible's documentation gives plugins to import.
DOCUMENTED = {
    ("ansible.errors", "*"),
    ("ansible.module_utils.basic", "AnsibleModule"),
    ("ansible.plugins.lookup", "LookupBase"),
    ("ansible.utils.display", "Display"),
}
#: Attributes that the documentation of plugins uses on self.
DOCUMENTED_ATTRIBUTES: set[str] = set()

#: What _ansible/ relies on: what is patched, and how it can be otherwise.
PARTS = [
    ("import", "ansible.plugins.action.normal", "gone"),
    ("import", "ansible.module_utils.common.arg_spec", "gone"),
    ("import", "ansible.module_utils.errors", "gone"),
    *[
        ("attribute", f"ansible.plugins.action:ActionBase.{name}", how)
        for name in ("_task", "_connection", "_templar", "_compute_environment_string")
        for how in ("gone", "otherwise")
    ],
    *[
        ("attribute", f"ansible.playbook.task:Task.{name}", how)
        for name in ("check_mode", "diff", "no_log", "async_val", "delegate_to", "args", "action", "environment")
        for how in ("gone", "otherwise")
        # Any object will do for these.
        if (name, how) not in {("action", "otherwise"), ("delegate_to", "otherwise")}
    ],
    ("attribute", "ansible.module_utils.common.arg_spec:ArgumentSpecValidator.validate", "gone"),
    ("attribute", "ansible.module_utils.common.arg_spec:ArgumentSpecValidator.validate", "otherwise"),
    ("attribute", "ansible.module_utils.common.arg_spec:ValidationResult.validated_parameters", "otherwise"),
]
#: Without these nothing need be given up.
UNNEEDED = {"ansible.plugins.action.normal"}
WARNING = "runs its modules in separate processes"


@pytest.fixture
def captured(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> Any:
    """Captures a machine with a part of Ansible taken away; returns what ansible-playbook printed."""
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
        }
    )
    capture = {
        "name": "Capture",
        "golden.azure.vm_image_capture": {
            "source_vm": "web",
            "image": "golden",
            "resource_group": "images",
            "generalize": True,
        },
    }
    # In check mode first, twice: a part that is otherwise must not make a task write, and one warning is enough.
    tasks = [
        {**capture, "check_mode": True},
        {**capture, "check_mode": True},
        {**capture, "environment": {"PASSED_ON": "1"}},
    ]
    playbook = tmp_path / "capture.yml"
    play = {
        "name": "Capture",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": tasks,
    }
    playbook.write_text(yaml.safe_dump([play]))

    def run(kind: str, part: str, how: str) -> str:
        finished = playbooks.run(
            playbook, "-vvv", PYTHONPATH=str(TESTS / "support" / "without_internals"), TAKEN_AWAY=f"{kind} {part} {how}"
        )
        assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-3000:]
        assert len([one for one in azure.requests if one.path.endswith("/generalize")]) == 1
        assert "ok=3" in finished.stdout
        assert "changed=3" in finished.stdout
        assert any("/images/golden" in name.lower() for name in azure.resources())
        return finished.stdout + finished.stderr

    return run


@pytest.mark.parametrize(
    ("kind", "part", "how"),
    [
        pytest.param(*part, id=f"{part[1]}-{part[2]}", marks=[] if number in (1, 9) else [pytest.mark.sweep])
        for number, part in enumerate(PARTS)
    ],
)
def test_without_a_part_the_same_code_runs_as_a_module(captured: Any, kind: str, part: str, how: str) -> None:
    shown = captured(kind, part, how)
    needed = part not in UNNEEDED
    assert ("AnsiballZ" in shown) is needed
    # Ansible breaks its warnings into lines.
    assert " ".join(shown.split()).count(WARNING) == int(needed)


def test_with_all_parts_there_is_no_warning(captured: Any) -> None:
    shown = captured("nothing", "-", "-")
    assert "AnsiballZ" not in shown
    assert WARNING not in " ".join(shown.split())


# -- only one place relies on what is not documented ----------------------------------------------------------------


def _plugin_files() -> list[Path]:
    return sorted(file for file in PLUGINS.rglob("*.py") if INTERNALS not in file.parents)


@pytest.mark.parametrize("file", _plugin_files(), ids=lambda file: str(file.relative_to(PLUGINS)))
def test_only_documented_parts_of_ansible_are_used(file: Path) -> None:
    tree = ast.parse(file.read_text())
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node)
    }
    is_plugin = file.parent.name in ("action", "lookup", "filter", "callback") or "in_process" in file.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not [one.name for one in node.names if one.name.split(".")[0] == "ansible"]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ansible":
            wanted = {(node.module, one.name) for one in node.names}
            assert wanted <= DOCUMENTED or (node.module, "*") in DOCUMENTED, wanted
        elif is_plugin and isinstance(node, ast.Attribute) and _is_self(node) and node.attr.startswith("_"):
            assert node.attr in own | DOCUMENTED_ATTRIBUTES, f"line {node.lineno}: {node.attr}"


def _is_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"
