# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the roles that a role depends on: its dependencies, and the roles that its tasks include."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.image_inputs import UnreadableInput

_INCLUDES = ("include_role", "import_role", "ansible.builtin.include_role", "ansible.builtin.import_role")
_OWN_COLLECTION = "golden.azure"


class _Loader(yaml.SafeLoader):
    """Reads Ansible's YAML tags, such as !vault, as null: they contain no names of roles."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def find_roles(names: Iterable[str], playbook_directory: Path, roles_path: Sequence[str]) -> dict[str, Path]:
    """The directories of roles and of their dependencies, by name.

    Templated names cannot be resolved; add such roles to the files of the image.

    :param playbook_directory: the directory of the playbook; roles in it and in its subdirectory roles are found first.
    :param roles_path: the directories of Ansible's setting roles_path.
    :raises UnreadableInput: if a role is not found, or is not YAML.
    """
    folders = [playbook_directory / "roles", *map(Path, roles_path), playbook_directory]
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _find(name, folders)
            waiting += _named_in(found[name])
    return found


def _find(name: str, folders: Iterable[Path]) -> Path:
    """The directory from which Ansible runs a role: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_reuse_roles.html."""
    candidates = [folder / name for folder in folders]
    collection, role = name.rpartition(".")[::2]
    if "." in collection:
        candidates.insert(0, _in_collection(collection, role))
    else:
        candidates.insert(0, _in_collection(_OWN_COLLECTION, name))
    for candidate in candidates:
        if candidate.is_dir():
            return candidate.resolve()
    raise UnreadableInput(f"The role '{name}' does not exist; it was searched in {', '.join(map(str, folders))}.")


def _in_collection(collection: str, role: str) -> Path:
    namespace, name, *subfolders = collection.split(".")
    try:
        package = importlib.import_module(f"ansible_collections.{namespace}.{name}")
    except ImportError:
        return Path("/nonexistent")
    return Path(next(iter(package.__path__)), "roles", *subfolders, role)


def _named_in(role: Path) -> list[str]:
    names: list[str] = []
    for file in sorted([*role.glob("meta/main.y*ml"), *role.glob("tasks/**/*.y*ml"), *role.glob("handlers/**/*.y*ml")]):
        try:
            content = yaml.load(file.read_bytes(), _Loader)  # noqa: S506 - a safe loader
        except (OSError, yaml.YAMLError) as error:
            raise UnreadableInput(f"'{file}' cannot be read as YAML ({type(error).__name__}).") from error
        if file.parent.name == "meta":
            names += _dependencies(content)
        else:
            names += _included(content)
    return [name for name in names if "{{" not in name]


def _dependencies(meta: Any) -> Iterator[str]:
    for one in (meta.get("dependencies") if isinstance(meta, dict) else None) or []:
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
