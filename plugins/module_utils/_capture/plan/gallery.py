# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the creation of a gallery image version from a source; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import usable_definition
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.version_differences import (
    difference_steps,
    fixed_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, GalleryState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    normalized_location,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions, replication
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.definition_of_source import (
    SECURITY_FEATURES,
    definition_properties_of,
    features_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import feature_list
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import (
    definition_step,
    gallery_step,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import GALLERY_PROPERTIES
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget, TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import (
    names_source,
    recorded_source,
    source_tags,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk, describe_disks
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import region_body

Json = dict[str, Any]

_STANDARD = ("none", "standard")


def regions_of(target: GalleryTarget, location: str) -> tuple[TargetRegion, ...]:
    """The regions of the version: those of the task, else the source's."""
    return target.regions or (TargetRegion(location, target.replicas),)


# -- blockers -----------------------------------------------------------------------------------------------------


def gallery_blockers(
    request: CaptureRequest, source: Source | None, target: GalleryTarget, existing: GalleryState
) -> Iterator[Finding]:
    """Blockers for the creation of a version, or for accepting an existing one."""
    if existing.gallery is None and not target.create_gallery:
        yield Finding(
            "gallery_not_found",
            f"The {target.gallery.label} does not exist; set 'create_gallery: true' to create it, or check its name.",
        )
        return
    if existing.gallery is not None and machine.provisioning_state(existing.gallery) == "Deleting":
        yield Finding(
            "gallery_being_deleted",
            f"The {target.gallery.label} is being deleted; choose another gallery, or create it again.",
        )
    version_id, version = existing.version_id, existing.version
    if version is not None:
        yield from _version_blockers(request, source, version_id, version)
        if machine.exists_or_in_progress(version):
            yield from fixed_blockers(request, target, version_id, version)
            yield from _state_blockers(request, source, target, existing)
    if machine.exists_or_in_progress(version):
        return
    if source is None:
        yield from _absence_blockers(target, existing)
        return
    yield from _definition_blockers(request, source, target, existing)
    yield from _region_blockers(source, target)
    yield from _blob_blockers(source)


def _state_blockers(
    request: CaptureRequest, source: Source | None, target: GalleryTarget, existing: GalleryState
) -> Iterator[Finding]:
    """A blocker if an existing version is specialized and a generalized one is requested, or the reverse.

    Otherwise, a version that still has the identity of the virtual machine would count as its result, and the virtual machine could be
    deleted.
    """
    if source is None and not request.of_machine:
        return
    expected = "Specialized" if (source.specialized if source else request.specialized) else "Generalized"
    present = str(machine.properties(existing.definition or {}).get("osState") or expected)
    if present.lower() != expected.lower():
        yield Finding(
            "version_os_state_differs",
            f"The {existing.version_id.label} exists and is {present.lower()}, and the task requests a {expected.lower()} version; "
            f"choose another definition than {target.definition.label}.",
        )


def _version_blockers(
    request: CaptureRequest, source: Source | None, version_id: ResourceId, version: Json
) -> Iterator[Finding]:
    recorded = recorded_source(version)
    same_source = recorded == source.identity.lower() if source else names_source(version, request.source)
    if recorded is None or not same_source:
        origin = f"was captured from another source ({recorded})" if recorded else "does not record its source"
        yield Finding(
            "version_of_another_source",
            f"The {version_id.label} exists already and {origin}; choose another number, or 'next'.",
        )
    elif machine.provisioning_state(version) == "Deleting":
        yield Finding("version_being_deleted", f"The {version_id.label} is being deleted; wait until it is deleted.")
    elif machine.provisioning_state(version) == "Failed" and replication.is_usable(version):
        # It was created, and virtual machines may use it: it is not deleted to be created again.
        regions = replication.named(replication.failed_regions(version))
        yield Finding(
            "version_replication_failed",
            f"The {version_id.label} exists, and its replication to {regions or 'other regions'} has failed; replicate it again with "
            "the module golden.azure.vm_image_version, remove it, or choose another number.",
        )
    if machine.exists_or_in_progress(version) and request.data_disks is not None:
        disks = (machine.properties(version).get("storageProfile") or {}).get("dataDiskImages") or []
        present = sorted(int(disk["lun"]) for disk in disks)
        if present != sorted(disk.lun or 0 for disk in request.data_disks):
            yield Finding(
                "data_disks_differ",
                f"The {version_id.label} exists with the data disks {present or 'none'}, which cannot be changed after "
                "creation; choose another number.",
            )


def _absence_blockers(target: GalleryTarget, existing: GalleryState) -> Iterator[Finding]:
    """Blockers because of the definition, regardless of the source."""
    label = target.definition.label
    definition = usable_definition(existing)
    if definition is None and target.new_definition is None:
        yield Finding(
            "definition_not_found",
            f"The {label} does not exist; create it first, or set its publisher, offer and sku in 'create_definition'.",
        )
    elif definition is not None and machine.provisioning_state(definition) == "Deleting":
        yield Finding("definition_being_deleted", f"The {label} is being deleted; wait until it is deleted.")


def _definition_blockers(
    request: CaptureRequest, source: Source, target: GalleryTarget, existing: GalleryState
) -> Iterator[Finding]:
    yield from _absence_blockers(target, existing)
    label = target.definition.label
    definition = usable_definition(existing)
    if definition is None:
        return
    has = machine.properties(definition)
    for key, value in definition_properties_of(source).items():
        present = str(has.get(key) or {"architecture": "x64", "hyperVGeneration": "V1"}.get(key, ""))
        if present.lower() != value.lower():
            yield Finding(
                "definition_mismatch",
                f"The {label} is for {key} {present}, and the {request.source.label} is {value}; choose another "
                "definition.",
            )
    feature = machine.features(definition).get("securitytype", "Standard")
    needed = SECURITY_FEATURES.get(source.security_type.lower())
    if not _accepts_security_type(feature.lower(), needed, source.is_machine and source.whole):
        yield Finding(
            "definition_mismatch",
            f"The {label} has the security type {feature}, which does not support a {source.security_type} source such "
            f"as the {request.source.label}; choose a definition whose security type is {needed or 'Standard'}.",
        )
    plan, offered = source.purchase_plan, has.get("purchasePlan")
    if plan and not _same_plan(plan, offered):
        yield Finding(
            "definition_mismatch",
            f"The {request.source.label} has the purchase plan '{plan.get('name')}' of '{plan.get('publisher')}', and "
            f"the {label} does not have the same; choose another definition.",
        )


def _accepts_security_type(feature: str, needed: str | None, machine_itself: bool) -> bool:
    """Whether a definition with this security feature supports a source that needs that one."""
    if needed:
        return feature == needed.lower()
    # If a type is only supported, Azure refuses virtual machines as sources.
    return feature in _STANDARD or (feature.endswith("supported") and not machine_itself)


def _same_plan(plan: Json, offered: Json | None) -> bool:
    return bool(offered) and all(
        str(plan.get(key)).lower() == str((offered or {}).get(key)).lower() for key in ("publisher", "product", "name")
    )


def _region_blockers(source: Source, target: GalleryTarget) -> Iterator[Finding]:
    names = [normalized_location(region.name) for region in regions_of(target, source.location)]
    if normalized_location(source.location) not in names:
        yield Finding(
            "source_region_missing",
            f"The regions of {target.definition.label} do not contain {source.location}, the region of the source, "
            "which Azure requires; add it.",
        )


def _blob_blockers(source: Source) -> Iterator[Finding]:
    for disk in source.disks:
        if not isinstance(disk.source, Blob):
            continue
        if source.is_machine:
            yield Finding(
                "unmanaged_disks",
                f"The {source.reference.label} has unmanaged disks, which cannot be captured into a gallery version; "
                "convert them to managed disks, or capture a managed image.",
            )
            return
        if disk.source.storage_account is None:
            yield Finding(
                "storage_account_unknown",
                f"The storage account of {disk.source.label} cannot be determined; set 'storage_account', or set "
                "'resource_group' to its resource group.",
            )


# -- steps --------------------------------------------------------------------------------------------------------


def creation_steps(request: CaptureRequest, source: Source | None, galleries: list[GalleryState]) -> Iterator[Step]:
    """Steps that create the galleries of versions, each once."""
    begun: set[str] = set()
    for target, existing in zip(request.gallery_targets, galleries):
        key, gallery = str(target.gallery).lower(), existing.gallery
        if source is None or machine.exists_or_in_progress(existing.version) or key in begun:
            continue
        begun.add(key)
        if target.create_gallery and (gallery is None or machine.has_failed(gallery)):
            yield _gallery_step(request, source, target)
        elif gallery is not None and machine.provisioning_state(gallery) == "Creating":
            yield Step(
                actions.WAIT_FOR_GALLERY, target.gallery, f"wait for the {target.gallery.label}, which is being created"
            )


def definition_steps(
    request: CaptureRequest, source: Source | None, target: GalleryTarget, existing: GalleryState
) -> Iterator[Step]:
    """The step that creates the definition of a version; it precedes irreversible steps, as Azure may refuse it."""
    if source is None or machine.exists_or_in_progress(existing.version):
        return
    definition = usable_definition(existing)
    if definition is None:
        yield _definition_step(request, source, target, existing)
    elif machine.provisioning_state(definition) == "Creating":
        yield Step(
            actions.WAIT_FOR_DEFINITION,
            target.definition,
            f"wait for the {target.definition.label}, which is being created",
        )


def gallery_steps(
    request: CaptureRequest, source: Source | None, target: GalleryTarget, existing: GalleryState
) -> Iterator[Step]:
    """Steps that create the version, after the source is ready and its definition exists."""
    version_id, version = existing.version_id, existing.version
    if version is not None and machine.exists_or_in_progress(version):
        if machine.provisioning_state(version) in ("Creating", "Updating"):
            yield Step(actions.WAIT_FOR_VERSION, version_id, f"wait for the {version_id.label}, which is being created")
        yield from difference_steps(request, target, version_id, version)
        return
    if source is None:
        return
    if version is not None:
        yield Step(
            actions.DELETE_VERSION,
            version_id,
            f"delete the {version_id.label}, which is in the state Failed",
            method="DELETE",
            path=str(version_id),
        )
    yield _version_step(request, source, version_id, target)


def _gallery_step(request: CaptureRequest, source: Source, target: GalleryTarget) -> Step:
    return gallery_step(target.gallery, source.location, {}, request.tags)


def _definition_step(request: CaptureRequest, source: Source, target: GalleryTarget, existing: GalleryState) -> Step:
    new = target.new_definition
    if new is None:
        raise ValueError("the blockers ensure that a definition is created only if 'create_definition' is set")
    properties: Json = {
        **definition_properties_of(source),
        "identifier": {"publisher": new.publisher, "offer": new.offer, "sku": new.sku},
        "features": feature_list(features_of(source)),
    }
    if new.description:
        properties["description"] = new.description
    if source.purchase_plan:
        properties["purchasePlan"] = {key: source.purchase_plan.get(key) for key in ("publisher", "product", "name")}
    location = str((existing.gallery or {}).get("location") or source.location)
    return definition_step(target.definition, location, properties, request.tags)


def _version_step(request: CaptureRequest, source: Source, version_id: ResourceId, target: GalleryTarget) -> Step:
    regions = regions_of(target, source.location)
    properties: Json = {
        "publishingProfile": {"targetRegions": [region_body(region, source.luns) for region in regions]},
        "storageProfile": _storage_body(source),
    }
    for each in GALLERY_PROPERTIES:
        each.write(properties, target.settings.get(each.option, each.specification.get("default")))
    body = {
        # A version is created in the region of its source, and replicated from there.
        "location": source.location,
        "tags": {**(request.tags or {}), **source_tags(source, request.run)},
        "properties": properties,
    }
    places = ", ".join(region.description for region in regions)
    return Step(
        actions.CREATE_VERSION,
        version_id,
        f"create the {version_id.label} from {describe_disks(source)}, replicated to {places}",
        method="PUT",
        path=str(version_id),
        body=body,
    )


def _storage_body(source: Source) -> Json:
    if source.whole:
        return {"source": {"virtualMachineId" if source.is_machine else "id": str(source.reference)}}
    os_disk, *data_disks = (_disk_body(disk) for disk in source.disks)
    storage: Json = {"osDiskImage": os_disk}
    if data_disks:
        storage["dataDiskImages"] = data_disks
    return storage


def _disk_body(disk: SourceDisk) -> Json:
    body: Json = {} if disk.lun is None else {"lun": disk.lun}
    if isinstance(disk.source, Blob):
        body["source"] = {"storageAccountId": str(disk.source.storage_account), "uri": disk.source.uri}
    else:
        body["source"] = {"id": str(disk.source)}
    if disk.host_caching:
        body["hostCaching"] = disk.host_caching
    return body
