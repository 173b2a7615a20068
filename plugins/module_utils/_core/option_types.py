# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check the types of values before Ansible converts them; pure.

Ansible converts a list to text ("['a']"), "1_000" to a number, and accepts booleans and infinity for numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.conversions import (
    NotConvertible,
    shown,
    to_boolean,
    to_integer,
    to_number,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput

_TEXT = ("str", "path")
#: Type of an option -> the function that reads its values.
_READ: dict[str, Callable[[Any], Any]] = {"int": to_integer, "float": to_number, "bool": to_boolean}


def check_types(specification: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Check options of a module before conversion; Ansible itself reports values that are not a list, dictionary or choice.

    :param specification: an argument specification.
    :param given: the values by the names of their options; null counts as not set.
    :raises InvalidInput: for the first one of the wrong type.
    """
    for path, kind, value, _rule in _values(specification, given, ""):
        _check_value("Option", path, kind, value)


def check_variables(specification: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Check variables of a role or a playbook, which Ansible does not convert.

    :param specification: an argument specification.
    :param given: the values by the names of the variables; null counts as not set.
    :raises InvalidInput: for the first one of the wrong type.
    """
    for path, kind, value, rule in _values(specification, given, ""):
        _check_value("Variable", path, kind, value)
        # Several names may be one text with commas, as the command line gives them.
        is_text = isinstance(value, str) and rule.get("elements") in _TEXT
        if kind == "list" and not isinstance(value, (list, tuple)) and not is_text:
            raise InvalidInput(
                f"Variable '{path}' is {shown(value)}, which is not a list: set a list.", code="not_a_list"
            )
        if kind == "dict" and not isinstance(value, Mapping):
            message = f"Variable '{path}' is {shown(value)}, which is not a dictionary: set a dictionary."
            raise InvalidInput(message, code="not_a_dictionary")
        if kind == "dict" and rule.get("options"):
            _check_keys(path, rule["options"], value)
        if rule.get("choices") and kind in _TEXT and value not in rule["choices"]:
            choices = ", ".join(map(str, rule["choices"]))
            raise InvalidInput(f"Variable '{path}' is {shown(value)}: set one of {choices}.", code="not_a_choice")


def _check_keys(path: str, options: Mapping[str, Any], value: Mapping[str, Any]) -> None:
    """Check that a dictionary has all required keys, and no unknown ones."""
    unknown = sorted(str(name) for name in value if name not in options)
    if unknown:
        message = (
            f"Variable '{path}' contains unsupported keys ({', '.join(unknown)}); supported are {', '.join(options)}."
        )
        raise InvalidInput(message, code="key_unknown")
    missing = [name for name, rule in options.items() if rule.get("required") and value.get(name) is None]
    if missing:
        raise InvalidInput(f"Variable '{path}' lacks required keys: set {', '.join(missing)}.", code="key_missing")


def _check_value(what: str, path: str, kind: str, value: Any) -> None:
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
        raise InvalidInput(f"{what} '{path}' is a {kind}: set a string.", code="not_text")


def _values(
    specification: Mapping[str, Any], given: Mapping[str, Any], at: str
) -> Iterator[tuple[str, str, Any, Mapping[str, Any]]]:
    """Each value with the path of its option, its type and its rule."""
    for name, rule in specification.items():
        for spelling in (name, *rule.get("aliases", ())):
            if given.get(spelling) is not None:
                yield from _of_option(rule, given[spelling], f"{at}{spelling}")


def _of_option(rule: Mapping[str, Any], value: Any, path: str) -> Iterator[tuple[str, str, Any, Mapping[str, Any]]]:
    kind = rule.get("type", "str")
    yield path, kind, value, rule
    if kind == "list":
        inner = {**rule, "type": rule.get("elements", "raw")}
        for item in value if isinstance(value, (list, tuple)) else ():
            if item is not None:
                yield from _of_option(inner, item, path)
    elif kind == "dict" and isinstance(value, Mapping):
        yield from _values(rule.get("options") or {}, value, f"{path}.")
