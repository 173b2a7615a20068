# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a task in the ordinary way: Ansible transfers its module to the host of the task, and runs it there."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.golden.azure.plugins.module_utils._local.paths import (
    VARIABLES,
    absolute_path,
    with_absolute_paths,
)


class DocumentedAction(ActionBase):
    """Runs the module by documented means only, if Ansible's own action for modules is missing."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the module."""
        result = super().run(tmp, task_vars)
        asynchronous = getattr(self._task, "async_val", False)
        result.update(self._execute_module(task_vars=task_vars, wrap_async=asynchronous))
        return result


try:
    from ansible.plugins.action.normal import ActionModule as _NormalAction
except ImportError:
    _NormalAction = None


def is_waited_for(action: ActionBase) -> bool:
    """Whether Ansible waits for a task's module; False if unknown."""
    return getattr(getattr(action, "_task", None), "async_val", 1) == 0


def make_paths_absolute(action: ActionBase, specification: Mapping[str, Any]) -> None:
    """Make paths of a module on this machine absolute, relative to the caller's directory.

    A local connection starts modules in the directory of the playbook. If unknown, paths are not changed.
    """
    with contextlib.suppress(AttributeError, TypeError):
        if action._connection.transport == "local":
            action._task.args = with_absolute_paths(specification, action._task.args)


_Action: Any = _NormalAction or DocumentedAction


class OrdinaryAction(_Action):
    """Runs the module, with paths relative to the caller's directory."""

    def _compute_environment_string(self, raw_environment_out: Any = None) -> Any:
        """The variables of ``environment:`` of task, block and play, with absolute paths.

        A local connection starts modules in the directory of the playbook; tasks in the controller's process run in the caller's.
        """
        exported: dict[str, Any] = {}
        prefix = super()._compute_environment_string(exported)
        with contextlib.suppress(AttributeError, TypeError):
            if self._connection.transport == "local":
                whole = {
                    name: absolute_path(str(value)) if name in VARIABLES and value else value
                    for name, value in exported.items()
                }
                if whole != exported:
                    prefix = self._connection._shell.env_prefix(**whole)
                exported = whole
        if isinstance(raw_environment_out, dict):
            raw_environment_out.clear()
            raw_environment_out.update(exported)
        return prefix
