# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The surveys of the capture jobs in AWX, written from the list of the capture playbooks' variables."""

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
VARIABLES = ROOT / "playbooks" / "vars" / "capture.yml"
MODULE = ROOT / "plugins" / "modules" / "vm_image_capture.py"
GUESTS = ("linux", "windows")

#: Variables that a survey does not have, and why. Users give them as extra variables, which the job templates take.
LEFT_OUT = {
    "capture_report_file": "a file in the pod of the job, which is deleted with it",
}
LEFT_OUT_OF_LINUX = {
    "capture_guest_connection": "Linux guests are reached by ssh",
    "capture_guest_shell": "Linux guests are reached by ssh",
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
}
_TYPES = {"bool": "multiplechoice", "int": "integer", "list": "textarea", "dict": "textarea", "float": "float"}
_MARKUP = re.compile(r"\b[A-Z]{1,2}\(([^)]*)\)")


@functools.cache
def variables() -> dict[str, Json]:
    """The variables of the playbooks, the host before all others."""
    rules: dict[str, Json] = yaml.safe_load(VARIABLES.read_text())["capture_types"]
    return {"target": {"type": "str"}, **rules}


@functools.cache
def options() -> dict[str, Json]:
    """The options of vm_image_capture, those of a gallery version as gallery_versions.NAME."""
    documentation = re.search(r'DOCUMENTATION = r"""(.*?)"""', MODULE.read_text(), re.DOTALL)
    assert documentation
    found: dict[str, Json] = yaml.safe_load(documentation[1])["options"]
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
    return {
        "name": f"Capture a {guest.capitalize()} virtual machine",
        "description": "Into a managed image, a gallery, or both. Lists and dictionaries are given in YAML or JSON.",
        "spec": [_question(name, rule, options()) for name, rule in asked.items()],
    }


def write() -> None:
    """Write the files that configure.yml reads."""
    for guest in GUESTS:
        file(guest).write_text(json.dumps(survey(guest), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def file(guest: str) -> Path:
    """Where the survey of a guest is."""
    return FILES / f"capture_{guest}_survey.json"


def _question(name: str, rule: Json, documented: dict[str, Json]) -> Json:
    choices = rule.get("choices") or (["false", "true"] if rule["type"] == "bool" else [])
    kind = "multiplechoice" if choices else _TYPES.get(rule["type"], "text")
    limits = {"multiplechoice": {"choices": choices}, "integer": {"min": 0, "max": 2147483647}}
    most = 8192 if kind == "textarea" else 1024
    return {
        "question_name": _title(name, rule),
        "question_description": _text(name, rule, documented),
        "variable": name,
        "type": kind,
        **limits.get(kind, {"min": 1, "max": most}),
        # Not an answer: the job gets no such variable, and the playbook uses its default.
        "default": "",
        "required": False,
    }


def _title(name: str, rule: Json) -> str:
    title = _TITLES.get(name) or name.removeprefix("capture_").replace("_", " ").capitalize()
    return f"{title} ({rule['type']})" if rule["type"] in ("list", "dict") else title


def _text(name: str, rule: Json, documented: dict[str, Json]) -> str:
    option = option_of(name, rule)
    own = _OWN_TEXTS.get(name) or _OWN_TEXTS.get(option)
    described = documented.get(option, {}).get("description", "")
    first = described if isinstance(described, str) else described[0]
    return own or _MARKUP.sub(lambda found: _name_of(found[1]), first)


def _name_of(marked: str) -> str:
    """Of an option its variable; other words as they are."""
    option = marked.replace("[].", ".")
    names = {option_of(name, rule): name for name, rule in variables().items()}
    return names.get(option, marked)
