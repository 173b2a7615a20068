# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Helpers for several kinds of sources; pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, DiskSettings
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk, SourceReference

Json = dict[str, Any]


def with_given_properties(request: CaptureRequest, source: Source, content: SourceReference | None = None) -> Source:
    """Add the task's settings for properties unknown to Azure, and the disks.

    :param content: the source of the OS disk, if it is not the source itself.
    """
    disks = (
        with_settings(SourceDisk(content or request.source), request.os_disk),
        *(
            with_settings(SourceDisk(wanted.source, wanted.lun), wanted)
            for wanted in request.data_disks or ()
            if wanted.source
        ),
    )
    return replace(
        source,
        os_type=source.os_type or request.os_type or "",
        location=source.location or request.location or "",
        generation=source.generation or request.hyper_v_generation,
        disks=disks,
        luns=tuple(disk.lun for disk in disks if disk.lun is not None),
    )


def with_settings(disk: SourceDisk, wanted: DiskSettings | None) -> SourceDisk:
    if wanted is None:
        return disk
    return SourceDisk(
        source=wanted.source or disk.source,
        lun=disk.lun,
        host_caching=wanted.host_caching or disk.host_caching,
        storage_account_type=wanted.storage_account_type,
        disk_encryption_set=wanted.disk_encryption_set,
    )


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.rstrip('/').lower().encode()).hexdigest()[:32]}"


def created_at(resource: Json) -> str:
    publishing = machine.properties(resource).get("publishingProfile") or {}
    return str((resource.get("systemData") or {}).get("createdAt") or publishing.get("publishedDate") or "")


def luns(disks: list[Json] | None) -> tuple[int, ...]:
    return tuple(int(disk["lun"]) for disk in disks or [] if disk.get("lun") is not None)
