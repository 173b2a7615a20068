# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and results as AnsibleModule treats them, without an AnsibleModule: checked, completed, censored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.invocation import OF_ANOTHER_TYPE
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.guard import InternalsChanged, expect, relying_on

_IMPORT_ERROR: ImportError | None = None
try:
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible.module_utils.common.parameters import remove_values
    from ansible.module_utils.errors import UnsupportedError
except ImportError as error:
    _IMPORT_ERROR = error

_SECRET = "a text that is in no result"  # noqa: S105 - it is none


@dataclass(frozen=True)
class Checked:
    """The options of a task, validated."""

    options: dict[str, Any]
    #: What is wrong with them, in AnsibleModule's words.
    errors: list[str]
    #: Values of options that are marked no_log.
    secrets: set[str]
    #: What AnsibleModule would warn of, such as an alias given beside its option.
    warnings: list[str]


def check_arguments(
    action: str, specification: Mapping[str, Any], rules: Mapping[str, Any], given: Mapping[str, Any]
) -> Checked:
    """Validate a task's options as AnsibleModule does.

    :param action: the task's action, for messages.
    :param specification: the argument specification.
    :param rules: what AnsibleModule takes besides, such as required_one_of.
    :param given: the task's options as plain data.
    :raises InternalsChanged: when Ansible's validator is missing or behaves otherwise.
    """
    if _IMPORT_ERROR is not None:
        raise InternalsChanged("ansible.module_utils", _IMPORT_ERROR)
    with relying_on("ArgumentSpecValidator"):
        try:
            result = ArgumentSpecValidator(dict(specification), **rules).validate(dict(given))
        except (OverflowError, TypeError):
            # Ansible's own types have no sentence for some values; of secrets it has told nothing then.
            return Checked({}, [OF_ANOTHER_TYPE], set(), [])
        options, secrets, warnings = result.validated_parameters, set(result._no_log_values), result._warnings
        expect(options, dict, "ValidationResult.validated_parameters")
        errors = [_complaint(action, one) for one in result.errors] if result.error_messages else []
        if set(options) < set(specification) and not errors:
            raise InternalsChanged("ValidationResult.validated_parameters", "defaults are missing")
        return Checked(options, errors, secrets, [str(warning["warning"]) for warning in warnings])


def censor(value: Any, secrets: set[str]) -> Any:
    """Blank out secrets in all text of a value.

    :raises InternalsChanged: when Ansible's own function for it is missing or behaves otherwise.
    """
    if _IMPORT_ERROR is not None:
        raise InternalsChanged("ansible.module_utils", _IMPORT_ERROR)
    with relying_on("remove_values"):
        return remove_values(value, secrets)


def try_out() -> None:
    """Check that what will be needed once Azure has been written to does what it should.

    :raises InternalsChanged: when it does not.
    """
    specification = {"open": {"type": "int"}, "closed": {"type": "str", "no_log": True}}
    checked = check_arguments("try_out", specification, {}, {"open": "1", "closed": _SECRET})
    if checked.options != {"open": 1, "closed": _SECRET} or checked.errors:
        raise InternalsChanged("ArgumentSpecValidator", "it returns other values")
    if _SECRET not in checked.secrets:
        raise InternalsChanged("ValidationResult._no_log_values", "a secret is missing")
    if not check_arguments("try_out", specification, {}, {"unknown": 1}).errors:
        raise InternalsChanged("ArgumentSpecValidator", "it takes unknown options")
    censored = censor({"text": f"it is {_SECRET}.", "list": [_SECRET], "number": 1}, {_SECRET})
    expect(censored, dict, "remove_values")
    if _SECRET in str(censored) or set(censored) != {"text", "list", "number"} or censored["number"] != 1:
        raise InternalsChanged("remove_values", "it returns other values")


def _complaint(action: str, error: Exception) -> str:
    unsupported = isinstance(error, UnsupportedError)
    return f"Unsupported parameters for ({action}) module: {error}" if unsupported else str(error)
