# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate options of all modules beyond their types, before anything is read; pure.

Ansible's own types refuse invalid numbers. They accept booleans as numbers, any magnitude, infinity, and text that
is empty; an empty name of a group or of a tag would widen the scope of a removal.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput

Json = dict[str, Any]

_MAX_SECONDS = 365 * 24 * 3600
_MAX_HOURS = 365 * 24
_MAX_DAYS = 36525
_MAX_NUMBER = 1_000_000
_MAX_BITS = 64

#: The minimum and the maximum of every number, by the name of its option.
LIMITS: dict[str, tuple[int, int]] = {
    "agent_timeout": (1, _MAX_SECONDS),
    "backups_older_than_days": (1, _MAX_DAYS),
    "concurrent_deployments": (1, _MAX_NUMBER),
    "deployments_per_replica": (1, _MAX_NUMBER),
    "grace_days": (0, _MAX_DAYS),
    "grace_period_in_days": (0, _MAX_DAYS),
    "keep_newest": (1, _MAX_NUMBER),
    "lun": (0, 63),
    "max": (1, _MAX_NUMBER),
    "max_concurrency": (1, 128),
    "max_removals": (1, _MAX_NUMBER),
    "max_requests": (1, _MAX_NUMBER),
    "min": (1, _MAX_NUMBER),
    "newest_per_family": (1, _MAX_NUMBER),
    "older_than_days": (1, _MAX_DAYS),
    "older_than_hours": (1, _MAX_HOURS),
    "page": (1, _MAX_NUMBER),
    "page_size": (1, _MAX_NUMBER),
    "previous_version_grace_days": (0, _MAX_DAYS),
    "regional_replica_count": (1, _MAX_NUMBER),
    "retention_period_in_days": (1, _MAX_DAYS),
    "script_timeout": (1, _MAX_SECONDS),
    "shutdown_timeout": (0, _MAX_SECONDS),
    "stale_after_hours": (0, _MAX_HOURS),
    "timeout": (1, _MAX_SECONDS),
}

#: Text of several lines.
_MULTILINE = ("custom_data", "script", "ssh_public_key")
#: Options that may be empty: unknown details of a process are omitted.
_MAY_BE_EMPTY = ("process",)


def check_options(specification: Mapping[str, Any], options: Mapping[str, Any], rules: Mapping[str, Any]) -> None:
    """Check the options of a module.

    :param specification: its argument specification, without the credential options of all modules.
    :param options: validated and converted by Ansible.
    :param rules: further arguments of AnsibleModule, such as required_one_of.
    :raises InvalidInput: for the first invalid one.
    """
    _check_given(rules, options, "")
    for name, rule in specification.items():
        for item in options.get(name) or [] if rule.get("elements") == "dict" else []:
            _check_given(rule, item, f" of '{name}'")
    for path, kind, value in _values(specification, options, ""):
        if kind in ("int", "float"):
            check_number(f"Option '{path}'", value, LIMITS[_name(path)])
        elif kind in ("str", "path"):
            _check_text(path, value)
        elif kind == "dict":
            _check_encodable(path, value)


def check_sign_in(specification: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Check the credential options; an empty one counts as not set, as in the environment.

    :raises InvalidInput: for the first one that is not a single line of text.
    """
    for path, kind, value in _values(specification, options, ""):
        if kind in ("str", "path"):
            _check_line(path, value)


def _check_given(rules: Mapping[str, Any], options: Mapping[str, Any], where: str) -> None:
    """Ansible counts an option that is null as set, such as a variable without a value.

    :raises InvalidInput: if none of several alternative options has a value.
    """
    groups = list(rules.get("required_one_of") or [])
    groups += [
        rule[2] for rule in rules.get("required_if") or [] if options.get(rule[0]) == rule[1] and rule[3:] == (True,)
    ]
    for group in groups:
        if all(options.get(name) is None for name in group):
            names = ", ".join(f"'{name}'" for name in group)
            raise InvalidInput(
                f"None of the options {names}{where} has a value: set one of them.", code="missing_option"
            )


def check_number(what: str, value: Any, limits: tuple[int, int]) -> None:
    """Check that a number is within its limits.

    :param what: the subject of the message.
    :raises InvalidInput: for booleans, infinity, and values out of range.
    """
    least, greatest = limits
    if isinstance(value, bool):
        raise InvalidInput(f"{what} is {value}: set a value from {least} to {greatest}.", code="not_a_number")
    # An integer may be too large to be printed, and too large for a float.
    if (isinstance(value, float) and not math.isfinite(value)) or not least <= value <= greatest:
        raise InvalidInput(
            f"{what} is {printable(value)}: set a value from {least} to {greatest}.", code="number_out_of_range"
        )


def printable(options: Any) -> Any:
    """Options in a form that can be printed: from Python 3.11 on, numbers with thousands of digits cannot be converted to text.

    https://docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
    """
    if isinstance(options, Mapping):
        return {name: printable(value) for name, value in options.items()}
    if isinstance(options, (list, tuple)):
        return [printable(value) for value in options]
    if isinstance(options, int) and options.bit_length() > _MAX_BITS:
        return f"a {options.bit_length()}-bit number"
    return options


def _values(specification: Mapping[str, Any], options: Mapping[str, Any], at: str) -> Iterator[tuple[str, str, Any]]:
    """Each value that is set, with the path of its option and its type."""
    for name, rule in specification.items():
        value = options.get(name)
        kind = rule.get("type", "str")
        path = f"{at}{name}"
        if value is None:
            continue
        if kind == "list":
            for item in value:
                yield from _item(rule, item, path)
        elif kind == "dict" and "options" in rule:
            yield from _values(rule["options"], value, f"{path}.")
        else:
            yield path, kind, value


def _item(rule: Mapping[str, Any], item: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    if "options" in rule and isinstance(item, Mapping):
        yield from _values(rule["options"], item, f"{path}.")
    else:
        # An item of a list may be null.
        yield path, rule.get("elements", "str"), "" if item is None else item


def _name(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _check_text(path: str, value: str) -> None:
    if not value.strip() and _name(path) not in _MAY_BE_EMPTY:
        raise InvalidInput(f"Option '{path}' is empty: set a value, or omit the option.", code="empty_option")
    _check_line(path, value)


def _check_line(path: str, value: str) -> None:
    _check_encodable(path, value)
    if _name(path) not in _MULTILINE and any(unicodedata.category(character) == "Cc" for character in value):
        raise InvalidInput(
            f"Option '{path}' contains a control character such as a line break: set a single line of text.",
            code="control_character",
        )


def _check_encodable(path: str, value: Any) -> None:
    """Text from the command line may contain bytes that are not valid text and cannot be sent in a request."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _check_encodable(path, name)
            _check_encodable(path, inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check_encodable(path, inner)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(
                f"Option '{path}' is not valid text: set text encoded in UTF-8.", code="not_text"
            ) from error
