# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Copy a disk to a page blob within Azure, range by range (Put Page From URL): nothing of it passes the host that runs the task.

The storage account of the blob reads the disk by its SAS URL, and the request to it has a token of the signed-in identity, as AzCopy
does it (sender-pageBlobFromURL.go of Azure/azure-storage-azcopy; https://learn.microsoft.com/rest/api/storageservices/put-page-from-url).
Unlike with Copy Blob, no copy goes on in Azure when a run is killed, so that nothing has to be aborted, and the ranges that the blob
has are those that an earlier run has copied. The footer is copied last: without it nobody takes an incomplete blob for a VHD.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import MatchConditions, exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION
from ansible_collections.golden.azure.plugins.module_utils._engine.disk_access import CONTENT, GUEST_STATE, end_access
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor
from ansible_collections.golden.azure.plugins.module_utils._engine.page_transfer import (
    PageTransfer,
    covered,
    joined,
    mebibytes,
    page_ranges,
    page_spans,
)
from ansible_collections.golden.azure.plugins.module_utils._export.access import checked_disk, granted_access
from ansible_collections.golden.azure.plugins.module_utils._export.blob_blockers import blob_blockers
from ansible_collections.golden.azure.plugins.module_utils._export.blob_state import (
    MARK,
    RECORD_MARK,
    BlobRefused,
    mark_of,
    read_properties,
    record_url,
    status_of,
)
from ansible_collections.golden.azure.plugins.module_utils._export.plan import Transfer
from ansible_collections.golden.azure.plugins.module_utils._model import vhd

Json = dict[str, Any]

RECORD_VERSION = 1
#: Of page blobs: https://learn.microsoft.com/rest/api/storageservices/put-page
_SECTOR = 512


@dataclass(frozen=True)
class CopiedBlob:
    """What was copied to a blob."""

    uri: str
    size: int
    #: The ranges that the blob has to have, sorted and joined.
    ranges: list[tuple[int, int]]
    #: The last bytes of a disk; empty for a guest state.
    footer: bytes


def create_blob(executor: Executor, step: Step) -> str | None:
    """Create the empty blobs, except for those that are continued, and delete the record of an earlier export.

    :raises Failure: if it fails.
    """
    export: Transfer = step.upload
    request, state = export.request, export.target
    record = record_url(request.target)
    if record in state.etags:
        # First: a record must never be beside another content.
        _delete(executor, record, state.etags[record])
    for uri in (request.target, *([request.guest_state_target] if export.with_guest_state else [])):
        if uri not in state.continued:
            _create(executor, uri, 0, mark_of(request, export.source.content), state.etags.get(uri))
    return None


def _delete(executor: Executor, uri: str, etag: str) -> None:
    with executor.arm.storage.blob(uri) as client, writing(uri):
        try:
            client.delete_blob(etag=etag, match_condition=MatchConditions.IfNotModified)
        except exceptions.ResourceNotFoundError:
            # The response of the first attempt was lost.
            return


def _create(executor: Executor, uri: str, size: int, mark: str, etag: str | None) -> None:
    """Create a page blob, or replace that with the ETag."""
    condition: Json = {"match_condition": MatchConditions.IfMissing}
    if etag is not None:
        condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    with executor.arm.storage.blob(uri) as client, writing(uri):
        try:
            client.create_page_blob(size, metadata={MARK: mark}, **condition)
        except exceptions.HttpResponseError as error:
            # The response of the first attempt was lost.
            if status_of(error)[0] not in (409, 412) or _mark(executor, uri) != mark:
                raise


def _mark(executor: Executor, uri: str) -> str:
    try:
        found = read_properties(executor.arm, uri)
    except BlobRefused:
        return ""
    return found.mark if found else ""


@contextmanager
def writing(uri: str) -> Iterator[None]:
    """Requests about a blob.

    :raises Failure: with the reason instead of the SDK's message.
    """
    try:
        yield
    except (exceptions.AzureError, OSError) as error:
        for blocker in blob_blockers(uri, *status_of(error)):
            raise Failure(blocker.message, code=blocker.code) from None


def _check_mark(uri: str, properties: Any, export: Transfer) -> None:
    """Make sure that a blob is still that of this export.

    :raises Failure: if somebody else has replaced it.
    """
    if (properties.metadata or {}).get(MARK) != mark_of(export.request, export.source.content):
        for blocker in blob_blockers(uri, 412, "ConditionNotMet"):
            raise Failure(blocker.message, code=blocker.code)


def export_disk(executor: Executor, step: Step) -> str | None:
    """Copy a disk, and its guest state if the step asks for it, to their blobs.

    :raises Failure: if it fails; then access is revoked, and what was copied is kept.
    """
    export: Transfer = step.upload
    checked_disk(executor, step)
    try:
        access = granted_access(executor, step)
        if export.with_guest_state:
            _copy(executor, step, access[GUEST_STATE], export.request.guest_state_target, with_footer=False)
        _copy(executor, step, access[CONTENT], export.request.target, with_footer=True)
    except BaseException:
        # The earlier failure is reported.
        with suppress(Failure):
            end_access(executor.arm, step.resource, executor.deadline)
        raise
    return None


def _copy(executor: Executor, step: Step, address: str, uri: str, with_footer: bool) -> None:
    export: Transfer = step.upload
    label = f"Copying {step.resource.label} to blob '{uri}'"
    reading = PageTransfer(label, "what was copied is kept", executor.deadline, executor.progress)

    def explain(status: int | None, code: str) -> Failure:
        (found,) = blob_blockers(uri, status, code)
        return Failure(f"{label} failed; what was copied is kept: {found.message}", code=found.code)

    copying = PageTransfer(label, reading.kept, executor.deadline, executor.progress, explain)
    with executor.arm.blob_client(address) as source, executor.arm.storage.blob(uri, patient=True) as blob:
        with reading.requests():
            size = int(source.get_blob_properties().size)
            ranges = page_ranges(source)
            footer = _footer(source, size) if with_footer else b""
        if with_footer:
            _check_footer(step, footer, size)
        content = size - len(footer)
        spans = page_spans([(start, min(end, content)) for start, end in ranges if start < content])
        with copying.requests():
            properties = blob.get_blob_properties()
            _check_mark(uri, properties, export)
            if int(properties.size) != size:
                blob.resize_blob(size)
            present = page_ranges(blob)
        before = 0

        def begin(span: tuple[int, int]) -> Callable[[], int] | None:
            nonlocal before
            if covered(present, span[0], span[0] + span[1]):
                before += span[1]
                return None
            return partial(_copy_span, blob, address, span, copying)

        copied = copying.run(spans, begin)
        if with_footer:
            _copy_span(blob, address, (content, len(footer)), copying)
    written = joined(sorted((start, start + length) for start, length in (*spans, (content, len(footer))) if length))
    export.received.append(CopiedBlob(uri, size, written, footer))
    parts = [f"{mebibytes(copied)} copied", f"{mebibytes(content - copied - before)} empty and skipped"]
    if before:
        parts.insert(1, f"{mebibytes(before)} copied by an earlier run")
    executor.progress(f"{label}: {', '.join(parts)}")


def _footer(source: Any, size: int) -> bytes:
    offset = size - vhd.FOOTER_SIZE
    stream = source.download_blob(offset=offset, length=vhd.FOOTER_SIZE, max_concurrency=1, validate_content=True)
    return bytes(stream.readall())


def _check_footer(step: Step, footer: bytes, size: int) -> None:
    """What is exported has to be a fixed VHD, as which an image is created from it.

    :raises Failure: if it is not.
    """
    try:
        found = vhd.read_footer(footer)
    except vhd.BadFooter as error:
        raise Failure(f"The {step.resource.label} is not exported as a VHD by Azure: its footer {error}.") from None
    if found.disk_type != vhd.FIXED or found.current_size != size - vhd.FOOTER_SIZE:
        raise Failure(f"The {step.resource.label} is not exported by Azure as a fixed VHD of its size.")


def _copy_span(blob: Any, address: str, span: tuple[int, int], transfer: PageTransfer) -> int:
    offset, length = span
    with transfer.requests():
        blob.upload_pages_from_url(address, offset=offset, length=length, source_offset=offset)
    return length


def verify(executor: Executor, step: Step) -> str | None:
    """Compare the blobs with what was copied, and record them.

    Azure provides no sum of a disk or of a page blob: size, footer and the ranges that were written are compared.

    :raises Failure: if a blob differs, or the record cannot be written.
    """
    export: Transfer = step.upload
    recorded = {copied.uri: _verified(executor, export, copied) for copied in export.received}
    request = export.request
    beside = recorded.get(request.guest_state_target)
    record = {
        "schema_version": RECORD_VERSION,
        "source": str(request.source),
        "lun": request.lun,
        "content": export.source.content,
        **export.source.facts(),
        **recorded[request.target],
        "sha256": None,
        "digest": None,
        "guest_state": {"blob": request.guest_state_target.rpartition("/")[2], **beside} if beside else None,
        "exported_at": export.run.moment,
        "collection_version": COLLECTION_VERSION,
    }
    _write_record(executor, request.target, record)
    return None


def _verified(executor: Executor, export: Transfer, copied: CopiedBlob) -> Json:
    """The size and the ETag of a blob that is as it was copied."""
    with executor.arm.storage.blob(copied.uri) as blob, writing(copied.uri):
        properties = blob.get_blob_properties()
        _check_mark(copied.uri, properties, export)
        ranges = page_ranges(blob)
        footer = _footer(blob, int(properties.size)) if copied.footer else b""
    if (int(properties.size), ranges, footer) != (copied.size, copied.ranges, copied.footer):
        raise Failure(
            f"The blob '{copied.uri}' differs from what was copied: somebody else has written to it; delete it, and run the task again.",
            code="export_blob_damaged",
        )
    return {"size": copied.size, "etag": str(properties.etag)}


def _write_record(executor: Executor, target: str, record: Json) -> None:
    """The record is valid as soon as its content is written; an empty one of a killed run is replaced."""
    uri = record_url(target)
    data = json.dumps(record, indent=2).encode()
    data = data.ljust(-(-len(data) // _SECTOR) * _SECTOR)
    with executor.arm.storage.blob(uri) as blob, writing(uri):
        blob.create_page_blob(len(data), metadata={MARK: RECORD_MARK})
        blob.upload_page(data, offset=0, length=len(data))
