# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Managed images and gallery versions as sources; both are published unchanged."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.common import created_at, digest, luns
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind, SourceReading
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    IMAGE,
    locate,
    parent,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import recorded_plan
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]


def _parse(options: Json, subscription_id: str) -> SourceReference:
    found = parse(options["source_image"])
    if found and found.resource_type == GALLERY_VERSION:
        return found
    return locate("source_image", options["source_image"], IMAGE, options["resource_group"], subscription_id)


def _read(arm: ArmReader, request: CaptureRequest) -> SourceReading:
    source = request.resource
    resource = get_or_none(arm, source)
    is_version = resource is not None and source.resource_type == GALLERY_VERSION
    return SourceReading(resource, arm.get(parent(source)) if is_version else None)


def _describe(request: CaptureRequest, state: CaptureState) -> Source | None:
    if state.resource is None:
        return None
    if request.source.resource_type == GALLERY_VERSION:
        return _version(request, state.resource, state.source_definition or {})
    return _image(request, state.resource)


def _image(request: CaptureRequest, image: Json) -> Source:
    properties = machine.properties(image)
    storage = properties.get("storageProfile") or {}
    os_disk = storage.get("osDisk") or {}
    return Source(
        reference=request.source,
        identity=digest(f"{request.source} {created_at(image)}"),
        location=str(image.get("location") or ""),
        os_type=str(os_disk.get("osType") or ""),
        specialized=str(os_disk.get("osState") or "").lower() == "specialized",
        generation=properties.get("hyperVGeneration"),
        purchase_plan=recorded_plan(image.get("tags")),
        base=str(image.get("id")),
        whole=True,
        luns=luns(storage.get("dataDisks")),
    )


def _version(request: CaptureRequest, version: Json, definition: Json) -> Source:
    stated = machine.properties(definition)
    features = machine.features(definition)
    feature = features.get("securitytype", "Standard")
    return Source(
        reference=request.source,
        identity=digest(f"{request.source} {created_at(version)}"),
        location=str(version.get("location") or ""),
        os_type=str(stated.get("osType") or ""),
        specialized=str(stated.get("osState") or "").lower() == "specialized",
        generation=stated.get("hyperVGeneration"),
        architecture=str(stated.get("architecture") or "x64"),
        # Definitions that only support a type contain disks without one.
        security_type="Standard" if feature.lower().endswith("supported") else feature,
        disk_controllers=features.get("diskcontrollertypes"),
        purchase_plan=stated.get("purchasePlan") or recorded_plan(version.get("tags")),
        base=str(version.get("id")),
        whole=True,
        luns=luns((machine.properties(version).get("storageProfile") or {}).get("dataDiskImages")),
    )


KIND = SourceKind(
    option="source_image",
    specification={"type": "str"},
    resource_types=(IMAGE, GALLERY_VERSION),
    parse=_parse,
    describe=_describe,
    read=_read,
    is_image=True,
)
