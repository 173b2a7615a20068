# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a recording takes for granted: resources that were made before its first line, or by requests it left out.

They are made through the embedded Azure's own rules, from the writable part of the first body the recording shows.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from embedded_azure.resource_id import ArmPath, parse

from .traffic import SUBSCRIPTION, Recorded

_COMPUTED = frozenset(
    {
        "id", "name", "type", "etag", "resources", "systemData", "managedBy", "managedByExtended",
        "provisioningState", "vmId", "timeCreated", "instanceView", "uniqueId", "diskState", "diskSizeBytes",
        "publishedDate", "replicationStatus", "exactVersion", "principalId", "tenantId", "resourceGuid",
        "sourceUniqueId", "supportedCapabilities",
    }
)  # fmt: skip
_KEEP_NAMES = ("features", "targetRegions", "dataDisks", "osDisk", "ipConfigurations", "sku", "plan", "purchasePlan")
_ID = re.compile(r"^/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.(compute|network)/", re.IGNORECASE)
# What a machine brings along whose interfaces a recording does not show.
_INTERFACE = {
    "networkApiVersion": "2020-11-01",
    "networkInterfaceConfigurations": [
        {"name": "nic", "properties": {"primary": True, "ipConfigurations": [{"name": "ip", "properties": {}}]}}
    ],
}
_DEFAULT_LOCATION = "westus"


def writable(body: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a client could have sent."""
    shown = _strip(copy.deepcopy(body), "")
    storage = shown.get("properties", {}).get("storageProfile")
    if (
        isinstance(storage, dict)
        and "osDisk" in storage
        and "type" in body
        and body["type"].endswith("virtualMachines")
    ):
        for disk in (storage["osDisk"], *storage.get("dataDisks", [])):
            if disk.get("createOption") != "Attach":
                disk.get("managedDisk", {}).pop("id", None)
    return shown


def _strip(node: Any, key: str) -> Any:
    if isinstance(node, list):
        return [_strip(item, key) for item in node]
    if not isinstance(node, dict):
        return node
    keep = {"name"} if key in _KEEP_NAMES else set()
    if key in ("extendedLocation", "identity", "securityProfile", "encryption", "creationData", "networkInterfaces"):
        keep = {"type", "id", "name"}
    reference = set(node) == {"id"} or key in (
        "managedDisk", "snapshot", "source", "sourceVirtualMachine", "diskEncryptionSet", "sourceVault",
        "imageReference", "sourceResource", "galleryImageReference",
    )  # fmt: skip
    if reference:
        keep |= {"id"}
    if key == "extension" or "typeHandlerVersion" in node:
        keep |= {"type"}
    return {name: _strip(value, name) for name, value in node.items() if name not in _COMPUTED or name in keep}


def references(body: Any) -> Iterator[str]:
    """Ids of resources that a body refers to."""
    if isinstance(body, dict):
        for key, value in body.items():
            if isinstance(value, str) and key != "subnet" and _ID.match(value):
                yield value
            elif key not in ("subnet", "diskEncryptionSet", "proximityPlacementGroup", "availabilitySet", "host"):
                yield from references(value)
    elif isinstance(body, list):
        for item in body:
            yield from references(item)


def bodies(scenario: list[Recorded]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Every full body of a resource that a scenario shows, by lower-cased id, with the position it is shown at."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for position, exchange in enumerate(scenario):
        for body in _documents(exchange.answer):
            found.setdefault(body["id"].lower(), []).append((position, body))
    return found


def _documents(answer: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(answer, dict):
        return
    if isinstance(answer.get("id"), str) and "properties" in answer:
        yield answer
    output = answer.get("properties", {}).get("output") if isinstance(answer.get("properties"), dict) else None
    if output is not None:
        yield from _documents(output)
    for item in answer.get("value") or []:
        yield from _documents(item)


def owner(path: ArmPath) -> ArmPath:
    """The resource that a request is about: of an action or collection, what it is asked of."""
    return path if path.is_resource or not path.names else path.with_last_type_dropped()


def minimal(path: ArmPath, location: str) -> dict[str, Any]:
    """The least body that makes a resource of a type, for one whose body the recording never shows."""
    kind = "/".join(path.types).lower()
    properties: dict[str, Any] = {}
    if kind in ("disks", "snapshots"):
        properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 30, "osType": "Linux"}
    elif kind == "virtualmachines":
        properties = {
            "hardwareProfile": {"vmSize": "Standard_DS1_v2"},
            "storageProfile": {
                "imageReference": {"publisher": "Debian", "offer": "debian-13", "sku": "13", "version": "latest"},
                "osDisk": {"createOption": "FromImage"},
            },
            "osProfile": {"computerName": path.name[:15], "adminUsername": "azureuser"},
            "networkProfile": dict(_INTERFACE),
        }
    elif kind == "images":
        blob = {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
        properties = {"storageProfile": {"osDisk": blob}}
    elif kind == "galleries/images":
        properties = {
            "osType": "Linux",
            "osState": "Generalized",
            "identifier": {"publisher": "publisher", "offer": "offer", "sku": path.name},
        }
    elif kind == "galleries/images/versions":
        blob = {"uri": "https://a.blob.core.windows.net/v/o.vhd"}
        properties = {"storageProfile": {"osDiskImage": {"source": blob}}}
    elif kind == "networkinterfaces":
        properties = {"ipConfigurations": [{"name": "ipconfig1", "properties": {}}]}
    return {"location": location, "properties": properties}


def unrecorded(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The PATCH which leads from one recorded answer to a later one: tags and data disks."""
    change: dict[str, Any] = {}
    if after.get("tags") and before.get("tags") != after["tags"]:
        change["tags"] = after["tags"]
    disks = [_data_disks(body) for body in (before, after)]
    if after.get("type") == "Microsoft.Compute/virtualMachines" and set(disks[0]) != set(disks[1]):
        change["properties"] = {
            "storageProfile": {"dataDisks": writable(after)["properties"]["storageProfile"]["dataDisks"]}
        }
    return change


def _data_disks(body: dict[str, Any]) -> list[int]:
    return [disk["lun"] for disk in body.get("properties", {}).get("storageProfile", {}).get("dataDisks") or []]


def extension(id: str, machine: dict[str, Any]) -> dict[str, Any]:
    """The body of an extension of which only the id is shown."""
    name = parse(id).name
    properties = {"publisher": "Microsoft.Azure.Extensions", "type": name, "typeHandlerVersion": "1.0"}
    return {"location": location_of(machine), "properties": properties}


def accepted_terms(scenario: list[Recorded]) -> list[str]:
    """Purchase plans whose terms had been accepted before a recording, each as publisher:product:name: the first look says so."""
    seen: dict[str, bool] = {}
    for exchange in scenario:
        shown = exchange.answer.get("properties") if isinstance(exchange.answer, dict) else None
        if "/agreements/" in exchange.url.lower() and exchange.method == "GET" and isinstance(shown, dict):
            plan = ":".join(str(shown[word]) for word in ("publisher", "product", "plan"))
            seen.setdefault(plan, bool(shown.get("accepted")))
    return [plan for plan, accepted in seen.items() if accepted]


def may_buy(scenario: list[Recorded]) -> bool:
    """Whether the tenant of a recording may buy what has a plan: the service behind Resource Manager says if it may not."""
    return not any(
        "AccountSetupError" in json.dumps(exchange.answer) for exchange in scenario if not exchange.succeeded
    )


def group_id(path: ArmPath) -> str:
    """The id of the group a path lies in."""
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{path.group}"


def location_of(body: dict[str, Any] | None) -> str:
    """The region of a body, or a default one."""
    return (body or {}).get("location") or _DEFAULT_LOCATION
