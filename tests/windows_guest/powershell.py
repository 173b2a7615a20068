# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for PowerShell: takes the command line and the input that Ansible's shell plugin makes, and plays them."""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from . import modules, scenario
from .arguments import problems
from .guest import FOLDER_VARIABLE, Guest

#: Seconds after which a step that never answers ends itself, should nobody else have ended it.
SILENCE = 120.0
#: What ssh says of a lost connection.
LOST = 255

_SEPARATOR = b"\n\0\0\0\0\n"
#: What Ansible's bootstrap wrapper does, and no other command: it reads a manifest from the standard input.
_BOOTSTRAP = "$codeJson = foreach ($in in $input)"
_SUCCESS = re.compile(r"success-[0-9a-f-]{36}")


def main(arguments: list[str], guest: Guest) -> int:
    """Run one PowerShell command line.

    :returns: the exit status of PowerShell, or 255 when the connection was lost.
    """
    script = _decoded(arguments)
    if _BOOTSTRAP in script:
        # Only then is anything sent: for other commands nobody closes the standard input.
        return _run_manifest(guest, json.loads(sys.stdin.buffer.read().partition(_SEPARATOR)[2]))
    return _run_script(guest, script)


def _decoded(arguments: list[str]) -> str:
    flags = [argument.lower() for argument in arguments]
    if "-encodedcommand" not in flags:
        raise SystemExit("The stand-in for PowerShell takes an encoded command only.")
    return base64.b64decode(arguments[flags.index("-encodedcommand") + 1]).decode("utf-16-le")


def _run_manifest(guest: Guest, manifest: dict[str, Any]) -> int:
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
    status = _trouble(guest, kind)
    if status is not None:
        return status
    answer = modules.play(guest, module, arguments, asynchronous)
    with guest.change() as state:
        if scenario.taken(state, "lose_answer", kind):
            return _lost()
    print(json.dumps(answer))
    return 1 if answer.get("failed") else 0


def _module_name(script: str) -> str:
    """ansible_collections.ansible.windows.plugins.modules.win_file.ps1 is ansible.windows.win_file."""
    return script.removeprefix("ansible_collections.").removesuffix(".ps1").replace(".plugins.modules.", ".")


def _run_script(guest: Guest, script: str) -> int:
    """The commands of win_reboot, which come as they are."""
    guest.note(kind="script", script=script)
    with guest.change() as state:
        if "LastBootUpTime" in script:
            print(state["boots"])
            return 0
        if "shutdown.exe /r" in script:
            scenario.reboot(state)
            print(json.dumps({"stdout": "", "stderr": "", "rc": 0}))
            return 0
    expected = _SUCCESS.search(script)
    if expected:
        print(expected.group())
        return 0
    return _refused("The stand-in does not know this script.")


def _refused(reason: str) -> int:
    print(json.dumps({"failed": True, "msg": reason}))
    return 1


def _trouble(guest: Guest, kind: str) -> int | None:
    with guest.change() as state:
        lost = scenario.taken(state, "lose", kind)
        silent = scenario.taken(state, "silent", kind)
    if lost:
        return _lost()
    if silent:
        _be_silent()
    return None


def _lost() -> int:
    print("Connection closed by remote host", file=sys.stderr)
    return LOST


def _be_silent() -> None:
    """Never answer; end with whoever asked."""
    asked_by = os.getppid()
    end = time.monotonic() + SILENCE
    while time.monotonic() < end and os.getppid() == asked_by:
        time.sleep(0.2)
    raise SystemExit(1)


if __name__ == "__main__":
    name = os.environ["WINDOWS_GUEST"]
    sys.exit(main(sys.argv[1:], Guest(Path(os.environ[FOLDER_VARIABLE]) / name)))
