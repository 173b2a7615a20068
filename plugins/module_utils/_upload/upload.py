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
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.polling import poll_operation
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, LostResponse, NotFound, Refused
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor
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

#: Seconds that the access outlasts the task's time limit, as clocks may differ.
_CLOCK_SKEW = 300
#: The maximum duration of the access in seconds: one day.
_MAX_ACCESS = 86_400
#: Azure's error if access to a disk without footer is revoked: the upload remains open.
#: https://github.com/microsoft/AzureStorageExplorer/issues/8800
_INCOMPLETE = "InvalidVhd"
_MAX_ATTEMPTS = 3


def upload_file(executor: Executor, step: Step) -> str | None:
    """Upload a file to its disk, unless that is complete.

    :raises Failure: if it fails; then access is revoked, and uploaded data is kept.
    """
    upload: UploadRequest = step.upload
    operation_label = f"Uploading {upload.image.label} to {step.resource.label}"
    disk = executor.arm.get(step.resource)
    if disk_state(disk) == COMPLETE:
        return None
    # Changes of the disk by a policy are visible only after its creation.
    for blocker in access_blockers(step.resource, disk or {}):
        raise Failure(blocker.message, code=blocker.code)
    with _content(executor, step, upload) as (content, check):
        try:
            # Only now: conversion takes time.
            with executor.arm.blob_client(_grant(executor, step)) as client:
                sent = page_blob.send(client, content, executor.deadline, operation_label, executor.progress)
                check()
                page_blob.send_footer(client, content, operation_label)
        except BaseException:
            # The earlier failure is reported.
            with suppress(Failure):
                end_access(executor, step)
            raise
    executor.progress(f"{operation_label}: {sent.text()}")
    return None


def end_access(executor: Executor, step: Step) -> None:
    """Revoke the access to a disk, complete or not.

    :raises Failure: if that is refused for another reason than an incomplete upload.
    """
    operation_label = f"Revoking access to {step.resource.label}"
    try:
        _operation_result(executor, partial(executor.arm.revoke_access, step.resource), operation_label)
    except Refused as refused:
        if refused.code != _INCOMPLETE:
            raise


def _grant(executor: Executor, step: Step) -> str:
    """Request a SAS URL with write access.

    :raises Failure: if it is refused, or returns no URL.
    """
    duration = int(min(executor.deadline.remaining, _MAX_ACCESS)) + _CLOCK_SKEW
    body = {**(step.body or {}), "durationInSeconds": duration}
    operation_label = f"Granting access to {step.resource.label}"
    answer = _operation_result(executor, partial(executor.arm.grant_access, step.resource, body), operation_label)
    address = answer.get("accessSAS") or ((answer.get("properties") or {}).get("output") or {}).get("accessSAS")
    if not address:
        raise Failure(f"{operation_label} failed: Azure returned no URL; run the task again.")
    return str(address)


def _operation_result(executor: Executor, send: Callable[[], Accepted], operation_label: str) -> dict[str, Any]:
    """The result of the operation of a write; a lost one is started again, which is idempotent here.

    :raises Failure: if it fails, or is lost repeatedly.
    """
    lost: Failure | None = None
    for _attempt in range(_MAX_ATTEMPTS):
        try:
            return poll_operation(executor.arm, send(), executor.deadline, operation_label)
        except (LostResponse, NotFound) as failure:
            lost = failure
    raise lost or Failure(f"{operation_label} was given up after {_MAX_ATTEMPTS} attempts.")


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
