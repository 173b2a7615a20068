# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the export of a gallery version, a disk or a snapshot to a file; pure.

It is downloaded from a managed disk that is created for that and deleted afterwards: Azure provides no access to the content of a
version, and a disk is not opened while others use it (https://learn.microsoft.com/azure/virtual-machines/linux/download-vhd). The
open access that a killed run leaves is therefore always that of this collection, and revoked by the next run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, GALLERY_VERSION, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    CREATED_AT,
    EXPORT_OF,
    MADE_FOR,
    fitting,
    image_mark,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._export.request import ExportRequest
from ansible_collections.golden.azure.plugins.module_utils._export.source import ExportSource
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disks import UNSUPPORTED_DISKS
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import (
    is_being_exported,
    is_private,
    network_obstacle,
    requires_sign_in,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import RUN_TAG, Run

Json = dict[str, Any]

_UPLOADING = ("ReadyToUpload", "ActiveUpload")
_WHOLE = ("", "succeeded")


@dataclass(frozen=True)
class FileState:
    """The file to write, and those beside it."""

    exists: bool = False
    #: The record of an earlier export.
    record: Json | None = None
    #: Whether the file, and its guest state if there is one, have the sums of the record.
    intact: bool = False
    #: Why it cannot be written; None if there is no reason.
    obstacle: str | None = None


@dataclass(frozen=True)
class ExportState:
    """What was read."""

    #: The gallery version, disk or snapshot; None if it does not exist.
    resource: Json | None
    #: The same, described.
    source: ExportSource | None
    #: The disk for the export; None if it does not exist.
    disk: Json | None
    file: FileState
    #: Why the host that runs the task cannot download anything; None if there is no reason.
    obstacle: str | None = None


@dataclass
class Download:
    """The data of the steps that download and verify files."""

    request: ExportRequest
    source: ExportSource
    run: Run
    #: What was downloaded: path, identity of the content, and size.
    received: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def with_guest_state(self) -> bool:
        """Whether the guest state is exported."""
        return wants_guest_state(self.request, self.source)


def plan_export(request: ExportRequest, state: ExportState, run: Run) -> Plan:
    """Create the plan of an export.

    :returns: a plan whose steps, executed in order, write the file, and leave no disk and no access.
    """
    title = f"Export of {request.source.label} to file '{request.path}'"
    if state.source is None:
        if is_source_gone(request, state):
            return Plan(title, [], [_source_gone(request)], list(_cleanup_steps(request, state)))
        return Plan(title, [Finding("source_not_found", f"The {request.source.label} does not exist; check its name.")])
    if is_complete(request, state, state.source):
        return Plan(title, [], [], list(_cleanup_steps(request, state)))
    blockers = list(_blockers(request, state, state.source))
    warnings = list(_warnings(request, state, state.source))
    steps = [] if blockers else list(_steps(request, state, Download(request, state.source, run)))
    return Plan(title, blockers, warnings, steps)


def wants_guest_state(request: ExportRequest, source: ExportSource) -> bool:
    """Whether the guest state is to be exported."""
    return request.guest_state and source.has_guest_state


def is_complete(request: ExportRequest, state: ExportState, source: ExportSource) -> bool:
    """Whether the file is the export of this content."""
    record = state.file.record or {}
    has_guest_state = bool(record.get("guest_state")) or not wants_guest_state(request, source)
    return state.file.exists and state.file.intact and record.get("content") == source.content and has_guest_state


def is_source_gone(request: ExportRequest, state: ExportState) -> bool:
    """Whether the source does not exist any more, and the file is its export."""
    record = state.file.record or {}
    same = str(record.get("source") or "").lower() == str(request.source).lower() and record.get("lun") == request.lun
    return state.source is None and same and state.file.exists and state.file.intact


def _source_gone(request: ExportRequest) -> Finding:
    return Finding(
        "export_source_gone",
        f"The {request.source.label} does not exist any more; the file '{request.path}' is its export, and is kept.",
    )


# -- findings -----------------------------------------------------------------------------------------------------


def _blockers(request: ExportRequest, state: ExportState, source: ExportSource) -> Iterator[Finding]:
    label, resource = request.source.label, state.resource or {}
    if state.obstacle:
        yield Finding("export_not_possible", state.obstacle)
    if machine.provisioning_state(resource).lower() not in _WHOLE and request.source.resource_type != GALLERY_VERSION:
        yield Finding(
            "source_in_transition",
            f"The {label} is not ready yet (state {machine.provisioning_state(resource)}); wait until it is.",
        )
    if request.source.resource_type == GALLERY_VERSION:
        yield from _version_blockers(request, source, resource)
    else:
        yield from _disk_blockers(request, resource)
    if source.security_type.lower().startswith("confidentialvm"):
        yield Finding(
            "confidential_not_exported",
            f"The {label} is for confidential virtual machines ({source.security_type}): its content is bound to keys that are not "
            "part of an export; copy it within Azure instead.",
        )
    yield from _temporary_blockers(request, state)
    yield from _file_blockers(request, state)


def _version_blockers(request: ExportRequest, source: ExportSource, version: Json) -> Iterator[Finding]:
    if machine.provisioning_state(version).lower() not in (*_WHOLE, "updating"):
        yield Finding(
            "image_not_whole",
            f"The {request.source.label} is in the state {machine.provisioning_state(version)}, so that it cannot be exported; wait "
            "until it is ready, or choose another one.",
        )
    if request.lun is not None and request.lun not in source.luns:
        yield Finding(
            "data_disk_not_found", f"The {request.source.label} has no data disk at LUN {request.lun}; check 'lun'."
        )


def _disk_blockers(request: ExportRequest, disk: Json) -> Iterator[Finding]:
    label, properties = request.source.label, machine.properties(disk)
    kind = str((disk.get("sku") or {}).get("name") or "")
    if request.source.resource_type == DISK and kind.lower() in UNSUPPORTED_DISKS:
        yield Finding("disk_type_not_supported", f"The {label} is {kind}, which cannot be copied; change its type.")
    if properties.get("diskState") == "Attached":
        yield Finding(
            "disk_in_use",
            f"The {label} is attached to a virtual machine that is not deallocated; deallocate the virtual machine, "
            "detach the disk, or export a snapshot of it.",
        )
    if properties.get("diskState") in _UPLOADING:
        yield Finding(
            "disk_not_uploaded", f"The {label} is still being uploaded; complete the upload, and revoke its access."
        )
    yield from access_blockers(request.source, disk)


def access_blockers(resource: ResourceId, disk: Json) -> Iterator[Finding]:
    """Blockers of reading the content of a disk or a snapshot.

    The settings of the source hold for its copy, too: an export must not circumvent them.
    Source: https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview
    """
    obstacle = network_obstacle(disk)
    if obstacle:
        yield Finding(
            "export_closed",
            f"The {resource.label} does not allow its content to be exported ({obstacle}); change these settings, or exempt its "
            "resource group from the policy that sets them.",
        )
    if requires_sign_in(disk):
        yield Finding(
            "export_wants_sign_in",
            f"The {resource.label} requires authentication for access to its data (dataAccessAuthMode), which is not supported; "
            "change this setting, or export it with an identity that has the role Data Operator for Managed Disks, for example with "
            "'az disk' and AzCopy.",
        )


def _temporary_blockers(request: ExportRequest, state: ExportState) -> Iterator[Finding]:
    if state.disk is None:
        return
    if not is_ours(request, state.disk):
        yield Finding(
            "disk_of_something_else",
            f"The {request.disk.label} exists already and was not created for this export; delete it, or set "
            "'temporary_resource_group' to another resource group.",
        )
    elif machine.properties(state.disk).get("diskState") in ("Attached", "Reserved"):
        yield Finding(
            "export_disk_in_use",
            f"The {request.disk.label}, which an earlier run created for this export, is attached to a virtual machine; detach it.",
        )
    elif not machine.has_failed(state.disk):
        yield from access_blockers(request.disk, state.disk)


def _file_blockers(request: ExportRequest, state: ExportState) -> Iterator[Finding]:
    file = state.file
    if file.obstacle:
        yield Finding("export_path_not_writable", file.obstacle)
    if file.exists and not request.force:
        yield Finding(
            "export_file_exists",
            f"The file '{request.path}' exists already, and {_difference(request, state)}; set 'force: true' to replace it, or choose "
            "another 'path'.",
        )


def _difference(request: ExportRequest, state: ExportState) -> str:
    """Why an existing file is not the export."""
    record, label = state.file.record or {}, request.source.label
    if str(record.get("source") or "").lower() != str(request.source).lower() or record.get("lun") != request.lun:
        return f"is not recorded as an export of the {label}"
    if state.source is None or record.get("content") != state.source.content:
        return f"was exported before the content of the {label} changed"
    if not state.file.intact:
        return "was modified after its export, or its guest state was"
    return "was exported without its guest state"


def _warnings(request: ExportRequest, state: ExportState, source: ExportSource) -> Iterator[Finding]:
    label = request.source.label
    if any(is_private(each) for each in (state.resource or {}, state.disk or {})):
        yield Finding(
            "export_private",
            f"The {label} can be exported through the private endpoints of its disk access only (AllowPrivate): run this task on a "
            "host that reaches them.",
        )
    if (machine.properties(state.resource).get("encryptionSettingsCollection") or {}).get("enabled"):
        yield Finding(
            "export_encrypted",
            f"The {label} is encrypted by Azure Disk Encryption, and so is the exported file: without the key in its key vault it "
            "cannot be read.",
        )
    if source.luns and request.lun is None:
        yield Finding(
            "export_without_data_disks",
            f"The {label} has data disks, which are not exported with its OS disk; export each of them in a task with 'lun' "
            f"({', '.join(map(str, source.luns))}).",
        )
    if request.force and state.file.exists:
        yield Finding(
            "export_file_replaced",
            f"The file '{request.path}' exists already, and is replaced once the new one is complete ('force').",
        )


# -- steps --------------------------------------------------------------------------------------------------------


def is_ours(request: ExportRequest, disk: Json) -> bool:
    """Whether a disk was created for an export of this source."""
    tags = disk.get("tags")
    return tag_value(tags, MADE_FOR) == image_mark(str(request.source)) and tag_value(tags, EXPORT_OF) is not None


def _steps(request: ExportRequest, state: ExportState, download: Download) -> Iterator[Step]:
    disk, identity, source = state.disk, request.disk, download.source
    usable = disk is not None and tag_value(disk.get("tags"), EXPORT_OF) == fitting(source.content)
    if disk is not None and is_being_exported(disk):
        yield _end_access(identity)
    if disk is not None and not usable:
        yield actions.deletion_step(identity)
    if disk is None or not usable or machine.has_failed(disk):
        yield _creation_step(request, download)
    elif machine.provisioning_state(disk) != "Succeeded":
        yield Step(actions.WAIT_FOR_DISK, identity, f"wait for the {identity.label}, which is being created")
    yield Step(
        actions.EXPORT_DISK,
        identity,
        f"download the {identity.label} to file '{request.path}'"
        + (f", and its guest state to file '{request.guest_state_path}'" if download.with_guest_state else ""),
        method="POST",
        path=f"{identity}/beginGetAccess",
        body={"access": "Read", **({"getSecureVMGuestStateSAS": True} if download.with_guest_state else {})},
        upload=download,
    )
    yield Step(
        actions.REVOKE_ACCESS,
        identity,
        f"revoke the access to the {identity.label}",
        method="POST",
        path=f"{identity}/endGetAccess",
    )
    yield Step(
        actions.VERIFY_FILE,
        identity,
        f"read the file '{request.path}', compare it with what was downloaded, and record its sums",
        upload=download,
    )
    yield actions.deletion_step(identity)


def _cleanup_steps(request: ExportRequest, state: ExportState) -> Iterator[Step]:
    """Delete the disk of an export whose file is complete: the run that wrote it was killed."""
    if state.disk is None or not is_ours(request, state.disk):
        return
    if is_being_exported(state.disk):
        yield _end_access(request.disk)
    yield actions.deletion_step(request.disk)


def _end_access(identity: ResourceId) -> Step:
    return Step(
        actions.END_ACCESS,
        identity,
        f"revoke the access of an earlier run to the {identity.label}",
        method="POST",
        path=f"{identity}/endGetAccess",
    )


def _creation_step(request: ExportRequest, download: Download) -> Step:
    source, identity = download.source, request.disk
    creation: Json = {"createOption": "Copy", "sourceResourceId": str(request.source)}
    if request.source.resource_type == GALLERY_VERSION:
        # https://learn.microsoft.com/rest/api/compute/disks/create-or-update (from an Azure Compute Gallery image)
        reference: Json = {"id": str(request.source), **({} if request.lun is None else {"lun": request.lun})}
        creation = {"createOption": "FromImage", "galleryImageReference": reference}
    properties: Json = {"creationData": creation}
    if request.source.resource_type == GALLERY_VERSION and download.with_guest_state:
        properties["securityProfile"] = {"securityType": source.security_type}
    if source.encryption_set:
        # The copy is protected as its source is.
        properties["encryption"] = {
            "type": "EncryptionAtRestWithCustomerKey",
            "diskEncryptionSetId": source.encryption_set,
        }
    return Step(
        actions.CREATE_DISK,
        identity,
        f"create the {identity.label} from the {request.source.label}, for the download",
        method="PUT",
        path=str(identity),
        body={
            "location": source.location,
            "sku": {"name": "Standard_LRS"},
            "tags": {
                **request.tags,
                MADE_FOR: image_mark(str(request.source)),
                EXPORT_OF: fitting(source.content),
                CREATED_AT: download.run.moment,
                RUN_TAG: download.run.run_id,
            },
            "properties": properties,
        },
    )
