# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a value may be for an option of a type, checked before Ansible makes something of that type of it; pure.

Ansible makes text of a list ("['a']"), a number of "1_000", and a truth value or infinity of a number's option.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.conversions import (
    NotConvertible,
    to_boolean,
    to_integer,
    to_number,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput

_TEXT = ("str", "path")
#: Type of an option -> how its values are read.
_READ: dict[str, Callable[[Any], Any]] = {"int": to_integer, "float": to_number, "bool": to_boolean}


def check_types(specification: Mapping[str, Any], given: Mapping[str, Any], what: str = "Option") -> None:
    """Check values as they are given.

    :param specification: an argument specification, of a module or of a role.
    :param given: the values by the names of their options; one that is null is not given.
    :param what: what the values are of.
    :raises InvalidInput: naming the first one that is not of its type.
    """
    for path, kind, value in _values(specification, given, ""):
        if kind in _TEXT:
            _check_text(what, path, value)
        elif kind in _READ:
            try:
                _READ[kind](value)
            except NotConvertible as error:
                code = "not_a_boolean" if kind == "bool" else "not_a_number"
                raise InvalidInput(f"{what} '{path}': {error}", code=code) from None


def _check_text(what: str, path: str, value: Any) -> None:
    if isinstance(value, (Mapping, list, tuple)):
        kind = "dictionary" if isinstance(value, Mapping) else "list"
        raise InvalidInput(f"{what} '{path}' is a {kind}: give one text.", code="not_text")


def _values(specification: Mapping[str, Any], given: Mapping[str, Any], at: str) -> Iterator[tuple[str, str, Any]]:
    """Each value with the path of its option and its type."""
    for name, rule in specification.items():
        for spelling in (name, *rule.get("aliases", ())):
            if given.get(spelling) is not None:
                yield from _of_option(rule, given[spelling], f"{at}{spelling}")


def _of_option(rule: Mapping[str, Any], value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    kind = rule.get("type", "str")
    if kind == "list":
        inner = {**rule, "type": rule.get("elements", "raw")}
        for item in value if isinstance(value, (list, tuple)) else ():
            if item is not None:
                yield from _of_option(inner, item, path)
    elif kind == "dict" and isinstance(value, Mapping):
        yield from _values(rule.get("options") or {}, value, f"{path}.")
    else:
        yield path, kind, value
