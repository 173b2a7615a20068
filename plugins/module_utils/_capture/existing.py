# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What exists of the targets and backups of a capture; pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    NEXT,
    CaptureRequest,
    CaptureState,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY_VERSION,
    RESTORE_POINT_COLLECTION,
    SNAPSHOT,
    ResourceId,
    child,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    BACKED_UP_DISK,
    CREATED_AT,
    DISK_CONSISTENCY,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import recorded_source

Json = dict[str, Any]

#: Azure's limit is 80 characters: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_MAX_DISK_NAME = 60


def find_version(target: GalleryTarget, existing: GalleryState, source: str | None) -> tuple[ResourceId, Json | None]:
    """The version of a target, and the existing resource.

    For ``next``: one of the same source; else a failed one of it, whose number is reused; else
    the number after the highest.
    """
    by_number = {str(version.get("name")): version for version in existing.versions}
    number = target.version
    if number == NEXT:
        own = [version for version in existing.versions if source and recorded_source(version) == source.lower()]
        whole = [version for version in own if not machine.has_failed(version)]
        number = str((whole or own)[-1]["name"]) if own else _next_version(list(by_number))
    return child(target.definition, GALLERY_VERSION, number), by_number.get(number)


def all_targets_exist(request: CaptureRequest, state: CaptureState) -> bool:
    """Whether the image and all versions exist, or are being created."""
    return (not request.image or machine.exists_or_in_progress(state.image)) and all(
        machine.exists_or_in_progress(existing.version) for existing in state.galleries
    )


def usable_definition(existing: GalleryState) -> Json | None:
    """The definition; a failed one counts as absent, and is created again."""
    return None if existing.definition is None or machine.has_failed(existing.definition) else existing.definition


def has_definition(existing: GalleryState) -> bool:
    """Whether the definition exists; otherwise it is created, if the task defines it."""
    return usable_definition(existing) is not None


def _next_version(numbers: list[str]) -> str:
    parsed = [tuple(int(part) for part in number.split(".")) for number in numbers if number.replace(".", "").isdigit()]
    if not parsed:
        return "1.0.0"
    major, minor, patch = max(parsed)
    return f"{major}.{minor}.{patch + 1}"


def backup_id(vm: Json, disk: Json) -> ResourceId | None:
    """The backup snapshot of a disk, in the disk's resource group; None for unmanaged disks."""
    return _made_from(vm, disk, SNAPSHOT, "backup")


def temporary_disk_id(vm: Json, disk: Json) -> ResourceId | None:
    """The disk that is created from the restore point of a disk to snapshot it, in the disk's resource group; None for unmanaged disks."""
    return _made_from(vm, disk, DISK, "restored")


def _made_from(vm: Json, disk: Json, kind: str, word: str) -> ResourceId | None:
    disk_id = parse(str(disk.get("id") or ""))
    if disk_id is None:
        return None
    name = f"{disk_id.name[:_MAX_DISK_NAME]}-{word}-{machine.identity(vm)[:8]}"
    return ResourceId(disk_id.subscription_id, disk_id.resource_group, kind, (name,))


def restore_points_id(source: ResourceId, vm: Json) -> ResourceId:
    """The restore point collection for the backup of a virtual machine, in its resource group."""
    name = f"{source.name[:_MAX_DISK_NAME]}-backup-{machine.identity(vm)[:8]}"
    return ResourceId(source.subscription_id, source.resource_group, RESTORE_POINT_COLLECTION, (name,))


def backup_facts(snapshot: Json) -> Json:
    """A backup, for a task's result."""
    source = (machine.properties(snapshot).get("creationData") or {}).get("sourceResourceId")
    tags = snapshot.get("tags")
    return {
        "id": snapshot.get("id"),
        "name": snapshot.get("name"),
        "disk": tag_value(tags, BACKED_UP_DISK) or source,
        "created_at": tag_value(tags, CREATED_AT),
        "disk_consistency": tag_value(tags, DISK_CONSISTENCY),
    }
