# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Make a source out of what was read of it: machines, disks, snapshots, blobs, files and images; pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    DiskSettings,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    VIRTUAL_MACHINE,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import LocalFile
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import recorded_plan
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk, SourceReference

Json = dict[str, Any]


def describe_source(request: CaptureRequest, state: CaptureState) -> Source | None:
    """What the source is; None when it is not there."""
    reference = request.source
    if isinstance(reference, LocalFile):
        return _file(request, state)
    if isinstance(reference, Blob):
        return _with_given_properties(request, Source(reference, _digest(reference.uri), "", "", request.specialized))
    return _resource(request, state, state.source) if state.source is not None else None


def _resource(request: CaptureRequest, state: CaptureState, source: Json) -> Source:
    reference = request.source
    if reference.resource_type == VIRTUAL_MACHINE:
        return _machine(request, state, source)
    if reference.resource_type == GALLERY_VERSION:
        return _version(request, source, state.source_definition or {})
    if machine.properties(source).get("storageProfile"):
        return _image(request, source)
    return _with_given_properties(request, _disk(request, source))


# -- machines -----------------------------------------------------------------------------------------------------


def _machine(request: CaptureRequest, state: CaptureState, vm: Json) -> Source:
    whole = request.os_disk is None and request.data_disks is None
    disks = _disks_of_machine(request, vm)
    return Source(
        reference=request.source,
        identity=machine.identity(vm),
        location=str(vm.get("location") or ""),
        os_type=machine.os_type(vm),
        specialized=request.specialized,
        generation=machine.hyper_v_generation(vm, state.disks),
        architecture=machine.architecture(state.disks),
        security_type=machine.security_type(vm),
        disk_controllers=_controllers(state.disks[0] if state.disks else {}) or _controller_in_use(vm),
        purchase_plan=vm.get("plan"),
        base=machine.base_image(vm),
        whole=whole,
        disks=disks,
        luns=tuple(disk.lun for disk in disks if disk.lun is not None),
    )


def _disks_of_machine(request: CaptureRequest, vm: Json) -> tuple[SourceDisk, ...]:
    os_disk = _with_settings(_machine_disk(request, machine.os_disk(vm), None), request.os_disk)
    existing = {disk.get("lun"): disk for disk in machine.data_disks(vm)}
    if request.data_disks is None:
        return (os_disk, *(_machine_disk(request, disk, lun) for lun, disk in sorted(existing.items())))
    chosen = []
    for wanted in request.data_disks:
        if wanted.source is None and wanted.lun not in existing:
            # The blockers name it.
            continue
        own = _machine_disk(request, existing.get(wanted.lun) or {}, wanted.lun)
        chosen.append(_with_settings(own, wanted))
    return (os_disk, *chosen)


def _machine_disk(request: CaptureRequest, disk: Json, lun: int | None) -> SourceDisk:
    managed = parse(str((disk.get("managedDisk") or {}).get("id") or ""))
    source: SourceReference = managed or Blob(str((disk.get("vhd") or {}).get("uri") or ""))
    return SourceDisk(source, lun, host_caching=disk.get("caching"))


# -- disks, snapshots, blobs --------------------------------------------------------------------------------------


def _disk(request: CaptureRequest, disk: Json) -> Source:
    properties = machine.properties(disk)
    creation = properties.get("creationData") or {}
    base = (creation.get("imageReference") or creation.get("galleryImageReference") or {}).get("id")
    return Source(
        reference=request.source,
        identity=str(properties.get("uniqueId") or _digest(str(request.source))),
        location=str(disk.get("location") or ""),
        os_type=str(properties.get("osType") or ""),
        specialized=request.specialized,
        generation=properties.get("hyperVGeneration"),
        architecture=machine.architecture([disk]),
        security_type=_disk_security_type(properties),
        disk_controllers=_controllers(disk),
        purchase_plan=properties.get("purchasePlan"),
        base=base,
    )


def _disk_security_type(properties: Json) -> str:
    # Disks of confidential machines say how their state is encrypted: ConfidentialVM_DiskEncryptedWith...
    found = str((properties.get("securityProfile") or {}).get("securityType") or "Standard")
    return "ConfidentialVM" if found.lower().startswith("confidentialvm") else found


def _file(request: CaptureRequest, state: CaptureState) -> Source | None:
    """A file is made into a disk first, of which the image is made then."""
    if state.file is None or request.upload_disk is None:
        return None
    architecture = request.architecture or "x64"
    file = Source(request.source, state.file.digest, "", "", request.specialized, architecture=architecture)
    return _with_given_properties(request, file, request.upload_disk)


def _with_given_properties(request: CaptureRequest, origin: Source, content: SourceReference | None = None) -> Source:
    """Completed by what the task says where Azure says nothing, and by its disks.

    :param content: what the operating system's disk is taken from, where that is not the source itself.
    """
    disks = (
        _with_settings(SourceDisk(content or request.source), request.os_disk),
        *(
            _with_settings(SourceDisk(wanted.source, wanted.lun), wanted)
            for wanted in request.data_disks or ()
            if wanted.source
        ),
    )
    return replace(
        origin,
        os_type=origin.os_type or request.os_type or "",
        location=origin.location or request.location or "",
        generation=origin.generation or request.hyper_v_generation,
        disks=disks,
        luns=tuple(disk.lun for disk in disks if disk.lun is not None),
    )


def _with_settings(disk: SourceDisk, wanted: DiskSettings | None) -> SourceDisk:
    if wanted is None:
        return disk
    return SourceDisk(
        source=wanted.source or disk.source,
        lun=disk.lun,
        host_caching=wanted.host_caching or disk.host_caching,
        storage_account_type=wanted.storage_account_type,
        disk_encryption_set=wanted.disk_encryption_set,
    )


# -- images -------------------------------------------------------------------------------------------------------


def _image(request: CaptureRequest, image: Json) -> Source:
    properties = machine.properties(image)
    storage = properties.get("storageProfile") or {}
    os_disk = storage.get("osDisk") or {}
    return Source(
        reference=request.source,
        identity=_digest(f"{request.source} {_created_at(image)}"),
        location=str(image.get("location") or ""),
        os_type=str(os_disk.get("osType") or ""),
        specialized=str(os_disk.get("osState") or "").lower() == "specialized",
        generation=properties.get("hyperVGeneration"),
        purchase_plan=recorded_plan(image.get("tags")),
        base=str(image.get("id")),
        whole=True,
        luns=_luns(storage.get("dataDisks")),
    )


def _version(request: CaptureRequest, version: Json, definition: Json) -> Source:
    stated = machine.properties(definition)
    features = machine.features(definition)
    feature = features.get("securitytype", "Standard")
    return Source(
        reference=request.source,
        identity=_digest(f"{request.source} {_created_at(version)}"),
        location=str(version.get("location") or ""),
        os_type=str(stated.get("osType") or ""),
        specialized=str(stated.get("osState") or "").lower() == "specialized",
        generation=stated.get("hyperVGeneration"),
        architecture=str(stated.get("architecture") or "x64"),
        # A definition that merely supports a type holds disks without one.
        security_type="Standard" if feature.lower().endswith("supported") else feature,
        disk_controllers=features.get("diskcontrollertypes"),
        purchase_plan=stated.get("purchasePlan") or recorded_plan(version.get("tags")),
        base=str(version.get("id")),
        whole=True,
        luns=_luns((machine.properties(version).get("storageProfile") or {}).get("dataDiskImages")),
    )


def _luns(disks: list[Json] | None) -> tuple[int, ...]:
    return tuple(int(disk["lun"]) for disk in disks or [] if disk.get("lun") is not None)


def _created_at(resource: Json) -> str:
    publishing = machine.properties(resource).get("publishingProfile") or {}
    return str((resource.get("systemData") or {}).get("createdAt") or publishing.get("publishedDate") or "")


# -- properties -------------------------------------------------------------------------------------------------


def _controllers(disk: Json) -> str | None:
    return (machine.properties(disk).get("supportedCapabilities") or {}).get("diskControllerTypes")


def _controller_in_use(vm: Json) -> str | None:
    """What a guest is made for that runs from NVMe, where its disk does not say so; Azure's own images are for both."""
    return "SCSI, NVMe" if str(machine.storage(vm).get("diskControllerType")).lower() == "nvme" else None


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.rstrip('/').lower().encode()).hexdigest()[:32]}"
