# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the capture playbooks as options of vm_image_capture, and its advice as variables; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

Json = dict[str, Any]

#: Variable -> option. All other options that make sense for a machine are of one gallery version, or the playbooks' own.
OPTIONS = {
    "resource_group": "resource_group",
    "capture_image_name": "image",
    "capture_gallery_versions": "gallery_versions",
    "capture_generalize": "generalize",
    "capture_os_state": "os_state",
    "capture_os_disk": "os_disk",
    "capture_data_disks": "data_disks",
    "capture_zone_resilient": "zone_resilient",
    "capture_image_location": "location",
    "capture_image_tags": "tags",
    "capture_delete_source_vm": "delete_source_vm",
    "capture_snapshot_disks": "snapshot_disks",
    "capture_create_resource_group": "create_resource_group",
    "capture_concurrent_deployments": "concurrent_deployments",
    "capture_deployments_per_replica": "deployments_per_replica",
    "capture_run_id": "run_id",
    "capture_timeout": "timeout",
    "capture_shutdown_timeout": "shutdown_timeout",
    "capture_guest_prepared": "guest_prepared",
}
#: The same for the one version that can be named without a list.
VERSION_OPTIONS = {
    "capture_gallery": "gallery",
    "capture_definition": "definition",
    "capture_version": "version",
    "capture_create_gallery": "create_gallery",
    "capture_create_definition": "create_definition",
    "capture_target_regions": "target_regions",
    "capture_exclude_from_latest": "exclude_from_latest",
    "capture_end_of_life_date": "end_of_life_date",
    "capture_block_deletion_before_end_of_life": "block_deletion_before_end_of_life",
    "capture_replication_mode": "replication_mode",
}
_STRUCTURED = ("list", "dict")


def structured(value: Any, kind: str) -> Any:
    """A list or dictionary from text on a command line, in YAML or JSON, or as "name=value,name=value" as modules accept it.

    Other values are returned unchanged.

    :param kind: the expected type: list, dict, or another.
    """
    if kind not in _STRUCTURED or not isinstance(value, str):
        return value
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    if isinstance(read, (list, dict)):
        return read
    pairs = [pair.partition("=") for pair in value.split(",")]
    if kind == "dict" and all(name.strip() and equals for name, equals, _value in pairs):
        return {name.strip(): text.strip() for name, _equals, text in pairs}
    return value


def options_of(values: Mapping[str, Any]) -> Json:
    """The options from variables; those without a value are omitted.

    :param values: by the names of the variables.
    """
    given = {name: value for name, value in values.items() if not is_blank(value)}
    arguments = {option: given[name] for name, option in OPTIONS.items() if name in given}
    version = {option: given[name] for name, option in VERSION_OPTIONS.items() if name in given}
    if version:
        listed = arguments.get("gallery_versions")
        arguments["gallery_versions"] = [*(listed if isinstance(listed, list) else []), version]
    return arguments


def is_blank(value: Any) -> bool:
    """Whether a variable has no value, as an unanswered question of AWX."""
    return value is None or (isinstance(value, str) and not value.strip())


def version_findings(values: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Findings for an incomplete gallery version."""
    given = [name for name in VERSION_OPTIONS if not is_blank(values.get(name))]
    missing = [name for name in ("capture_gallery", "capture_definition") if given and is_blank(values.get(name))]
    if missing:
        yield {
            "code": "gallery_version_incomplete",
            "message": (
                f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} set without {' and '.join(missing)}: set "
                "both the gallery and the image definition."
            ),
        }


def advice(plan: Mapping[str, Any]) -> str:
    """What to add to the command line, where a plan is blocked since nothing that is possible was named; empty otherwise."""
    for blocker in plan.get("blockers") or []:
        instead = blocker.get("instead")
        choices = {choice["option"]: choice["possible"] for choice in blocker.get("choices") or []}
        ways = []
        if choices.get("image"):
            ways.append("for a managed image add '-e capture_image_name=NAME'")
        if instead:
            ways.append(f"for a gallery version add '{_as_variables(instead['gallery_versions'][0])}'")
            if not choices:
                ways[-1] += ", and omit 'capture_image_name'"
        if ways:
            return f"Run it again: {'; '.join(ways)}."
    return ""


def _as_variables(version: Mapping[str, Any]) -> str:
    names = {option: name for name, option in VERSION_OPTIONS.items()}
    shown = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in version.items()}
    return " ".join(f"-e {names[option]}={value}" for option, value in shown.items())
