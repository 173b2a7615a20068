# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison of one answer with the recorded one; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import closed_sets
from .traffic import Recorded

CLOSED_SETS = closed_sets.load()
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9a-f]{8}-[0-9a-f-]{27}", re.IGNORECASE)
_FIXED_KEYS = frozenset({"id", "name", "type", "location", "provisioningState"})
# A version, however long its numbers are, is nobody's name.
_NUMBERS = re.compile(r"[\d.]+")
_LONG_RUNNING = ("azure-asyncoperation", "location")


@dataclass(frozen=True)
class Difference:
    """One way in which an answer is not Azure's: where in the answer, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Answer:
    """What the embedded Azure said."""

    status: int
    headers: dict[str, str]
    body: Any


class Names:
    """Names that a server makes up: recorded ones with ours, learnt when both are first seen at the same place."""

    _GENERATED = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def learn(self, recorded: str, ours: str) -> None:
        """Remember a pair, if the recorded name looks made up."""
        if recorded.lower() != ours.lower() and self._GENERATED.search(recorded) and not _NUMBERS.fullmatch(recorded):
            self._ours.setdefault(recorded.lower(), ours)

    def translate(self, text: str) -> str:
        """Put our names into a recorded text."""
        for recorded, ours in self._ours.items():
            if recorded in text.lower():
                text = re.sub(re.escape(recorded), lambda _match, name=ours: name, text, flags=re.IGNORECASE)
        return text

    def same(self, recorded: Any, ours: Any) -> bool:
        """Compare two values of a name or id, ignoring case."""
        if not isinstance(recorded, str) or not isinstance(ours, str):
            return recorded == ours
        return recorded.lower() == ours.lower() or self.translate(recorded).lower() == ours.lower()


def compare(recorded: Recorded, answer: Answer, requested: Any, names: Names) -> list[Difference]:
    """All differences; `requested` is the last body that a write set on the resource, or None."""
    differences = []
    if recorded.status != answer.status:
        differences.append(Difference("status", f"{answer.status} instead of {recorded.status}"))
    for header in _LONG_RUNNING:
        if (header in recorded.headers) != (header in answer.headers):
            there = "missing" if header in recorded.headers else "unexpected"
            differences.append(Difference("headers", f"{header} {there}"))
    if recorded.headers.get("retry-after", "0") != "0" and not recorded.is_poll and "retry-after" not in answer.headers:
        differences.append(Difference("headers", "retry-after missing"))
    if recorded.status >= 400:
        return differences + list(_errors(recorded, answer))
    learn(recorded.answer, answer.body, names)
    differences += _structure(recorded.answer, answer.body, "", names)
    if isinstance(requested, dict) and isinstance(recorded.answer, dict):
        differences += _requested(requested, recorded.answer, answer.body, "", names)
    return differences


def error_of(body: Any) -> dict[str, Any]:
    """The error object of a body, whatever its casing."""
    if not isinstance(body, dict):
        return {}
    lowered = {key.lower(): value for key, value in body.items()}
    inner = lowered.get("error", body)
    return {key.lower(): value for key, value in inner.items()} if isinstance(inner, dict) else {}


def _errors(recorded: Recorded, answer: Answer) -> Iterator[Difference]:
    theirs, ours = error_of(recorded.answer), error_of(answer.body)
    if theirs.get("code") != ours.get("code"):
        yield Difference("error.code", f"{ours.get('code')} instead of {theirs.get('code')}")
    shapes = [_QUOTED.sub("'…'", str(error.get("message", ""))) for error in (theirs, ours)]
    if shapes[0] != shapes[1]:
        yield Difference("error.message", f"{ours.get('message')!r} instead of {theirs.get('message')!r}")
    told = {key: value for key, value in theirs.items() if key not in ("code", "message")}
    yield from _structure(told, ours, "error", Names())
    if recorded.headers.get("x-ms-failure-cause") != answer.headers.get("x-ms-failure-cause"):
        yield Difference("headers", "x-ms-failure-cause differs")


def learn(recorded: Any, ours: Any, names: Names) -> None:
    """Learn made-up names from two answers to the same request."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for key, value in recorded.items():
            other = ours.get(key)
            if key in ("name", "uniqueName") and isinstance(value, str) and isinstance(other, str):
                names.learn(value, other)
            elif key == "id" and isinstance(value, str) and isinstance(other, str):
                _learn_id(value, other, names)
            elif key == "publicNames" and value and isinstance(other, list) and other:
                names.learn(str(value[0]), str(other[0]))
            else:
                learn(value, other, names)
    elif isinstance(recorded, list) and isinstance(ours, list):
        for value, other in zip(recorded, _paired(recorded, ours, names), strict=True):
            learn(value, other, names)


def _learn_id(recorded: str, ours: str, names: Names) -> None:
    """Learn the last name of an id whose other words are the same."""
    folder, _slash, name = recorded.rpartition("/")
    our_folder, _slash, our_name = ours.rpartition("/")
    if names.same(folder, our_folder):
        names.learn(name, our_name)


def _paired(recorded: list[Any], ours: list[Any], names: Names) -> list[Any]:
    """Our items in the order of the recorded ones: by id, name or lun where items have them."""
    if not recorded or not isinstance(recorded[0], dict):
        return [ours[index] if index < len(ours) else None for index in range(len(recorded))]
    key = next((key for key in ("id", "lun", "name", "code") if key in recorded[0]), None)
    if key is None:
        return [ours[index] if index < len(ours) else None for index in range(len(recorded))]
    pairs = []
    for index, item in enumerate(recorded):
        found = [other for other in ours if isinstance(other, dict) and names.same(item.get(key), other.get(key))]
        if not found and key != "id" and index < len(ours):
            found = [ours[index]]
        pairs.append(found[0] if found else (ours[index] if index < len(ours) and len(ours) == len(recorded) else None))
    return pairs


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "list", dict: "object", type(None): "null"}[type(value)]


def _structure(recorded: Any, ours: Any, where: str, names: Names) -> list[Difference]:
    """Every key of the recorded answer must be there, of the same type; recorded null says nothing.

    Names and what has one of a few values must be the same, too.
    """
    if recorded is None or recorded == "":
        unexpected = where == "" and ours not in (None, "")
        return [Difference("body", "there is one")] if unexpected else []
    if _type(recorded) != _type(ours):
        return [Difference(where or "body", f"{_type(ours)} instead of {_type(recorded)}")]
    if isinstance(recorded, dict):
        return [item for key, value in recorded.items() for item in _member(key, value, ours, where, names)]
    if isinstance(recorded, list):
        return _items(recorded, ours, where, names)
    return _value(recorded, ours, where, names)


def _member(key: str, value: Any, ours: dict[str, Any], where: str, names: Names) -> list[Difference]:
    path = f"{where}.{key}" if where else key
    if key not in ours:
        said = f" (recorded {value!r})" if isinstance(value, str) else ""
        return [Difference(path, f"missing{said}")]
    return _structure(value, ours[key], path, names)


def _value(recorded: Any, ours: Any, where: str, names: Names) -> list[Difference]:
    """A name, an id, a word of a closed set, true or false; anything else need not be the same."""
    key = where.rsplit(".", 1)[-1].removesuffix("[]")
    is_name = key in _FIXED_KEYS and isinstance(recorded, str)
    if isinstance(recorded, bool) and recorded != ours:
        return [Difference(where, f"{ours!r} instead of {recorded!r}")]
    if (is_name or CLOSED_SETS.holds(key, recorded)) and not names.same(recorded, ours):
        return [Difference(where, f"{ours!r} instead of {recorded!r}")]
    return []


def _items(recorded: list[Any], ours: list[Any], where: str, names: Names) -> list[Difference]:
    found = []
    for value, other in zip(recorded, _paired(recorded, ours, names), strict=True):
        if other is None:
            label = value.get("id") or value.get("name") if isinstance(value, dict) else value
            found.append(Difference(f"{where}[]", f"no item for {label!r}"))
        else:
            found += _structure(value, other, f"{where}[]", names)
    return found


def _requested(wanted: Any, recorded: Any, ours: Any, where: str, names: Names) -> list[Difference]:
    """What the request set and Azure answered must be answered alike."""
    if isinstance(wanted, dict) and isinstance(recorded, dict) and isinstance(ours, dict):
        found: list[Difference] = []
        for key, value in wanted.items():
            if key in recorded and key in ours:
                found += _requested(value, recorded[key], ours[key], f"{where}.{key}" if where else key, names)
        return found
    if isinstance(wanted, list) and isinstance(recorded, list) and isinstance(ours, list):
        found = []
        for value, theirs, other in zip(wanted, recorded, ours, strict=False):
            found += _requested(value, theirs, other, f"{where}[]", names)
        return found
    if _equal(wanted, recorded) and not _equal(recorded, ours) and not names.same(recorded, ours):
        return [Difference(where, f"{ours!r} instead of {recorded!r}, which the request set")]
    return []


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return left == right
