# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Upload a file to a disk. Its SAS URL is a secret: it is kept in this process,
never part of a message, and revoked at the end, on failure too; the next run revokes that of a killed run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._engine.disk_access import CONTENT, end_access, grant_access
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor
from ansible_collections.golden.azure.plugins.module_utils._engine.page_transfer import PageTransfer
from ansible_collections.golden.azure.plugins.module_utils._local import conversion
from ansible_collections.golden.azure.plugins.module_utils._local.image_file_reader import (
    check_unchanged,
    opened,
    stamp_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model import vhd
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import FIXED_VHD, ImageFile
from ansible_collections.golden.azure.plugins.module_utils._upload import page_blob
from ansible_collections.golden.azure.plugins.module_utils._upload.plan import COMPLETE, access_blockers, disk_state
from ansible_collections.golden.azure.plugins.module_utils._upload.request import UploadRequest


def upload_file(executor: Executor, step: Step) -> str | None:
    """Upload a file to its disk, unless that is complete.

    :raises Failure: if it fails; then access is revoked, and uploaded data is kept.
    """
    upload: UploadRequest = step.upload
    operation_label = f"Uploading {upload.image.label} to {step.resource.label}"
    transfer = PageTransfer(operation_label, "uploaded data is kept", executor.deadline, executor.progress)
    disk = executor.arm.get(step.resource)
    if disk_state(disk) == COMPLETE:
        return None
    # Changes of the disk by a policy are visible only after its creation.
    for blocker in access_blockers(step.resource, disk or {}):
        raise Failure(blocker.message, code=blocker.code)
    with _content(executor, step, upload) as (content, check):
        try:
            # Only now: conversion takes time.
            access = grant_access(executor.arm, step.resource, step.body or {}, executor.deadline)
            with executor.arm.blob_client(access[CONTENT]) as client:
                sent = page_blob.send(client, content, transfer)
                check()
                page_blob.send_footer(client, content, transfer)
        except BaseException:
            # The earlier failure is reported.
            with suppress(Failure):
                end_access(executor.arm, step.resource, executor.deadline)
            raise
    executor.progress(f"{operation_label}: {sent.text()}")
    return None


@contextmanager
def _content(executor: Executor, step: Step, upload: UploadRequest) -> Iterator[tuple[page_blob.Content, Any]]:
    """The content to upload, and a check to call before the footer is uploaded.

    :raises Failure: if the file cannot be read or converted, or was modified.
    """
    image = upload.image
    with opened(image.path) as descriptor:
        check_unchanged(image, descriptor)
        if image.is_direct:
            yield _direct(image, descriptor), partial(check_unchanged, image, descriptor)
            return
        executor.progress(f"Converting {image.label}")
        with conversion.plain(image, upload.directory, step.resource.name, executor.deadline) as path:
            check_unchanged(image, descriptor)
            with opened(path) as converted:
                size = stamp_of(converted)[1]
                yield _with_footer(image, converted, size), lambda: None


def _direct(image: ImageFile, descriptor: int) -> page_blob.Content:
    size = image.stamp[1]
    if image.format != FIXED_VHD:
        return _with_footer(image, descriptor, size)
    disk_size = size - vhd.FOOTER_SIZE
    return page_blob.Content(descriptor, disk_size, disk_size, os.pread(descriptor, vhd.FOOTER_SIZE, disk_size))


def _with_footer(image: ImageFile, descriptor: int, size: int) -> page_blob.Content:
    """A raw disk with an added footer; the same for the same content."""
    disk_size = vhd.whole_mebibytes(size)
    unique_id = bytes.fromhex(image.digest.rpartition(":")[2])[:16]
    return page_blob.Content(descriptor, size, disk_size, vhd.make_footer(disk_size, unique_id))
