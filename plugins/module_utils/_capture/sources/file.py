# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Files on the controller as sources: they are uploaded to a managed disk first, from which the image is created."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import storage
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.common import with_given_properties
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind, SourceReading
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._local import conversion
from ansible_collections.golden.azure.plugins.module_utils._local.image_file_reader import inspect
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile, LocalFile
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference
from ansible_collections.golden.azure.plugins.module_utils._upload.request import upload_disk_id


def _parse(options: dict[str, Any], subscription_id: str) -> SourceReference:
    return LocalFile(options["source_file"])


def with_upload_disk(request: CaptureRequest) -> CaptureRequest:
    """Add the upload disk to the capture of a local file.

    :raises InvalidInput: if required options are missing that cannot be detected from a file.
    """
    for name in ("os_type", "location"):
        if not getattr(request, name):
            raise InvalidInput(f"Option '{name}' is missing: it cannot be detected from a file; set it.")
    path = os.path.abspath(str(getattr(request.source, "path", "")))
    return replace(
        request,
        source=LocalFile(path),
        upload_disk=upload_disk_id(request.first_target) if request.first_target else None,
        work_directory=os.path.abspath(request.work_directory or os.path.dirname(path)),
    )


def _read(arm: ArmReader, request: CaptureRequest) -> SourceReading:
    file, obstacle = _read_file(LocalFile(str(getattr(request.source, "path", ""))))
    upload = get_or_none(arm, request.upload_disk) if request.upload_disk else None
    return SourceReading(upload, file=file, file_obstacle=obstacle)


def _read_file(file: LocalFile) -> tuple[ImageFile, str | None]:
    """Inspect the file, and check whether it can be uploaded; an existing image needs no upload."""
    found = inspect(file.path)
    try:
        storage()
    except Failure as missing:
        return found, missing.message
    if found.is_direct:
        return found, None
    if not conversion.program():
        return found, conversion.missing(found)
    return (replace(found, disk_size=conversion.disk_size(found)) if found.disk_size is None else found), None


def _describe(request: CaptureRequest, state: CaptureState) -> Source | None:
    """A file is uploaded to a disk first, from which the image is created."""
    if state.file is None or request.upload_disk is None:
        return None
    architecture = request.architecture or "x64"
    file = Source(request.source, state.file.digest, "", "", request.specialized, architecture=architecture)
    return with_given_properties(request, file, request.upload_disk)


KIND = SourceKind(
    option="source_file",
    specification={"type": "path"},
    resource_types=("file",),
    parse=_parse,
    describe=_describe,
    read=_read,
    complete=with_upload_disk,
    needs_os_state=True,
    own_options=("architecture", "work_directory"),
)
