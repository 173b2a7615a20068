# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that Ansible sends to PowerShell's standard input, in the words of each release of ansible-core."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass
from typing import Any

_SEPARATOR = b"\0\0\0\0"
#: What the bootstrap wrappers do, and no other command: they read a manifest from the standard input. That of ansible-core
#: before 2.19 is followed by two others, which take it apart alike: from 2.21 on the input may come from a file instead.
_BEFORE_2_19 = "$exec_wrapper_str = $input | Out-String"
_SINCE_2_19 = ("$codeJson = foreach ($in in $input)", "$codeJson = foreach ($in in $inputData)")
#: What Ansible's own plugins call, and its releases before 2.19 exchange for what Windows has, without saying so.
_REWRITTEN = re.compile(r"^(?:ansible\.(?:builtin|legacy)\.)?(stat|file|copy|ping)$")
#: What may be asked for as PowerShell: it runs already.
_INTERPRETERS = (None, "powershell")


@dataclass(frozen=True)
class Call:
    """What a manifest asks for."""

    module: str
    #: The module's arguments, and Ansible's own.
    given: dict[str, Any]
    asynchronous: bool
    #: Whether this release of Ansible says true and false of an asynchronous job, not 1 and 0.
    says_booleans: bool


def expected_by(script: str) -> bool:
    """Say whether a script reads a manifest."""
    return any(bootstrap in script for bootstrap in (_BEFORE_2_19, *_SINCE_2_19))


def read(script: str, given: bytes) -> Call:
    """Read what a bootstrap wrapper is given.

    :raises ValueError: when it runs no module, or not by this PowerShell.
    """
    head, tail = given.partition(_SEPARATOR)[::2]
    if _BEFORE_2_19 in script:
        return _before_2_19(json.loads(tail))
    code = json.loads(head)
    if code["name"] != "exec_wrapper":
        raise ValueError(f"The stand-in does not know the script {code['name']}.")
    interpreter = code["params"].get("PwshPath")
    if interpreter not in _INTERPRETERS:
        # In the words of Ansible's exec_wrapper.ps1.
        raise ValueError(f"Could not find the specified PowerShell interpreter '{interpreter}'.")
    if code["params"].get("DecompressInput"):
        tail = gzip.decompress(base64.b64decode(tail.strip(), validate=True))
    return _since_2_19(json.loads(tail))


def _before_2_19(manifest: dict[str, Any]) -> Call:
    actions, given = manifest["actions"], manifest["module_args"]
    if actions[-1] != "module_powershell_wrapper":
        raise ValueError(f"The stand-in does not know the script {actions[-1]}.")
    name = _REWRITTEN.sub(r"ansible.windows.win_\1", str(given["_ansible_module_name"]))
    return Call(name, given, "async_wrapper" in actions, says_booleans=False)


def _since_2_19(manifest: dict[str, Any]) -> Call:
    names = [action["name"] for action in manifest["actions"]]
    if names[-1] != "module_wrapper.ps1":
        raise ValueError(f"The stand-in does not know the script {names[-1]}.")
    parameters = manifest["actions"][-1]["params"]
    if "ArgumentJSON" in parameters:  # from 2.22 on
        given = json.loads(parameters["ArgumentJSON"])
    else:
        given = {variable["Name"]: variable["Value"] for variable in parameters["Variables"]}["complex_args"]
    return Call(_module_name(parameters["Script"]), given, "async_wrapper.ps1" in names, says_booleans=True)


def _module_name(script: str) -> str:
    """ansible_collections.ansible.windows.plugins.modules.win_file.ps1 is ansible.windows.win_file."""
    return script.removeprefix("ansible_collections.").removesuffix(".ps1").replace(".plugins.modules.", ".")
