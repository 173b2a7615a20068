# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which roles a role brings along: its dependencies, and the roles that its tasks name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.role.definition import RoleDefinition
from ansible_collections.golden.azure.plugins.plugin_utils.image_inputs import UnreadableInput

_INCLUDES = ("include_role", "import_role", "ansible.builtin.include_role", "ansible.builtin.import_role")


def find_roles(names: Iterable[str], loader: DataLoader) -> dict[str, Path]:
    """The folders of roles and of all that they bring along, by name.

    A name that is made up only when the role runs cannot be seen; name such roles among the files of the image.

    :raises UnreadableInput: when a role is not found.
    """
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _find(name, loader)
            waiting += _named_in(found[name], loader)
    return found


def _find(name: str, loader: DataLoader) -> Path:
    # Searched as Ansible does, so that what is digested is what will run.
    definition = RoleDefinition(loader=loader, collection_list=["golden.azure"])
    definition._ds = None
    try:
        return Path(definition._load_role_path(name)[1])
    except AnsibleError as error:
        raise UnreadableInput(f"The role '{name}' is not there: {error}") from error


def _named_in(role: Path, loader: DataLoader) -> list[str]:
    names: list[str] = []
    for file in sorted([*role.glob("meta/main.y*ml"), *role.glob("tasks/**/*.y*ml"), *role.glob("handlers/**/*.y*ml")]):
        content = loader.load_from_file(str(file))
        if file.parent.name == "meta":
            names += _dependencies(content)
        else:
            names += _included(content)
    return [name for name in names if "{{" not in name]


def _dependencies(meta: Any) -> Iterator[str]:
    for one in (meta or {}).get("dependencies") or []:
        name = one if isinstance(one, str) else one.get("role") or one.get("name")
        if name:
            yield str(name)


def _included(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _included(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in _INCLUDES and isinstance(value, dict) and value.get("name"):
                yield str(value["name"])
            else:
                yield from _included(value)
