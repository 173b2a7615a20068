# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how a local file becomes a managed disk that an image can be made of; pure.

The disk is made for direct upload, is there only until the image is, and tells by its tags which image of which content
it is for: https://learn.microsoft.com/azure/virtual-machines/linux/disks-upload-vhd-to-managed-disk-cli
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    CREATED_AT,
    MADE_FOR,
    image_mark,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._local.vhd import FOOTER_SIZE, MEBIBYTE
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import (
    OTHER_SOURCE_TAG,
    RUN_TAG,
    SOURCE_NAME_TAG,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Origin

Json = dict[str, Any]

#: Azure's limit is 80 characters: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_LONGEST_TARGET_NAME = 72
#: Bytes; what Azure takes at least and at most:
#: https://learn.microsoft.com/python/api/azure-mgmt-compute/azure.mgmt.compute.models.creationdata (upload_size_bytes)
_SMALLEST, _LARGEST = 20 * MEBIBYTE, 32 * MEBIBYTE * MEBIBYTE

_FAILED = ("Failed", "Canceled")
READY, ACTIVE, WHOLE = "ReadyToUpload", "ActiveUpload", "Unattached"


@dataclass(frozen=True)
class Upload:
    """What a step needs to upload a file."""

    image: ImageFile
    #: Where a converted copy is put.
    directory: str


def upload_disk_id(target: ResourceId) -> ResourceId:
    """The disk that the content of an image goes through, beside that; the same for every run."""
    name = f"{target.name[:_LONGEST_TARGET_NAME]}-upload"
    return ResourceId(target.subscription_id, target.resource_group, DISK, (name,))


def disk_state(disk: Json | None) -> str:
    """Whether a disk is to be uploaded yet (ReadyToUpload, ActiveUpload), or whole (Unattached)."""
    return str(machine.properties(disk or {}).get("diskState") or "")


def upload_blockers(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    """Whatever keeps the file from being uploaded."""
    image, disk, disk_id = state.file, state.source, request.upload_disk
    if image is None or disk_id is None:
        return
    if state.file_obstacle:
        yield Finding("upload_not_possible", state.file_obstacle)
    if image.disk_size is not None and not _SMALLEST <= image.disk_size <= _LARGEST:
        yield Finding(
            "disk_size_not_supported",
            f"The disk in {image.label} has {image.disk_size} bytes, and Azure takes 20 MiB to 32 TiB; resize it.",
        )
    if disk is None:
        return
    if not _is_ours(request, image, disk):
        yield Finding(
            "disk_of_something_else",
            f"There is a {disk_id.label} already, which is no upload of the {image.label} for this image; remove it, or choose "
            "another name for the image.",
        )
    elif not _has_failed(disk) and disk_state(disk) not in (READY, ACTIVE, WHOLE):
        yield Finding(
            "upload_disk_in_use",
            f"The {disk_id.label}, which holds the upload of the {image.label}, is in use (state {disk_state(disk)}); "
            "detach it, or revoke its access.",
        )


def upload_steps(request: CaptureRequest, state: CaptureState, origin: Origin) -> Iterator[Step]:
    """Make the disk and send the file, or go on with what an earlier run has left of that."""
    image, disk, disk_id = state.file, state.source, request.upload_disk
    if image is None or disk_id is None:
        return
    if disk is None or _has_failed(disk):
        yield _creation_step(request, image, disk_id, origin)
    elif machine.provisioning_state(disk) != "Succeeded":
        yield Step("join_disk", disk_id, f"wait for the {disk_id.label}, which is being made")
    elif disk_state(disk) == WHOLE:
        return
    elif disk_state(disk) == ACTIVE:
        yield Step(
            "end_access",
            disk_id,
            f"end the access that an earlier run had to the {disk_id.label}",
            method="POST",
            path=f"{disk_id}/endGetAccess",
        )
    converted = "" if image.is_direct else ", converted by qemu-img"
    yield Step(
        "upload_file",
        disk_id,
        f"upload the {image.label}{converted} to the {disk_id.label}",
        method="POST",
        path=f"{disk_id}/beginGetAccess",
        # Its duration is what is left of the time limit.
        body={"access": "Write"},
        upload=Upload(image, request.work_directory),
    )
    yield Step(
        "revoke_access",
        disk_id,
        f"end the access to the {disk_id.label}, which is whole then",
        method="POST",
        path=f"{disk_id}/endGetAccess",
    )


def removal_steps(request: CaptureRequest, state: CaptureState, made: bool) -> Iterator[Step]:
    """Delete the disk once the images are there.

    :param made: they were there before, so that there may be no disk any more.
    """
    image, disk, disk_id = state.file, state.source, request.upload_disk
    if image is None or disk_id is None or (made and (disk is None or not _is_ours(request, image, disk))):
        return
    yield Step(
        "delete_disk",
        disk_id,
        f"delete the {disk_id.label}, which is needed no more",
        method="DELETE",
        path=str(disk_id),
    )


def _creation_step(request: CaptureRequest, image: ImageFile, disk_id: ResourceId, origin: Origin) -> Step:
    size = image.disk_size or 0
    properties: Json = {
        "osType": origin.os_type,
        "creationData": {"createOption": "Upload", "uploadSizeBytes": size + FOOTER_SIZE},
    }
    if origin.generation:
        properties["hyperVGeneration"] = origin.generation
    if request.architecture:
        properties["supportedCapabilities"] = {"architecture": request.architecture}
    return Step(
        "create_disk",
        disk_id,
        f"create the {disk_id.label} in {origin.location}, of {size // MEBIBYTE} MiB, for the upload",
        method="PUT",
        path=str(disk_id),
        body={
            "location": origin.location,
            "sku": {"name": "Standard_LRS"},
            "tags": {
                **(request.tags or {}),
                MADE_FOR: _mark(request),
                OTHER_SOURCE_TAG: image.digest,
                SOURCE_NAME_TAG: image_mark(str(request.source)),
                CREATED_AT: request.moment,
                RUN_TAG: request.run_id,
            },
            "properties": properties,
        },
    )


def _is_ours(request: CaptureRequest, image: ImageFile, disk: Json) -> bool:
    tags = disk.get("tags")
    return tag_value(tags, MADE_FOR) == _mark(request) and tag_value(tags, OTHER_SOURCE_TAG) == image.digest


def _mark(request: CaptureRequest) -> str:
    return image_mark(str(request.first_target or ""))


def _has_failed(disk: Json) -> bool:
    return machine.provisioning_state(disk) in _FAILED
