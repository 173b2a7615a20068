# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Managed disks as sources."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.common import (
    digest,
    with_given_properties,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, locate
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.machine_source import controllers
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]


def _parse(options: Json, subscription_id: str) -> SourceReference:
    return locate("source_disk", options["source_disk"], DISK, options["resource_group"], subscription_id)


def describe_disk(request: CaptureRequest, state: CaptureState) -> Source | None:
    """Describe a disk or a snapshot, completed by the task's settings."""
    return None if state.resource is None else with_given_properties(request, _disk(request, state.resource))


def _disk(request: CaptureRequest, disk: Json) -> Source:
    properties = machine.properties(disk)
    creation = properties.get("creationData") or {}
    base = (creation.get("imageReference") or creation.get("galleryImageReference") or {}).get("id")
    return Source(
        reference=request.source,
        identity=str(properties.get("uniqueId") or digest(str(request.source))),
        location=str(disk.get("location") or ""),
        os_type=str(properties.get("osType") or ""),
        specialized=request.specialized,
        generation=properties.get("hyperVGeneration"),
        architecture=machine.architecture([disk]),
        security_type=_disk_security_type(properties),
        disk_controllers=controllers(disk),
        purchase_plan=properties.get("purchasePlan"),
        base=base,
    )


def _disk_security_type(properties: Json) -> str:
    # Disks of confidential virtual machines have the encryption of their state: ConfidentialVM_DiskEncryptedWith...
    found = str((properties.get("securityProfile") or {}).get("securityType") or "Standard")
    return "ConfidentialVM" if found.lower().startswith("confidentialvm") else found


KIND = SourceKind(
    option="source_disk",
    specification={"type": "str"},
    resource_types=(DISK,),
    parse=_parse,
    describe=describe_disk,
    needs_os_state=True,
)
