# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Virtual machines as sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.common import with_settings
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind, SourceReading
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, locate
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.machine_source import (
    disk_of_machine,
    source_of_machine,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk, SourceReference

Json = dict[str, Any]


def _parse(options: Json, subscription_id: str) -> SourceReference:
    return locate("source_vm", options["source_vm"], VIRTUAL_MACHINE, options["resource_group"], subscription_id)


def _read(arm: ArmReader, request: CaptureRequest) -> SourceReading:
    return SourceReading(get_or_none(arm, request.resource, expand="instanceView"))


def _describe(request: CaptureRequest, state: CaptureState) -> Source | None:
    return None if state.resource is None else _machine(request, state, state.resource)


def _machine(request: CaptureRequest, state: CaptureState, vm: Json) -> Source:
    source = source_of_machine(request.source, vm, state.disks, state.interfaces)
    disks = _disks_of_machine(request, vm)
    return replace(
        source,
        specialized=request.specialized,
        whole=request.os_disk is None and request.data_disks is None,
        disks=disks,
        luns=tuple(disk.lun for disk in disks if disk.lun is not None),
    )


def _disks_of_machine(request: CaptureRequest, vm: Json) -> tuple[SourceDisk, ...]:
    os_disk = with_settings(disk_of_machine(machine.os_disk(vm), None), request.os_disk)
    existing = {disk.get("lun"): disk for disk in machine.data_disks(vm)}
    if request.data_disks is None:
        return (os_disk, *(disk_of_machine(disk, lun) for lun, disk in sorted(existing.items())))
    chosen = []
    for wanted in request.data_disks:
        if wanted.source is None and wanted.lun not in existing:
            # The blockers report it.
            continue
        own = disk_of_machine(existing.get(wanted.lun) or {}, wanted.lun)
        chosen.append(with_settings(own, wanted))
    return (os_disk, *chosen)


KIND = SourceKind(
    option="source_vm",
    specification={"type": "str"},
    resource_types=(VIRTUAL_MACHINE,),
    parse=_parse,
    describe=_describe,
    read=_read,
    own_options=("generalize", "delete_source_vm", "snapshot_disks", "source_vm_id", "copy_name"),
)
