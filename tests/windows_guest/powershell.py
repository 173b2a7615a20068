# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for PowerShell: takes the command line and the input that Ansible's shell plugin makes, and plays them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import modules, scenario
from .arguments import problems
from .guest import Guest

_SEPARATOR = b"\0\0\0\0"
#: What the bootstrap wrappers of ansible-core 2.19 and of the releases before do, and no other command: they read a manifest
#: from the standard input.
_BOOTSTRAPS = ("$codeJson = foreach ($in in $input)", "$exec_wrapper_str = $input | Out-String")
#: What Ansible's own plugins call, and its releases before 2.19 exchange for what Windows has, without saying so.
_REWRITTEN = re.compile(r"^(?:ansible\.(?:builtin|legacy)\.)?(stat|file|copy|ping)$")
_SUCCESS = re.compile(r"success-[0-9a-f-]{36}")


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    status: int = 0
    stdout: str = ""
    #: The connection is lost before anything comes back.
    lost: bool = False
    #: Nothing ever comes back.
    silent: bool = False


def decoded(words: Sequence[str]) -> str:
    """Read the script from PowerShell's command line; one that is such a command line again is read through.

    :raises ValueError: when it is not given as an encoded command.
    """
    flags = [word.lower() for word in words]
    if "-encodedcommand" not in flags:
        raise ValueError("The stand-in for PowerShell takes an encoded command only.")
    script = base64.b64decode(words[flags.index("-encodedcommand") + 1]).decode("utf-16-le")
    again = script.split()
    # Releases of ansible-core before 2.19 encode what is encoded already.
    is_again = again[:1] and again[0].lower() == "powershell" and "-encodedcommand" in map(str.lower, again)
    return decoded(again[1:]) if is_again else script


def takes_input(script: str) -> bool:
    """Say whether the script reads its standard input, which nobody closes for others."""
    return any(bootstrap in script for bootstrap in _BOOTSTRAPS)


def run(script: str, given: bytes, guest: Guest) -> Answer:
    """Run a script with what it is given as standard input."""
    if takes_input(script):
        return _run_manifest(guest, json.loads(given.partition(_SEPARATOR)[2]))
    return _run_script(guest, script)


@dataclass(frozen=True)
class _Call:
    """What a manifest asks for."""

    module: str
    #: The module's arguments, and Ansible's own.
    given: dict[str, Any]
    asynchronous: bool


def _call(manifest: dict[str, Any]) -> _Call:
    """Read a manifest as ansible-core 2.19 writes it, or the releases before.

    :raises ValueError: when it runs no module.
    """
    actions = manifest["actions"]
    if "module_args" in manifest:
        given = manifest["module_args"]
        if actions[-1] != "module_powershell_wrapper":
            raise ValueError(f"The stand-in does not know the script {actions[-1]}.")
        name = str(given["_ansible_module_name"])
        return _Call(_REWRITTEN.sub(r"ansible.windows.win_\1", name), given, "async_wrapper" in actions)
    names = [action["name"] for action in actions]
    if names[-1] != "module_wrapper.ps1":
        raise ValueError(f"The stand-in does not know the script {names[-1]}.")
    parameters = actions[-1]["params"]
    values = {variable["Name"]: variable["Value"] for variable in parameters["Variables"]}
    return _Call(_module_name(parameters["Script"]), values["complex_args"], "async_wrapper.ps1" in names)


def _run_manifest(guest: Guest, manifest: dict[str, Any]) -> Answer:
    try:
        call = _call(manifest)
    except ValueError as unknown:
        return _refused(str(unknown))
    module, given, asynchronous = call.module, call.given, call.asynchronous
    arguments = {name: value for name, value in given.items() if not name.startswith("_ansible_")}
    kind = modules.kind_of(module, arguments)
    guest.note(
        kind=kind,
        module=module,
        arguments=arguments,
        asynchronous=asynchronous,
        check_mode=given["_ansible_check_mode"],
    )
    wrong = problems(module, given)
    if wrong:
        return _refused(f"{module}: {' '.join(wrong)}")
    trouble = _trouble(guest, kind)
    if trouble is not None:
        return trouble
    answer = modules.play(guest, module, arguments, asynchronous)
    with guest.change() as state:
        if scenario.taken(state, "lose_answer", kind):
            return Answer(lost=True)
    return Answer(1 if answer.get("failed") else 0, json.dumps(answer))


def _module_name(script: str) -> str:
    """ansible_collections.ansible.windows.plugins.modules.win_file.ps1 is ansible.windows.win_file."""
    return script.removeprefix("ansible_collections.").removesuffix(".ps1").replace(".plugins.modules.", ".")


def _run_script(guest: Guest, script: str) -> Answer:
    """The commands of win_reboot, which come as they are."""
    guest.note(kind="script", script=script)
    with guest.change() as state:
        if "LastBootUpTime" in script:
            return Answer(stdout=str(state["boots"]))
        if "shutdown.exe /r" in script:
            scenario.reboot(state)
            return Answer(stdout=json.dumps({"stdout": "", "stderr": "", "rc": 0}))
    expected = _SUCCESS.search(script)
    return Answer(stdout=expected.group()) if expected else _refused("The stand-in does not know this script.")


def _refused(reason: str) -> Answer:
    return Answer(1, json.dumps({"failed": True, "msg": reason}))


def _trouble(guest: Guest, kind: str) -> Answer | None:
    with guest.change() as state:
        lost = scenario.taken(state, "lose", kind)
        silent = scenario.taken(state, "silent", kind) or scenario.silent_by_now(state, kind)
    if lost:
        return Answer(lost=True)
    return Answer(silent=True) if silent else None
