# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/galleries/images/versions: publishing, replication, end of life."""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

from .. import api_versions, locations
from ..errors import error
from ..guests import GuestBackend
from ..model import Body, Call, ResourceType, Style, Transition, Work, picked, removal_with_disk
from ..resource_id import parse
from ..store import Resource
from . import capture_rules, publishing_rules, replication, vm_storage
from .disk_access import inherit_blob, inherit_content
from .soft_deletion import keeping, restored

VERSION = "Microsoft.Compute/galleries/images/versions"
_OLD_SOURCE = "2019-07-01"
# Before, a machine was the source by its id (recorded with 2022-03-03). How such a version shows a younger one's is supposed.
_MACHINE_SOURCE = "2023-07-03"
_SECURE = ("TrustedLaunch", "ConfidentialVM")


def build(call: Call) -> Transition:
    """PUT publishes a version; an update changes where and for how long it is offered, never its source."""
    if call.existing is not None:
        return _update(call)
    call.require(publishing_rules.is_version(call.path.name), "version_name")
    desired = call.desired
    if (desired.get("properties") or {}).get("restore"):
        return restored(call)
    wanted = desired.get("properties") or {}
    definition = call.find(call.path.parent.id if call.path.parent else None, "gallery image")
    version = Resource(call.path.id, VERSION, call.path.name, copy.deepcopy(picked(desired, "location", "tags")))
    profile = wanted.get("storageProfile") or {}
    source = _source(call, wanted)
    if source is not None:
        _check_source(call, definition, version, source)
    inherit_content(version, source)
    inherit_blob(call, version, ((profile.get("osDiskImage") or {}).get("source") or {}).get("uri"))
    version.properties["publishingProfile"] = _publishing(call, version, wanted.get("publishingProfile") or {}, source)
    version.properties["storageProfile"] = _cached(profile)
    version.properties["safetyProfile"] = _safety(wanted)
    if wanted.get("securityProfile"):
        version.properties["securityProfile"] = copy.deepcopy(wanted["securityProfile"])
    version.private["legacy_source"] = (wanted.get("publishingProfile") or {}).get("source")

    def finish(_result: Any) -> None:
        version.properties["storageProfile"] = _measured(call, version, source)

    def fail(reason: Any) -> None:
        # One that is at home can be updated, wherever else it is missing.
        if version.location not in version.private["copied"]:
            version.private["failed"] = getattr(reason, "message", "") or "Replication failed."

    transition = Transition(version, work=_copy(version, source), finish=finish, fail=fail)
    return replication.replicating(call, version, transition)


def _cached(profile: Body) -> Body:
    """The storage profile with its default host caching."""
    shown = copy.deepcopy(profile)
    if shown.get("osDiskImage"):
        shown["osDiskImage"].setdefault("hostCaching", "ReadWrite")
    for disk in shown.get("dataDiskImages") or []:
        disk.setdefault("hostCaching", "ReadOnly")
    return shown


def _source(call: Call, wanted: Body) -> Resource | None:
    """What a version is made from; None for a VHD blob."""
    profile = wanted.get("storageProfile") or {}
    legacy = ((wanted.get("publishingProfile") or {}).get("source") or {}).get("managedImage") or {}
    direct = profile.get("source") or {}
    os_disk = (profile.get("osDiskImage") or {}).get("source") or {}
    blob = os_disk.get("uri")
    id = direct.get("virtualMachineId") or direct.get("id") or legacy.get("id") or (None if blob else os_disk.get("id"))
    if id is None:
        call.require(
            blob or profile.get("dataDiskImages"),
            "invalid_parameter",
            reason="Required parameter 'galleryImageVersion.properties.storageProfile' is missing (null).",
        )
        return None
    source = call.cloud.store.get(id)
    if source is None:
        raise error("not_here", target="storageProfile")
    return source


def _check_source(call: Call, definition: Resource, version: Resource, source: Resource) -> None:
    state, kind = definition.properties["osState"], parse(source.id).types[-1].lower()
    features = {item["name"]: item["value"] for item in definition.properties.get("features") or []}
    offered = features.get("SecurityType", "Standard")
    if source.location != version.location:
        raise error(
            "invalid_parameter",
            reason=f"The source {source.id} is in location {source.location}; the image version must be created in the "
            "same location.",
        )
    if kind == "virtualmachines":
        _check_machine(definition, source, state, offered)
        capture_rules.check_definition(definition, source)
        capture_rules.check_machine(call.cloud, source)
    if kind in ("disks", "snapshots"):
        capture_rules.check_disk(source)
    if kind == "images" and state != "Generalized":
        raise error("invalid_parameter", reason="A managed image is generalized; the image definition is Specialized.")
    if offered == "TrustedLaunchSupported" and kind == "virtualmachines":
        raise error(
            "invalid_parameter",
            reason=f"The security type 'TrustedLaunchSupported' is not supported for the source id '{source.id}'. "
            "Currently only Vhd Blob, User Image and Gallery Image Version sources are supported for "
            "'TrustedLaunchSupported' images.",
        )
    generation = source.private.get("hyper_v_generation") or source.properties.get("hyperVGeneration")
    wanted = definition.properties.get("hyperVGeneration", "V1")
    if kind in ("virtualmachines", "images") and generation != wanted:
        raise error(
            "invalid_parameter",
            reason=f"The Hyper-V generation {generation} of the source does not match {wanted} of the image definition.",
        )


def _check_machine(definition: Resource, vm: Resource, state: str, offered: str) -> None:
    generalized = vm.private["generalized"]
    if (state == "Generalized") != generalized:
        raise error(
            "not_allowed",
            reason=f"The virtual machine '{vm.name}' is {'generalized' if generalized else 'not generalized'}, but the "
            f"image definition '{definition.name}' is {state}.",
        )
    security = (vm.properties.get("securityProfile") or {}).get("securityType", "Standard")
    if security in _SECURE and security not in offered and "TrustedLaunchAndConfidentialVm" not in offered:
        raise error(
            "invalid_parameter",
            reason=f"The security type '{security}' of the virtual machine '{vm.name}' does not match '{offered}' of "
            f"the image definition '{definition.name}'.",
        )


def _publishing(call: Call, version: Resource, wanted: Body, source: Resource | None) -> Body:
    default_count = wanted.get("replicaCount", 1)
    default_sku = wanted.get("storageAccountType", "Standard_LRS")
    targets = wanted.get("targetRegions") or [{"name": version.location}]
    shown: Body = {key: copy.deepcopy(value) for key, value in wanted.items() if key not in ("targetRegions",)}
    shown["targetRegions"] = [_target(target, default_count, default_sku) for target in targets]
    if wanted.get("targetExtendedLocations"):
        shown["targetExtendedLocations"] = [
            _extended(target, default_count) for target in wanted["targetExtendedLocations"]
        ]
    names = [locations.canonical(target["name"]) for target in targets]
    publishing_rules.check(call, shown, version.location)
    if source is not None and version.location not in names:
        raise error(
            "invalid_parameter",
            reason="The gallery image version's location must be among its target regions: "
            f"'{version.location}' is not.",
        )
    unknown = [name for name in names if name not in locations.DISPLAY_NAMES]
    if unknown:
        raise error("invalid_parameter", reason=f"The target region '{unknown[0]}' is not a valid location.")
    shown["replicaCount"] = default_count
    shown["excludeFromLatest"] = bool(wanted.get("excludeFromLatest", False))
    shown["publishedDate"] = call.cloud.timestamp()
    shown["storageAccountType"] = default_sku
    return shown


def _target(target: Body, count: int, sku: str) -> Body:
    shown = copy.deepcopy(target)
    shown["name"] = locations.display_name(target["name"])
    shown.setdefault("regionalReplicaCount", count)
    shown.setdefault("storageAccountType", sku)
    return _with_security(shown)


def _extended(target: Body, count: int) -> Body:
    """A target in an edge zone (recorded)."""
    shown = copy.deepcopy(target)
    shown["name"] = locations.display_name(target["name"])
    shown.setdefault("extendedLocationReplicaCount", count)
    shown.setdefault("storageAccountType", "StandardSSD_LRS")
    return _with_security(shown)


def _with_security(shown: Body) -> Body:
    system = (shown.get("encryption") or {}).get("osDiskImage")
    if system is not None:
        system.setdefault("securityProfile", {})
    return shown


def _safety(wanted: Body) -> Body:
    defaults = {"reportedForPolicyViolation": False, "allowDeletionOfReplicatedLocations": False}
    return {**defaults, **(wanted.get("safetyProfile") or {})}


def _measured(call: Call, version: Resource, source: Resource | None) -> Body:
    """The storage profile once the copy is there: sizes show, and where each disk came from."""
    profile = copy.deepcopy(version.properties["storageProfile"])
    given = profile.get("osDiskImage") or {}
    shown: Body = {
        "sizeInGB": 30,
        "hostCaching": given.get("hostCaching", "ReadWrite"),
        "source": given.get("source", {}),
    }
    if source is not None:
        shown["sizeInGB"], data_disks = _sizes(call, source)
        known = {disk["lun"] for disk in profile.get("dataDiskImages") or []}
        added = [
            {"lun": lun, "sizeInGB": size, "hostCaching": caching}
            for lun, size, caching in data_disks
            if lun not in known
        ]
        if added:
            profile["dataDiskImages"] = [*(profile.get("dataDiskImages") or []), *added]
    for disk in profile.get("dataDiskImages") or []:
        reference = call.cloud.store.get((disk.get("source") or {}).get("id"))
        disk.setdefault("sizeInGB", reference.properties.get("diskSizeGB", 4) if reference else 4)
        disk.setdefault("hostCaching", "None")
    profile["osDiskImage"] = shown
    return profile


def _sizes(call: Call, source: Resource) -> tuple[int, list[tuple[int, int, str]]]:
    if source.type == "Microsoft.Compute/virtualMachines":
        disks = vm_storage.disks_of(call.cloud, source)
        data = [
            (entry["lun"], disk.properties["diskSizeGB"], entry["caching"]) for entry, disk in disks if "lun" in entry
        ]
        system = next((disk.properties["diskSizeGB"] for entry, disk in disks if "lun" not in entry), 30)
        return system, data
    storage = source.properties.get("storageProfile") or {}
    if source.type == VERSION:
        data_images = storage.get("dataDiskImages") or []
        return storage["osDiskImage"]["sizeInGB"], [(d["lun"], d["sizeInGB"], d["hostCaching"]) for d in data_images]
    if storage:
        data_images = storage.get("dataDisks") or []
        return storage["osDisk"].get("diskSizeGB", 30), [
            (disk["lun"], disk.get("diskSizeGB", 4), disk.get("caching", "None")) for disk in data_images
        ]
    return source.properties.get("diskSizeGB", 30), []


def _copy(version: Resource, source: Resource | None) -> Work:
    version_id = version.id.lower()
    origin = None
    if source is not None:
        origin = (vm_storage.os_disk_id(source) if source.type.endswith("virtualMachines") else source.id) or source.id

    def work(guests: GuestBackend) -> None:
        guests.create_disk(version_id, origin.lower() if origin else None)

    return work


def _update(call: Call) -> Transition:
    version, desired = call.existing, call.desired
    if version.private.get("failed"):
        raise error(
            "not_allowed",
            reason=f"The gallery image version '{version.name}' failed to be created. Delete it before it is created again.",
        )
    wanted = desired.get("properties") or {}
    given = (wanted.get("storageProfile") or {}).get("source") or {}
    before = version.properties["storageProfile"].get("source") or {}
    for key in ("id", "virtualMachineId"):
        if given.get(key) and given[key].lower() not in [str(value).lower() for value in before.values()]:
            raise error("property_change", property="galleryImageVersion.properties.storageProfile.source")
    stored = version.properties["publishingProfile"]
    publishing = dict(wanted.get("publishingProfile") or {})
    # Without target regions, it stays where it is.
    publishing["targetRegions"] = publishing.get("targetRegions") or copy.deepcopy(stored["targetRegions"])
    profile = _publishing(call, version, publishing, None)
    publishing_rules.check_update(stored, profile)
    replication.check_removal(call, version, stored, profile, _safety(wanted))
    version.properties["publishingProfile"] = {**profile, "publishedDate": stored["publishedDate"]}
    version.properties["safetyProfile"] = _safety(wanted)
    caching = ((wanted.get("storageProfile") or {}).get("osDiskImage") or {}).get("hostCaching")
    if caching:
        version.properties["storageProfile"]["osDiskImage"]["hostCaching"] = caching
    version.body.pop("tags", None)
    version.body.update(copy.deepcopy(picked(desired, "tags")))
    version.private["legacy_source"] = (wanted.get("publishingProfile") or {}).get("source")
    return replication.replicating(call, version, Transition(version))


def view(call: Call, version: Resource) -> Body:
    """A version; `$expand=ReplicationStatus` tells how far each region is."""
    body = version.document()
    properties = body["properties"]
    source = properties["storageProfile"].get("source") or {}
    if "virtualMachineId" in source and call.api_version < _MACHINE_SOURCE:
        properties["storageProfile"]["source"] = {"id": source["virtualMachineId"]}
    if call.api_version < _OLD_SOURCE:
        properties["storageProfile"].pop("source", None)
        properties["storageProfile"].get("osDiskImage", {}).pop("source", None)
        if "osDiskImage" not in properties["storageProfile"] and call.api_version < "2019-03-01":
            del properties["storageProfile"]
    if call.query.get("$expand", "").lower() == "replicationstatus":
        properties["replicationStatus"] = replication.status(call, version)
    return body


def remove(call: Call) -> Transition:
    """A version can be protected until its end of life."""
    version = call.existing
    until = version.properties["publishingProfile"].get("endOfLifeDate")
    if version.properties["safetyProfile"].get("blockDeletionBeforeEndOfLife") and until:
        moment = datetime.fromisoformat(until.replace("Z", "+00:00"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        if call.now < moment:
            raise error(
                "not_allowed",
                reason=f"The gallery image version '{version.name}' cannot be deleted before its end of life date {until} "
                "since blockDeletionBeforeEndOfLife is set.",
            )
    return keeping(call, removal_with_disk(call))


TYPE = ResourceType(
    name=VERSION,
    build=build,
    remove=remove,
    view=view,
    api_versions=api_versions.GALLERIES,
    created=Style(201, body=True, family="capsOperations"),
    updated=Style(200, body=True, family="capsOperations"),
    styles_until=("2018-06-01", {"updated": Style(202, location=True, body=True, family="capsOperations")}),
    deleted=Style(202, location=True, family="capsOperations"),
    since={
        "tags": "2019-03-01",
        "properties.safetyProfile": "2022-03-03",
        "properties.publishingProfile.storageAccountType": "2019-03-01",
        "properties.publishingProfile.targetRegions.storageAccountType": "2019-03-01",
    },
    policies={
        "get": "GetGalleryImageVersion",
        "write": "CreateUpdateGalleryImageVersion",
        "delete": "DeleteGalleryImageVersion",
    },
)
