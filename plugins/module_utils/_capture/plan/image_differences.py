# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Differences between an existing managed image and the task: a blocker for each, as only its tags can be changed;
pure.

Source: https://learn.microsoft.com/rest/api/compute/images/update
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, DiskSettings
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    normalized_location,
    same_id,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

_ADVICE = "choose another name for the image, or delete it first"


def image_difference_blockers(request: CaptureRequest, image_id: ResourceId, image: Json) -> Iterator[Finding]:
    """A blocker for each difference between an image and the task."""
    label, properties = image_id.label, machine.properties(image)
    storage = properties.get("storageProfile") or {}
    os_disk = storage.get("osDisk") or {}
    place = str(image.get("location") or "")
    if request.location and place and normalized_location(request.location) != normalized_location(place):
        yield Finding(
            "location_differs",
            f"The {label} exists in {place}, not in '{request.location}', which cannot be changed; {_ADVICE}.",
        )
    system, generation = os_disk.get("osType"), properties.get("hyperVGeneration")
    if request.os_type and system and request.os_type != system:
        yield Finding(
            "os_type_differs",
            f"The {label} exists with the operating system {system}, not {request.os_type}, which cannot be changed; "
            f"{_ADVICE}.",
        )
    if request.hyper_v_generation and generation and request.hyper_v_generation != generation:
        yield Finding(
            "generation_differs",
            f"The {label} exists with the Hyper-V generation {generation}, not {request.hyper_v_generation}, which "
            f"cannot be changed; {_ADVICE}.",
        )
    by_lun = {disk.get("lun"): disk for disk in storage.get("dataDisks") or []}
    if request.os_disk:
        yield from _disk_blockers(label, "OS disk", request.os_disk, os_disk)
    for disk in request.data_disks or ():
        if disk.lun in by_lun:
            yield from _disk_blockers(label, f"data disk at LUN {disk.lun}", disk, by_lun[disk.lun])


def _disk_blockers(label: str, what: str, wanted: DiskSettings, has: Json) -> Iterator[Finding]:
    caching = str(has.get("caching") or "None")
    if wanted.host_caching and wanted.host_caching != caching:
        yield Finding(
            "host_caching_differs",
            f"The {label} exists with the host caching {caching} of its {what}, not {wanted.host_caching}, which "
            f"cannot be changed; {_ADVICE}.",
        )
    stored = has.get("storageAccountType")
    if wanted.storage_account_type and stored and wanted.storage_account_type.lower() != str(stored).lower():
        yield Finding(
            "storage_account_type_differs",
            f"The {label} exists with its {what} stored as {stored}, not as {wanted.storage_account_type}, which "
            f"cannot be changed; {_ADVICE}.",
        )
    key = (has.get("diskEncryptionSet") or {}).get("id")
    if wanted.disk_encryption_set and not same_id(wanted.disk_encryption_set, key):
        yield Finding(
            "encryption_set_differs",
            f"The {label} exists with its {what} encrypted with {key or 'platform-managed keys'}, not with "
            f"{wanted.disk_encryption_set}, which cannot be changed; {_ADVICE}.",
        )
