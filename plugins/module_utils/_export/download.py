# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Download a disk to a file. Its SAS URLs are secrets: they are kept in this process, never part of a message, and
revoked at the end, on failure too; the next run revokes those of a killed run.

Only the ranges of the disk that contain data are read (https://learn.microsoft.com/rest/api/storageservices/get-page-ranges), and
storage is asked for the MD5 of each, with which the SDK compares what it has received. Azure provides no sum of a complete disk: the
sums of an export are those of what was received.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION
from ansible_collections.golden.azure.plugins.module_utils._engine.disk_access import (
    CONTENT,
    GUEST_STATE,
    end_access,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor
from ansible_collections.golden.azure.plugins.module_utils._engine.page_transfer import (
    PageTransfer,
    mebibytes,
    page_ranges,
    page_spans,
)
from ansible_collections.golden.azure.plugins.module_utils._export.access import checked_disk, granted_access
from ansible_collections.golden.azure.plugins.module_utils._export.plan import Transfer
from ansible_collections.golden.azure.plugins.module_utils._local.export_record import write_record
from ansible_collections.golden.azure.plugins.module_utils._local.partial_file import (
    FileSums,
    PartialFile,
    complete,
    opened_partial,
    partial_paths,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

RECORD_VERSION = 1
#: How often a part is read whose response is cut off, and the seconds between.
_MAX_ATTEMPTS, _RETRY_SECONDS = 10, 5
#: Bytes of a block in the results of os.stat(), whatever the file system: https://docs.python.org/3/library/os.html#os.stat_result
_BLOCK = 512


def export_disk(executor: Executor, step: Step) -> str | None:
    """Download a disk, and its guest state if the step asks for it, to partial files.

    :raises Failure: if it fails; then access is revoked, and downloaded data is kept.
    """
    export: Transfer = step.upload
    request = export.request
    disk = checked_disk(executor, step)
    # Copies of the same content may have different footers.
    unique_id = machine.properties(disk).get("uniqueId")
    content = hashlib.sha256(f"{export.source.content} {unique_id}".encode()).hexdigest()
    try:
        access = granted_access(executor, step)
        if export.with_guest_state:
            _receive(executor, step, access[GUEST_STATE], request.guest_state_target, content)
        _receive(executor, step, access[CONTENT], request.target, content)
    except BaseException:
        # The earlier failure is reported.
        with suppress(Failure):
            end_access(executor.arm, step.resource, executor.deadline)
        raise
    return None


def _receive(executor: Executor, step: Step, address: str, path: str, content: str) -> None:
    label = f"Downloading {step.resource.label} to file '{path}'"
    transfer = PageTransfer(label, "downloaded data is kept", executor.deadline, executor.progress)
    with executor.arm.blob_client(address) as client:
        with transfer.requests():
            size = int(client.get_blob_properties().size)
            spans = page_spans(page_ranges(client))
        with opened_partial(path, content, size) as file:
            before = 0

            def begin(span: tuple[int, int]) -> Callable[[], int] | None:
                nonlocal before
                if file.contains(*span):
                    before += span[1]
                    return None
                return partial(_receive_span, client, file, span, transfer)

            _check_space(path, spans)
            received = transfer.run(spans, begin)
    step.upload.received.append((path, content, size))
    parts = [f"{mebibytes(received)} received", f"{mebibytes(size - received - before)} empty and skipped"]
    if before:
        parts.insert(1, f"{mebibytes(before)} received by an earlier run")
    executor.progress(f"{label}: {', '.join(parts)}")


def _receive_span(client: Any, file: PartialFile, span: tuple[int, int], transfer: PageTransfer) -> int:
    data = _read_span(client, span, transfer)
    if len(data) != span[1]:
        raise Failure(
            f"{transfer.operation_label} failed: storage returned an incomplete page; {transfer.kept}: run the task again."
        )
    file.write(span[0], data)
    return len(data)


def _read_span(client: Any, span: tuple[int, int], transfer: PageTransfer) -> bytes:
    """Read a part of a page; storage computes the MD5 of at most 4 MiB: https://learn.microsoft.com/rest/api/storageservices/get-blob"""
    attempt = 0
    while True:
        attempt += 1
        with transfer.requests():
            try:
                stream = client.download_blob(offset=span[0], length=span[1], max_concurrency=1, validate_content=True)
                return bytes(stream.readall())
            except OSError:
                # The SDK does not repeat a response whose body was cut off while it computes its MD5; it does wait for connections.
                if attempt == _MAX_ATTEMPTS:
                    raise
        transfer.deadline.wait(_RETRY_SECONDS, f"{transfer.operation_label} did not complete")


def _check_space(path: str, spans: Sequence[tuple[int, int]]) -> None:
    """Before anything is downloaded, as far as that can be known: an earlier run may have written a part of it.

    :raises Failure: if the file system cannot hold the data.
    """
    try:
        system, present = os.statvfs(os.path.dirname(path)), _occupied(path)
    except OSError:
        return
    needed, free = sum(length for _offset, length in spans) - present, system.f_bavail * system.f_frsize
    if needed > free:
        raise Failure(
            f"The file '{path}' needs {mebibytes(needed)} more, and its file system has {mebibytes(free)} left; free space, or choose "
            "another 'path'.",
            code="export_not_written",
        )


def _occupied(path: str) -> int:
    """The bytes that the partial file occupies."""
    return os.stat(partial_paths(path)[0]).st_blocks * _BLOCK


def verify_file(executor: Executor, step: Step) -> str | None:
    """Read the downloaded files, compare them with what was received, record their sums, and give them their names.

    The record is written first: a file without one would not be recognised by the next run.

    :raises Failure: if a file differs, or cannot be written.
    """
    export: Transfer = step.upload
    sums = {path: _verified(path, content, size) for path, content, size in export.received}
    write_record(export.request.target, _record(export, sums))
    for path in sums:
        complete(path)
    return None


def _verified(path: str, content: str, size: int) -> FileSums:
    with opened_partial(path, content, size) as file:
        return file.verify()


def _record(export: Transfer, sums: dict[str, FileSums]) -> Json:
    request = export.request
    beside = sums.get(request.guest_state_target)
    return {
        "schema_version": RECORD_VERSION,
        "source": str(request.source),
        "lun": request.lun,
        "content": export.source.content,
        **export.source.facts(),
        **_sums(sums[request.target]),
        "guest_state": {"path": os.path.basename(request.guest_state_target), **_sums(beside)} if beside else None,
        "exported_at": export.run.moment,
        "collection_version": COLLECTION_VERSION,
    }


def _sums(found: FileSums) -> Json:
    return {"size": found.size, "sha256": found.sha256, "digest": found.digest}
