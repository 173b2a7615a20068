# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Upload the pages of a disk to a page blob: those with data that are not uploaded yet, the VHD's footer last.

Azure accepts an upload only if the footer exists (it refuses to revoke the access with InvalidVhd before), so
that an interrupted upload can never be mistaken for a complete disk.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._engine.page_transfer import (
    PageTransfer,
    covered,
    mebibytes,
    page_ranges,
)
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE, is_empty, occupied


@dataclass(frozen=True)
class Content:
    """The content of a page blob: the first bytes of an open file, zeros up to its size, and a footer."""

    descriptor: int
    #: Bytes of the file that belong to the disk; a multiple of the sector size.
    file_size: int
    #: Bytes of the disk, without the footer.
    disk_size: int
    footer: bytes


@dataclass
class Sent:
    """Statistics of an upload, without the footer."""

    sent: int = 0
    uploaded_before: int = 0
    empty: int = 0

    def text(self) -> str:
        """A human-readable text."""
        parts = [f"{mebibytes(self.sent)} sent", f"{mebibytes(self.empty)} empty and skipped"]
        if self.uploaded_before:
            parts.insert(1, f"{mebibytes(self.uploaded_before)} uploaded by an earlier run")
        return ", ".join(parts)


def send(client: Any, content: Content, transfer: PageTransfer) -> Sent:
    """Upload the missing pages, without the footer.

    :param client: a BlobClient whose retries stop at the deadline.
    :raises Failure: if it fails; uploaded data is kept.
    """
    uploaded = _ranges(client, transfer)
    result = Sent()

    def begin(offset: int) -> Callable[[], int] | None:
        length = min(PAGE, content.file_size - offset)
        if covered(uploaded, offset, offset + length):
            result.uploaded_before += length
            return None
        return partial(_send_page, client, content.descriptor, offset, length, transfer)

    result.sent = transfer.run(list(occupied(content.descriptor, content.file_size)), begin)
    result.empty = content.disk_size - result.sent - result.uploaded_before
    return result


def send_footer(client: Any, content: Content, transfer: PageTransfer) -> None:
    """Upload the footer, after which the disk is complete.

    :raises Failure: if it fails.
    """
    _put(client, content.footer, content.disk_size, transfer)


def _send_page(client: Any, descriptor: int, offset: int, length: int, transfer: PageTransfer) -> int:
    """Send one page, unless it is empty.

    :returns: the bytes sent.
    """
    label = transfer.operation_label
    try:
        page = os.pread(descriptor, length, offset)
    except OSError as error:
        raise Failure(f"{label} failed: the file can no longer be read: {error.strerror}.") from error
    if len(page) != length:
        raise Failure(f"{label} failed: the file was truncated during the upload; run the task again.")
    if is_empty(page):
        return 0
    _put(client, page, offset, transfer)
    return length


def _ranges(client: Any, transfer: PageTransfer) -> list[tuple[int, int]]:
    """The existing ranges of the blob."""
    with transfer.requests():
        try:
            return page_ranges(client)
        except exceptions.HttpResponseError as error:
            if error.status_code not in (401, 403, 404, 405):
                raise
            # A SAS without read access: everything is uploaded again. If it lacks write access, too, the upload reports it.
            return []


def _put(client: Any, page: bytes, offset: int, transfer: PageTransfer) -> None:
    with transfer.requests():
        client.upload_page(page, offset=offset, length=len(page))
