# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in guest's native steps, done in Wine: the registry where the role's scripts look, files, and sysprep's process."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from windows_guest import modules, scenario
from windows_guest.cases import UNATTEND

from .prefix import SYSPREP, Prefix

PANTHER = "C:\\Windows\\Panther"
_MODE_KEY = "HKLM\\SOFTWARE\\golden.azure"


def key_in_script(script: str, end: str) -> str:
    """The key of the registry that a script of the role names, by its end; in the words of reg.exe."""
    text = (modules.FILES / script).read_text(encoding="utf-8")
    (found,) = set(re.findall(rf"'(HKLM:\\[^']*{re.escape(end)})'", text))
    return str(found).replace("HKLM:", "HKLM")


STATE_KEY = key_in_script("sysprep_state.ps1", "\\Setup\\State")
CDROM_KEY = key_in_script("sysprep_facts.ps1", "\\Services\\cdrom")


class WineGuest:
    """One guest in a tree of Wine's.

    :param mode: what the stand-in for sysprep.exe does.
    """

    def __init__(self, prefix: Prefix, mode: str) -> None:
        self._prefix = prefix
        self._process: subprocess.Popen[bytes] | None = None
        prefix.write_value(STATE_KEY, "ImageState", "IMAGE_STATE_COMPLETE")
        prefix.write_value(CDROM_KEY, "Start", "4", "REG_DWORD")
        prefix.write_value(_MODE_KEY, "Mode", mode)
        prefix.path(PANTHER).mkdir(exist_ok=True)
        (prefix.path(PANTHER) / "setupact.log").write_text("an earlier setup\n")
        prefix.path(UNATTEND).write_text("<unattend/>\n")

    def play(self, kind: str, state: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Do what is native; the rest is played."""
        native = {
            "facts": self._facts,
            "start": self._start,
            "state": self._state,
            "logs": self._logs,
            "win_regedit": self._write,
            "remove_leftovers": self._remove,
        }
        return native[kind](state, arguments) if kind in native else None

    def cdrom_start(self) -> int:
        """Whether the driver cdrom starts."""
        return int(self._prefix.read_value(CDROM_KEY, "Start") or "0", 0)

    def image_state(self) -> str | None:
        """The ImageState of the registry."""
        return self._prefix.read_value(STATE_KEY, "ImageState")

    def _facts(self, state: dict[str, Any], _arguments: dict[str, Any]) -> dict[str, Any]:
        found = {
            **scenario.look_at_facts(state),
            "image_state": self.image_state(),
            "cdrom_start": self.cdrom_start(),
            "panther": self._prefix.path(PANTHER).exists(),
            "answer_files": [UNATTEND] if self._prefix.path(UNATTEND).exists() else [],
        }
        return modules.said(found)

    def _start(self, state: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
        self._process = self._prefix.start(arguments["argv"])
        return scenario.start_sysprep(state, arguments["argv"])

    def _state(self, state: dict[str, Any], _arguments: dict[str, Any]) -> dict[str, Any]:
        code = self._process.poll() if self._process else None
        job: dict[str, Any] = scenario.job_status(state, code is not None)
        seen = {
            "image_state": self.image_state(),
            "sysprep_running": self._process is not None and code is None,
            "job": json.dumps({**job, **({} if code is None else {"rc": code})}),
            "job_age": 600,
            **scenario.boot_of(state),
            "agent_versions": state["facts"]["agent_versions"],
        }
        return modules.said(seen)

    def _logs(self, _state: dict[str, Any], _arguments: dict[str, Any]) -> dict[str, Any]:
        log = self._prefix.path(f"{SYSPREP}\\Panther\\setuperr.log")
        return modules.said({"setuperr.log": log.read_text()} if log.exists() else {})

    def _write(self, _state: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
        key, name = arguments["path"].replace("HKLM:", "HKLM"), arguments["name"]
        before = self._prefix.read_value(key, name)
        self._prefix.write_value(key, name, str(arguments["data"]), f"REG_{arguments['type'].upper()}")
        return {"changed": before != self._prefix.read_value(key, name)}

    def _remove(self, _state: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
        removed = []
        for each in arguments["parameters"]["Paths"]:
            path = self._prefix.path(each)
            if not path.exists():
                continue
            for entry in path.iterdir() if path.is_dir() else ():
                entry.unlink()
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
            removed.append(each)
        return modules.said({"removed": removed, "left": []}, bool(removed))
