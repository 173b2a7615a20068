# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""beginGetAccess and endGetAccess of disks and snapshots, and what they hold: uploaded once, it is handed on to all that is made of it.

With a storage, the addresses lead there; without one, nowhere.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import error
from ..guests import GuestBackend
from ..model import Body, Call, Transition, Work
from ..resource_id import parse
from ..storage_accounts import MAX_WRITE, PAGE_BLOB
from ..store import Resource
from .disk_model import GIBIBYTE

if TYPE_CHECKING:
    from ..blob_storage import BlobStorage

_UPLOADING = ("ReadyToUpload", "ActiveUpload")
_FOOTER = 512


def inherit_content(resource: Resource, source: Resource | None, lun: int | None = None) -> None:
    """What is made of a disk, an image or a version holds the same; of data disks nothing is kept."""
    if source is not None and lun is None and source.private.get("content"):
        resource.private["content"] = source.private["content"]


def inherit_blob(call: Call, resource: Resource, uri: str | None) -> None:
    """What is made of a VHD in a storage account that is known here holds the same."""
    blob = call.cloud.accounts.at(uri or "")
    storage = call.cloud.storage
    if storage is None or blob is None or blob.kind != PAGE_BLOB:
        return
    container = resource.private["content"] = storage.create(blob.size)
    for start, end in blob.ranges:
        for offset in range(start, end, MAX_WRITE):
            storage.put(container, offset, blob.read(offset, min(MAX_WRITE, end - offset)))


def grant(call: Call) -> Transition:
    """beginGetAccess: a SAS address for a while; the disk is ActiveSAS or ActiveUpload until endGetAccess.

    An address to write to is for disks that are being uploaded only (Azure/azure-cli#8774); one of a guest state for disks
    with a security profile (Azure/azure-powershell#24635).
    """
    resource, asked = call.existing, call.body or {}
    _check(resource, asked)
    uploading = resource.properties["diskState"] in _UPLOADING
    write = str(asked.get("access", "")).lower() == "write"
    place = f"https://md-embedded.blob.storage.azure.net/{call.cloud.new_id()}"
    shown: Body = {"accessSAS": f"{place}/abcd?sv=2018-03-28&sr=b&sig=embedded"}
    if asked.get("getSecureVMGuestStateSAS"):
        shown["securityDataAccessSAS"] = f"{place}/abcd_vmgs?sv=2018-03-28&sr=b&sig=embedded"

    def finish(_result: Any) -> None:
        if not uploading:
            resource.private.setdefault("before_access", resource.properties["diskState"])
        resource.properties["diskState"] = "ActiveUpload" if write else "ActiveSAS"
        if call.cloud.storage:
            shown.update(_addresses(call.cloud.storage, resource, asked, write))

    return Transition(resource, finish=finish, output=lambda: shown)


def _check(resource: Resource, asked: Body) -> None:
    state = resource.properties["diskState"]
    if resource.body.get("managedBy") and state == "Attached":
        raise error(
            "not_allowed",
            reason=f"Cannot grant SAS access to disk {resource.name} while it is attached to running VM "
            f"{parse(resource.body['managedBy']).name}.",
        )
    if resource.properties.get("networkAccessPolicy") == "DenyAll":
        raise error("export_denied", kind=parse(resource.id).types[-1].lower().removesuffix("s"), name=resource.name)
    if str(asked.get("access", "")).lower() == "write" and state not in _UPLOADING:
        reason = f"Cannot grant write access to disk {resource.name} in the state {state}: it is not for upload."
        raise error("not_allowed", reason=reason)
    if asked.get("getSecureVMGuestStateSAS") and not resource.properties.get("securityProfile"):
        raise error("bad_request", reason="GetSecureVMGuestStateSAS can be set only for disk with SecurityProfile.")


def _addresses(storage: BlobStorage, resource: Resource, asked: Body, write: bool) -> Body:
    seconds = int(asked["durationInSeconds"])
    if "container" not in resource.private:
        creation = resource.properties["creationData"]
        if creation["createOption"].startswith("Upload"):
            resource.private["container"] = storage.create(int(creation["uploadSizeBytes"]))
        else:
            size = int(resource.properties.get("diskSizeBytes") or resource.properties["diskSizeGB"] * GIBIBYTE)
            resource.private["container"] = storage.copy(resource.private.get("content"), size)
    container = resource.private["container"]
    shown = {"accessSAS": storage.grant(container, seconds, write)}
    if asked.get("getSecureVMGuestStateSAS"):
        storage.add_guest_state(container, resource.private.get("content") or container)
        shown["securityDataAccessSAS"] = storage.grant(container, seconds, write, storage.guest_state)
    return shown


def revoke(call: Call) -> Transition:
    """endGetAccess. A disk that is being uploaded is whole then; without its footer Azure refuses (InvalidVhd)."""
    resource = call.existing

    def finish(_result: Any) -> None:
        container = resource.private.get("container")
        if resource.properties["diskState"] == "ActiveUpload":
            if call.cloud.storage and container:
                _end_upload(call.cloud.storage, resource, container)
            resource.properties["diskState"] = "Unattached"
        elif resource.properties["diskState"] == "ActiveSAS":
            if call.cloud.storage and container:
                call.cloud.storage.revoke(container)
            resource.properties["diskState"] = resource.private.pop("before_access", "Unattached")

    return Transition(resource, finish=finish, work=_import(call, resource))


def _import(call: Call, resource: Resource) -> Work | None:
    """What guests do with an OS disk whose upload ends."""
    storage, container, disk_id = call.cloud.storage, resource.private.get("container"), resource.id.lower()
    is_uploaded = resource.properties["diskState"] == "ActiveUpload" and resource.properties.get("osType")
    if not (storage and container and is_uploaded and call.cloud.guests.takes_uploads):
        return None

    def work(guests: GuestBackend) -> None:
        if storage.footer(container).startswith(b"conectix"):
            with tempfile.TemporaryDirectory(prefix="upload-") as directory:
                vhd = Path(directory) / "disk.vhd"
                storage.save(container, vhd)
                guests.import_disk(disk_id, vhd)

    return work


def _end_upload(storage: BlobStorage, resource: Resource, container: str) -> None:
    if not storage.footer(container).startswith(b"conectix"):
        raise error("invalid_vhd", container=container)
    storage.revoke(container)
    resource.private["content"] = container
    resource.properties["diskSizeBytes"] = int(resource.properties["creationData"]["uploadSizeBytes"]) - _FOOTER
    resource.properties["diskSizeGB"] = -(-resource.properties["diskSizeBytes"] // GIBIBYTE)
