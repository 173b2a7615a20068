# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the upload of a local file to a managed disk from which an image is created; pure.

The disk is created for direct upload, exists only until the image is created, and records in its tags which image and content
it is for: https://learn.microsoft.com/azure/virtual-machines/linux/disks-upload-vhd-to-managed-disk-cli
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    CREATED_AT,
    MADE_FOR,
    image_mark,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import (
    network_obstacle,
    requires_sign_in,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import (
    OTHER_SOURCE_TAG,
    RUN_TAG,
    SOURCE_NAME_TAG,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source
from ansible_collections.golden.azure.plugins.module_utils._model.vhd import FOOTER_SIZE, MEBIBYTE
from ansible_collections.golden.azure.plugins.module_utils._upload.request import UploadRequest

Json = dict[str, Any]

#: Bytes; Azure's minimum and maximum:
#: https://learn.microsoft.com/python/api/azure-mgmt-compute/azure.mgmt.compute.models.creationdata (upload_size_bytes)
_MIN_SIZE, _MAX_SIZE = 20 * MEBIBYTE, 32 * MEBIBYTE * MEBIBYTE

READY, ACTIVE, COMPLETE = "ReadyToUpload", "ActiveUpload", "Unattached"


def disk_state(disk: Json | None) -> str:
    """Whether a disk is not uploaded yet (ReadyToUpload, ActiveUpload), or complete (Unattached)."""
    return str(machine.properties(disk or {}).get("diskState") or "")


def upload_blockers(request: UploadRequest) -> Iterator[Finding]:
    """Blockers of the upload of a file."""
    image, disk, disk_id = request.image, request.disk, request.disk_id
    if request.obstacle:
        yield Finding("upload_not_possible", request.obstacle)
    if image.disk_size is not None and not _MIN_SIZE <= image.disk_size <= _MAX_SIZE:
        yield Finding(
            "disk_size_not_supported",
            f"The disk in {image.label} has {image.disk_size} bytes, and Azure supports 20 MiB to 32 TiB; resize it.",
        )
    if disk is None:
        return
    if not _is_ours(request, disk):
        yield Finding(
            "disk_of_something_else",
            f"The {disk_id.label} exists already and is not an upload of the {image.label} for this image; delete it, "
            "or choose another name for the image.",
        )
    elif not machine.has_failed(disk) and disk_state(disk) not in (READY, ACTIVE, COMPLETE):
        yield Finding(
            "upload_disk_in_use",
            f"The {disk_id.label}, which contains the upload of the {image.label}, is in use (state "
            f"{disk_state(disk)}); detach it, or revoke its access.",
        )
    elif disk_state(disk) in (READY, ACTIVE):
        yield from access_blockers(disk_id, disk)


def access_blockers(disk_id: ResourceId, disk: Json) -> Iterator[Finding]:
    """Blockers of sending content to a disk, whose properties a policy may have changed.

    Source: https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview
    """
    obstacle = network_obstacle(disk)
    if obstacle:
        yield Finding(
            "upload_disk_closed",
            f"The {disk_id.label}, which is created for the upload, does not allow network access ({obstacle}), usually because of a "
            "policy; exempt its resource group from the policy, or upload the file to a blob, or to a disk through a disk access, and "
            "use that as the source.",
        )
    if requires_sign_in(disk):
        yield Finding(
            "upload_disk_wants_sign_in",
            f"The {disk_id.label}, which is created for the upload, requires authentication for access to its data, usually because of "
            "a policy; exempt its resource group from the policy, or upload the file with an identity that has the permissions "
            "Microsoft.Compute/disks/upload/action and Microsoft.Compute/disks/download/action (role Data Operator for Managed Disks), "
            "for example with 'az disk' and AzCopy, and use that disk as the source.",
        )


def upload_steps(request: UploadRequest) -> Iterator[Step]:
    """Create the disk and upload the file, or continue the upload of an earlier run."""
    image, disk, disk_id = request.image, request.disk, request.disk_id
    if disk is None or machine.has_failed(disk):
        if request.source is not None:
            yield _creation_step(request, request.source)
    elif machine.provisioning_state(disk) != "Succeeded":
        yield Step(actions.WAIT_FOR_DISK, disk_id, f"wait for the {disk_id.label}, which is being created")
    elif disk_state(disk) == COMPLETE:
        return
    elif disk_state(disk) == ACTIVE:
        yield Step(
            actions.END_ACCESS,
            disk_id,
            f"revoke the access of an earlier run to the {disk_id.label}",
            method="POST",
            path=f"{disk_id}/endGetAccess",
        )
    converted = "" if image.is_direct else ", converted by qemu-img"
    yield Step(
        actions.UPLOAD_FILE,
        disk_id,
        f"upload the {image.label}{converted} to the {disk_id.label}",
        method="POST",
        path=f"{disk_id}/beginGetAccess",
        # Its duration is the rest of the time limit.
        body={"access": "Write"},
        upload=request,
    )
    yield Step(
        actions.REVOKE_ACCESS,
        disk_id,
        f"revoke the access to the {disk_id.label}, which completes the upload",
        method="POST",
        path=f"{disk_id}/endGetAccess",
    )


def removal_steps(request: UploadRequest, made: bool) -> Iterator[Step]:
    """Delete the disk after the images were created.

    :param made: they existed before, so that the disk may be deleted already.
    """
    disk, disk_id = request.disk, request.disk_id
    if made and (disk is None or not _is_ours(request, disk)):
        return
    yield Step(
        actions.DELETE_DISK,
        disk_id,
        f"delete the {disk_id.label}, which is no longer needed",
        method="DELETE",
        path=str(disk_id),
    )


def _creation_step(request: UploadRequest, source: Source) -> Step:
    disk_id = request.disk_id
    size = request.image.disk_size or 0
    properties: Json = {
        "osType": source.os_type,
        "creationData": {"createOption": "Upload", "uploadSizeBytes": size + FOOTER_SIZE},
    }
    if source.generation:
        properties["hyperVGeneration"] = source.generation
    if request.architecture:
        properties["supportedCapabilities"] = {"architecture": request.architecture}
    return Step(
        actions.CREATE_DISK,
        disk_id,
        f"create the {disk_id.label} in {source.location}, of {size // MEBIBYTE} MiB, for the upload",
        method="PUT",
        path=str(disk_id),
        body={
            "location": source.location,
            "sku": {"name": "Standard_LRS"},
            "tags": {
                **request.tags,
                MADE_FOR: _mark(request),
                OTHER_SOURCE_TAG: request.image.digest,
                SOURCE_NAME_TAG: image_mark(str(source.reference)),
                CREATED_AT: request.run.moment,
                RUN_TAG: request.run.run_id,
            },
            "properties": properties,
        },
    )


def _is_ours(request: UploadRequest, disk: Json) -> bool:
    tags = disk.get("tags")
    return tag_value(tags, MADE_FOR) == _mark(request) and tag_value(tags, OTHER_SOURCE_TAG) == request.image.digest


def _mark(request: UploadRequest) -> str:
    return image_mark(str(request.target))
