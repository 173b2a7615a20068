# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripts of Run Command: their text, their answer."""

from __future__ import annotations

from typing import Any

from ..guests import CompletedRun
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
    """The shell text of a request: its own script or a built-in one, parameters exported before it."""
    lines = body.get("script") or [_SCRIPTS.get(body.get("commandId", ""), "")]
    exports = [f"export {item['name']}='{item['value']}'" for item in body.get("parameters") or [] if item.get("name")]
    return "\n".join([*exports, *lines])


def _tail(text: str) -> str:
    return text[-OUTPUT_LIMIT:]


def statuses(result: CompletedRun | None, *, windows: bool) -> list[dict[str, Any]]:
    """The `value` of a finished v1 command: one status for Linux, one for each stream on Windows."""
    run = result or CompletedRun(0, "", "")
    if windows:
        return [
            {
                "code": f"ComponentStatus/{stream}/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "message": _tail(text),
            }
            for stream, text in (("StdOut", run.stdout), ("StdErr", run.stderr))
        ]
    message = f"Enable succeeded: \n[stdout]\n{_tail(run.stdout)}\n[stderr]\n{_tail(run.stderr)}"
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
