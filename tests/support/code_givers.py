# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which modules, roles and playbooks give a code: those from which the function that gives it can be reached by its name."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

from codes import REFUSAL, all_sources, python_files, yaml_files

#: What stands for all modules together.
EVERY_MODULE = "every module"

_PACKAGE = "ansible_collections.golden.azure.plugins."
#: Classes whose users call only some of their methods.
_BY_METHOD = ("TargetReader",)

#: Findings of a filter that it gives for one of its arguments alone: the function, and what a file of a role says then.
_OF_ARGUMENTS = {
    "number_findings": "variable_findings('numbers'",
    "empty_findings": "variable_findings('texts'",
    "name_findings": "variable_findings('names'",
    "parameter_findings": "variable_findings('parameters'",
    "tag_findings": "variable_findings('tags'",
    "type_findings": "variable_findings('types'",
}
#: Who never gives a code, though the function can be reached from there, as nothing is asked that leads to it; and kinds.
_NEVER = {
    "target_is_controller": {
        "playbook capture_linux",
        "playbook capture_windows",
        "playbook cleanup",
        "playbook prune",
        "playbook summary",
    },
    "version_not_valid": {"vm_image_instance", REFUSAL},
    "no_zones_in_region": {"vm_image_instance"},
    # Of variables, all that is found has a code of its own.
    "option_not_valid": {
        *("golden_image", "image_verify", "linux_deprovision", "windows_sysprep"),
        *("playbook capture_linux", "playbook capture_windows", "playbook cleanup", "playbook prune"),
    },
    "same_golden_image": {"playbook capture_linux", "playbook capture_windows"},
    "image_not_named": {"golden_image"},
    "same_image": {"golden_image"},
    "same_source_vm": {"golden_image"},
}

#: A file's path and a name on its top level.
Place = tuple[str, str]


#: Files whose tables many use, and few for their codes.
_GIVEN_BY = {"plugins/module_utils/_model/gallery_properties.py": ("vm_image_capture",)}


@cache
def registered() -> dict[str, dict[str, set[str]]]:
    """Every code with its kinds, and for each of them who gives it so."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path, source in all_sources().items():
        for code, kind, top in source.given:
            never = _NEVER.get(code, set())
            if kind not in never:
                found[code][kind] |= givers(path, top) - never
    return found


def unknown() -> list[str]:
    """What cannot be read of the sources."""
    return [each for source in all_sources().values() for each in source.unknown]


def folded(names: set[str]) -> list[str]:
    """Names in their order, with one for all modules where each of them is there."""
    rest = names - modules() if modules() <= names else names
    return ([EVERY_MODULE] if modules() <= names else []) + sorted(rest)


@cache
def modules() -> frozenset[str]:
    """Names of all modules."""
    return frozenset(_stem(path) for path in python_files() if path.startswith("plugins/modules/"))


def givers(path: str, top: str) -> set[str]:
    """Who gives what stands there: names of modules, roles and playbooks."""
    if not path.startswith("plugins/"):
        return _of_file(path)
    if path in _GIVEN_BY:
        return set(_GIVEN_BY[path])
    found: set[str] = set()
    users, seen = _users(), {(path, top)}
    waiting = [(path, top)]
    while waiting:
        place = waiting.pop()
        if place[0].startswith("plugins/modules/"):
            found.add(_stem(place[0]))
        elif place[0].startswith(("plugins/filter/", "plugins/lookup/")):
            found |= _users_of_filter(_OF_ARGUMENTS.get(top) or _stem(place[0]))
        new = users[place] - seen
        seen |= new
        waiting += new
    return found


@cache
def _users() -> dict[Place, set[Place]]:
    """For each name on the top level of a file, those in which it is used."""
    files = {path: ast.parse(text) for path, text in python_files().items() if path.startswith("plugins/")}
    methods = {
        item.name: (path, f"{node.name}.{item.name}")
        for path, tree in files.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in _BY_METHOD
        for item in node.body
        if isinstance(item, ast.FunctionDef)
    }
    users: dict[Place, set[Place]] = defaultdict(set)
    for path, tree in files.items():
        known = _names_in(path, tree, files)
        for node, name in _tops(tree):
            for used in ast.walk(node):
                for place in _places(used, known, files):
                    users[place].add((path, name))
                if isinstance(used, ast.Attribute) and used.attr in methods and set(_BY_METHOD) & set(known):
                    users[methods[used.attr]].add((path, name))
            if "." not in name and isinstance(node, ast.ClassDef):
                for item in node.body:
                    if isinstance(item, ast.FunctionDef):
                        users[(path, f"{name}.{item.name}")].add((path, name))
    return users


def _tops(tree: ast.Module) -> list[tuple[ast.AST, str]]:
    found: list[tuple[ast.AST, str]] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in _BY_METHOD:
            found += [(item, f"{node.name}.{item.name}") for item in node.body if isinstance(item, ast.FunctionDef)]
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append((node, node.name))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found.append((node, target.id if isinstance(target, ast.Name) else ""))
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append((node, ""))
    return found


def _names_in(path: str, tree: ast.Module, files: dict[str, ast.Module]) -> dict[str, Place]:
    """What the names in a file mean: its own, and those that it imports; a module has no name on the top level."""
    known = {name: (path, name) for _node, name in _tops(tree) if name}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(_PACKAGE):
            folder = "plugins/" + f"{node.module}.".removeprefix(_PACKAGE).replace(".", "/")
            for alias in node.names:
                whole = f"{folder}{alias.name}.py"
                place = (whole, "") if whole in files else (f"{folder.rstrip('/')}.py", alias.name)
                known[alias.asname or alias.name] = place
    return known


def _places(node: ast.AST, known: dict[str, Place], files: dict[str, ast.Module]) -> list[Place]:
    if isinstance(node, ast.Name) and node.id in known and known[node.id][1]:
        return [known[node.id]]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
        path, name = known[node.value.id]
        return [(path, node.attr)] if not name else []
    return []


@cache
def _users_of_filter(name: str) -> frozenset[str]:
    using = (path for path, text in yaml_files().items() if f"golden.azure.{name}" in text)
    return frozenset(user for path in using for user in _of_file(path))


def _of_file(path: str) -> set[str]:
    """The role or playbook that a file is of; of variables and tasks, the playbooks that include them."""
    if not path.startswith(("playbooks/vars/", "playbooks/tasks/")):
        return {_of_yaml(path)}
    taken = path.removeprefix("playbooks/")
    users = {_of_yaml(each) for each, text in yaml_files().items() if taken in text and each.count("/") == 1}
    # Tasks that other tasks beside them include.
    beside = f"include_tasks: {path.rpartition('/')[2]}\n"
    including = [each for each, text in yaml_files().items() if each.startswith("playbooks/tasks/") and beside in text]
    return users.union(*map(_of_file, including))


def _of_yaml(path: str) -> str:
    kind, _slash, rest = path.partition("/")
    return rest.partition("/")[0] if kind == "roles" else f"playbook {_stem(path)}"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
