# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how a virtual machine becomes a version in a gallery; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.capture_request import (
    NEXT,
    CaptureRequest,
    CaptureState,
    GalleryState,
    GalleryTarget,
    TargetRegion,
)
from ansible_collections.golden.azure.plugins.module_utils.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils.provenance import origin_tags, recorded_source
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    GALLERY_VERSION,
    ResourceId,
    child,
    normalized_location,
    same_id,
)

Json = dict[str, Any]

_FAILED = ("failed", "canceled")
#: Security type of a machine -> feature SecurityType of a definition that takes it directly. Definitions that merely
#: support a type (TrustedLaunchSupported ...) take images and blobs, no machines:
#: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
_FEATURE = {"trustedlaunch": "TrustedLaunch", "confidentialvm": "ConfidentialVM"}
_STANDARD = ("", "none", "standard")


# -- what is there ------------------------------------------------------------------------------------------------


def find_version(target: GalleryTarget, there: GalleryState, source: str | None) -> tuple[ResourceId, Json | None]:
    """The version that a target means, and what is there of it.

    For ``next``: one that was made of the same source already; else a failed one of it, whose number is used again; else
    the number after the highest.
    """
    by_number = {str(version.get("name")): version for version in there.versions}
    number = target.version
    if number == NEXT:
        own = [version for version in there.versions if source and recorded_source(version) == source.lower()]
        whole = [version for version in own if not _has_failed(version)]
        number = str((whole or own)[-1]["name"]) if own else _after(list(by_number))
    return child(target.definition, GALLERY_VERSION, number), by_number.get(number)


def is_made(version: Json | None) -> bool:
    """Whether a version is there or being made; a failed one is made again."""
    return version is not None and not _has_failed(version)


def _has_failed(resource: Json) -> bool:
    return machine.provisioning_state(resource).lower() in _FAILED


def _definition(there: GalleryState) -> Json | None:
    """The definition; one whose making failed counts as absent, and is made again."""
    return None if there.definition is None or _has_failed(there.definition) else there.definition


def _after(numbers: list[str]) -> str:
    parsed = [tuple(int(part) for part in number.split(".")) for number in numbers if number.replace(".", "").isdigit()]
    if not parsed:
        return "1.0.0"
    major, minor, patch = max(parsed)
    return f"{major}.{minor}.{patch + 1}"


def regions_of(target: GalleryTarget, location: str) -> tuple[TargetRegion, ...]:
    """Where the version goes: the named regions, else the source's."""
    return target.regions or (TargetRegion(location, target.replicas),)


# -- blockers -----------------------------------------------------------------------------------------------------


def gallery_blockers(
    request: CaptureRequest, state: CaptureState, target: GalleryTarget, there: GalleryState
) -> Iterator[Finding]:
    """Whatever stops a version from being made or taken for made."""
    if there.gallery is None:
        yield Finding("gallery_not_found", f"There is no {target.gallery.label}; make it first, or check its name.")
        return
    version_id, version = find_version(target, there, _identity(state))
    if version is not None:
        yield from _version_blockers(request, state, version_id, version)
    if is_made(version) or state.vm is None:
        return
    yield from _definition_blockers(request, state.vm, state.disks, target, there)
    yield from _region_blockers(state.vm, target)
    if any("vhd" in disk for disk in [machine.os_disk(state.vm), *machine.data_disks(state.vm)]):
        yield Finding(
            "unmanaged_disks",
            f"The {request.source.label} has unmanaged disks, of which no gallery version is made; convert them to managed "
            "disks, or capture a managed image.",
        )


def _identity(state: CaptureState) -> str | None:
    return machine.identity(state.vm) if state.vm else None


def _version_blockers(
    request: CaptureRequest, state: CaptureState, version_id: ResourceId, version: Json
) -> Iterator[Finding]:
    recorded = recorded_source(version)
    source = (machine.properties(version).get("storageProfile") or {}).get("source") or {}
    of_this_name = same_id(source.get("virtualMachineId") or source.get("id"), str(request.source))
    if recorded is None or (recorded != machine.identity(state.vm).lower() if state.vm else not of_this_name):
        whose = f"of another machine (vmId {recorded})" if recorded else "that does not say of which machine"
        yield Finding(
            "version_of_another_source",
            f"There is an {version_id.label} already, {whose}; choose another number, or 'next'.",
        )
    elif machine.provisioning_state(version) == "Deleting":
        yield Finding("version_being_deleted", f"The {version_id.label} is being deleted; wait until it is gone.")


def _definition_blockers(
    request: CaptureRequest, vm: Json, disks: list[Json], target: GalleryTarget, there: GalleryState
) -> Iterator[Finding]:
    label = target.definition.label
    definition = _definition(there)
    if definition is None:
        if target.new_definition is None:
            yield Finding(
                "definition_not_found",
                f"There is no {label}; make it first, or name its publisher, offer and sku in 'create_definition'.",
            )
        return
    has = machine.properties(definition)
    wanted = _definition_facts(request, vm, disks)
    for key, value in wanted.items():
        present = str(has.get(key) or {"architecture": "x64", "hyperVGeneration": "V1"}.get(key, ""))
        if present.lower() != value.lower():
            yield Finding(
                "definition_mismatch",
                f"The {label} is for {key} {present}, and the {request.source.label} is {value}; choose another definition.",
            )
    feature = _features(definition).get("securitytype", "")
    needed = _FEATURE.get(machine.security_type(vm).lower())
    if feature.lower() != needed.lower() if needed else feature.lower() not in _STANDARD:
        yield Finding(
            "definition_mismatch",
            f"The {label} has the security type {feature or 'Standard'}, and takes no {machine.security_type(vm)} machine such "
            f"as the {request.source.label}; choose a definition whose security type is {needed or 'Standard'}.",
        )
    plan, offered = vm.get("plan"), has.get("purchasePlan")
    if plan and not _same_plan(plan, offered):
        yield Finding(
            "definition_mismatch",
            f"The {request.source.label} carries the purchase plan '{plan.get('name')}' of '{plan.get('publisher')}', and the "
            f"{label} does not carry the same; choose another definition.",
        )


def _same_plan(plan: Json, offered: Json | None) -> bool:
    return bool(offered) and all(
        str(plan.get(key)).lower() == str((offered or {}).get(key)).lower() for key in ("publisher", "product", "name")
    )


def _region_blockers(vm: Json, target: GalleryTarget) -> Iterator[Finding]:
    location = str(vm.get("location") or "")
    names = [normalized_location(region.name) for region in regions_of(target, location)]
    if normalized_location(location) not in names:
        yield Finding(
            "source_region_missing",
            f"The regions of {target.definition.label} do not hold {location}, where the source is; Azure wants it among them.",
        )


# -- steps --------------------------------------------------------------------------------------------------------


def gallery_steps(
    request: CaptureRequest, state: CaptureState, target: GalleryTarget, there: GalleryState
) -> Iterator[Step]:
    """What makes the version, after the source is ready for it."""
    version_id, version = find_version(target, there, _identity(state))
    if version is not None and is_made(version):
        if machine.provisioning_state(version) in ("Creating", "Updating"):
            yield Step("join_version", version_id, f"wait for the {version_id.label}, which is being made")
        return
    if state.vm is None:
        return
    definition = _definition(there)
    if definition is None:
        yield _definition_step(request, state.vm, state.disks, target, there)
    elif machine.provisioning_state(definition) == "Creating":
        yield Step("join_definition", target.definition, f"wait for the {target.definition.label}, which is being made")
    if version is not None:
        yield Step(
            "delete_version",
            version_id,
            f"delete the {version_id.label}, which has failed and keeps its number",
            method="DELETE",
            path=str(version_id),
        )
    yield _version_step(request, state.vm, version_id, target)


def _definition_facts(request: CaptureRequest, vm: Json, disks: list[Json]) -> dict[str, str]:
    return {
        "osType": machine.os_type(vm),
        "osState": "Specialized" if request.specialized else "Generalized",
        "hyperVGeneration": machine.hyper_v_generation(vm, disks) or "V1",
        "architecture": machine.architecture(disks),
    }


def _features(definition: Json) -> dict[str, str]:
    return {
        str(feature.get("name")).lower(): str(feature.get("value"))
        for feature in machine.properties(definition).get("features") or []
    }


def _definition_step(
    request: CaptureRequest, vm: Json, disks: list[Json], target: GalleryTarget, there: GalleryState
) -> Step:
    new = target.new_definition
    if new is None:
        raise ValueError("a definition is made only if the task names it; the blockers see to that")
    properties: Json = {
        **_definition_facts(request, vm, disks),
        "identifier": {"publisher": new.publisher, "offer": new.offer, "sku": new.sku},
        # Left out, newer api-versions would make it V2 with TrustedLaunchSupported whatever the source is.
        "features": [{"name": "SecurityType", "value": _FEATURE.get(machine.security_type(vm).lower(), "Standard")}],
    }
    controllers = (machine.properties(disks[0]).get("supportedCapabilities") or {}) if disks else {}
    if controllers.get("diskControllerTypes"):
        properties["features"].append({"name": "DiskControllerTypes", "value": controllers["diskControllerTypes"]})
    if new.description:
        properties["description"] = new.description
    if vm.get("plan"):
        properties["purchasePlan"] = {key: vm["plan"].get(key) for key in ("publisher", "product", "name")}
    body = {"location": str((there.gallery or {}).get("location") or vm.get("location")), "properties": properties}
    return Step(
        "create_definition",
        target.definition,
        f"create the {target.definition.label} for {properties['osType']}, {properties['osState'].lower()}",
        method="PUT",
        path=str(target.definition),
        body=body,
    )


def _version_step(request: CaptureRequest, vm: Json, version_id: ResourceId, target: GalleryTarget) -> Step:
    regions = regions_of(target, str(vm.get("location") or ""))
    profile: Json = {
        "targetRegions": [_region_body(region, vm) for region in regions],
        "excludeFromLatest": target.exclude_from_latest,
        "replicationMode": "Shallow" if target.shallow else "Full",
    }
    if target.end_of_life:
        profile["endOfLifeDate"] = target.end_of_life
    properties: Json = {
        "publishingProfile": profile,
        "storageProfile": {"source": {"virtualMachineId": str(request.source)}},
    }
    if target.block_deletion_before_end_of_life:
        properties["safetyProfile"] = {"blockDeletionBeforeEndOfLife": True}
    body = {
        # A version is made where its source is, and replicated from there.
        "location": str(vm.get("location")),
        "tags": {**(request.tags or {}), **origin_tags(vm, request.moment)},
        "properties": properties,
    }
    places = ", ".join(f"{region.name} x{region.replicas}" for region in regions)
    return Step(
        "create_version",
        version_id,
        f"create the {version_id.label} from all disks, replicated to {places}",
        method="PUT",
        path=str(version_id),
        body=body,
    )


def _region_body(region: TargetRegion, vm: Json) -> Json:
    body: Json = {"name": region.name, "regionalReplicaCount": region.replicas}
    if region.storage_account_type:
        body["storageAccountType"] = region.storage_account_type
    if region.disk_encryption_set:
        key = {"diskEncryptionSetId": region.disk_encryption_set}
        body["encryption"] = {
            "osDiskImage": key,
            "dataDiskImages": [{"lun": disk.get("lun"), **key} for disk in machine.data_disks(vm)],
        }
    return body
