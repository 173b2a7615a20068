# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validate options like AnsibleModule, without an AnsibleModule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import WRONG_TYPE
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.guard import InternalsChanged, expect, relying_on

_IMPORT_ERROR: ImportError | None = None
try:
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible.module_utils.errors import UnsupportedError
except ImportError as error:
    _IMPORT_ERROR = error


@dataclass(frozen=True)
class Checked:
    """The options of a task, validated."""

    options: dict[str, Any]
    #: The errors of AnsibleModule.
    errors: list[str]
    #: Text in options that are marked no_log.
    secrets: set[str]
    #: The warnings of AnsibleModule, such as an alias set in addition to its option.
    warnings: list[str]


def check_arguments(
    action: str, specification: Mapping[str, Any], rules: Mapping[str, Any], given: Mapping[str, Any]
) -> Checked:
    """Validate a task's options as AnsibleModule does.

    :param action: the task's action, for messages.
    :param specification: the argument specification.
    :param rules: further arguments of AnsibleModule, such as required_one_of.
    :param given: the task's options as plain data.
    :raises InternalsChanged: if Ansible's validator is missing or behaves differently.
    """
    if _IMPORT_ERROR is not None:
        raise InternalsChanged("ansible.module_utils", _IMPORT_ERROR)
    with relying_on("ArgumentSpecValidator"):
        try:
            result = ArgumentSpecValidator(dict(specification), **rules).validate(dict(given))
        except (OverflowError, TypeError):
            # Ansible's own types raise for some values, before secrets are registered.
            return Checked({}, [WRONG_TYPE], set(), [])
        options = result.validated_parameters
        expect(options, dict, "ValidationResult.validated_parameters")
        errors = [_error_text(action, one) for one in result.errors] if result.error_messages else []
    if not errors and not set(specification) <= set(options):
        raise InternalsChanged("ValidationResult.validated_parameters", "it omits options that are not set")
    warnings = [str(warning["warning"]) for warning in getattr(result, "_warnings", [])]
    return Checked(options, errors, {text for text in _secrets(specification, options) if text}, warnings)


def verify_validation() -> None:
    """Verify the validation of options with an example.

    :raises InternalsChanged: if the result is not as expected.
    """
    specification = {"number": {"type": "int", "required": True}, "choice": {"type": "str", "choices": ["a"]}}
    checked = check_arguments("example", specification, {}, {"number": "1"})
    if checked.errors or checked.options != {"number": 1, "choice": None}:
        raise InternalsChanged("ArgumentSpecValidator", "it returns other values")
    for wrong in ({}, {"number": "one"}, {"number": 1, "choice": "b"}, {"number": 1, "unknown": 1}):
        if not check_arguments("example", specification, {}, wrong).errors:
            raise InternalsChanged("ArgumentSpecValidator", "it accepts invalid values")


def _secrets(specification: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[str]:
    for name, rules in specification.items():
        value = options.get(name)
        if rules.get("no_log"):
            yield from _texts(value)
        elif rules.get("options"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield from _secrets(rules["options"], item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _error_text(action: str, error: Exception) -> str:
    # In one line, regardless of the value that it contains.
    text = " ".join(str(error).split())
    return f"Unsupported parameters for ({action}) module: {text}" if isinstance(error, UnsupportedError) else text
