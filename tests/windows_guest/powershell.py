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

_SEPARATOR = b"\n\0\0\0\0\n"
#: What Ansible's bootstrap wrapper does, and no other command: it reads a manifest from the standard input.
_BOOTSTRAP = "$codeJson = foreach ($in in $input)"
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
    """Read the script from PowerShell's command line.

    :raises ValueError: when it is not given as an encoded command.
    """
    flags = [word.lower() for word in words]
    if "-encodedcommand" not in flags:
        raise ValueError("The stand-in for PowerShell takes an encoded command only.")
    return base64.b64decode(words[flags.index("-encodedcommand") + 1]).decode("utf-16-le")


def takes_input(script: str) -> bool:
    """Say whether the script reads its standard input, which nobody closes for others."""
    return _BOOTSTRAP in script


def run(script: str, given: bytes, guest: Guest) -> Answer:
    """Run a script with what it is given as standard input."""
    if takes_input(script):
        return _run_manifest(guest, json.loads(given.partition(_SEPARATOR)[2]))
    return _run_script(guest, script)


def _run_manifest(guest: Guest, manifest: dict[str, Any]) -> Answer:
    names = [action["name"] for action in manifest["actions"]]
    wrapper = manifest["actions"][-1]
    if wrapper["name"] != "module_wrapper.ps1":
        return _refused(f"The stand-in does not know the script {wrapper['name']}.")
    module = _module_name(wrapper["params"]["Script"])
    values = {variable["Name"]: variable["Value"] for variable in wrapper["params"]["Variables"]}
    given = values["complex_args"]
    arguments = {name: value for name, value in given.items() if not name.startswith("_ansible_")}
    asynchronous = "async_wrapper.ps1" in names
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
