# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which properties of Azure's answers have one of a few values: those of a closed set are compared, others only by type.

closed_sets.yml holds the enums of Azure's OpenAPI files, by the name of the property; tests/tools/write_closed_sets.py writes
it from those files. What no file lists, though its values are as few, stands here with its source.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).with_name("closed_sets.yml")

# An inventory that grows by the month, listed as an enum by mistake (the file itself says so): no closed set.
_OPEN = frozenset({"vmSize"})

# Poll URLs stand in no file; https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
_OPERATION_STATUS = ("Accepted", "Canceled", "Failed", "InProgress", "Running", "Succeeded", "Updating")
# Performance tiers of disks: https://learn.microsoft.com/azure/virtual-machines/disks-types
_SIZES = (1, 2, 3, 4, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80)
_DISK_TIERS = tuple(f"{kind}{size}" for kind in "EPS" for size in _SIZES)
_UNLISTED: dict[str, tuple[str, ...]] = {
    # azure-mgmt-compute 39, SecurityTypes; answered from 2025-11-01 on.
    "securityType": ("Standard",),
    "status": _OPERATION_STATUS,
    "tier": _DISK_TIERS,
    # The kind of copies of platform images and of galleries; recorded.
    "replicaType": ("Managed", "Unmanaged"),
    # https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
    "registrationState": ("NotRegistered", "Registered", "Registering", "Unregistered", "Unregistering"),
}
# The codes of an instance view: https://learn.microsoft.com/azure/virtual-machines/states-billing
_STATE_CODE = re.compile(r"^(PowerState|OSState|ProvisioningState|EncryptionState|HealthState)/\w+$")


class ClosedSets:
    """The closed sets by the name of the property, whatever object it belongs to."""

    def __init__(self, table: Mapping[str, list[str]]) -> None:
        self._values: dict[str, dict[str, str]] = {}
        for name, values in table.items():
            self._values[name] = {value.lower(): value for value in (*values, *_UNLISTED.get(name, ()))}
        for name, unlisted in _UNLISTED.items():
            self._values.setdefault(name, {value.lower(): value for value in unlisted})

    def holds(self, name: str, value: Any) -> bool:
        """Whether a value is one of a closed set of values that the property can have; true and false are."""
        if not isinstance(value, str):
            return isinstance(value, bool)
        if name == "code" and _STATE_CODE.match(value):
            return True
        return value.lower() in self._values.get(name, {})

    def others(self, name: str, value: Any) -> list[Any]:
        """What else the property could have said, in the order of the table."""
        if isinstance(value, bool):
            return [not value]
        if name == "code":
            return [f"{value.split('/', maxsplit=1)[0]}/unknown"]
        return [other for lowered, other in self._values.get(name, {}).items() if lowered != value.lower()]


def load() -> ClosedSets:
    """The table of this folder with what no file lists."""
    return ClosedSets(yaml.safe_load(TABLE.read_text("utf-8")))


def from_openapi(directory: Path) -> dict[str, list[str]]:
    """The enums of all OpenAPI files below a directory, by the name of the property; sets of one value are left out."""
    files = {
        path.resolve(): json.loads(path.read_text("utf-8"))
        for path in sorted(directory.rglob("*.json"))
        if "examples" not in path.parts
    }
    found: dict[str, set[str]] = defaultdict(set)
    for path, document in files.items():
        for name, place, property in _properties(path, document):
            where, schema = _resolved(files, place, property)
            if schema.get("type") == "array":
                _where, schema = _resolved(files, where, schema.get("items") or {})
            found[name].update(value for value in schema.get("enum") or () if isinstance(value, str))
    return {name: sorted(values) for name, values in sorted(found.items()) if len(values) > 1 and name not in _OPEN}


def _properties(path: Path, node: Any) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    if isinstance(node, list):
        for item in node:
            yield from _properties(path, item)
    if not isinstance(node, dict):
        return
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name, schema in properties.items():
            if isinstance(schema, dict):
                yield name, path, schema
    for value in node.values():
        yield from _properties(path, value)


def _resolved(files: dict[Path, Any], path: Path, schema: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """Follow a schema's reference, which may lead into another file."""
    while "$ref" in schema:
        name, _hash, pointer = str(schema["$ref"]).partition("#")
        path = (path.parent / name).resolve() if name else path
        node = files.get(path, {})
        for part in pointer.strip("/").split("/"):
            node = node.get(part) or {}
        schema = node
    return path, schema


_LICENCE = (
    "Copyright (c) 2026 golden.azure contributors",
    "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
    # In one piece it would count as the licence of this file.
    "SPDX-" + "License-Identifier: GPL-3.0-or-later",
)
_ORIGIN = "Enums of Azure's OpenAPI files by the name of the property; tests/tools/write_closed_sets.py writes this."


def page(table: dict[str, list[str]]) -> str:
    """The text of closed_sets.yml."""
    header = "".join(f"# {line}\n" for line in (*_LICENCE, _ORIGIN))
    return f"{header}---\n{''.join(_line(name, values) for name, values in table.items())}"


def _line(name: str, values: list[str]) -> str:
    """An entry, with a line for each value if one line would be too long."""
    written = [json.dumps(value) for value in values]
    line = f"{name}: [{', '.join(written)}]\n"
    return line if len(line) <= 140 else f"{name}:\n" + "".join(f"  - {value}\n" for value in written)
