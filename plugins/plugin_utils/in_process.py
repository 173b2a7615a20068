# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's code in the controller's process, unless the task requires a separate process.

Starting a module takes about ten times as long as a short request to Azure. The action plugins of this collection are
loaded once in Ansible's parent process, with the SDK; its workers inherit that. Other tasks
(on another machine, with become, async, or another Python) run the same code as a module. So does every task
if Ansible's internals are different (_ansible/): then one warning is issued.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible_collections.golden.azure.plugins.module_utils._azure import sdk, tls
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import ENVIRONMENT
from ansible_collections.golden.azure.plugins.module_utils._core.conversions import NotConvertible, to_boolean
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.option_checks import printable
from ansible_collections.golden.azure.plugins.module_utils._core.option_types import check_types
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import (
    Code,
    Invocation,
    call,
    full_specification,
    quiet_libraries,
)
from ansible_collections.golden.azure.plugins.module_utils._local.controller import (
    VARIABLE,
    exit_if_gone,
    watch_parent,
)
from ansible_collections.golden.azure.plugins.module_utils._local.paths import FOLDER, VARIABLES, absolute_path
from ansible_collections.golden.azure.plugins.module_utils._local.processes import identify
from ansible_collections.golden.azure.plugins.module_utils._model.blob import without_signatures
from ansible_collections.golden.azure.plugins.plugin_utils._ansible import arguments
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.arguments import Checked, check_arguments
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.guard import InternalsChanged
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.ordinary import (
    OrdinaryAction,
    is_waited_for,
    make_paths_absolute,
)
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.task import (
    Task,
    read_display_settings,
    read_task,
    run_directory,
)
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.worker_display import display_line
from ansible_collections.golden.azure.plugins.plugin_utils.progress_lines import ProgressLines, silence
from ansible_collections.golden.azure.plugins.plugin_utils.secrets import censor

#: The variable that disables this, so that modules run in separate processes.
SWITCH = "golden_azure_in_process"
#: The variable that disables progress lines.
PROGRESS = "golden_azure_progress"

_AUTOMATIC_INTERPRETERS = ("auto", "auto_silent", "auto_legacy", "auto_legacy_silent")


class InProcessAction(OrdinaryAction):
    """Base of the action plugins; each defines its module's code and options."""

    CODE: Code
    OPTIONS: Mapping[str, Any]
    #: Further arguments of AnsibleModule, such as required_one_of.
    RULES: Mapping[str, Any] = {}
    #: Whether the SDK's models are loaded in advance; modules that only read do not need them.
    WRITES = True

    def __init_subclass__(cls, **options: Any) -> None:
        """Called when Ansible loads the plugin, in its parent process, whose imports are inherited by workers."""
        super().__init_subclass__(**options)
        with _no_garbage_collection():
            if sdk.IMPORT_ERROR is None:
                sdk.preload()
                tls.prepare()
                if cls.WRITES:
                    sdk.compute()

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the module's code here, or as an ordinary module."""
        variables = task_vars or {}
        parent = multiprocessing.parent_process()
        if parent is not None and parent.pid:
            watch_parent(parent.pid)
        try:
            prepared = self._prepare(variables)
        except InternalsChanged as changed:
            Display().warning(
                "golden.azure runs its modules in separate processes, which takes longer, since this release of "
                f"ansible-core has different internals ({changed})."
            )
            prepared = None
        except AnsibleError:
            # An error in a user's template is reported by Ansible when it runs the module.
            prepared = None
        if prepared is None:
            make_paths_absolute(self, full_specification(dict(self.OPTIONS)))
            with _environment(_for_modules(self)):
                ordinary: dict[str, Any] = super().run(tmp, variables)
            self._show_plan_of_module(ordinary, variables)
            return ordinary
        task, checked, exported = prepared
        with _environment(exported):
            return self._run_here(task, checked, variables)

    def _prepare(self, variables: Mapping[str, Any]) -> tuple[Task, Checked, Mapping[str, str]] | None:
        """Read and check everything that is required to run the task here; None if it is to run as a module.

        :raises InternalsChanged: if a part of Ansible is not as expected.
        """
        if sdk.IMPORT_ERROR is not None:
            return None
        task = read_task(self, variables, {SWITCH: True, PROGRESS: True})
        if not _can_run_here(task):
            return None
        arguments.verify_validation()
        with _environment(task.environment):
            # Options that are not set are taken from the environment.
            checked = check_arguments(task.action, full_specification(dict(self.OPTIONS)), self.RULES, task.arguments)
        return task, checked, task.environment

    def _show_plan_of_module(self, result: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        """Show the plan in check mode for a task that ran as a module, for example because of become."""
        try:
            settings = read_display_settings(self, variables, {PROGRESS: True})
        except (InternalsChanged, AnsibleError):
            # It was reported before, and the plan is part of the result.
            return
        if settings.no_log or not _is_true(settings.variables[PROGRESS]):
            return
        plan = _plan_to_show(result, settings.check_mode, settings.diff)
        if plan:
            host = variables.get("inventory_hostname", "localhost")
            # Like the progress lines of a task that runs here, so that the output of a callback that prints JSON is not mixed.
            display_line(str(censor(f"{host}: {plan}", _secrets_of_environment())))

    def _run_here(self, task: Task, checked: Checked, variables: Mapping[str, Any]) -> dict[str, Any]:
        secrets = checked.secrets | _secrets_of_environment()
        refusal = self._refusal(task, checked)
        if refusal:
            result: dict[str, Any] = {"failed": True, **refusal.as_result()}
        else:
            result = self._guarded(
                task, checked.options, secrets, str(variables.get("inventory_hostname", "localhost"))
            )
        if task.wants_invocation:
            result["invocation"] = {"module_args": printable(without_signatures(checked.options))}
        warnings = [*result.pop("warnings", []), *checked.warnings]
        if warnings:
            result["warnings"] = warnings
        return _for_ansible(result, secrets)

    def _refusal(self, task: Task, checked: Checked) -> InvalidInput | None:
        """The errors of the options, from this collection first, then Ansible's."""
        try:
            check_types(full_specification(dict(self.OPTIONS)), task.arguments)
        except InvalidInput as refusal:
            return refusal
        return InvalidInput("; ".join(checked.errors)) if checked.errors else None

    def _guarded(self, task: Task, options: dict[str, Any], secrets: set[str], host: str) -> dict[str, Any]:
        shows_progress = not task.no_log and _is_true(task.variables[PROGRESS])
        lines = ProgressLines(lambda line: str(censor(f"{host}: {line}", secrets))) if shows_progress else silence()
        # Includes the progress lines: ansible-runner before 2.4.1 prints when a worker displays something.
        with quiet_libraries(), lines as progress:
            return self._call(task, options, progress)

    def _call(self, task: Task, options: dict[str, Any], progress: Progress) -> dict[str, Any]:
        invocation = Invocation(
            options=options, check_mode=task.check_mode, progress=progress, run_directory=run_directory()
        )
        try:
            # Ansible handles its own exceptions, such as that of the task's timeout.
            result = call(type(self).CODE, self.OPTIONS, self.RULES, invocation, passing=(AnsibleError,))
        except Failure as failure:
            exit_if_gone()
            return {"failed": True, **failure.as_result()}
        exit_if_gone()
        plan = _plan_to_show(result, task.check_mode, task.diff)
        if plan:
            progress(plan)
        return result


def _plan_to_show(result: Mapping[str, Any], check_mode: bool, diff: bool) -> str | None:
    """The planned changes, if they are not shown otherwise; None if they are, or there is no plan.

    Ansible's callbacks show the diff, which is the plan, only if something has changed or would change.
    """
    if not check_mode or not result.get("plan_text") or (diff and result.get("changed")):
        return None
    head = "planned changes" if result.get("changed") else "no changes planned"
    return f"{head}\n{str(result['plan_text']).rstrip()}"


def _for_modules(action: InProcessAction) -> dict[str, str]:
    """The environment of modules on this machine: the Ansible process, and the caller's directory.

    Asynchronous tasks have no process to watch.
    """
    parent = multiprocessing.parent_process()
    number = parent.pid if parent is not None and is_waited_for(action) else None
    paths = {name: absolute_path(os.environ[name]) for name in VARIABLES if os.environ.get(name)}
    return {**paths, FOLDER: os.getcwd(), VARIABLE: identify(number) if number else ""}


def _can_run_here(task: Task) -> bool:
    return (
        task.is_local
        and _is_true(task.variables[SWITCH])
        and not any(name.startswith(("PYTHON", "LD_")) for name in task.environment)
        and _is_this_python(task.interpreter)
    )


def _is_true(value: Any) -> bool:
    """Whether a switch is enabled; False for an invalid value."""
    try:
        return to_boolean(value)
    except NotConvertible:
        return False


def _is_this_python(interpreter: str | None) -> bool:
    """Whether the interpreter of the task is the current one, or not set.

    They are compared by directory: the programs of several virtual environments may be links to the same file.
    """
    if not interpreter or interpreter in _AUTOMATIC_INTERPRETERS:
        return True
    try:
        same_folder = os.path.samefile(os.path.dirname(interpreter), os.path.dirname(sys.executable))
        return same_folder and os.path.samefile(interpreter, sys.executable)
    except OSError:
        return False


def _for_ansible(result: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    """A plain result without secrets whose text is never templated."""
    # Keys with this prefix control Ansible.
    return {name: value for name, value in censor(result, secrets).items() if not name.startswith("_ansible_")}


def _secrets_of_environment() -> set[str]:
    secret = ("secret", "password", "federated_token", "oidc_request_token")
    names = [name for option in secret for name in ENVIRONMENT[option]]
    return {os.environ[name] for name in names if os.environ.get(name)}


@contextlib.contextmanager
def _environment(exported: Mapping[str, str]) -> Iterator[None]:
    """Set the environment of the task while it runs: the next item of a loop may have another one."""
    before = os.environ.copy()
    os.environ.update(exported)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Import without garbage collection, which would take a quarter of the time.

    Imported objects are permanent. They are frozen, so that workers share their memory.
    Nothing is frozen if garbage collection is disabled in Ansible's process, or if Python does not support it.
    """
    if not gc.isenabled() or not hasattr(gc, "freeze"):
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    gc.freeze()
