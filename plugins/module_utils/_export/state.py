# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what an export depends on: its source, the disk of an earlier run, and the file or the blobs."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import storage
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._export.blob_state import read_blob_target
from ansible_collections.golden.azure.plugins.module_utils._export.plan import (
    ExportState,
    TargetState,
    wants_guest_state,
)
from ansible_collections.golden.azure.plugins.module_utils._export.request import ExportRequest
from ansible_collections.golden.azure.plugins.module_utils._export.source import ExportSource, describe
from ansible_collections.golden.azure.plugins.module_utils._local.export_record import has_content, read_record
from ansible_collections.golden.azure.plugins.module_utils._local.paths import file_can_be_written
from ansible_collections.golden.azure.plugins.module_utils._model.replication import EXPAND


def read_state(arm: ArmClient, request: ExportRequest) -> ExportState:
    """Read the current state; an existing file is read completely, except for its holes, if its record matches the source.

    :raises Failure: if a resource cannot be read, for another reason than that it does not exist.
    """
    parameters = {"expand": EXPAND} if request.definition else {}
    resource = get_or_none(arm, request.source, **parameters)
    definition = get_or_none(arm, request.definition) if request.definition and resource else None
    source = describe(request, resource, definition)
    obstacle = _obstacle()
    return ExportState(
        resource=resource,
        source=source,
        disk=get_or_none(arm, request.disk),
        target=TargetState() if request.is_blob and obstacle else _read_target(arm, request, source),
        obstacle=obstacle,
    )


def _read_target(arm: ArmClient, request: ExportRequest, source: ExportSource | None) -> TargetState:
    content = source.content if source else None
    if request.is_blob:
        return read_blob_target(arm, request, content, source is not None and wants_guest_state(request, source))
    return _read_file(request, content)


def _read_file(request: ExportRequest, content: str | None) -> TargetState:
    path = request.target
    record = read_record(path)
    exists = os.path.lexists(path)
    relevant = record is not None and (content is None or record.get("content") == content)
    intact = exists and relevant and record is not None and _is_intact(request, record)
    return TargetState(
        exists=exists, record=record, intact=intact, obstacles=() if intact else tuple(_file_blockers(path))
    )


def _is_intact(request: ExportRequest, record: dict[str, object]) -> bool:
    guest_state = record.get("guest_state")
    beside = not isinstance(guest_state, dict) or has_content(request.guest_state_target, guest_state)
    return beside and has_content(request.target, record)


def _file_blockers(path: str) -> Iterator[Finding]:
    """Why a file cannot be written."""
    if os.path.isdir(path):
        text = f"The path '{path}' is a directory; set 'path' to a file in it."
    elif not file_can_be_written(path):
        text = (
            f"The file '{path}' cannot be written on the host where this task runs: its directory does not exist there, or may not be "
            "written; create it, or choose another 'path'."
        )
    else:
        return
    yield Finding("export_path_not_writable", text)


def _obstacle() -> str | None:
    try:
        storage()
    except Failure as missing:
        return missing.message
    return None
