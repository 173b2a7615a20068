# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code that the sources give to programs, with its kind: what docs/codes.yml is compared with.

Read from the sources without running them. Codes of Azure that are handed on are none of the collection's.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from repository import ROOT

BLOCKER, WARNING, REFUSAL, DECISION = "blocker", "warning", "refusal", "decision"
KINDS = (BLOCKER, WARNING, REFUSAL, DECISION)

_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FAILURES = (
    *("Failure", "InvalidInput", "SignInFailed", "Unreachable", "LostResponse", "NotFound", "Throttled", "Refused"),
    *("DeadlineExceeded", "Blocked"),
)
#: What takes a code: at which position, and the kind of all that it makes; no kind where that depends on who calls.
_TAKERS: dict[str, tuple[int, str | None]] = {
    **dict.fromkeys(_FAILURES, (1, REFUSAL)),
    "FileUnusable": (3, REFUSAL),
    "Problem": (0, REFUSAL),
    "Finding": (0, None),
    "_finding": (0, None),
    "_repairable": (0, None),
    "finding": (0, None),
    "_refusal": (0, REFUSAL),
    "_unless_refused": (0, WARNING),
    "resources": (0, WARNING),
    "Claim": (0, REFUSAL),
    "_located": (0, REFUSAL),
    "Reason": (0, DECISION),
}
#: What it is in these files, whatever the function is called.
_OF_FILES = {
    "plugins/filter/guest_identity.py": REFUSAL,
    "plugins/filter/sysprep_progress.py": REFUSAL,
    "plugins/plugin_utils/capture_arguments.py": REFUSAL,
    "plugins/plugin_utils/capture_conflicts.py": REFUSAL,
    "plugins/filter/vhd_upload_findings.py": BLOCKER,
    "plugins/plugin_utils/findings.py": REFUSAL,
    "plugins/module_utils/_azure/connection_problems.py": REFUSAL,
    "plugins/module_utils/_core/script_parameters.py": REFUSAL,
    "roles/windows_sysprep/vars/main.yml": WARNING,
    "roles/linux_deprovision/vars/vhd_upload.yml": BLOCKER,
    "roles/windows_sysprep/vars/vhd_upload.yml": BLOCKER,
}
#: Functions whose names do not say which of the two their findings are.
_OF_FUNCTIONS = {
    "_denied": BLOCKER,
    "_missing": BLOCKER,
    "_objection": BLOCKER,
    "_OBJECTIONS": BLOCKER,
    "login_findings": BLOCKER,
    "nothing_found": WARNING,
    "_source_differs": BLOCKER,
    "_unknown": WARNING,
    "_untried": WARNING,
    "_without_locked": WARNING,
    "differences": WARNING,
    "in_progress_findings": WARNING,
}
#: Codes that an option or a consent turns from what stops into what is said.
_ALSO_WARNINGS = {
    **{
        f"plugins/plugin_utils/_sysprep/{name}.py": "ACCEPTABLE"
        for name in ("agent", "leftovers", "packages", "providers", "state", "system", "volumes")
    },
    "plugins/filter/guest_identity.py": "guest_identity_unknown",
}


@dataclass
class Source:
    """One file's codes.

    :param given: code, kind and the top-level name that gives it.
    :param refused: functions whose findings the file raises as refusals.
    :param unknown: what should be a code, and cannot be read.
    """

    given: set[tuple[str, str, str]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


class _Reader:
    """Reads the codes of one Python file."""

    def __init__(self, path: str, text: str, constants: dict[str, str]) -> None:
        self.path = path
        self.tree = ast.parse(text)
        self.constants = {**constants, **constants_of(self.tree)}
        self.nodes = list(ast.walk(self.tree))
        self.parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.uses: dict[str, list[ast.Name]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ast.Name):
                self.uses[node.id].append(node)
        self.source = Source()

    def read(self) -> Source:
        """Read the file."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and _is_sentence(node.elts[1]):
                self._note(node.elts[0], node, None, guess=True)
            elif isinstance(node, ast.Dict):
                for value in _values(node, "code"):
                    self._note(value, node, None, guess=True)
            elif isinstance(node, ast.Assign) and _name_of(node.targets[0]) == "default_code":
                self._note(node.value, node, REFUSAL)
            elif isinstance(node, ast.ClassDef) and node.name == "Code":
                for value in (item.value for item in node.body if isinstance(item, ast.Assign)):
                    self._note(value, node, DECISION)
        also = _ALSO_WARNINGS.get(self.path)
        if also:
            self._also_warnings(also)
        return self.source

    def _call(self, node: ast.Call) -> None:
        name = _name_of(node.func)
        if name == "_answer" and self.path == "plugins/filter/guest_identity.py":
            self._note(node.args[0], node, REFUSAL)
            return
        position, kind = _TAKERS.get(name, (None, None))
        if name == "GalleryProperty":
            # A difference that Azure fixes is a blocker, one that is kept a warning.
            kind = BLOCKER if "Difference.FIXED" in ast.unparse(node) else WARNING
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        if named:
            self._note(named[0], node, kind or REFUSAL)
        elif position is not None and len(node.args) > position:
            self._note(node.args[position], node, kind)

    def _note(self, value: ast.expr, node: ast.AST, kind: str | None, guess: bool = False) -> None:
        """Note a code.

        :param guess: whether it need not be one.
        """
        if isinstance(value, ast.IfExp):
            for each in (value.body, value.orelse):
                self._note(each, node, kind, guess)
            return
        code = self._text(value)
        if code is None:
            self._handed_on(value, node, guess)
        elif _CODE.fullmatch(code):
            for found in [kind] if kind else sorted(self._kinds(node, set())) or [""]:
                if not found and not guess:
                    self.source.unknown.append(f"{self.path}: of which kind is {code}, given by {self._top(node)}?")
                elif found:
                    self.source.given.add((code, found, self._top(node)))

    def _text(self, value: ast.expr) -> str | None:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
        return self.constants.get(_name_of(value)) if isinstance(value, (ast.Name, ast.Attribute)) else None

    def _handed_on(self, value: ast.expr, node: ast.AST, guess: bool) -> None:
        """What is no literal: another's code, an argument, or something that ought to be written so that it can be read."""
        if isinstance(value, ast.Attribute) and value.attr == "code" and isinstance(value.value, ast.Name):
            loop = self._loop(node, value.value.id)
            if loop:
                self.source.refused.add(loop)
            return
        if isinstance(value, ast.Name) and not guess:
            for assigned in self._assigned(value):
                self._note(assigned, node, _TAKERS.get(_called(node), (0, None))[1])
        name = _called(node)
        if not guess and name in ("Finding", "Problem") and not isinstance(value, ast.Name):
            self.source.unknown.append(f"{self.path}: {ast.unparse(value)} is not a code that can be read")

    def _assigned(self, variable: ast.Name) -> list[ast.expr]:
        """What a variable of a function is set to, but for what it is one of several of."""
        function = self._function(variable)
        found = [node for node in self.nodes if isinstance(node, ast.Assign) and function is self._function(node)]
        return [node.value for node in found if function and _name_of(node.targets[0]) == variable.id]

    def _loop(self, node: ast.AST | None, variable: str) -> str | None:
        while node is not None:
            if isinstance(node, ast.For) and _name_of(node.target) == variable and isinstance(node.iter, ast.Call):
                return _name_of(node.iter.func)
            node = self.parents.get(node)
        return None

    def _kinds(self, node: ast.AST, seen: set[str]) -> set[str]:
        """What a finding is: by the argument that it is, by its function's name, or by who calls that."""
        if self.path in _OF_FILES:
            return {_OF_FILES[self.path]}
        while node in self.parents:
            node = self.parents[node]
            argument = self._argument(node)
            if argument:
                return {argument}
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, uses = node.targets[0].id, self._uses_of_variable(node)
            else:
                name = node.name if isinstance(node, ast.FunctionDef) else ""
                uses = self.uses[name]
            kind = _OF_FUNCTIONS.get(name) or _by_name(name)
            if kind:
                return {kind}
            if name and name not in seen:
                found = {kind for use in uses for kind in self._kinds(use, seen | {name})}
                if found:
                    return found
        return set()

    def _uses_of_variable(self, assigned: ast.Assign) -> list[ast.Name]:
        """Where a variable of a function is used after it was assigned; none of those of the file."""
        function = self._function(assigned)
        uses = self.uses[_name_of(assigned.targets[0])]
        return [use for use in uses if function and use not in assigned.targets and self._function(use) is function]

    def _function(self, node: ast.AST) -> ast.FunctionDef | None:
        while not isinstance(node, (ast.FunctionDef, ast.Module)):
            node = self.parents[node]
        return node if isinstance(node, ast.FunctionDef) else None

    def _argument(self, node: ast.AST) -> str | None:
        """What a finding is that is given to a plan."""
        parent = self.parents.get(node)
        if isinstance(node, ast.keyword):
            return {"blockers": BLOCKER, "warnings": WARNING}.get(str(node.arg))
        if isinstance(parent, ast.Call) and _name_of(parent.func) == "Plan" and node in parent.args:
            return {1: BLOCKER, 2: WARNING}.get(parent.args.index(node))
        return None

    def _top(self, node: ast.AST) -> str:
        """The top-level name in which a node stands; of a class, with its method."""
        path = []
        while not isinstance(node, ast.Module):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                path.insert(0, node.name)
            elif isinstance(node, ast.Assign) and isinstance(self.parents[node], ast.Module):
                path.insert(0, _name_of(node.targets[0]))
            node = self.parents[node]
        return ".".join(path[:2])

    def _also_warnings(self, name: str) -> None:
        found = {name}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and _name_of(node.targets[0]) == name:
                found = set(ast.literal_eval(node.value))
        given = {(code, WARNING, top) for code, _kind, top in self.source.given if code in found}
        self.source.given |= given


def codes_of_python(
    text: str, path: str = "plugins/module_utils/x.py", constants: dict[str, str] | None = None
) -> Source:
    """The codes of one Python file.

    :param constants: those of other files.
    """
    return _Reader(path, text, constants or {}).read()


def codes_of_yaml(text: str, path: str) -> Source:
    """The codes of one file of a role or a playbook: what is written out as ``code``."""
    source = Source()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            code = node.get("code")
            if isinstance(code, str) and _CODE.fullmatch(code):
                source.given.add((code, _OF_FILES.get(path, REFUSAL), ""))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    for document in yaml.safe_load_all(text):
        walk(document)
    return source


def constants_of(tree: ast.Module) -> dict[str, str]:
    """Texts that stand under a name of their own."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found[_name_of(node.targets[0])] = node.value.value
    return found


@cache
def python_files(root: Path = ROOT) -> dict[str, str]:
    """The Python files of plugins and roles."""
    found = [*(root / "plugins").rglob("*.py"), *(root / "roles").rglob("*.py")]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(found)}


@cache
def yaml_files(root: Path = ROOT) -> dict[str, str]:
    """The YAML files of roles and playbooks."""
    found = [*(root / "roles").rglob("*.yml"), *(root / "playbooks").rglob("*.yml")]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(found)}


@cache
def all_sources() -> dict[str, Source]:
    """The codes of every file."""
    files = python_files()
    constants: dict[str, str] = {}
    for text in files.values():
        constants.update({name: value for name, value in constants_of(ast.parse(text)).items() if name[:1] != "_"})
    sources = {path: codes_of_python(text, path, constants) for path, text in files.items()}
    sources.update({path: codes_of_yaml(text, path) for path, text in yaml_files().items()})
    refused = {name for source in sources.values() for name in source.refused}
    for path, source in sources.items():
        functions = _reaching(files[path], refused) if path in files else {}
        source.given |= {
            (code, REFUSAL, top) for code, _kind, top in source.given if functions.get(top, set()) & refused
        }
    return {path: source for path, source in sources.items() if source.given or source.unknown}


def _reaching(text: str, wanted: set[str]) -> dict[str, set[str]]:
    """Of each function of a file, which of those that are wanted it is a part of: itself, or what calls it."""
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    found: dict[str, set[str]] = {}
    for name in wanted & set(functions):
        waiting, seen = [name], {name}
        while waiting:
            used = {node.id for node in ast.walk(functions[waiting.pop()]) if isinstance(node, ast.Name)}
            new = (used & set(functions)) - seen
            seen |= new
            waiting += new
        for each in seen:
            found.setdefault(each, set()).add(name)
    return found


def _by_name(name: str) -> str | None:
    return BLOCKER if "blocker" in name else WARNING if "warning" in name else None


def _values(node: ast.Dict, name: str) -> list[ast.expr]:
    return [value for key, value in zip(node.keys, node.values) if isinstance(key, ast.Constant) and key.value == name]


def _is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _called(node: ast.AST) -> str:
    return _name_of(node.func) if isinstance(node, ast.Call) else ""


def _name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
