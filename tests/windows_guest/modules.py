# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of ansible.windows that the stand-in plays. What it does not know fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from . import boot_configuration as boot
from . import identity as who
from . import scenario
from .guest import Guest
from .manifest import Call
from .scripts import FILES, rendered

PANTHER = "C:\\Windows\\Panther"
PLUGINS = "C:\\Packages\\Plugins"
LISTENERS = "HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN\\Listener"

State = dict[str, Any]
Answer = dict[str, Any]


class Native(Protocol):
    """Does some steps for real, on a guest that has a registry, files and processes of its own."""

    def play(self, kind: str, state: State, arguments: dict[str, Any]) -> Answer | None:
        """Do a step and answer as its module would; None for what is to be played."""


#: Those of guests, by the guests' folders.
NATIVES: dict[Path, Native] = {}


def kind_of(module: str, arguments: dict[str, Any]) -> str:
    """What a step is, in the words of scenarios: facts, state, logs, start, shutdown, command, or the module's name."""
    if module == "ansible.windows.win_powershell":
        script = arguments.get("script") or ""
        return _script_name(script) or ("identity" if who.is_identity_script(script) else "command")
    if module == "ansible.windows.win_command":
        program = str((arguments.get("argv") or [""])[0]).lower()
        return {"sysprep.exe": "start", "shutdown.exe": "shutdown"}.get(program.rpartition("\\")[2], "command")
    return module.rpartition(".")[2]


def play(guest: Guest, call: Call, arguments: dict[str, Any]) -> Answer:
    """Do what the module would do, and answer as it would.

    :param arguments: the module's own, without Ansible's.
    """
    module = call.module
    players: dict[str, Callable[[State, dict[str, Any]], Answer]] = {
        "ansible.windows.win_powershell": _powershell,
        "ansible.windows.win_command": _command,
        "ansible.windows.win_file": _file,
        "ansible.windows.win_regedit": _registry,
        "ansible.windows.win_service": _service,
        "ansible.windows.win_ping": lambda state, given: {"ping": "pong"},
    }
    if module not in players:
        return {"failed": True, "msg": f"The stand-in does not know the module {module}."}
    kind = kind_of(module, arguments)
    if call.asynchronous and kind != "start":
        return {"failed": True, "msg": "The stand-in runs nothing but sysprep as an asynchronous job."}
    with guest.change() as state:
        state["says_booleans"] = call.says_booleans
        native = NATIVES.get(guest.folder)
        done = native.play(kind, state, arguments) if native else None
        if done is not None:
            return done
        return (
            scenario.start_sysprep(state, arguments["argv"]) if call.asynchronous else players[module](state, arguments)
        )


_NAMES = {
    FILES / "sysprep_facts.ps1": "facts",
    FILES / "sysprep_state.ps1": "state",
    FILES / "sysprep_logs.ps1": "logs",
    FILES / "remove_appx_packages.ps1": "remove_appx_packages",
    FILES / "remove_leftovers.ps1": "remove_leftovers",
    FILES / "shut_down.ps1": "shutdown",
    FILES / "vhd_upload_facts.ps1": "vhd_upload_facts",
    FILES / "optimize_image.ps1": "optimize_image",
}


def _script_name(script: str) -> str | None:
    for file, name in _NAMES.items():
        if rendered(file).split() == script.split():
            return name
    return None


def identity(state: State, script: str) -> str | None:
    """What the script says that tells who a machine is; None for any other script."""
    return "\n".join(who.lines(state)) if who.is_identity_script(script) else None


def said(result: Any, changed: bool = False) -> Answer:
    """Answer as win_powershell does when the script sets its result to JSON text."""
    return {"changed": changed, "result": json.dumps(result), "output": [], "error": [], "host_out": "", "host_err": ""}


def _powershell(state: State, arguments: dict[str, Any]) -> Answer:
    parameters = arguments.get("parameters") or {}
    answers: dict[str | None, Callable[[], Answer]] = {
        "facts": lambda: said(scenario.look_at_facts(state)),
        "state": lambda: said(scenario.look_at_sysprep(state)),
        "logs": lambda: said(scenario.logs(state)),
        "remove_appx_packages": lambda: _remove_packages(state, parameters["Names"]),
        "remove_leftovers": lambda: _remove_leftovers(state, parameters),
        "shutdown": lambda: _shut_down(state, parameters["Paths"]),
        "vhd_upload_facts": lambda: said(state["scenario"]["vhd_upload"]),
        "optimize_image": lambda: said(state["scenario"]["optimize_image"], True),
    }
    script = arguments.get("script") or ""
    told = identity(state, script)
    if told is not None:
        return {**said(None), "output": told.splitlines()}
    name = _script_name(script)
    if name in answers:
        return answers[name]()
    if script in state["scenario"].get("commands", []):
        return said({}, True)
    return {"failed": True, "msg": "The stand-in does not know this script."}


def _remove_packages(state: State, names: list[str]) -> Answer:
    packages = state["facts"]["appx_packages"]
    stubborn = state["scenario"].get("stubborn", {})
    found = [package["full_name"] for package in packages if package["name"] in names]
    removed = [name for name in found if name not in stubborn]
    failed = [{"package": name, "reason": stubborn[name]} for name in found if name in stubborn]
    state["facts"]["appx_packages"] = [package for package in packages if package["full_name"] not in removed]
    return said({"removed": removed, "failed": failed}, bool(removed))


def _remove_leftovers(state: State, parameters: dict[str, list[str]]) -> Answer:
    """Delete files, folders and keys, then tasks, then profiles; what the scenario has in use stays."""
    in_use = state["scenario"].get("in_use", {})
    tasks = [each["path"] for each in state["facts"]["leftovers"] if each["kind"] == "scheduled_tasks"]
    unlike = [path for path in parameters["Paths"] if path in tasks] + [
        path for path in parameters["Tasks"] if path not in tasks
    ]
    if unlike:
        return {"failed": True, "msg": f"The stand-in cannot delete {', '.join(unlike)} like this."}
    wanted = [*parameters["Paths"], *parameters["Tasks"], *parameters["Profiles"]]
    state.setdefault("stopped", []).extend(parameters["Services"])
    removed, left = _delete(state["facts"], wanted, in_use)
    return said({"removed": removed, "left": left}, bool(removed))


def _delete(facts: dict[str, Any], paths: list[str], in_use: dict[str, str]) -> tuple[list[str], list[dict[str, str]]]:
    removed, left = [], []
    for path in paths:
        if path in in_use:
            left.append({"path": path, "reason": in_use[path]})
            continue
        removed += [path] if path in _paths_of(facts) else []
        if path == PANTHER:
            facts["panther"] = False
        # With a folder goes what is in it.
        facts["answer_files"] = [each for each in facts["answer_files"] if not f"{each}\\".startswith(f"{path}\\")]
        facts["leftovers"] = [each for each in facts["leftovers"] if each["path"] != path]
        facts["extension_handlers"] = [each for each in facts["extension_handlers"] if each["path"] != path]
        facts["extensions"] = [each for each in facts["extensions"] if f"{PLUGINS}\\{each}" != path]
        facts["user_profiles"] = [each for each in facts["user_profiles"] if each["path"] != path]
        for entry in facts["known_identities"]:
            entry["paths"] = [each for each in entry["paths"] if each != path]
        facts["known_identities"] = [
            each for each in facts["known_identities"] if each["paths"] or each["removal"] == "warn"
        ]
        facts["winrm_listeners"] = [each for each in facts["winrm_listeners"] if f"{LISTENERS}\\{each['name']}" != path]
    return removed, left


def _paths_of(facts: dict[str, Any]) -> set[str]:
    """Everything that can be deleted."""
    return {
        *([PANTHER] if facts["panther"] else []),
        *facts["answer_files"],
        *(each["path"] for each in (*facts["leftovers"], *facts["extension_handlers"])),
        *(each["path"] for each in facts["user_profiles"]),
        *(path for each in facts["known_identities"] for path in each["paths"]),
        *(f"{PLUGINS}\\{each}" for each in facts["extensions"]),
        *(f"{LISTENERS}\\{each['name']}" for each in facts["winrm_listeners"]),
    }


def _shut_down(state: State, paths: list[str]) -> Answer:
    """Delete what a connection needs, and shut down in one step."""
    _removed, left = _delete(state["facts"], paths, state["scenario"].get("in_use", {}))
    if state["scenario"].get("shutdown", "works") == "works":
        state["running"] = False
    return said({"rc": 0, "left": left, "output": ""}, True)


def _command(state: State, arguments: dict[str, Any]) -> Answer:
    settings = state["scenario"].get("vhd_upload", {}).get("boot_configuration", [])
    if arguments["argv"][0] == "bcdedit.exe" and settings:
        return boot.edit(settings, arguments["argv"][1:])
    if kind_of("ansible.windows.win_command", arguments) != "shutdown":
        return {"failed": True, "msg": f"The stand-in does not know the command {arguments.get('argv')}.", "rc": 2}
    if state["scenario"].get("shutdown", "works") == "works":
        state["running"] = False
    return {"changed": True, "rc": 0, "stdout": "", "stderr": ""}


def _file(state: State, arguments: dict[str, Any]) -> Answer:
    path = arguments["path"]
    if arguments.get("state") != "absent":
        return {"failed": True, "msg": "The stand-in only deletes."}
    if path == scenario.RESULTS_FILE:
        return {"changed": state["sysprep"] is not None}
    if path == PANTHER or path in _paths_of(state["facts"]):
        return {"changed": bool(_delete(state["facts"], [path], {})[0])}
    return {"failed": True, "msg": f"The stand-in has no {path}."}


def _registry(state: State, arguments: dict[str, Any]) -> Answer:
    if arguments["path"] == "HKLM:\\SYSTEM\\CurrentControlSet\\Services\\cdrom" and arguments["name"] == "Start":
        changed = state["facts"]["cdrom_start"] != int(arguments["data"])
        state["facts"]["cdrom_start"] = int(arguments["data"])
        return {"changed": changed}
    if arguments["name"] == "DefaultPassword" and arguments.get("state") == "absent":
        changed, state["facts"]["autologon"]["password"] = state["facts"]["autologon"]["password"], False
        return {"changed": changed}
    if arguments["path"] == "HKLM:\\SOFTWARE\\Microsoft\\DesiredStateConfiguration" and arguments["name"] == "AgentId":
        changed = state["facts"]["dsc"]["agent_id"] is None
        state["facts"]["dsc"]["agent_id"] = arguments["data"]
        return {"changed": changed}
    values = state["scenario"].get("vhd_upload", {}).get("registry", [])
    for value in values:
        if arguments["path"] == value["path"] and arguments["name"] == value["name"]:
            value["value"] = None if arguments.get("state") == "absent" else arguments["data"]
            return {"changed": True}
    return {"failed": True, "msg": f"The stand-in has no {arguments['path']} {arguments['name']}."}


def _service(state: State, arguments: dict[str, Any]) -> Answer:
    for service in state["scenario"].get("vhd_upload", {}).get("services", []):
        if service["name"] == arguments["name"]:
            service["start_type"] = {"auto": "Automatic", "manual": "Manual"}[arguments["start_mode"]]
            return {"changed": True}
    return {"failed": True, "msg": f"The stand-in has no service {arguments['name']}."}
