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

from . import manifest, modules, scenario
from .arguments import problems
from .command_lines import powershell_words
from .guest import Guest
from .manifest import Call

#: The names of the only PowerShell that a guest has, in lower case.
_PROGRAMS = ("powershell", "c:\\windows\\system32\\windowspowershell\\v1.0\\powershell")
#: The arguments that Ansible gives it, in lower case, each with the number of its values.
_ARGUMENTS = {"-noprofile": 0, "-noninteractive": 0, "-executionpolicy": 1, "-encodedcommand": 1}
#: In the words of Windows PowerShell.
_BADLY_ENCODED = (
    "Cannot process the command because the value specified with -EncodedCommand is not properly encoded. The value must be "
    "Base64 encoded."
)
_SUCCESS = re.compile(r"success-[0-9a-f-]{36}")


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    status: int = 0
    stdout: str = ""
    stderr: str = ""
    #: The connection is lost before anything comes back.
    lost: bool = False
    #: Nothing ever comes back.
    silent: bool = False


def script_of(command: Sequence[str]) -> str:
    """Read the script from a command, which must be PowerShell's.

    :raises ValueError: when it is another, or has other arguments than Ansible gives.
    """
    if not command or command[0].lower().removesuffix(".exe") not in _PROGRAMS:
        raise ValueError(f"The stand-in runs PowerShell only, not {' '.join(command[:1])}.")
    return decoded(command[1:])


def decoded(arguments: Sequence[str]) -> str:
    """Read the script from PowerShell's arguments; one that is such a command again is read through.

    :raises ValueError: when it is not given as an encoded command, or other arguments are.
    """
    rest, encoded = list(arguments), None
    while rest:
        name = rest.pop(0).lower()
        if name not in _ARGUMENTS or len(rest) < _ARGUMENTS[name]:
            raise ValueError(f"The stand-in for PowerShell does not know the argument {name}.")
        value = rest.pop(0) if _ARGUMENTS[name] else ""
        if name == "-encodedcommand":
            encoded = value
    if encoded is None:
        raise ValueError("The stand-in for PowerShell takes an encoded command only.")
    try:
        script = base64.b64decode(encoded, validate=True).decode("utf-16-le")
    except ValueError as wrong:
        raise ValueError(_BADLY_ENCODED) from wrong
    # Releases of ansible-core before 2.19 encode what is encoded already.
    if re.match(r"powershell .*-encodedcommand \S+$", script, re.IGNORECASE):
        return script_of(powershell_words(script))
    return script


def takes_input(script: str) -> bool:
    """Say whether the script reads its standard input, which nobody closes for others."""
    return manifest.expected_by(script)


def run(script: str, given: bytes, guest: Guest) -> Answer:
    """Run a script with what it is given as standard input."""
    if not takes_input(script):
        return _run_script(guest, script)
    try:
        call = manifest.read(script, given)
    except ValueError as unknown:
        return _refused(str(unknown))
    return _run_call(guest, call)


def _run_call(guest: Guest, call: Call) -> Answer:
    module, given = call.module, call.given
    arguments = {name: value for name, value in given.items() if not name.startswith("_ansible_")}
    kind = modules.kind_of(module, arguments)
    guest.note(
        kind=kind,
        module=module,
        arguments=arguments,
        asynchronous=call.asynchronous,
        check_mode=given["_ansible_check_mode"],
    )
    wrong = problems(module, given)
    if wrong:
        return _refused(f"{module}: {' '.join(wrong)}")
    trouble = _trouble(guest, kind)
    if trouble is not None:
        return trouble
    answer = modules.play(guest, call, arguments)
    with guest.change() as state:
        if scenario.taken(state, "lose_answer", kind):
            return Answer(lost=True)
    return Answer(1 if answer.get("failed") else 0, json.dumps(answer))


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
