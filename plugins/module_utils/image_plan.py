# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how a virtual machine becomes a managed image; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.capture_request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils.image_tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils.provenance import (
    SOURCE_TAG,
    origin_tags,
    recorded_source,
)
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    ResourceId,
    normalized_location,
    same_id,
)

Json = dict[str, Any]

#: Managed images cannot be made of these: https://learn.microsoft.com/azure/virtual-machines/capture-image-resource
_UNSUPPORTED_SECURITY_TYPES = ("trustedlaunch", "confidentialvm")

#: A managed image serves so many deployments at once; the same page.
_DEPLOYMENTS = 20


def is_made(image: Json | None) -> bool:
    """Whether the image is there or being made; a failed one is made again."""
    return image is not None and machine.provisioning_state(image) not in ("Failed", "Canceled")


def image_blockers(request: CaptureRequest, state: CaptureState, image_id: ResourceId) -> Iterator[Finding]:
    """Whatever stops an image from being made or taken for made."""
    if state.image is not None:
        yield from _present_image_blockers(request, state, image_id, state.image)
    if not is_made(state.image) and state.vm is not None:
        yield from _new_image_blockers(request, state, state.vm)


def image_warnings(request: CaptureRequest, image_id: ResourceId) -> Iterator[Finding]:
    """What people should know of a managed image."""
    if (request.concurrent_deployments or 0) > _DEPLOYMENTS:
        yield Finding(
            "too_many_deployments",
            f"The {image_id.label} serves {_DEPLOYMENTS} deployments at once, and {request.concurrent_deployments} are "
            "planned; use a gallery, with a replica for each so many.",
        )


def image_steps(request: CaptureRequest, state: CaptureState, image_id: ResourceId) -> Iterator[Step]:
    """What makes the image, after the source is ready for it, or brings its tags up to date."""
    if state.image is not None and is_made(state.image):
        yield from _present_image_steps(request, image_id, state.image)
    elif state.vm is not None:
        yield _create_step(request, image_id, state.vm, state.disks)


def _present_image_blockers(
    request: CaptureRequest, state: CaptureState, image_id: ResourceId, image: Json
) -> Iterator[Finding]:
    recorded = recorded_source(image)
    source = (machine.properties(image).get("sourceVirtualMachine") or {}).get("id")
    advice = "choose another name for the image, or remove it first"
    if not recorded:
        yield Finding(
            "image_of_unknown_source",
            f"There is an {image_id.label} already, which does not say by the tag '{SOURCE_TAG}' which machine it "
            f"was captured from; {advice}.",
        )
    elif state.vm is not None and recorded != machine.identity(state.vm).lower():
        yield Finding(
            "image_of_another_source",
            f"There is an {image_id.label} already, captured from another machine (vmId {recorded}; this one is "
            f"{machine.identity(state.vm)}, and a machine built again under its name is another one); {advice}.",
        )
    elif state.vm is None and not same_id(source, str(request.source)):
        yield Finding(
            "image_of_another_source",
            f"There is an {image_id.label} already, captured from '{source}', and there is no "
            f"{request.source.label}; check 'source_vm', or choose another name for the image.",
        )
    elif machine.provisioning_state(image) == "Deleting":
        yield Finding("image_being_deleted", f"The {image_id.label} is being deleted; wait until it is gone.")
    has_zone_resilience = bool((machine.properties(image).get("storageProfile") or {}).get("zoneResilient"))
    if is_made(image) and request.zone_resilient not in (None, has_zone_resilience):
        yield Finding(
            "zone_resilience_differs",
            f"The {image_id.label} is there and {'is' if has_zone_resilience else 'is not'} zone resilient, which "
            f"is fixed when an image is made; {advice}.",
        )


def _new_image_blockers(request: CaptureRequest, state: CaptureState, vm: Json) -> Iterator[Finding]:
    label = request.source.label
    if request.specialized:
        yield Finding(
            "specialized_image",
            "A managed image is always generalized; leave 'image' out and name 'gallery_versions' to keep the "
            f"{label} as it is.",
        )
    security_type = machine.security_type(vm)
    if security_type.lower() in _UNSUPPORTED_SECURITY_TYPES:
        yield Finding(
            "security_type_not_supported",
            f"The {label} is a {security_type} machine, of which Azure makes no managed image; capture it into a gallery.",
        )
    if machine.architecture(state.disks).lower() == "arm64":
        yield Finding(
            "architecture_not_supported",
            f"The {label} is an Arm64 machine, of which Azure makes no managed image; capture it into a gallery.",
        )
    source_location = str(vm.get("location") or "")
    if request.location and normalized_location(request.location) != normalized_location(source_location):
        yield Finding(
            "location_differs",
            f"The {request.source.label} is in {source_location}, and an image is made in its source's region, not in "
            f"'{request.location}'; leave 'location' out, or use a gallery to publish in other regions.",
        )
    if request.zone_resilient and state.zones_available is False:
        yield Finding(
            "no_zones_in_region",
            f"The region {source_location} of {request.source.label} has no availability zones, so that an image there "
            "cannot be zone resilient; leave 'zone_resilient' out.",
        )


def _present_image_steps(request: CaptureRequest, image_id: ResourceId, image: Json) -> Iterator[Step]:
    if machine.provisioning_state(image) == "Creating":
        yield Step("join_image", image_id, f"wait for the {image_id.label}, which is being made")
    present = image.get("tags") or {}
    missing = {
        name: value for name, value in (request.tags or {}).items() if tag_value(image.get("tags"), name) != value
    }
    if missing:
        kept = {name: value for name, value in present.items() if name.lower() not in {key.lower() for key in missing}}
        yield Step(
            "update_tags",
            image_id,
            f"set the tags {', '.join(sorted(missing))} of {image_id.label}",
            method="PATCH",
            path=str(image_id),
            body={"tags": {**kept, **missing}},
        )


def _create_step(request: CaptureRequest, image_id: ResourceId, vm: Json, disks: list[Json]) -> Step:
    properties: Json = {"sourceVirtualMachine": {"id": str(request.source)}}
    generation = machine.hyper_v_generation(vm, disks)
    if generation:
        properties["hyperVGeneration"] = generation
    if request.zone_resilient is not None:
        properties["storageProfile"] = {"zoneResilient": request.zone_resilient}
    body = {
        "location": str(vm.get("location") or ""),
        "tags": {**(request.tags or {}), **origin_tags(vm, request.moment)},
        "properties": properties,
    }
    zones = ", zone resilient" if request.zone_resilient else ""
    return Step(
        "create_image",
        image_id,
        f"create the {image_id.label} in {body['location']} from all disks{zones}",
        method="PUT",
        path=str(image_id),
        body=body,
    )
