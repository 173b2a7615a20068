# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command lines that each release of ansible-core sends to Windows, and those that Windows would not take."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from windows_guest import manifest, powershell
from windows_guest.command_lines import cmd_words, powershell_words

SCRIPT = "Write-Output 'é'"
ENCODED = base64.b64encode(SCRIPT.encode("utf-16-le")).decode()
ARGUMENTS = "-NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand"
AGAIN = base64.b64encode(f"PowerShell {ARGUMENTS} {ENCODED}".encode("utf-16-le")).decode()
READERS = {"cmd": cmd_words, "powershell": powershell_words}


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("powershell", f"PowerShell {ARGUMENTS} {ENCODED}"),
        ("powershell", f"PowerShell {ARGUMENTS} {AGAIN}"),
        ("powershell", f"powershell {ARGUMENTS} '{ENCODED}'"),
        ("powershell", f"& 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe' {ARGUMENTS} {ENCODED}"),
        ("cmd", f"PowerShell {ARGUMENTS} {AGAIN}"),
        ("cmd", f"powershell {ARGUMENTS} {ENCODED}"),
        ("cmd", f'"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" {ARGUMENTS} {ENCODED}'),
    ],
)
def test_what_ansible_sends(shell: str, line: str) -> None:
    assert powershell.script_of(READERS[shell](line)) == SCRIPT


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        # Quotes of PowerShell, to a guest whose shell is cmd: base64 with letters that are none of it.
        ("cmd", f"powershell {ARGUMENTS} '{ENCODED}'"),
        ("cmd", f"powershell {ARGUMENTS} {ENCODED} & whoami"),
        ("cmd", f"powershell {ARGUMENTS} ^{ENCODED}"),
        ("powershell", f"powershell {ARGUMENTS} {ENCODED}; Get-Date"),
        ("powershell", f"'powershell' {ARGUMENTS} {ENCODED}"),
        ("powershell", f"powershell {ARGUMENTS} '{ENCODED}"),
        ("powershell", f"powershell {ARGUMENTS}"),
        ("powershell", f"powershell -InputFormat None {ARGUMENTS} {ENCODED} -EncodedArguments {ENCODED}"),
        ("powershell", f"powershell {ARGUMENTS} {ENCODED[:-1]}"),
        ("powershell", "powershell -NoProfile"),
        ("powershell", f"pwsh {ARGUMENTS} {ENCODED}"),
        ("powershell", f"D:\\powershell.exe {ARGUMENTS} {ENCODED}"),
        ("powershell", ""),
    ],
)
def test_what_windows_does_not_take(shell: str, line: str) -> None:
    with pytest.raises(ValueError, match=r"stand-in|not properly encoded"):
        powershell.script_of(READERS[shell](line))


GIVEN = {"path": "C:\\x", "_ansible_module_name": "ansible.windows.win_file", "_ansible_check_mode": False}
MODULE = "ansible_collections.ansible.windows.plugins.modules.win_file.ps1"
NEW = "$codeJson = foreach ($in in $inputData) {"


def new(actions: list[dict[str, Any]], compressed: bool = False, **parameters: Any) -> bytes:
    """Give what Ansible sends since 2.19."""
    text = json.dumps({"actions": actions}).encode()
    tail = base64.b64encode(gzip.compress(text)) if compressed else text
    head = {"name": "exec_wrapper", "params": {"DecompressInput": compressed, **parameters}}
    return json.dumps(head).encode() + b"\n\0\0\0\0\n" + tail


def module(**parameters: Any) -> dict[str, Any]:
    """Give the action that runs a module."""
    return {"name": "module_wrapper.ps1", "params": {"Script": MODULE, **parameters}}


VARIABLES = {"Variables": [{"Name": "complex_args", "Value": GIVEN}]}
JSON = {"ArgumentJSON": json.dumps(GIVEN)}
JOB = {"name": "async_wrapper.ps1", "params": {}}
OLD = {"module_args": GIVEN, "actions": ["async_wrapper", "async_watchdog", "module_powershell_wrapper"]}


@pytest.mark.parametrize(
    ("script", "given", "job", "says_booleans"),
    [
        ("$exec_wrapper_str = $input | Out-String", b"{\n\0\0\0\0" + json.dumps(OLD).encode(), True, False),
        ("$codeJson = foreach ($in in $input) {", new([module(**VARIABLES)]), False, True),
        (NEW, new([JOB, module(**VARIABLES)], PwshPath="powershell"), True, True),
        (NEW, new([JOB, module(**JSON)], True, PwshPath="powershell"), True, True),
    ],
    ids=["2.16", "2.19", "2.21", "2.22"],
)
def test_a_manifest_of_each_release(script: str, given: bytes, job: bool, says_booleans: bool) -> None:
    assert manifest.expected_by(script)
    expected = manifest.Call("ansible.windows.win_file", GIVEN, job, says_booleans)
    assert manifest.read(script, given) == expected


@pytest.mark.parametrize(
    "given",
    [
        new([module(**JSON)], PwshPath="pwsh"),
        new([{"name": "other.ps1", "params": {}}]),
        new([module(**JSON)]).replace(b"exec_wrapper", b"winrm_put_file"),
    ],
)
def test_a_manifest_that_runs_no_module_here(given: bytes) -> None:
    with pytest.raises(ValueError, match=r"interpreter|does not know"):
        manifest.read(NEW, given)
