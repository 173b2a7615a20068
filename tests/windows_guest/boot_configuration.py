# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The boot configuration of the stand-in, and bcdedit.exe, as far as the role uses it.

Options and elements: https://learn.microsoft.com/windows-hardware/drivers/devtest/bcdedit--set and
https://learn.microsoft.com/windows/security/operating-system-security/data-protection/bitlocker/bcd-settings-and-bitlocker
"""

from __future__ import annotations

from typing import Any

_ELEMENTS = {
    "recoveryenabled": "16000009",
    "bootstatuspolicy": "250000e0",
    "displaybootmenu": "26000020",
    "timeout": "25000004",
    "bootems": "16000020",
    "ems": "260000b0",
    "emsport": "15000022",
    "emsbaudrate": "15000023",
}
_VALUES = {"yes": 1, "no": 0, "on": 1, "off": 0, "ignoreallfailures": 1, "displayallfailures": 0}


def edit(settings: list[dict[str, Any]], arguments: list[str]) -> dict[str, Any]:
    """Change the elements that the command names, and answer as win_command does."""
    changes = _changes(arguments)
    known = {(setting["object"], setting["element"]): setting for setting in settings}
    if not changes or not set(changes) <= set(known):
        return {
            "failed": True,
            "rc": 1,
            "msg": "non-zero return code",
            "stdout": "The parameter is incorrect.\n",
            "stderr": "",
        }
    for element, value in changes.items():
        size = 1 if element[1].startswith(("16", "26")) else 8
        known[element]["bytes"] = ";".join(str(byte) for byte in value.to_bytes(size, "little"))
    return {"changed": True, "rc": 0, "stdout": "The operation completed successfully.\n", "stderr": ""}


def _changes(arguments: list[str]) -> dict[tuple[str, str], int]:
    command, *rest = arguments
    if command == "/set" and len(rest) == 3:
        identifier, option, value = rest
        return {(identifier, _ELEMENTS[option]): _value(value)}
    if command == "/ems" and len(rest) == 2:
        return {(rest[0], _ELEMENTS["ems"]): _value(rest[1])}
    if command == "/emssettings":
        pairs = [part.lower().split(":", 1) for part in rest]
        return {("{emssettings}", _ELEMENTS[name]): _value(value) for name, value in pairs}
    return {}


def _value(text: str) -> int:
    return int(text) if text.isdigit() else _VALUES[text.lower()]
