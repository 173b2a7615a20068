# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the properties of a task from its action plugin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.guard import InternalsChanged, expect, relying_on


@dataclass(frozen=True)
class Task:
    """One task, or one item of a loop; plain values only, without Ansible's own types."""

    action: str
    arguments: dict[str, Any]
    #: The variables in ``environment`` of the task, its block and its play.
    environment: dict[str, str]
    check_mode: bool
    diff: bool
    no_log: bool
    #: It runs on the controller, as the user who runs Ansible, and Ansible waits for it.
    is_local: bool
    #: Templated value of ansible_python_interpreter on the host of the task; None if it is not set.
    interpreter: str | None
    #: Whether the result contains the invocation of the module.
    wants_invocation: bool
    #: Templated values of the requested variables.
    variables: dict[str, Any]


def read_task(action: ActionBase, variables: Mapping[str, Any], names: Mapping[str, Any]) -> Task:
    """Read the task of an action plugin.

    :param variables: the task's variables, as Ansible passes them to run().
    :param names: variables to template, with their defaults.
    :raises InternalsChanged: if a part of it cannot be read, or has changed.
    :raises AnsibleError: if a template of the user fails.
    """
    settings = read_display_settings(action, variables, names)
    with relying_on("ActionBase._task"):
        task = action._task
        delegate_to, asynchronous = task.delegate_to, task.async_val
        name, arguments = str(task.action), plain(task.args)
    expect(asynchronous, int, "Task.async_val")
    expect(arguments, dict, "Task.args")
    with relying_on("ActionBase._connection"):
        is_local = action._connection.transport == "local" and action._connection.become is None and not asynchronous
    with relying_on("ActionBase._templar"):
        of_host = variables
        if delegate_to:
            of_host = (variables.get("ansible_delegated_vars") or {}).get(delegate_to) or {}
        wanted = of_host.get("ansible_python_interpreter")
        interpreter = str(action._templar.template(wanted)) if wanted else None
    return Task(
        action=name,
        arguments=arguments,
        environment=_environment(action),
        check_mode=settings.check_mode,
        diff=settings.diff,
        no_log=settings.no_log,
        is_local=is_local,
        interpreter=interpreter,
        wants_invocation=_wants_invocation(variables),
        variables=settings.variables,
    )


@dataclass(frozen=True)
class DisplaySettings:
    """The display settings of a task."""

    check_mode: bool
    diff: bool
    no_log: bool
    #: Templated values of the requested variables.
    variables: dict[str, Any]


def read_display_settings(
    action: ActionBase, variables: Mapping[str, Any], names: Mapping[str, Any]
) -> DisplaySettings:
    """Read the display settings of a task.

    :param variables: the task's variables, as Ansible passes them to run().
    :param names: variables to template, with their defaults.
    :raises InternalsChanged: if a part of it cannot be read.
    :raises AnsibleError: if a template of the user fails.
    """
    with relying_on("ActionBase._task"):
        flags = {name: getattr(action._task, name) for name in ("check_mode", "diff", "no_log")}
    for flag, value in flags.items():
        # None means not set; any other value is unexpected.
        expect(value, (bool, type(None)), f"Task.{flag}")
    with relying_on("ActionBase._templar"):
        templated = {name: action._templar.template(variables.get(name, default)) for name, default in names.items()}
    return DisplaySettings(**{name: bool(value) for name, value in flags.items()}, variables=templated)


def plain(value: Any) -> Any:
    """Data without Ansible's own types, which contain tags, trust and vaulted text."""
    return json.loads(json.dumps(value, default=str))


def run_directory() -> str | None:
    """A temporary directory of this Ansible run, removed at its end; None if not found."""
    directory = getattr(constants, "DEFAULT_LOCAL_TMP", None)
    return directory if isinstance(directory, str) else None


def _wants_invocation(variables: Mapping[str, Any]) -> bool:
    """The user's setting; it does not exist before ansible-core 2.21, where all results contain the invocation."""
    with relying_on("ConfigManager.get_config_value"):
        try:
            return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=dict(variables)))
        except AnsibleError:
            return True


def _environment(action: ActionBase) -> dict[str, str]:
    with relying_on("ActionBase._compute_environment_string"):
        exported: dict[str, Any] = {}
        action._compute_environment_string(exported)
        stated = action._task.environment or []
        expect(stated, (list, dict, str), "Task.environment")
        if not exported and any(map(action._templar.template, stated if isinstance(stated, list) else [stated])):
            raise InternalsChanged("ActionBase._compute_environment_string", "it omits what the task sets")
        return {name: str(value) for name, value in exported.items()}
