# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripts of Run Command: their text, their answer."""

from __future__ import annotations

import codecs
from typing import Any

from ..guests import CompletedRun
from ..guests.run_command_handler import with_parameters
from ..model import Body

OUTPUT_LIMIT = 4096

# Built-in commands as far as the recordings use them.
BUILT_IN = {
    "RunShellScript": "Executes a Linux shell script",
    "RunPowerShellScript": "Executes a PowerShell script",
    "ifconfig": "List network configuration",
}
_SCRIPTS = {"ifconfig": "ip addr"}


def script_of(body: Body) -> str:
    """The shell text of a request: its own script or a built-in one."""
    lines = body.get("script") or [_SCRIPTS.get(body.get("commandId", ""), "")]
    return with_parameters(named(body.get("parameters")), "\n".join(lines))


def named(parameters: list[Body] | None) -> tuple[tuple[str, str], ...]:
    """Parameters of a request, by name and value."""
    return tuple((item.get("name") or "", item.get("value") or "") for item in parameters or [])


def tail(text: str) -> str:
    """What Azure keeps of an output: its last 4,096 bytes. Of a character that is cut, each byte becomes one of replacement.

    `files.TailFile` of Azure/run-command-handler-linux cuts, and encoding/json of Go replaces.
    """
    return text.encode()[-OUTPUT_LIMIT:].decode(errors=_BYTE_BY_BYTE)


_BYTE_BY_BYTE = "replace-byte-by-byte"


def _replace_byte_by_byte(failure: UnicodeError) -> tuple[str, int]:
    assert isinstance(failure, UnicodeDecodeError)
    return "\ufffd" * (failure.end - failure.start), failure.end


codecs.register_error(_BYTE_BY_BYTE, _replace_byte_by_byte)


def statuses(result: CompletedRun | None, *, windows: bool) -> list[dict[str, Any]]:
    """The `value` of a finished v1 command: one status for Linux, one for each stream on Windows."""
    run = result or CompletedRun(0, "", "")
    if windows:
        return [
            {
                "code": f"ComponentStatus/{stream}/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "message": tail(text),
            }
            for stream, text in (("StdOut", run.stdout), ("StdErr", run.stderr))
        ]
    message = f"Enable succeeded: \n[stdout]\n{tail(run.stdout)}\n[stderr]\n{tail(run.stderr)}"
    if run.return_code:
        message = (
            f"Enable failed: failed to execute command: command terminated with exit status={run.return_code}\n"
            + (message.split("\n", 1)[1])
        )
    return [
        {
            "code": "ProvisioningState/succeeded",
            "level": "Info",
            "displayStatus": "Provisioning succeeded",
            "message": message,
        }
    ]
