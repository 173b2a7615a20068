# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/disks and snapshots: one rule for both, told apart by a few words."""

from __future__ import annotations

import copy

from .. import api_versions
from ..errors import error
from ..guests import GuestBackend
from ..model import Action, Body, Call, ResourceType, Style, Transition, Work, picked, removal_with_disk
from ..resource_id import parse
from ..store import Resource
from .disk_access import grant, inherit_content, revoke
from .disk_model import DISK, GIBIBYTE, PLATFORM_KEY, speed, tier
from .images_of_vms import capabilities, resolve

SNAPSHOT = "Microsoft.Compute/snapshots"
SINCE = {
    "properties.encryption": "2019-07-01",
    "properties.diskSizeBytes": "2019-03-01",
    "properties.uniqueId": "2019-03-01",
    "properties.creationData.sourceUniqueId": "2019-03-01",
    "properties.networkAccessPolicy": "2020-05-01",
    "properties.publicNetworkAccess": "2021-08-01",
    "properties.tier": "2020-05-01",
    "properties.diskIOPSReadWrite": "2018-09-30",
    "properties.diskMBpsReadWrite": "2018-09-30",
    "properties.hyperVGeneration": "2018-06-01",
    "properties.incremental": "2019-03-01",
    "properties.supportedCapabilities": "2021-08-01",
    "properties.supportsHibernation": "2021-04-01",
    "properties.incrementalSnapshotFamilyId": "2022-03-02",
    "properties.completionPercent": "2021-04-01",
    # The files of disks describe it from here on.
    "properties.LastOwnershipUpdateTime": "2023-10-02",
}
_ENVELOPE = ("location", "tags", "sku", "zones", "extendedLocation", "managedBy")
_COMPUTED = (
    "timeCreated",
    "incrementalSnapshotFamilyId",
    "uniqueId",
    "diskState",
    "diskSizeBytes",
    "provisioningState",
    "osType",
    "hyperVGeneration",
)
_FROM_SOURCE = (
    "osType", "hyperVGeneration", "diskSizeGB", "supportedCapabilities", "supportsHibernation", "securityProfile",
    "purchasePlan", "encryption",
)  # fmt: skip
_MODERN = "2020-12-01"
_IMAGES = "/providers/microsoft.compute/images"
# What the first answer to a write already says of an Ultra disk (recorded).
_ULTRA = ("readOnly", "diskIOPSReadOnly", "diskMBpsReadOnly")
_FIXED = {"Import": 30, "Restore": 5}


def build(call: Call) -> Transition:
    """PUT and PATCH of a disk or snapshot."""
    desired = call.desired
    wanted = desired.get("properties") or {}
    kind = SNAPSHOT if call.path.types[-1].lower() == "snapshots" else DISK
    call.require_zones(desired)
    resource = call.existing or Resource(call.path.id, kind, call.path.name, {})
    before = resource.body.get("properties", {})
    owner = resource.body.get("managedBy")
    creation = copy.deepcopy(before.get("creationData") or wanted.get("creationData") or {})
    call.require(
        creation.get("createOption"),
        "invalid_parameter",
        reason="Required parameter 'creationData.createOption' is missing (null).",
    )
    # What is there already does not need its source any more.
    known = {key: copy.deepcopy(before[key]) for key in _FROM_SOURCE if before.get(key)}
    facts = known if call.existing else _facts(call, creation, desired["location"], kind == SNAPSHOT)
    if (desired.get("sku") or {}).get("name") == "UltraSSD_LRS":
        creation.setdefault("logicalSectorSize", 4096)
    size = wanted.get("diskSizeGB") or before.get("diskSizeGB") or facts.pop("diskSizeGB", None)
    facts.pop("diskSizeGB", None)
    _check_size(call, before, size, creation)
    sku = (desired.get("sku") or {}).get("name") or (resource.body.get("sku") or {}).get("name") or "Standard_LRS"
    shown = {key: copy.deepcopy(desired[key]) for key in _ENVELOPE if desired.get(key) is not None}
    if owner:
        shown["managedBy"] = owner
    shown["sku"] = {"name": sku, "tier": tier(sku)}
    shown["properties"] = _properties(call, wanted, before, creation, facts, kind, sku, size)
    resource.body = shown
    if call.existing is None:
        _inherit(call, resource, creation)
    resource.private["asked"] = {"properties": {}, **call.stated}
    return Transition(
        resource,
        work=_copy(call, resource, creation) if call.existing is None else None,
        output=lambda: view(call, resource),
    )


def _inherit(call: Call, resource: Resource, creation: Body) -> None:
    """A copy holds what its source does; one of what was encrypted by Azure Disk Encryption counts as such itself."""
    source = call.cloud.store.get(creation.get("sourceResourceId"))
    if source is not None and source.private.get("was_encrypted"):
        resource.private["was_encrypted"] = True
    reference = creation.get("galleryImageReference") or creation.get("imageReference")
    if source is None and reference:
        source = resolve(call, reference, resource.location).resource
    inherit_content(resource, source, (reference or {}).get("lun"))


def _properties(
    call: Call, wanted: Body, before: Body, creation: Body, facts: Body, kind: str, sku: str, size: int | None
) -> Body:
    shown: Body = {**facts, **{key: value for key, value in wanted.items() if key not in ("creationData",)}}
    shown["creationData"] = creation
    if size:
        shown["diskSizeGB"] = size
        shown["diskSizeBytes"] = size * GIBIBYTE
    if kind == DISK:
        fast = speed(sku, size or creation.get("uploadSizeBytes", 0) // GIBIBYTE)
        shown = {**fast, **shown}
    else:
        shown.setdefault("incremental", False)
        if shown["incremental"]:
            shown["incrementalSnapshotFamilyId"] = call.cloud.new_id()
            shown["completionPercent"] = 100.0
    shown.setdefault("encryption", dict(PLATFORM_KEY))
    if shown["encryption"].get("diskEncryptionSetId"):
        shown["encryption"].setdefault("type", "EncryptionAtRestWithCustomerKey")
    if not before and kind == DISK:
        shown.update(call.cloud.settings.modified_disks)
    shown.setdefault("networkAccessPolicy", "AllowAll")
    shown.setdefault("publicNetworkAccess", "Enabled")
    shown["timeCreated"] = call.cloud.timestamp()
    shown["diskState"] = "ReadyToUpload" if creation["createOption"].startswith("Upload") else "Unattached"
    shown["uniqueId"] = call.cloud.new_id()
    shown.update({key: before[key] for key in _COMPUTED if key in before and key not in ("diskSizeBytes",)})
    return shown


def _check_size(call: Call, before: Body, size: int | None, creation: Body) -> None:
    if size is None and creation["createOption"] == "Empty":
        raise error("invalid_parameter", reason="Required parameter 'diskSizeGB' is missing (null).")
    if before and size and size < before.get("diskSizeGB", 0):
        raise error("disk_shrinks", id=call.path.id)


def _facts(call: Call, creation: Body, location: str, is_snapshot: bool) -> Body:
    """What the source of a disk says about it: size, operating system, generation, unique id."""
    option = creation["createOption"]
    if option in ("Copy", "CopyStart", "CopyFromSanSnapshot"):
        return _source_facts(call, creation, location)
    reference = creation.get("imageReference") or creation.get("galleryImageReference")
    if option == "FromImage" and reference:
        if str(reference.get("id")).rpartition("/")[0].lower().endswith(_IMAGES):
            # Azure/azure-powershell#14000
            raise error("invalid_parameter", reason="The value of parameter imageReference is invalid.")
        image = resolve(call, reference, location)
        if image.resource is not None:
            creation["imageReference"] = {"id": image.resource.id}
        if reference.get("lun") is not None:
            return {"diskSizeGB": {disk.lun: disk.size for disk in image.data_disks}.get(reference["lun"], 4)}
        return {
            "osType": image.os_type,
            "hyperVGeneration": image.hyper_v_generation,
            "diskSizeGB": image.os_disk_size,
            **capabilities(image),
        }
    if option == "Restore" and "/restorepointcollections/" in str(creation.get("sourceResourceId")).lower():
        # "Create a new disk": OpenAPI, DiskCreateOption.
        call.require(not is_snapshot, "invalid_parameter", reason="The value of parameter creationData is invalid.")
        return _source_facts(call, creation, location)
    if option in _FIXED:
        return {"diskSizeGB": _FIXED[option]}
    return {}


def _source_facts(call: Call, creation: Body, location: str) -> Body:
    id = creation.get("sourceResourceId") or creation.get("sourceUri")
    source = call.cloud.store.get(id)
    if source is None:
        raise error("not_here", target="creationData")
    is_point = source.type.lower().endswith("/diskrestorepoints")
    if is_point != (creation["createOption"] == "Restore"):
        # "Copy from a disk or snapshot", "Restore from a backup recovery point": OpenAPI, DiskCreateOption. The refusal is assumed.
        raise error("invalid_parameter", reason="The value of parameter creationData.sourceResourceId is invalid.")
    place = _place(call, source) if is_point else source.location
    if place != location and creation["createOption"] in ("Copy", "Restore"):
        raise error("source_elsewhere", name=source.name)
    creation["sourceResourceId"] = id
    creation.pop("sourceUri", None)
    sector = source.properties.get("creationData", {}).get("logicalSectorSize")
    if sector:
        creation["logicalSectorSize"] = sector
    if source.type in (DISK, SNAPSHOT) and source.properties.get("uniqueId"):
        creation["sourceUniqueId"] = source.properties["uniqueId"]
    return copy.deepcopy({key: source.properties[key] for key in _FROM_SOURCE if source.properties.get(key)})


def _place(call: Call, point: Resource) -> str:
    """The region of a disk restore point: that of its collection."""
    collection = call.cloud.store.get("/".join(point.id.split("/")[:9]))
    return collection.location if collection else ""


def _copy(call: Call, resource: Resource, creation: Body) -> Work | None:
    """The guests copy OS disks only."""
    disk_id, option = resource.id.lower(), creation["createOption"]
    if option in ("Copy", "CopyStart", "Restore"):
        source: str | None = (creation.get("sourceResourceId") or "").lower()
        if not resource.properties.get("osType"):
            return None
    elif option == "FromImage":
        reference = creation.get("imageReference") or creation.get("galleryImageReference") or {}
        if reference.get("lun") is not None:
            return None
        source = resolve(call, reference, resource.location).guest_disk
    else:
        return None

    def work(guests: GuestBackend) -> None:
        guests.create_disk(disk_id, source)

    return work


def view(call: Call, resource: Resource) -> Body:
    """A disk or snapshot as it reads."""
    return resource.document()


def acknowledge(call: Call, resource: Resource) -> Body:
    """The 202 answer: little more than what was asked; before 2020-12-01 without id, but with isArmResource (recorded)."""
    asked, modern = copy.deepcopy(resource.private["asked"]), call.api_version >= _MODERN
    shown: Body = {"name": resource.name} if resource.type == DISK else {}
    if modern:
        shown = {"name": resource.name, "id": resource.id, "type": resource.type}
    shown["location"] = resource.location
    for key in ("tags", "sku", "zones"):
        value = resource.body.get(key) if call.method == "PATCH" else asked.get(key)
        if value is not None:
            shown[key] = value
    if resource.body.get("managedBy"):
        shown["managedBy"] = resource.body["managedBy"]
    properties = _acknowledged(call, resource, asked["properties"])
    if not modern:
        properties["isArmResource"] = True
        if resource.type == SNAPSHOT or call.existing is not None:
            properties["faultDomain"] = 0
    return {**shown, "properties": properties}


def _acknowledged(call: Call, resource: Resource, asked: Body) -> Body:
    """What was asked, with what is known at once: of copies their source's facts, of Ultra disks and imported ones theirs."""
    creation = {**resource.properties["creationData"], **(asked.get("creationData") or {})}
    shown = {**asked, "creationData": creation}
    copied = ("osType", "hyperVGeneration") if creation["createOption"] == "Copy" else ()
    for key in ("osType", "hyperVGeneration", "diskSizeGB"):
        if resource.properties.get(key) and (call.existing is not None or key in copied or key in asked):
            shown[key] = resource.properties[key]
    if (resource.body.get("sku") or {}).get("name") == "UltraSSD_LRS":
        shown.update(picked(resource.properties, *_ULTRA))
    if creation["createOption"] == "Import":
        shown.update(picked(resource.properties, "diskSizeBytes"))
    return {**shown, "provisioningState": "Updating"}


def remove(call: Call) -> Transition:
    """A disk that belongs to a machine stays."""
    resource = call.existing
    if resource.properties["diskState"] == "ActiveSAS":
        raise error("active_access", kind=parse(resource.id).types[-1].lower().removesuffix("s"), name=resource.name)
    owner = resource.body.get("managedBy")
    if owner and call.cloud.store.get(owner) is not None:
        raise error("disk_attached", disk=resource.name, vm=owner)
    return removal_with_disk(call)


_WRITE = Style(202, location=True, body=True, retry_after=2, family="DiskOperations")
_PLAIN = Style(202, location=True, family="DiskOperations")


def _row(name: str, gone: str) -> ResourceType:
    return ResourceType(
        name=name,
        build=build,
        remove=remove,
        view=view,
        acknowledgement=acknowledge,
        gone=gone,
        api_versions=api_versions.DISKS,
        created=_WRITE,
        updated=_WRITE,
        deleted=_PLAIN,
        actions={"beginGetAccess": Action(grant, _PLAIN), "endGetAccess": Action(revoke, _PLAIN)},
        since=SINCE,
        policies={"get": "LowCostGet", "list": "HighCostGet", "write": "CreateUpdateDisks", "delete": "DeleteDisks"},
        shouting_lists=True,
    )


DISK_TYPE = _row(DISK, "disk_gone")
SNAPSHOT_TYPE = _row(SNAPSHOT, "snapshot_gone")
