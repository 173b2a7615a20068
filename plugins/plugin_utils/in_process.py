# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's code in the controller's process, where nothing asks for a process of its own.

Starting a module costs some ten times what a short request to Azure does. The action plugins of this collection are
loaded once in Ansible's parent process, with the SDK; its workers inherit that. Whatever is out of the ordinary
(another machine, become, async, another Python) takes the ordinary path: the same code, as a module.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as OrdinaryAction
from ansible.utils.display import Display
from ansible.vars.clean import remove_internal_keys
from ansible_collections.golden.azure.plugins.module_utils import sdk, trust
from ansible_collections.golden.azure.plugins.module_utils.blob import without_signatures
from ansible_collections.golden.azure.plugins.module_utils.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils.invocation import Code, Invocation, full_specification
from ansible_collections.golden.azure.plugins.module_utils.sign_in import ENVIRONMENT

#: Set to false to have the modules run as modules.
SWITCH = "golden_azure_in_process"
#: Set to false to have no lines printed while a task runs.
PROGRESS = "golden_azure_progress"

#: Allocations between two looks for garbage (Python's own: 700). What a task reads is none: with ten thousand rows,
#: looking takes a twentieth of the task's time.
_COLLECTION_THRESHOLD = 50_000

_AUTOMATIC_INTERPRETERS = ("auto", "auto_silent", "auto_legacy", "auto_legacy_silent")


class InProcessAction(OrdinaryAction):
    """Base of the action plugins; each names its module's code and options."""

    CODE: Code
    OPTIONS: Mapping[str, Any]
    #: What AnsibleModule takes besides the options, such as required_one_of.
    RULES: Mapping[str, Any] = {}
    #: Whether the SDK's models are loaded at once; who only reads needs none.
    WRITES = True

    def __init_subclass__(cls, **options: Any) -> None:
        """Called when Ansible loads the plugin, in its parent process: what is imported there, workers inherit."""
        super().__init_subclass__(**options)
        # None of it is garbage: looking for some would take a quarter of the time.
        gc.disable()
        try:
            if sdk.IMPORT_ERROR is None:
                sdk.preload()
                trust.prepare()
                if cls.WRITES:
                    sdk.compute()
        finally:
            gc.enable()
        # It stays for good: workers then share its memory, since nothing touches it any more.
        gc.freeze()

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the module's code here, or as an ordinary module."""
        variables = task_vars or {}
        exported: dict[str, Any] = {}
        self._compute_environment_string(exported)
        if not self._fits(variables, exported):
            return super().run(tmp, variables)
        # A process of this task alone: Ansible forks one for each.
        gc.set_threshold(_COLLECTION_THRESHOLD)
        with _environment(exported):
            return self._run_here(variables)

    # -- what fits ----------------------------------------------------------------------------------------------

    def _fits(self, variables: Mapping[str, Any], exported: Mapping[str, Any]) -> bool:
        return (
            sdk.IMPORT_ERROR is None
            and self._connection.transport == "local"
            and self._connection.become is None
            and not self._task.async_val
            and self._switched_on(variables, SWITCH)
            and not any(name.startswith(("PYTHON", "LD_")) for name in exported)
            and self._is_this_python(variables)
        )

    def _switched_on(self, variables: Mapping[str, Any], name: str) -> bool:
        return bool(boolean(self._templar.template(variables.get(name, True)), strict=False))

    def _is_this_python(self, variables: Mapping[str, Any]) -> bool:
        """Whether the task's interpreter is the one that runs here; not asked for is as good.

        Compared by folder: the programs of several virtual environments may be links to the same file.
        """
        of_host = variables
        if self._task.delegate_to:
            of_host = (variables.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or {}
        wanted = of_host.get("ansible_python_interpreter")
        if not wanted:
            return True
        path = str(self._templar.template(wanted))
        if path in _AUTOMATIC_INTERPRETERS:
            return True
        try:
            same_folder = os.path.samefile(os.path.dirname(path), os.path.dirname(sys.executable))
            return same_folder and os.path.samefile(path, sys.executable)
        except OSError:
            return False

    # -- running ------------------------------------------------------------------------------------------------

    def _run_here(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        validator = ArgumentSpecValidator(full_specification(dict(self.OPTIONS)), **self.RULES)
        checked = validator.validate(_plain(self._task.args))
        secrets = set(checked._no_log_values) | _secrets_of_environment()
        options = checked.validated_parameters
        if checked.error_messages:
            result: dict[str, Any] = {"failed": True, "msg": "; ".join(map(self._complaint, checked.errors))}
        else:
            result = self._guarded(options, secrets, variables)
        result["invocation"] = {"module_args": without_signatures(options)}
        noted = [str(warning["warning"]) for warning in checked._warnings]
        if noted:
            result["warnings"] = [*result.get("warnings", []), *noted]
        return _for_ansible(result, secrets)

    def _complaint(self, error: Exception) -> str:
        # In the words of AnsibleModule.
        unsupported = isinstance(error, UnsupportedError)
        return f"Unsupported parameters for ({self._task.action}) module: {error}" if unsupported else str(error)

    def _guarded(self, options: dict[str, Any], secrets: set[str], variables: Mapping[str, Any]) -> dict[str, Any]:
        display = Display()
        talks = not self._task.no_log and self._switched_on(variables, PROGRESS)
        host = variables.get("inventory_hostname", "localhost")

        def progress(line: str) -> None:
            if talks:
                display.display(str(remove_values(f"{host}: {line}", secrets)))

        invocation = Invocation(
            options=options,
            check_mode=bool(self._task.check_mode),
            progress=progress,
            run_directory=constants.DEFAULT_LOCAL_TMP,
        )
        try:
            # Ansible warns of output that it did not make; what libraries print is not for people.
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                result = type(self).CODE(invocation)
        except Failure as failure:
            return {"failed": True, **failure.as_result()}
        except AnsibleError:
            # Ansible's own, such as the task's timeout: it knows what to do with them.
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the outermost edge: an escaping one may print a secret
            found = {"failed": True, "msg": f"This is a fault of golden.azure, please report it: {error!r}"}
            return {**found, "exception": traceback.format_exc()} if display.verbosity >= 3 else found
        if invocation.check_mode and not self._task.diff and result.get("plan_text"):
            progress(f"would do\n{result['plan_text'].rstrip()}")
        return result


def _plain(value: Any) -> Any:
    """Options without Ansible's own types, which carry tags, trust and vaulted text."""
    return json.loads(json.dumps(value, default=str))


def _for_ansible(result: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    """A result that is plain, whose text is never templated, and that holds no secret."""
    text = json.dumps(result, default=str)
    clean = json.loads(text)
    remove_internal_keys(clean)
    if not any(json.dumps(secret)[1:-1] in text for secret in secrets):
        # What is in no text is in no part of it; looking through ten thousand images one by one takes half a second.
        return clean
    censored = remove_values(clean, secrets)
    # A secret "1" or "True" would censor numbers and truth values that mean something else.
    return {
        key: clean[key] if value is None or isinstance(clean[key], bool) else value for key, value in censored.items()
    }


def _secrets_of_environment() -> set[str]:
    names = ENVIRONMENT["secret"] + ENVIRONMENT["password"]
    return {os.environ[name] for name in names if os.environ.get(name)}


@contextlib.contextmanager
def _environment(exported: Mapping[str, Any]) -> Iterator[None]:
    """The task's environment, for as long as it runs: a loop's next item may have another."""
    before = os.environ.copy()
    os.environ.update({name: str(value) for name, value in exported.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
