# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expressions of deployment templates, as far as az and Packer write them: "[concat(parameters('a'), 'b')]"."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),.\[\]]))")


class TemplateError(Exception):
    """A template that cannot be deployed; the message is the end of Azure's own sentence."""


@dataclass
class Scope:
    """What the functions of a template can see."""

    subscription: str
    tenant: str
    group: str
    location: str
    parameters: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    reference: Callable[[str], Any] = lambda _id: {}

    @property
    def group_id(self) -> str:
        """The id of the group that is deployed to."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"


def evaluate(node: Any, scope: Scope) -> Any:
    """A copy of a template's part with every expression replaced by its value."""
    if isinstance(node, dict):
        return {key: evaluate(value, scope) for key, value in node.items()}
    if isinstance(node, list):
        return [evaluate(item, scope) for item in node]
    if isinstance(node, str) and node.startswith("[[") and node.endswith("]"):
        return node[1:]
    if isinstance(node, str) and node.startswith("[") and node.endswith("]"):
        return _Expression(node[1:-1], scope).value()
    return node


def _resource_id(scope: Scope, *words: str) -> str:
    """resourceId([subscription], [group], type, name...): words before the type (which has a slash) are places."""
    at = next((index for index, word in enumerate(words) if "/" in word), None)
    if at is None:
        raise TemplateError("resourceId needs a resource type")
    places, kind, names = list(words[:at]), words[at], words[at + 1 :]
    group = places.pop() if places else scope.group
    subscription = places.pop() if places else scope.subscription
    namespace, *types = kind.split("/")
    tail = "/".join(f"{word}/{name}" for word, name in zip(types, names, strict=True))
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}/{tail}"


def _concat(_scope: Scope, *words: Any) -> Any:
    if words and isinstance(words[0], list):
        return [item for word in words for item in word]
    return "".join(str(word) for word in words)


def _named(kind: str) -> Callable[[Scope, str], Any]:
    def find(scope: Scope, name: str) -> Any:
        values = getattr(scope, kind)
        for key, value in values.items():
            if key.lower() == name.lower():
                return evaluate(value, scope)
        raise TemplateError(f"The template {kind[:-1]} '{name}' is not found")

    return find


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "parameters": _named("parameters"),
    "variables": _named("variables"),
    "concat": _concat,
    "resourceid": _resource_id,
    "resourcegroup": lambda scope: {"id": scope.group_id, "name": scope.group, "location": scope.location},
    "subscription": lambda scope: {
        "id": f"/subscriptions/{scope.subscription}",
        "subscriptionId": scope.subscription,
        "tenantId": scope.tenant,
    },
    "reference": lambda scope, id, *_more: scope.reference(id),
    "tolower": lambda _scope, text: str(text).lower(),
    "toupper": lambda _scope, text: str(text).upper(),
    "string": lambda _scope, value: str(value),
    "uniquestring": lambda _scope, *words: hashlib.sha256("".join(words).encode()).hexdigest()[:13],
    "createarray": lambda _scope, *items: list(items),
}


class _Expression:
    def __init__(self, text: str, scope: Scope) -> None:
        self._scope = scope
        self._text = text
        self._tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if not match:
                raise TemplateError(f"The template language expression '{text}' is not valid")
            self._tokens.append(match.group().strip())
            position = match.end()
        self._at = 0

    def value(self) -> Any:
        """The value of the whole expression."""
        found = self._term()
        if self._at != len(self._tokens):
            raise TemplateError(f"The template language expression '{self._text}' is not valid")
        return found

    def _accept(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == sign:
            self._at += 1
            return True
        return False

    def _term(self) -> Any:
        if self._at >= len(self._tokens):
            raise TemplateError(f"The template language expression '{self._text}' is not valid")
        word = self._tokens[self._at]
        self._at += 1
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if re.fullmatch(r"-?\d+", word):
            return int(word)
        return self._members(self._call(word))

    def _call(self, word: str) -> Any:
        if word.lower() not in FUNCTIONS or not self._accept("("):
            raise TemplateError(f"The template function '{word}' is not valid")
        arguments = []
        while not self._accept(")"):
            arguments.append(self._term())
            self._accept(",")
        return FUNCTIONS[word.lower()](self._scope, *arguments)

    def _members(self, value: Any) -> Any:
        while True:
            if self._accept("."):
                key = self._tokens[self._at]
                self._at += 1
            elif self._accept("["):
                key = self._term()
                self._accept("]")
            else:
                return value
            if isinstance(value, list):
                value = value[int(key)]
            elif isinstance(value, dict) and key in value:
                value = value[key]
            else:
                raise TemplateError(f"The language expression property '{key}' doesn't exist")
