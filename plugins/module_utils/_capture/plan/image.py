# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the creation of a managed image from a source; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.plan.image_differences import (
    image_difference_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY_VERSION,
    IMAGE,
    ResourceId,
    normalized_location,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import actions, possible_targets
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import (
    SOURCE_TAG,
    names_source,
    recorded_source,
    source_tags,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk, describe_disks

Json = dict[str, Any]


#: The number of concurrent deployments that a managed image supports; source: the same page.
_DEPLOYMENTS = 20


def image_blockers(
    request: CaptureRequest, state: CaptureState, source: Source | None, image_id: ResourceId
) -> Iterator[Finding]:
    """Blockers for the creation of an image, or for accepting an existing one."""
    if state.image is not None:
        yield from _present_image_blockers(request, source, image_id, state.image)
    if not machine.exists_or_in_progress(state.image) and source is not None:
        yield from _new_image_blockers(request, state, source, image_id)


def image_warnings(request: CaptureRequest, image_id: ResourceId) -> Iterator[Finding]:
    """Warnings about a managed image."""
    if (request.concurrent_deployments or 0) > _DEPLOYMENTS:
        yield Finding(
            "too_many_deployments",
            f"The {image_id.label} supports {_DEPLOYMENTS} concurrent deployments, and "
            f"{request.concurrent_deployments} are planned; use a gallery with one replica per {_DEPLOYMENTS} "
            "deployments.",
        )


def image_steps(
    request: CaptureRequest, state: CaptureState, source: Source | None, image_id: ResourceId
) -> Iterator[Step]:
    """Steps that create the image, after the source is ready, or update its tags."""
    if state.image is not None and machine.exists_or_in_progress(state.image):
        yield from _present_image_steps(request, image_id, state.image)
    elif source is not None:
        yield _create_step(request, image_id, source)


def _present_image_blockers(
    request: CaptureRequest, source: Source | None, image_id: ResourceId, image: Json
) -> Iterator[Finding]:
    recorded = recorded_source(image)
    advice = "choose another name for the image, or delete it first"
    if not recorded:
        yield Finding(
            "image_of_unknown_source",
            f"The {image_id.label} exists already and does not record its source in a tag such as '{SOURCE_TAG}'; "
            f"{advice}.",
        )
    elif source is not None and recorded != source.identity.lower():
        yield Finding(
            "image_of_another_source",
            f"The {image_id.label} exists already and was captured from another source ({recorded}; the "
            f"{request.source.label} {_identity(source)}, and a resource that was recreated with the same name is "
            f"another source); {advice}.",
        )
    elif source is None and not names_source(image, request.source):
        yield Finding(
            "image_of_another_source",
            f"The {image_id.label} exists already and was captured from another source ({recorded}), and the "
            f"{request.source.label} does not exist; check its name, or choose another name for the image.",
        )
    elif machine.provisioning_state(image) == "Deleting":
        yield Finding("image_being_deleted", f"The {image_id.label} is being deleted; wait until it is deleted.")
    if machine.exists_or_in_progress(image):
        yield from image_difference_blockers(request, image_id, image)
        yield from _difference_blockers(
            request, image_id, machine.properties(image).get("storageProfile") or {}, advice
        )


def _identity(source: Source) -> str:
    return f"is {source.identity}" if source.identity else "does not exist yet"


def _difference_blockers(request: CaptureRequest, image_id: ResourceId, has: Json, advice: str) -> Iterator[Finding]:
    resilient = bool(has.get("zoneResilient"))
    if request.zone_resilient not in (None, resilient):
        yield Finding(
            "zone_resilience_differs",
            f"The {image_id.label} exists and {'is' if resilient else 'is not'} zone resilient, which cannot be "
            f"changed after creation; {advice}.",
        )
    if request.data_disks is not None:
        present = sorted(int(disk["lun"]) for disk in has.get("dataDisks") or [])
        if present != sorted(disk.lun or 0 for disk in request.data_disks):
            yield Finding(
                "data_disks_differ",
                f"The {image_id.label} exists with the data disks {present or 'none'}, which cannot be changed after "
                f"creation; {advice}.",
            )


def _new_image_blockers(
    request: CaptureRequest, state: CaptureState, source: Source, image_id: ResourceId
) -> Iterator[Finding]:
    label = request.source.label
    if request.source.resource_type in (IMAGE, GALLERY_VERSION):
        yield Finding(
            "image_of_an_image",
            f"Azure cannot create a managed image from an {label}; omit 'image' and set 'gallery_versions'.",
        )
        return
    yield from possible_targets.gallery_instead_blockers(label, source, image_id, bool(request.gallery_targets))
    if request.location and normalized_location(request.location) != normalized_location(source.location):
        yield Finding(
            "location_differs",
            f"The {label} is in {source.location}, and an image is always created in the region of its source, not in "
            f"'{request.location}'; omit 'location', or use a gallery to replicate to other regions.",
        )
    if request.zone_resilient and state.zones_available is False:
        yield Finding(
            "no_zones_in_region",
            f"The region {source.location} of {label} has no availability zones, so that an image there cannot be zone "
            "resilient; omit 'zone_resilient'.",
        )


def _present_image_steps(request: CaptureRequest, image_id: ResourceId, image: Json) -> Iterator[Step]:
    if machine.provisioning_state(image) == "Creating":
        yield Step(actions.WAIT_FOR_IMAGE, image_id, f"wait for the {image_id.label}, which is being created")
    present = image.get("tags") or {}
    missing = {
        name: value for name, value in (request.tags or {}).items() if tag_value(image.get("tags"), name) != value
    }
    if missing:
        kept = {name: value for name, value in present.items() if name.lower() not in {key.lower() for key in missing}}
        yield Step(
            actions.UPDATE_TAGS,
            image_id,
            f"set the tags {', '.join(sorted(missing))} of {image_id.label}",
            method="PATCH",
            path=str(image_id),
            body={"tags": {**kept, **missing}},
        )


def _create_step(request: CaptureRequest, image_id: ResourceId, source: Source) -> Step:
    storage: Json = {}
    properties: Json = {}
    if source.whole:
        properties["sourceVirtualMachine"] = {"id": str(request.source)}
    else:
        os_disk, *data_disks = source.disks
        state = "Specialized" if source.specialized else "Generalized"
        storage["osDisk"] = {"osType": source.os_type, "osState": state, **_disk_body(os_disk)}
        storage["dataDisks"] = [{"lun": disk.lun, **_disk_body(disk)} for disk in data_disks]
    if source.generation:
        properties["hyperVGeneration"] = source.generation
    if request.zone_resilient is not None:
        storage["zoneResilient"] = request.zone_resilient
    if storage:
        properties["storageProfile"] = storage
    body = {
        "location": source.location,
        "tags": {**(request.tags or {}), **source_tags(source, request.run)},
        "properties": properties,
    }
    zones = ", zone resilient" if request.zone_resilient else ""
    return Step(
        actions.CREATE_IMAGE,
        image_id,
        f"create the {image_id.label} in {source.location} from {describe_disks(source)}{zones}",
        method="PUT",
        path=str(image_id),
        body=body,
    )


def _disk_body(disk: SourceDisk) -> Json:
    body: Json
    if isinstance(disk.source, Blob):
        body = {"blobUri": disk.source.uri}
    else:
        body = {"managedDisk" if disk.source.resource_type == DISK else "snapshot": {"id": str(disk.source)}}
    if disk.host_caching:
        body["caching"] = disk.host_caching
    if disk.storage_account_type:
        body["storageAccountType"] = disk.storage_account_type
    if disk.disk_encryption_set:
        body["diskEncryptionSet"] = {"id": disk.disk_encryption_set}
    return body
