# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Carry out the upload of a file to a disk. The address that Azure gives for it is a secret: it stays in this process,
goes into no message, and is revoked at the end, on failure too; what a killed run leaves, the next one revokes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.client import Accepted
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import poll_operation
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
from ansible_collections.golden.azure.plugins.module_utils._upload.plan import COMPLETE, disk_state
from ansible_collections.golden.azure.plugins.module_utils._upload.request import UploadRequest

#: Seconds that an access lasts beyond the task's time limit, for clocks that differ.
_CLOCK_SKEW = 300
#: Seconds; no access lasts longer than a day.
_MAX_ACCESS = 86_400
#: What Azure answers when the access to a disk is ended whose footer was not sent: it stays to be uploaded.
#: https://github.com/microsoft/AzureStorageExplorer/issues/8800
_INCOMPLETE = "InvalidVhd"
_MAX_ATTEMPTS = 3


def upload_file(executor: Executor, step: Step) -> str | None:
    """Send a file to its disk, unless that is whole.

    :raises Failure: when it cannot be sent; the access is revoked then, and what was sent stays.
    """
    upload: UploadRequest = step.upload
    operation_label = f"Uploading {upload.image.label} to {step.resource.label}"
    if disk_state(executor.arm.get(step.resource)) == COMPLETE:
        return None
    with _content(executor, step, upload) as (content, check):
        try:
            # Not before now: conversion takes its time.
            with executor.arm.blob_client(_grant(executor, step)) as client:
                sent = page_blob.send(client, content, executor.deadline, operation_label, executor.progress)
                check()
                page_blob.send_footer(client, content, operation_label)
        except BaseException:
            # What is told is what went wrong before.
            with suppress(Failure):
                end_access(executor, step)
            raise
    executor.progress(f"{operation_label}: {sent.text()}")
    return None


def end_access(executor: Executor, step: Step) -> None:
    """End the access to a disk whether or not it is whole.

    :raises Failure: when that is refused for another reason than that it is not.
    """
    operation_label = f"Revoking access to {step.resource.label}"
    try:
        _operation_result(executor, partial(executor.arm.revoke_access, step.resource), operation_label)
    except Refused as refused:
        if refused.code != _INCOMPLETE:
            raise


def _grant(executor: Executor, step: Step) -> str:
    """Ask for the address to write to.

    :raises Failure: when it is refused, or comes to nothing.
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
    """What the operation of a write comes to; one that is lost is begun again, which here does no harm.

    :raises Failure: when it fails, or is lost again and again.
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
    """What is to be sent, and what to call before its footer is.

    :raises Failure: when the file cannot be read or converted, or is another one by now.
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
    """A plain disk with the footer that it lacks; the same for the same content."""
    disk_size = vhd.whole_mebibytes(size)
    unique_id = bytes.fromhex(image.digest.rpartition(":")[2])[:16]
    return page_blob.Content(descriptor, size, disk_size, vhd.make_footer(disk_size, unique_id))
