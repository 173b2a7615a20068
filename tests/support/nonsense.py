# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nonsense of each type: what must be refused, and what Ansible itself makes into something of the type."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

_NO_NUMBERS: list[Any] = [
    "abc",
    "",
    " ",
    "1,000",
    "900d",
    "-",
    "inf",
    "-inf",
    "nan",
    "1_000",
    "0x10",
    True,
    [],
    {},
    [1],
    {"a": 1},
]
_NO_TEXT: list[Any] = ["", " ", "\n", "two\nlines", "nul\x00", [], {}, ["a"], [{"a": 1}], {"a": "é"}]

#: No value of any option of a type.
REFUSED: dict[str, list[Any]] = {
    "int": [*_NO_NUMBERS, "1e3", "2.9", 2.9, -1, "-1", 10**30, "9" * 30, 10**400, -(10**400)],
    "float": [*_NO_NUMBERS, -1, "-0.5", 1e300, 10**400],
    "bool": ["maybe", "", " ", "✓", 2, -1, 2.5, [], {}, [True]],
    "str": _NO_TEXT,
    "path": _NO_TEXT,
    "choice": [*_NO_TEXT, "☃", 5, True, "x" * 5000],
    "dict": ["abc", "", 5, 2.9, True, [], [{"a": 1}]],
    "list of str": [{}, {"a": 1}, [[]], [{"a": 1}], [""], [" "], [None], ["two\nlines"]],
    "list of dict": ["abc", "", 5, True, {}, {"a": 1}, ["x"], [5], [[]], [None], [{"unknown option": 1}]],
}

#: What Ansible turns into a value of the type, or what may be one: it may be taken, or be refused for what it then is.
CONVERTED: dict[str, list[Any]] = {
    "int": [" 7 ", None],
    "float": ["7", "1e1", None],
    "bool": ["yes", "0", 1, None],
    "str": [
        None,
        5,
        True,
        2.9,
        "é☃\u202e",
        "x" * 9000,
        "../..",
        "{{ x }}",
        "%s%n",
        "a'b\"c",
    ],
    "path": [None, 5, "/nowhere/☃", "~nobody/x"],
    "choice": [None],
    "dict": [None, {}, {"": ""}, {"a": None}, {"a": {"b": 1}}, {"☃" * 600: "x"}, {"a": ["b"]}, "a=b"],
    "list of str": [None, "abc", 5, [], ["☃"], ["x"] * 500],
    "list of dict": [None, []],
}


def kind_of(rule: Json) -> str:
    """Which nonsense is an option's."""
    if rule.get("type") == "list":
        return f"list of {'dict' if rule.get('elements') == 'dict' else 'str'}"
    return "choice" if rule.get("choices") else rule.get("type", "str")


def paths_of(specification: Json, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Every option with its path, those inside of others, too."""
    for name, rule in specification.items():
        yield (*before, name), rule
        if "options" in rule:
            yield from paths_of(rule["options"], (*before, name))


def with_value(base: Json, specification: Json, path: tuple[str, ...], value: Any, samples: Json) -> Json:
    """Options with one value in its place; what an option around it needs besides is given.

    :param samples: good values of options that are required inside of others, by their names.
    """
    options = deepcopy(base)
    place, rules = options, specification
    for name in path[:-1]:
        rule = rules[name]
        rules = rule["options"]
        inner = {
            key: deepcopy(samples[key])
            for key, one in rules.items()
            if one.get("required") or key in samples.get(name, ())
        }
        place[name] = [inner] if rule["type"] == "list" else inner
        place = inner
    place[path[-1]] = value
    return options
