# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about the variables of a role or a playbook, each with a code; pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core import reserved_tags
from ansible_collections.golden.azure.plugins.module_utils._core.conversions import (
    NotConvertible,
    shown,
    to_integer,
    to_number,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.option_types import check_variables
from ansible_collections.golden.azure.plugins.module_utils._core.script_parameters import parameter_findings

#: The maximum value of all number variables: the seconds of a year.
GREATEST = 365 * 24 * 3600

Finding = dict[str, str]


def number_findings(values: Mapping[str, Any], zero: Iterable[str], decimal: Iterable[str]) -> Iterator[Finding]:
    """Findings about numbers.

    :param values: numbers by the names of their variables.
    :param zero: names of those that may be 0; all others are 1 or more.
    :param decimal: names of those that need not be integers.
    """
    may_be_zero, may_be_broken = set(zero), set(decimal)
    for name, value in values.items():
        least = 0 if name in may_be_zero else 1
        try:
            number = to_number(value) if name in may_be_broken else to_integer(value)
        except NotConvertible as error:
            yield _finding("not_a_number", f"{name}: {error}")
            continue
        if not least <= number <= GREATEST:
            yield _finding("number_out_of_range", f"{name} is {shown(number)}: set a value from {least} to {GREATEST}.")


def empty_findings(values: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about variables without a value, which would widen the scope.

    :param values: values by the names of their variables.
    """
    for name, value in values.items():
        is_empty = not value.strip() if isinstance(value, str) else value in (None, [], {})
        if is_empty:
            yield _finding("empty_variable", f"{name} is empty: set a value, or omit it.")


def type_findings(values: Mapping[str, Any], specification: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about variables of the wrong type, such as a list instead of a name.

    :param values: values by the names of their variables; empty values are another finding, or the default.
    :param specification: their types, as in the argument specification of a role.
    """
    for name, rule in specification.items():
        value = values.get(name)
        if value is None or value == "":
            continue
        try:
            check_variables({name: rule}, {name: value})
        except InvalidInput as refusal:
            yield {"code": str(refusal.code), "message": refusal.message}


def name_findings(names: Iterable[str], known: Iterable[str]) -> Iterator[Finding]:
    """Findings about undefined variables with the prefix of a playbook, such as misspelt ones, which would have no effect.

    :param names: the names of the variables that are set.
    :param known: the names of the playbook's variables.
    """
    listed = sorted(known)
    for name in sorted(set(names) - set(listed)):
        close = difflib.get_close_matches(name, listed, n=1)
        advice = f"did you mean '{close[0]}'?" if close else "correct or remove it."
        yield _finding("variable_unknown", f"The playbook has no variable '{name}': {advice}")


def script_findings(values: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about invalid parameters of scripts.

    :param values: parameters by the names of their variables.
    """
    for variable, parameters in values.items():
        for finding in parameter_findings(variable, parameters if isinstance(parameters, Mapping) else None):
            yield {"code": finding.code, "message": finding.message}


def tag_findings(values: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about tags that are reserved for this collection.

    :param values: tags by the names of their variables.
    """
    for variable, tags in values.items():
        names = reserved_tags.reserved_tags(tags) if isinstance(tags, Mapping) else []
        if names:
            yield _finding(reserved_tags.CODE, reserved_tags.refusal(variable, names))


def _finding(code: str, message: str) -> Finding:
    return {"code": code, "message": message}
