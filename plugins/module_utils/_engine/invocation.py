# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Call the code of a module with parsed options and a connector, in a module or in the controller's process."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient, Connector, connect
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Clock, Deadline, SystemClock
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.internal_error import internal_error
from ansible_collections.golden.azure.plugins.module_utils._core.option_checks import (
    check_options,
    check_sign_in,
    printable,
)
from ansible_collections.golden.azure.plugins.module_utils._core.option_types import check_types
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress, silent
from ansible_collections.golden.azure.plugins.module_utils._local.controller import exit_if_gone, watch_caller
from ansible_collections.golden.azure.plugins.module_utils._local.paths import with_absolute_paths
from ansible_collections.golden.azure.plugins.module_utils._model.blob import without_signatures

#: Options of every module; if not set, the environment and ~/.azure/credentials are used (_azure/auth/options.py).
AUTHENTICATION_OPTIONS: dict[str, dict[str, Any]] = {
    "auth_source": {
        "type": "str",
        "choices": ["auto", "env", "cli", "msi", "credential_file", "workload_identity"],
    },
    "profile": {"type": "str"},
    "subscription_id": {"type": "str"},
    "client_id": {"type": "str"},
    "secret": {"type": "str", "no_log": True},
    "tenant": {"type": "str"},
    "ad_user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "cloud_environment": {"type": "str"},
    "cert_validation_mode": {"type": "str", "choices": ["validate", "ignore"]},
    "adfs_authority_url": {"type": "str"},
    "x509_certificate_path": {"type": "path"},
    "thumbprint": {"type": "str"},
    "federated_token_file": {"type": "path"},
    "federated_token": {"type": "str", "no_log": True},
    # It contains no secret, and Ansible would take it for one because of its name.
    "oidc_request_url": {"type": "str", "no_log": False},
    "oidc_request_token": {"type": "str", "no_log": True},
    "oidc_audience": {"type": "str"},
    "disable_instance_discovery": {"type": "bool"},
    "auxiliary_tenants": {"type": "list", "elements": "str"},
    "token_cache": {"type": "str", "choices": ["task", "run"], "default": "task"},
}


@dataclass(frozen=True)
class Invocation:
    """One call of a module's code."""

    #: The options, validated and typed.
    options: dict[str, Any]
    check_mode: bool
    connector: Connector = connect
    clock: Clock = field(default_factory=SystemClock)
    #: Receives human-readable lines of progress.
    progress: Progress = silent
    #: A directory that is removed at the end of the run; None if tasks share nothing, as in modules.
    run_directory: str | None = None

    def deadline(self) -> Deadline:
        """The time limit of the task, counted from now."""
        return Deadline(self.options["timeout"], self.clock)

    def open_arm(self, deadline: Deadline) -> ArmClient:
        """Sign in."""
        return self.connector(self.options, deadline, self.run_directory)


#: The code of a module: it takes an invocation, returns the task's result, and raises a Failure if it cannot continue.
Code = Callable[[Invocation], dict[str, Any]]


#: The message if Ansible's own validation raises: for an infinite number, or a number instead of a dictionary.
WRONG_TYPE = (
    "An option has a value of the wrong type, such as an infinite number, or a number instead of a dictionary: compare "
    "the task with the documentation of its module."
)

#: The time limit of the task, an option of every module.
_TIME_LIMIT: dict[str, dict[str, Any]] = {"timeout": {"type": "int", "default": 3600}}


def full_specification(own: dict[str, Any]) -> dict[str, Any]:
    """The argument specification of a module, including the options of all modules."""
    return {**own, **AUTHENTICATION_OPTIONS, **_TIME_LIMIT}


def call(
    code: Code,
    own: Mapping[str, Any],
    rules: Mapping[str, Any],
    invocation: Invocation,
    passing: tuple[type[BaseException], ...] = (),
) -> dict[str, Any]:
    """Validate the options of a module, then call its code.

    :param own: the module's own options.
    :param rules: further arguments of AnsibleModule, such as required_one_of.
    :param passing: exceptions that the caller handles.
    :raises Failure: if they are invalid, or the code fails, even because of a bug.
    """
    try:
        check_options({**own, **_TIME_LIMIT}, invocation.options, rules)
        check_sign_in(AUTHENTICATION_OPTIONS, invocation.options)
        options = with_absolute_paths(full_specification(dict(own)), invocation.options)
        connections: list[ArmClient] = []

        def connector(*arguments: Any) -> ArmClient:
            connections.append(invocation.connector(*arguments))
            return connections[-1]

        result = code(replace(invocation, options=options, connector=connector))
        notices = [line for arm in connections for line in arm.notices()]
        return {**result, "warnings": [*(result.get("warnings") or []), *notices]} if notices else result
    except Failure:
        raise
    except passing:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the outermost edge: one that escapes may print a secret
        raise internal_error(error) from None


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Suppress output of libraries, since Ansible parses the output of a module as its result, and warns about output of a worker."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


class _Module(AnsibleModule):
    """Checks the task's values before Ansible converts their types."""

    _given: Mapping[str, Any] = {}
    _is_made = False

    def _load_params(self) -> None:
        super()._load_params()
        self._given = dict(self.params)

    def check_given(self) -> None:
        """Check them.

        :raises InvalidInput: for the first one of the wrong type.
        """
        check_types(self.argument_spec, self._given)

    def fail_json(self, msg: str, **more: Any) -> Any:
        """Fail; Ansible's validation errors get a code, too."""
        if not self._is_made:
            try:
                self.check_given()
                refusal = InvalidInput(msg)
            except InvalidInput as found:
                refusal = found
            more = {**more, **refusal.as_result()}
            msg = more.pop("msg")
        super().fail_json(msg=msg, **more)


def run_module(code: Code, options: dict[str, Any], **rules: Any) -> None:
    """Run a module's code as an Ansible module.

    :param options: the module's own options.
    :param rules: further arguments of AnsibleModule, such as required_one_of.
    """
    try:
        module = _Module(argument_spec=full_specification(options), supports_check_mode=True, **rules)
    except (OverflowError, TypeError):
        # Ansible's own types raise for such values, before a module object exists.
        sys.stdout.write(json.dumps({"failed": True, **InvalidInput(WRONG_TYPE).as_result()}))
        raise SystemExit(1) from None
    module._is_made = True
    invocation = {"module_args": printable(without_signatures(module.params))}
    watch_caller()
    try:
        module.check_given()
        with quiet_libraries():
            result = call(code, options, rules, Invocation(options=module.params, check_mode=module.check_mode))
        end = module.exit_json
    except Failure as failure:
        result = failure.as_result()
        end = module.fail_json
    exit_if_gone()
    # From ansible-core 2.23 on, warnings in the result are an error.
    for warning in result.pop("warnings", []):
        module.warn(warning)
    end(**result, invocation=invocation)
