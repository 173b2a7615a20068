# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how to capture a virtual machine into a managed image: what is there and what is wanted in, a plan out; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils.resource_id import ResourceId, same_id

#: Tag on every image that this collection makes: the vmId of its source. ARM ids are used again, vmIds are not.
SOURCE_TAG = "golden.azure.source_vm_id"

#: Managed images cannot be made of these: https://learn.microsoft.com/azure/virtual-machines/capture-image-resource
_UNSUPPORTED_SECURITY_TYPES = ("trustedlaunch", "confidentialvm")
_UNSUPPORTED_DISKS = ("ultrassd_lrs", "premiumv2_lrs")
_STOPPED = ("stopped", "deallocated", "deallocating")


@dataclass(frozen=True)
class CaptureRequest:
    """What the task wants."""

    source: ResourceId
    image: ResourceId
    generalize: bool = False
    #: The guest is still to be prepared: running and not generalized are then steps of the plan, not blockers.
    preparation_pending: bool = False
    #: Seconds that the guest may take to shut itself down.
    shutdown_timeout: float = 0
    location: str | None = None
    zone_resilient: bool | None = None
    tags: dict[str, str] | None = None
    delete_source_vm: bool = False


@dataclass(frozen=True)
class CaptureState:
    """What is there; None for what is not."""

    vm: dict[str, Any] | None
    image: dict[str, Any] | None
    #: The machine's managed disks, the operating system's first.
    disks: list[dict[str, Any]] = field(default_factory=list)
    locks: list[dict[str, Any]] = field(default_factory=list)
    #: Whether the locks could be read.
    locks_known: bool = True
    #: Whether the machine's region has availability zones; None when nobody asked.
    zones_available: bool | None = None


def plan_capture(request: CaptureRequest, state: CaptureState) -> Plan:
    """Decide.

    :returns: a plan whose steps, done in their order, end with the image there and matching.
    """
    title = f"Capture of {request.source.label} into {request.image.label}"
    blockers = list(_blockers(request, state))
    if blockers:
        return Plan(title, blockers, list(_warnings(request, state)), [])
    return Plan(title, [], list(_warnings(request, state)), list(_steps(request, state)))


# -- what is there ----------------------------------------------------------------------------------------------


def _image_is_there(state: CaptureState) -> bool:
    """Whether the image is made, or being made; a failed one is made again."""
    return state.image is not None and machine.provisioning_state(state.image) not in ("Failed", "Canceled")


def _tag(image: dict[str, Any], name: str) -> str | None:
    # Azure keeps the case of tag names and compares them without it.
    tags = {key.lower(): value for key, value in (image.get("tags") or {}).items()}
    return tags.get(name.lower())


# -- blockers ---------------------------------------------------------------------------------------------------


def _blockers(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    if state.image is not None:
        yield from _image_blockers(request, state, state.image)
    if state.vm is None:
        if state.image is None:
            yield Finding(
                "source_not_found",
                f"There is no {request.source.label}, and no image of it either; check 'source_vm' and 'resource_group'.",
            )
        return
    yield from _lock_blockers(request, state)
    if not _image_is_there(state):
        yield from _source_blockers(request, state.vm, state.disks)
        yield from _target_blockers(request, state, state.vm)
        yield from _power_blockers(request, state.vm)


def _image_blockers(request: CaptureRequest, state: CaptureState, image: dict[str, Any]) -> Iterator[Finding]:
    recorded = _tag(image, SOURCE_TAG)
    source = (machine.properties(image).get("sourceVirtualMachine") or {}).get("id")
    advice = "choose another name for the image, or remove it first"
    if not recorded:
        yield Finding(
            "image_of_unknown_source",
            f"There is an {request.image.label} already, which does not say by the tag '{SOURCE_TAG}' which machine it "
            f"was captured from; {advice}.",
        )
    elif state.vm is not None and recorded.lower() != machine.identity(state.vm).lower():
        yield Finding(
            "image_of_another_source",
            f"There is an {request.image.label} already, captured from another machine (vmId {recorded}; this one is "
            f"{machine.identity(state.vm)}, and a machine built again under its name is another one); {advice}.",
        )
    elif state.vm is None and not same_id(source, str(request.source)):
        yield Finding(
            "image_of_another_source",
            f"There is an {request.image.label} already, captured from '{source}', and there is no "
            f"{request.source.label}; check 'source_vm', or choose another name for the image.",
        )
    elif machine.provisioning_state(image) == "Deleting":
        yield Finding("image_being_deleted", f"The {request.image.label} is being deleted; wait until it is gone.")
    has_zone_resilience = bool((machine.properties(image).get("storageProfile") or {}).get("zoneResilient"))
    if _image_is_there(state) and request.zone_resilient not in (None, has_zone_resilience):
        yield Finding(
            "zone_resilience_differs",
            f"The {request.image.label} is there and {'is' if has_zone_resilience else 'is not'} zone resilient, which "
            f"is fixed when an image is made; {advice}.",
        )


def _lock_blockers(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    writes = not _image_is_there(state)
    for lock in state.locks:
        scope = str(lock.get("id") or "").lower().partition("/providers/microsoft.authorization/locks/")[0]
        level = str(machine.properties(lock).get("level") or "").lower()
        for resource in (request.source, request.image):
            covered = str(resource).lower() == scope or str(resource).lower().startswith(scope + "/")
            deletes = request.delete_source_vm and resource is request.source
            if covered and ((level == "readonly" and (writes or deletes)) or (level == "cannotdelete" and deletes)):
                yield Finding(
                    "locked",
                    f"The lock '{lock.get('name')}' ({machine.properties(lock).get('level')}) on '{scope}' does not let "
                    f"the {resource.label} be {'deleted' if level == 'cannotdelete' else 'changed'}; remove the lock.",
                )


def _source_blockers(request: CaptureRequest, vm: dict[str, Any], disks: list[dict[str, Any]]) -> Iterator[Finding]:
    label = request.source.label
    security_type = machine.security_type(vm)
    if security_type.lower() in _UNSUPPORTED_SECURITY_TYPES:
        yield Finding(
            "security_type_not_supported",
            f"The {label} is a {security_type} machine, of which Azure makes no managed image; capture it into a gallery.",
        )
    if machine.architecture(disks).lower() == "arm64":
        yield Finding(
            "architecture_not_supported",
            f"The {label} is an Arm64 machine, of which Azure makes no managed image; capture it into a gallery.",
        )
    if machine.is_ephemeral(vm):
        yield Finding(
            "ephemeral_os_disk",
            f"The {label} has an ephemeral operating system disk, which is lost when it stops; build it with a managed one.",
        )
    for disk in disks:
        kind = str((disk.get("sku") or {}).get("name") or "")
        if kind.lower() in _UNSUPPORTED_DISKS:
            yield Finding(
                "disk_type_not_supported",
                f"The disk '{disk.get('name')}' of {label} is {kind}, which Azure does not capture; detach it or change "
                "its type.",
            )
    if machine.uses_disk_encryption(vm, disks):
        yield Finding(
            "disk_encryption",
            f"The {label} is encrypted by Azure Disk Encryption; disable it from the Azure side on all volumes, wait until "
            "they are decrypted, and only then remove its extension: in the other order it comes back.",
        )
    if machine.provisioning_state(vm) in ("Creating", "Deleting"):
        yield Finding(
            "source_in_transition",
            f"The {label} is in the state {machine.provisioning_state(vm)}; wait until that has ended.",
        )


def _target_blockers(request: CaptureRequest, state: CaptureState, vm: dict[str, Any]) -> Iterator[Finding]:
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


def _power_blockers(request: CaptureRequest, vm: dict[str, Any]) -> Iterator[Finding]:
    label = request.source.label
    state = machine.power_state(vm)
    generalized = machine.is_generalized(vm)
    if not generalized and not request.generalize:
        yield Finding(
            "generalize_not_allowed",
            f"The {label} is not generalized, which cannot be undone: it never starts again; set 'generalize: true' to "
            "allow it.",
        )
    if generalized and request.preparation_pending:
        # It can neither start nor be prepared any more: whatever is wrong with its guest stays so.
        return
    if request.preparation_pending:
        if state != "running":
            yield Finding(
                "not_running",
                f"The {label} is {state}, so that its guest cannot be prepared; start it, or capture it as it is if it "
                "has been prepared already.",
            )
    elif state not in _STOPPED and state != "stopping" and not request.shutdown_timeout:
        yield Finding(
            "not_stopped",
            f"The {label} is {state}: a running guest has not been prepared; run the role golden.azure.linux_deprovision "
            "or golden.azure.windows_sysprep on it, which end with its shutdown.",
        )


# -- warnings ---------------------------------------------------------------------------------------------------


def _warnings(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    if not state.locks_known:
        yield Finding(
            "locks_unknown", "The locks on source and image could not be read (no right to); one may stop the run."
        )
    if state.vm is None:
        return
    unmarked = not _image_is_there(state) and not machine.is_generalized(state.vm)
    if unmarked and machine.power_state(state.vm) in ("deallocated", "deallocating"):
        yield Finding(
            "preparation_not_visible",
            f"The {request.source.label} is deallocated, so that Azure no longer tells whether its guest shut itself "
            "down; make sure that it was prepared.",
        )
    if request.delete_source_vm:
        kept = machine.kept_on_deletion(state.vm)
        if kept:
            yield Finding(
                "kept_on_deletion",
                f"Deleting the {request.source.label} leaves what its delete options keep: {', '.join(kept)}.",
            )


# -- steps ------------------------------------------------------------------------------------------------------


def _steps(request: CaptureRequest, state: CaptureState) -> Iterator[Step]:
    if _image_is_there(state) and state.image is not None:
        yield from _image_steps(request, state.image)
    elif state.vm is not None:
        yield from _source_steps(request, state.vm)
        yield _create_step(request, state.vm, state.disks)
    if request.delete_source_vm and state.vm is not None:
        yield Step(
            "delete_vm",
            request.source,
            f"delete the {request.source.label}",
            method="DELETE",
            path=str(request.source),
        )


def _image_steps(request: CaptureRequest, image: dict[str, Any]) -> Iterator[Step]:
    if machine.provisioning_state(image) == "Creating":
        yield Step("join_image", request.image, f"wait for the {request.image.label}, which is being made")
    present = image.get("tags") or {}
    missing = {name: value for name, value in (request.tags or {}).items() if _tag(image, name) != value}
    if missing:
        kept = {name: value for name, value in present.items() if name.lower() not in {key.lower() for key in missing}}
        yield Step(
            "update_tags",
            request.image,
            f"set the tags {', '.join(sorted(missing))} of {request.image.label}",
            method="PATCH",
            path=str(request.image),
            body={"tags": {**kept, **missing}},
        )


def _source_steps(request: CaptureRequest, vm: dict[str, Any]) -> Iterator[Step]:
    source = request.source
    state = machine.power_state(vm)
    if request.preparation_pending and not machine.is_generalized(vm):
        yield Step("prepare", source, f"prepare the guest of {source.label} and shut it down from inside")
    elif state not in _STOPPED:
        limit = request.shutdown_timeout or 300
        yield Step(
            "wait_until_stopped",
            source,
            f"wait until the guest of {source.label} has shut itself down, at most {limit:g} s",
            seconds=limit,
        )
    if state == "deallocating":
        yield Step("join_deallocation", source, f"wait for the deallocation of {source.label}, which is under way")
    elif state != "deallocated":
        yield Step("deallocate", source, f"deallocate the {source.label}", method="POST", path=f"{source}/deallocate")
    if not machine.is_generalized(vm):
        yield Step(
            "generalize",
            source,
            f"mark the {source.label} as generalized, for good",
            method="POST",
            path=f"{source}/generalize",
        )


def _create_step(request: CaptureRequest, vm: dict[str, Any], disks: list[dict[str, Any]]) -> Step:
    properties: dict[str, Any] = {"sourceVirtualMachine": {"id": str(request.source)}}
    generation = machine.hyper_v_generation(vm, disks)
    if generation:
        properties["hyperVGeneration"] = generation
    if request.zone_resilient is not None:
        properties["storageProfile"] = {"zoneResilient": request.zone_resilient}
    body = {
        "location": str(vm.get("location") or ""),
        "tags": {**(request.tags or {}), SOURCE_TAG: machine.identity(vm)},
        "properties": properties,
    }
    zones = ", zone resilient" if request.zone_resilient else ""
    return Step(
        "create_image",
        request.image,
        f"create the {request.image.label} in {body['location']} from all disks{zones}",
        method="PUT",
        path=str(request.image),
        body=body,
    )


def normalized_location(location: str) -> str:
    """A region's name as Azure compares it: ``West Europe`` is ``westeurope``."""
    return "".join(location.lower().split())
