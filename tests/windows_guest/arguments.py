# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a task's arguments against the documentation of the module in ansible.windows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

MODULES = (
    Path(__file__).resolve().parents[2] / ".cache/dependencies/ansible_collections/ansible/windows/plugins/modules"
)
_DOCUMENTATION = re.compile(r"DOCUMENTATION = r?(?:'''|\"\"\")(.*?)(?:'''|\"\"\")", re.DOTALL)


def problems(module: str, arguments: dict[str, Any]) -> list[str]:
    """Say what is wrong with a task's arguments, in the words of Ansible; an undocumented module is wrong, too."""
    path = MODULES / f"{module.removeprefix('ansible.windows.')}.py"
    if not module.startswith("ansible.windows.") or not path.exists():
        return [f"{module} is no module of ansible.windows."]
    match = _DOCUMENTATION.search(path.read_text(encoding="utf-8"))
    if match is None:
        return [f"{module} has no documentation."]
    documentation = yaml.safe_load(match.group(1))
    given = {name: value for name, value in arguments.items() if not name.startswith("_ansible_")}
    validated = ArgumentSpecValidator(_specification(documentation.get("options") or {})).validate(given)
    return list(validated.error_messages)


def _specification(options: dict[str, Any]) -> dict[str, Any]:
    kept = ("type", "required", "choices", "aliases", "elements", "default")
    specification = {}
    for name, option in options.items():
        entry = {key: value for key, value in option.items() if key in kept}
        if entry.get("required"):
            entry.pop("default", None)
        if isinstance(entry.get("choices"), dict):
            entry["choices"] = list(entry["choices"])
        if option.get("suboptions"):
            entry["options"] = _specification(option["suboptions"])
        specification[name] = entry
    return specification
