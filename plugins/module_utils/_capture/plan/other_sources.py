# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check whether disks, snapshots, blobs and images can be captured; none of them is changed; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY_VERSION,
    IMAGE,
    SNAPSHOT,
    ResourceId,
    normalized_location,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disks import UNSUPPORTED_DISKS
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

Json = dict[str, Any]

_UPLOADING = ("ReadyToUpload", "ActiveUpload")
_WHOLE = ("", "succeeded")


def disk_source_blockers(request: CaptureRequest, state: CaptureState, source: Source) -> Iterator[Finding]:
    """Blockers of a source that is not a virtual machine."""
    label = request.source.label
    if state.resource is not None and request.source.resource_type in (DISK, SNAPSHOT):
        yield from _disk_blockers(label, request.source.resource_type, state.resource)
    if request.source.resource_type in (IMAGE, GALLERY_VERSION):
        if machine.provisioning_state(state.resource or {}).lower() not in _WHOLE:
            yield Finding(
                "source_in_transition",
                f"The {label} is in the state {machine.provisioning_state(state.resource or {})}; wait until it is "
                "ready, or choose another one.",
            )
        if request.os_disk is not None:
            yield Finding(
                "image_is_taken_whole",
                f"The {label} is captured with its own settings, so that 'os_disk' has no effect; omit it.",
            )
        if request.specialized and not source.specialized:
            yield Finding("os_state_differs", f"The {label} is generalized; omit 'os_state'.")
    if not source.os_type:
        yield Finding("os_type_unknown", f"The operating system of {label} is unknown to Azure; set 'os_type'.")
    elif request.os_type and source.os_type != request.os_type:
        yield Finding(
            "os_type_differs",
            f"The {label} has the operating system {source.os_type}, not {request.os_type}; omit 'os_type'.",
        )
    if not source.location:
        yield Finding("location_unknown", f"The region of {label} cannot be determined; set 'location'.")


def setting_blockers(request: CaptureRequest, source: Source) -> Iterator[Finding]:
    """Blockers for options that contradict the properties of the source."""
    label = request.source.label
    # Other sources are handled in disk_source_blockers.
    if source.is_machine and request.os_type and request.os_type != source.os_type:
        yield Finding(
            "os_type_differs",
            f"The {label} has the operating system {source.os_type}, not {request.os_type}; check 'source_vm', or omit 'os_type'.",
        )
    if request.hyper_v_generation and source.generation and request.hyper_v_generation != source.generation:
        yield Finding(
            "generation_differs",
            f"The {label} has the Hyper-V generation {source.generation}, not {request.hyper_v_generation}; omit "
            "'hyper_v_generation'.",
        )


def named_disk_blockers(request: CaptureRequest, state: CaptureState, source: Source) -> Iterator[Finding]:
    """Blockers of the data disks that are specified in the task."""
    for disk in request.data_disks or ():
        if disk.source is None:
            if source.is_machine and disk.lun not in source.luns:
                yield Finding(
                    "data_disk_not_found",
                    f"The {request.source.label} has no data disk at LUN {disk.lun}; check 'data_disks'.",
                )
        elif isinstance(disk.source, ResourceId):
            found = state.named_disks.get(str(disk.source).lower())
            if found is None:
                yield Finding("data_disk_not_found", f"The {disk.source.label} does not exist; check 'data_disks'.")
                continue
            yield from _disk_blockers(disk.source.label, disk.source.resource_type, found)
            location = str(found.get("location") or "")
            if source.location and normalized_location(location) != normalized_location(source.location):
                yield Finding(
                    "data_disk_elsewhere",
                    f"The {disk.source.label} is in {location} and the {request.source.label} in {source.location}; "
                    "all disks of an image must be in the same region.",
                )


def _disk_blockers(label: str, resource_type: str, disk: Json) -> Iterator[Finding]:
    properties = machine.properties(disk)
    kind = str((disk.get("sku") or {}).get("name") or "")
    if resource_type == DISK and kind.lower() in UNSUPPORTED_DISKS:
        yield Finding("disk_type_not_supported", f"The {label} is {kind}, which cannot be captured; change its type.")
    if properties.get("diskState") == "Attached":
        yield Finding(
            "disk_in_use",
            f"The {label} is attached to a virtual machine that is not deallocated; deallocate the virtual machine, "
            "detach the disk, or capture a snapshot of it.",
        )
    if properties.get("diskState") in _UPLOADING:
        yield Finding(
            "disk_not_uploaded", f"The {label} is still being uploaded; complete the upload, and revoke its access."
        )
    if (properties.get("encryptionSettingsCollection") or {}).get("enabled"):
        yield Finding(
            "disk_encryption",
            f"The {label} is encrypted by Azure Disk Encryption, so that virtual machines created from it would not "
            "boot; decrypt it first.",
        )
    complete = properties.get("completionPercent")
    if machine.provisioning_state(disk).lower() not in _WHOLE or (complete is not None and float(complete) < 100):
        yield Finding(
            "source_in_transition",
            f"The {label} is not ready yet (state {machine.provisioning_state(disk)}); wait until it is.",
        )
