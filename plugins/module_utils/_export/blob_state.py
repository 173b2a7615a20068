# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the blobs of an export: that of the disk, that of its guest state, and the record.

The record is a blob beside that of the disk, and has the ETags of both, which change with each write: so a later run knows whether they
are still what was exported. A blob without a record is incomplete; its metadata has what it is to become. The record is a page blob, too,
filled up with spaces, as accounts for premium page blobs take no others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._export.blob_blockers import (
    blob_blockers,
    immutable_blocker,
    leased_blocker,
    public_blocker,
)
from ansible_collections.golden.azure.plugins.module_utils._export.plan import TargetState
from ansible_collections.golden.azure.plugins.module_utils._export.request import ExportRequest

Json = dict[str, Any]

#: The name of the metadata: C# identifiers only, in lower case (rest/api/storageservices/setting-and-retrieving-properties-and-metadata).
MARK = "golden_azure_export"
#: Its value for a record; for the other blobs, see mark_of().
RECORD_MARK = "record"
_MAX_RECORD = 64 * 1024
_PAGE_BLOB = "PageBlob"


class BlobRefused(Exception):
    """Storage refuses to read a blob, for the reason of the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True)
class BlobProperties:
    """An existing blob."""

    size: int
    etag: str
    is_page_blob: bool
    #: The mark of an export; empty for any other blob.
    mark: str
    is_leased: bool


def record_url(target: str) -> str:
    """The record of a blob."""
    return f"{target}.json"


def mark_of(request: ExportRequest, content: str) -> str:
    """Distinguishes what a blob is to contain."""
    return hashlib.sha256(f"{str(request.source).lower()} {request.lun} {content}".encode()).hexdigest()


@contextmanager
def reading(uri: str) -> Iterator[None]:
    """Requests about a blob.

    :raises BlobRefused: with the reason instead of the SDK's message.
    """
    try:
        yield
    except (exceptions.AzureError, OSError) as error:
        raise BlobRefused(blob_blockers(uri, *status_of(error))[0]) from None


def status_of(error: Any) -> tuple[int | None, str]:
    """The HTTP status and the error code of storage; None without a response."""
    code = getattr(error, "error_code", None)
    return getattr(error, "status_code", None), str(getattr(code, "value", code) or "")


def read_properties(arm: ArmClient, uri: str) -> BlobProperties | None:
    """Read a blob; None if it does not exist.

    :raises BlobRefused: if it cannot be read.
    """
    with reading(uri), arm.storage.blob(uri) as client:
        try:
            found = client.get_blob_properties()
        except exceptions.ResourceNotFoundError as missing:
            if status_of(missing)[1] not in ("", "BlobNotFound"):
                raise
            return None
    kind = getattr(found.blob_type, "value", found.blob_type)
    return BlobProperties(
        int(found.size),
        str(found.etag),
        kind == _PAGE_BLOB,
        str((found.metadata or {}).get(MARK) or ""),
        str(found.lease.state or "") == "leased",
    )


def read_record_blob(arm: ArmClient, target: str) -> Json | None:
    """The record of a blob; None if there is none that can be read.

    :raises BlobRefused: if storage refuses it.
    """
    uri = record_url(target)
    with reading(uri), arm.storage.blob(uri) as client:
        try:
            data = bytes(client.download_blob(offset=0, length=_MAX_RECORD, max_concurrency=1).readall())
        except exceptions.ResourceNotFoundError:
            return None
        except exceptions.HttpResponseError as error:
            # A blob without any bytes has no range.
            if error.status_code != 416:
                raise
            return None
    try:
        found = json.loads(data.strip(b"\0"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_blob_target(
    arm: ArmClient, request: ExportRequest, content: str | None, with_guest_state: bool
) -> TargetState:
    """Read the blobs of an export.

    :param content: of the source; None if it does not exist.
    """
    try:
        obstacles = list(_container_blockers(arm, request.target))
        found = {
            uri: read_properties(arm, uri)
            for uri in (request.target, request.guest_state_target, record_url(request.target))
        }
        record = read_record_blob(arm, request.target) if found[record_url(request.target)] else None
    except BlobRefused as refused:
        return TargetState(obstacles=(refused.finding,))
    wanted = [request.target, *([request.guest_state_target] if with_guest_state else []), record_url(request.target)]
    existing = {uri: properties for uri in wanted if (properties := found[uri])}
    # A record alone is no export: its blob was deleted, or the run that wrote it was killed.
    counted = [uri for uri, properties in existing.items() if properties.mark != RECORD_MARK]
    obstacles += [leased_blocker(uri) for uri, properties in existing.items() if properties.is_leased]
    continued = _continued(request, content, found, record)
    return TargetState(
        exists=any(uri not in continued for uri in counted),
        record=record,
        intact=_is_intact(request, record, found),
        obstacles=tuple(obstacles),
        continued=continued,
        is_partial=bool(continued) and set(wanted[:-1]) <= set(continued),
        etags={uri: properties.etag for uri, properties in existing.items() if uri not in continued},
    )


def _continued(
    request: ExportRequest, content: str | None, found: dict[str, BlobProperties | None], record: Json | None
) -> tuple[str, ...]:
    """The blobs that an interrupted run with the same content has left; they have no record."""
    if record is not None or content is None:
        return ()
    mark = mark_of(request, content)
    return tuple(uri for uri, each in found.items() if each and each.is_page_blob and each.mark == mark)


def _container_blockers(arm: ArmClient, uri: str) -> Iterator[Finding]:
    with reading(uri), arm.storage.container(uri) as client:
        found = client.get_container_properties()
    if found.public_access:
        yield public_blocker(uri)
    if found.has_immutability_policy or found.has_legal_hold:
        yield immutable_blocker(uri)


def _is_intact(request: ExportRequest, record: Json | None, found: dict[str, BlobProperties | None]) -> bool:
    if record is None:
        return False
    beside = record.get("guest_state")
    return _is_recorded(record, found[request.target]) and (
        not isinstance(beside, dict) or _is_recorded(beside, found[request.guest_state_target])
    )


def _is_recorded(record: Json, properties: BlobProperties | None) -> bool:
    """Whether a blob was not written after it was recorded."""
    return properties is not None and (properties.etag, properties.size) == (record.get("etag"), record.get("size"))
