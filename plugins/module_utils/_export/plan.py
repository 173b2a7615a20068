# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the export of a gallery version, a disk or a snapshot to a file or a blob; pure.

It is read from a managed disk that is created for that and deleted afterwards: Azure provides no access to the content of a
version, and a disk is not opened while others use it (https://learn.microsoft.com/azure/virtual-machines/linux/download-vhd). The
open access that a killed run leaves is therefore always that of this collection, and revoked by the next run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
class TargetState:
    """The file or blob to write, and those beside it."""

    exists: bool = False
    #: The record of an earlier export.
    record: Json | None = None
    #: Whether the file or blob, and its guest state if there is one, are as they were recorded.
    intact: bool = False
    #: Why it cannot be written.
    obstacles: tuple[Finding, ...] = ()
    #: URLs of the blobs that an interrupted run with the same content has left, which are continued.
    continued: tuple[str, ...] = ()
    #: Whether these are all.
    is_partial: bool = False
    #: ETags of the other existing blobs, by their URL: only these are replaced.
    etags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportState:
    """What was read."""

    #: The gallery version, disk or snapshot; None if it does not exist.
    resource: Json | None
    #: The same, described.
    source: ExportSource | None
    #: The disk for the export; None if it does not exist.
    disk: Json | None
    target: TargetState
    #: Why the host that runs the task cannot export anything; None if there is no reason.
    obstacle: str | None = None


@dataclass
class Transfer:
    """The data of the steps that transfer and verify content."""

    request: ExportRequest
    source: ExportSource
    run: Run
    target: TargetState
    #: What was transferred; its form is that of the file which transfers it.
    received: list[Any] = field(default_factory=list)

    @property
    def with_guest_state(self) -> bool:
        """Whether the guest state is exported."""
        return wants_guest_state(self.request, self.source)


def plan_export(request: ExportRequest, state: ExportState, run: Run) -> Plan:
    """Create the plan of an export.

    :returns: a plan whose steps, executed in order, write the file or blob, and leave no disk and no access.
    """
    title = f"Export of {request.source.label} to {request.label}"
    if state.source is None:
        if is_source_gone(request, state):
            return Plan(title, [], [_source_gone(request)], list(_cleanup_steps(request, state)))
        return Plan(title, [Finding("source_not_found", f"The {request.source.label} does not exist; check its name.")])
    if is_complete(request, state, state.source):
        return Plan(title, [], [], list(_cleanup_steps(request, state)))
    blockers = list(_blockers(request, state, state.source))
    warnings = list(_warnings(request, state, state.source))
    steps = [] if blockers else list(_steps(request, state, Transfer(request, state.source, run, state.target)))
    return Plan(title, blockers, warnings, steps)


def wants_guest_state(request: ExportRequest, source: ExportSource) -> bool:
    """Whether the guest state is to be exported."""
    return request.guest_state and source.has_guest_state


def is_complete(request: ExportRequest, state: ExportState, source: ExportSource) -> bool:
    """Whether the file or blob is the export of this content."""
    record = state.target.record or {}
    has_guest_state = bool(record.get("guest_state")) or not wants_guest_state(request, source)
    return state.target.exists and state.target.intact and record.get("content") == source.content and has_guest_state


def is_source_gone(request: ExportRequest, state: ExportState) -> bool:
    """Whether the source does not exist any more, and the file or blob is its export."""
    record = state.target.record or {}
    same = str(record.get("source") or "").lower() == str(request.source).lower() and record.get("lun") == request.lun
    return state.source is None and same and state.target.exists and state.target.intact


def _source_gone(request: ExportRequest) -> Finding:
    return Finding(
        "export_source_gone",
        f"The {request.source.label} does not exist any more; the {request.label} is its export, and is kept.",
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
    yield from _target_blockers(request, state)


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


def _target_blockers(request: ExportRequest, state: ExportState) -> Iterator[Finding]:
    target = state.target
    yield from target.obstacles
    if target.exists and not request.force:
        yield Finding(
            "export_file_exists",
            f"The {request.label} exists already, and {_difference(request, state)}; set 'force: true' to replace it, or choose "
            f"another '{request.option}'.",
        )


def _difference(request: ExportRequest, state: ExportState) -> str:
    """Why an existing file or blob is not the export."""
    record, label = state.target.record or {}, request.source.label
    if str(record.get("source") or "").lower() != str(request.source).lower() or record.get("lun") != request.lun:
        return f"is not recorded as an export of the {label}"
    if state.source is None or record.get("content") != state.source.content:
        return f"was exported before the content of the {label} changed"
    if not state.target.intact:
        return "was modified after its export, or its guest state was"
    return "was exported without its guest state"


def _warnings(request: ExportRequest, state: ExportState, source: ExportSource) -> Iterator[Finding]:
    label = request.source.label
    if any(is_private(each) for each in (state.resource or {}, state.disk or {})):
        yield _private_warning(request)
    if (machine.properties(state.resource).get("encryptionSettingsCollection") or {}).get("enabled"):
        yield Finding(
            "export_encrypted",
            f"The {label} is encrypted by Azure Disk Encryption, and so is what is exported: without the key in its key vault it "
            "cannot be read.",
        )
    if source.luns and request.lun is None:
        yield Finding(
            "export_without_data_disks",
            f"The {label} has data disks, which are not exported with its OS disk; export each of them in a task with 'lun' "
            f"({', '.join(map(str, source.luns))}).",
        )
    if request.force and state.target.exists:
        when = "as soon as the export begins" if request.is_blob else "once the new one is complete"
        yield Finding("export_file_replaced", f"The {request.label} exists already, and is replaced {when} ('force').")


def _private_warning(request: ExportRequest) -> Finding:
    label = request.source.label
    if request.is_blob:
        return Finding(
            "export_private",
            f"The {label} can be exported through the private endpoints of its disk access only (AllowPrivate): the storage account of "
            f"the {request.label} may be refused when it reads the disk; if it is, export to a file on a host that reaches them.",
        )
    return Finding(
        "export_private",
        f"The {label} can be exported through the private endpoints of its disk access only (AllowPrivate): run this task on a "
        "host that reaches them.",
    )


# -- steps --------------------------------------------------------------------------------------------------------


def is_ours(request: ExportRequest, disk: Json) -> bool:
    """Whether a disk was created for an export of this source."""
    tags = disk.get("tags")
    return tag_value(tags, MADE_FOR) == image_mark(str(request.source)) and tag_value(tags, EXPORT_OF) is not None


def _steps(request: ExportRequest, state: ExportState, transfer: Transfer) -> Iterator[Step]:
    disk, identity, source = state.disk, request.disk, transfer.source
    if request.is_blob and not state.target.is_partial:
        yield _blob_step(request, state, transfer)
    usable = disk is not None and tag_value(disk.get("tags"), EXPORT_OF) == fitting(source.content)
    if disk is not None and is_being_exported(disk):
        yield _end_access(identity)
    if disk is not None and not usable:
        yield actions.deletion_step(identity)
    if disk is None or not usable or machine.has_failed(disk):
        yield _creation_step(request, transfer)
    elif machine.provisioning_state(disk) != "Succeeded":
        yield Step(actions.WAIT_FOR_DISK, identity, f"wait for the {identity.label}, which is being created")
    verb = "copy" if request.is_blob else "download"
    yield Step(
        actions.EXPORT_DISK,
        identity,
        f"{verb} the {identity.label} to {request.label}"
        + (f", and its guest state to {request.guest_state_label}" if transfer.with_guest_state else ""),
        method="POST",
        path=f"{identity}/beginGetAccess",
        body={"access": "Read", **({"getSecureVMGuestStateSAS": True} if transfer.with_guest_state else {})},
        upload=transfer,
    )
    yield Step(
        actions.REVOKE_ACCESS,
        identity,
        f"revoke the access to the {identity.label}",
        method="POST",
        path=f"{identity}/endGetAccess",
    )
    yield _verification_step(request, transfer)
    yield actions.deletion_step(identity)


def _blob_step(request: ExportRequest, state: ExportState, transfer: Transfer) -> Step:
    """Before the disk is created: what prevents the blob from being written is known without it."""
    description = f"{'replace' if state.target.exists else 'create'} the {request.label}" + (
        f", and the {request.guest_state_label}" if transfer.with_guest_state else ""
    )
    return Step(actions.CREATE_BLOB, request.disk, description, upload=transfer)


def _verification_step(request: ExportRequest, transfer: Transfer) -> Step:
    if request.is_blob:
        what = "size, footer and written ranges"
        text = f"compare {what} of the {request.label} with those of the disk, and record its export"
        return Step(actions.VERIFY_BLOB, request.disk, text, upload=transfer)
    text = f"read the {request.label}, compare it with what was downloaded, and record its sums"
    return Step(actions.VERIFY_FILE, request.disk, text, upload=transfer)


def _cleanup_steps(request: ExportRequest, state: ExportState) -> Iterator[Step]:
    """Delete the disk of an export that is complete: the run that wrote it was killed."""
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


def _creation_step(request: ExportRequest, transfer: Transfer) -> Step:
    source, identity = transfer.source, request.disk
    creation: Json = {"createOption": "Copy", "sourceResourceId": str(request.source)}
    if request.source.resource_type == GALLERY_VERSION:
        # https://learn.microsoft.com/rest/api/compute/disks/create-or-update (from an Azure Compute Gallery image)
        reference: Json = {"id": str(request.source), **({} if request.lun is None else {"lun": request.lun})}
        creation = {"createOption": "FromImage", "galleryImageReference": reference}
    properties: Json = {"creationData": creation}
    if request.source.resource_type == GALLERY_VERSION and transfer.with_guest_state:
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
        f"create the {identity.label} from the {request.source.label}, for the export",
        method="PUT",
        path=str(identity),
        body={
            "location": source.location,
            "sku": {"name": "Standard_LRS"},
            "tags": {
                **request.tags,
                MADE_FOR: image_mark(str(request.source)),
                EXPORT_OF: fitting(source.content),
                CREATED_AT: transfer.run.moment,
                RUN_TAG: transfer.run.run_id,
            },
            "properties": properties,
        },
    )
