# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The surveys of jobs in AWX, written from the lists of their playbooks' variables: those of captures, and that of the clean-up."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import yaml
from repository import ROOT

Json = dict[str, Any]

FILES = ROOT / "awx" / "configuration" / "files"
CLEANUP_FILE = FILES / "cleanup_survey.json"
VARIABLES = ROOT / "playbooks" / "vars" / "capture.yml"
CLEANUP = ROOT / "playbooks" / "cleanup.yml"
GUESTS = ("linux", "windows")

#: Variables that a survey does not have, and why. Users give them as extra variables, which the job templates take.
LEFT_OUT = {
    "capture_report_file": "a file in the pod of the job, which is deleted with it",
}
LEFT_OUT_OF_LINUX = {
    "capture_guest_connection": "Linux guests are reached by ssh",
    "capture_guest_shell": "Linux guests are reached by ssh",
}
LEFT_OUT_OF_CLEANUP = {
    "cleanup_report_file": "a file in the pod of the job, which is deleted with it",
}
#: Options of vm_image_cleanup that its playbook has no variable for, and why.
CLEANUP_WITHOUT_VARIABLE = {
    "max_concurrency": "the default suits jobs; it is for controllers with few resources",
}
#: Options of the module that the playbooks have no variable for, and why.
WITHOUT_VARIABLE = {
    **dict.fromkeys(
        (
            "source_disk",
            "source_snapshot",
            "source_blob",
            "source_image",
            "source_file",
            "storage_account",
            "work_directory",
        ),
        "has no guest to prepare: use the module",
    ),
    **dict.fromkeys(("hyper_v_generation", "architecture"), "for sources other than virtual machines"),
    **dict.fromkeys(("source_vm_id", "copy_name", "release_claim", "os_type"), "set by the playbooks"),
    **dict.fromkeys(("captures", "max_concurrency"), "the playbooks capture one virtual machine per host"),
}
#: Variables that are for an option under another name, or for none.
_OWN_OPTIONS = {"capture_source_vm": "source_vm"}
_OWN_TEXTS = {
    "target": "Host or group of the inventory to capture, if the virtual machine is in it",
    "capture_guest_address": "Address of the guest, if the virtual machine is not in the inventory",
    "capture_guest_user": "User on the guest, if it is not that of the credential",
    "capture_guest_connection": "Connection to the guest",
    "capture_guest_shell": "Default shell of the guest, for ssh",
    "capture_copy_subnet": "Isolated subnet (full resource ID): capture a copy of the virtual machine, which itself is not changed",
    "capture_copy_name": "Name of the copy and of its resource group",
    "capture_copy_vm_size": "Sizes that the copy may have",
    "capture_disk_consistency": "Whether several disks must be of the same time, in their snapshots or in the copy",
    "timeout": "Seconds that the capture may take",
    "cleanup_subscriptions": "IDs of the subscriptions to search, separated by commas. The default is the subscription of the credential.",
}
_TITLES = {
    "target": "Host or group",
    "capture_source_vm": "Virtual machine",
    "resource_group": "Resource group",
    "capture_image_name": "Managed image",
    "capture_definition": "Image definition",
    "capture_generalize": "Mark the virtual machine as generalized?",
    "capture_delete_source_vm": "Delete the virtual machine afterwards?",
    "capture_run_id": "Run ID",
    "capture_os_state": "OS state",
    "capture_os_disk": "OS disk",
    "cleanup_remove": "Remove what is orphaned?",
    "cleanup_older_than_hours": "Older than (hours)",
    "cleanup_stale_after_hours": "Runs are over after (hours)",
    "cleanup_backups_older_than_days": "Backups older than (days)",
    "cleanup_packer": "Search for resources of Packer, too?",
    "cleanup_packer_prefix": "Prefix of Packer's resources",
    "cleanup_max_removals": "Maximum number of removals",
}
_TYPES = {"bool": "multiplechoice", "int": "integer", "list": "textarea", "dict": "textarea", "float": "float"}
_OF_ANOTHER = re.compile(r"^golden\.azure\.(\w+)#module:(\w+)$")
_MARKUP = re.compile(r"\b[A-Z]{1,2}\(([^)]*)\)")


@functools.cache
def variables() -> dict[str, Json]:
    """The variables of the playbooks, the host before all others."""
    rules: dict[str, Json] = yaml.safe_load(VARIABLES.read_text())["capture_types"]
    return {"target": {"type": "str"}, **rules}


@functools.cache
def documented_options(module: str) -> dict[str, Json]:
    """The options of a module, as it documents them."""
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    documentation = re.search(r'DOCUMENTATION = r"""(.*?)"""', text, re.DOTALL)
    assert documentation
    found: dict[str, Json] = yaml.safe_load(documentation[1])["options"]
    return found


@functools.cache
def options() -> dict[str, Json]:
    """The options of vm_image_capture, those of a gallery version as gallery_versions.NAME."""
    found = documented_options("vm_image_capture")
    below = {f"gallery_versions.{name}": rule for name, rule in found["gallery_versions"]["suboptions"].items()}
    return {**found, **below}


def option_of(name: str, rule: Json) -> str:
    """The option that a variable is for; empty if there is none."""
    return str(rule.get("option") or _OWN_OPTIONS.get(name, ""))


def left_out(guest: str) -> dict[str, str]:
    """The variables that the survey of a guest does not have, and why."""
    return {**LEFT_OUT, **(LEFT_OUT_OF_LINUX if guest == "linux" else {})}


def survey(guest: str) -> Json:
    """The survey of the capture of a guest."""
    asked = {name: rule for name, rule in variables().items() if name not in left_out(guest)}
    names = {option_of(name, rule): name for name, rule in variables().items()}
    return {
        "name": f"Capture a {guest.capitalize()} virtual machine",
        "description": "Into a managed image, a gallery, or both. Lists and dictionaries are given in YAML or JSON.",
        "spec": [
            _question(name, rule, _text(name, option_of(name, rule), options(), names)) for name, rule in asked.items()
        ],
    }


@functools.cache
def cleanup_variables() -> dict[str, str]:
    """The variables of the clean-up playbook, each with its option."""
    (play,) = yaml.safe_load(CLEANUP.read_text())
    return {variable: option for option, variable in play["vars"]["cleanup_options"].items()}


def cleanup_survey() -> Json:
    """The survey of the clean-up, in which text is one text: a list is separated by commas."""
    documented = documented_options("vm_image_cleanup")
    names = {option: name for name, option in cleanup_variables().items()}
    spec = []
    for name, option in cleanup_variables().items():
        rule = {**documented[option], **({"type": "str"} if documented[option]["type"] == "list" else {})}
        spec.append(_question(name, rule, _text(name, option, documented, names)))
    return {
        "name": "Clean up after interrupted runs",
        "description": "Without answers, it only lists what interrupted runs have left in the subscription of the credential.",
        "spec": spec,
    }


def write() -> None:
    """Write the files that configure.yml reads."""
    for path, content in (*((file(guest), survey(guest)) for guest in GUESTS), (CLEANUP_FILE, cleanup_survey())):
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def file(guest: str) -> Path:
    """Where the survey of a guest is."""
    return FILES / f"capture_{guest}_survey.json"


def _question(name: str, rule: Json, text: str) -> Json:
    choices = rule.get("choices") or (["false", "true"] if rule["type"] == "bool" else [])
    kind = "multiplechoice" if choices else _TYPES.get(rule["type"], "text")
    number = {"min": 0, "max": 2147483647}
    limits = {"multiplechoice": {"choices": choices}, "integer": number, "float": number}
    most = 8192 if kind == "textarea" else 1024
    return {
        "question_name": _title(name, rule),
        "question_description": text,
        "variable": name,
        "type": kind,
        **limits.get(kind, {"min": 1, "max": most}),
        # Not an answer: the job gets no such variable, and the playbook uses its default.
        "default": "",
        "required": False,
    }


def _title(name: str, rule: Json) -> str:
    title = _TITLES.get(name) or name.removeprefix("capture_").removeprefix("cleanup_").replace("_", " ").capitalize()
    return f"{title} ({rule['type']})" if rule["type"] in ("list", "dict") else title


def _text(name: str, option: str, documented: dict[str, Json], names: dict[str, str]) -> str:
    """What an option is for; other options are named by their variables.

    :param names: the variables, by their options.
    """
    own = _OWN_TEXTS.get(name) or _OWN_TEXTS.get(option)
    described = documented.get(option, {}).get("description", "")
    first = described if isinstance(described, str) else described[0]
    return own or _MARKUP.sub(lambda found: _name_of(found[1], names), first)


def _name_of(marked: str, names: dict[str, str]) -> str:
    """Of an option its variable, of one of another module its name; other words as they are."""
    option = marked.replace("[].", ".")
    return names.get(option) or _OF_ANOTHER.sub(r"\2 (\1)", marked)
