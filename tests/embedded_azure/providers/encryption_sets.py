# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/diskEncryptionSets, as far as disks and images name them."""

from __future__ import annotations

import copy
import re
from typing import Any

from .. import api_versions
from ..errors import error
from ..model import Body, Call, ResourceType, Style, Transition, picked
from ..resource_id import same
from ..store import Resource
from . import identities

ENCRYPTION_SET = "Microsoft.Compute/diskEncryptionSets"
_WRITE = Style(202, location=True, body=True, family="DiskOperations")
_VERSIONED = re.compile(r"^https://[^/]+/keys/[^/]+/[^/]+/?$", re.IGNORECASE)
_TYPE_SHOWN = "2020-06-30"
_CUSTOMER_KEY = "EncryptionAtRestWithCustomerKey"


def build(call: Call) -> Transition:
    """An encryption set gets an identity of its own."""
    desired = call.desired
    found = call.existing or Resource(call.path.id, ENCRYPTION_SET, call.path.name, {})
    before = found.body.get("properties", {})
    identity = identities.requested(call.cloud, desired.get("identity"), found.body.get("identity"))
    found.body = copy.deepcopy(picked(desired, "location", "tags"))
    if identity:
        found.body["identity"] = identity
    found.body["properties"] = {
        "encryptionType": _CUSTOMER_KEY,
        **before,
        **copy.deepcopy(desired.get("properties") or {}),
    }
    if before and before.get("activeKey") != found.properties.get("activeKey"):
        found.properties["lastKeyRotationTimestamp"] = call.cloud.timestamp()
    _check_key(found.properties)
    found.private["asked"] = copy.deepcopy(call.body)
    return Transition(
        found,
        finish=lambda _result: identities.settle(call.cloud, found.body.get("identity")),
        output=lambda: _output(call, found),
    )


def _check_key(properties: Body) -> None:
    """A key is named with its version, unless the set is to follow the newest one.

    https://learn.microsoft.com/rest/api/compute/disk-encryption-sets/create-or-update, KeyForDiskEncryptionSet
    """
    url = str((properties.get("activeKey") or {}).get("keyUrl") or "")
    if url and not _VERSIONED.match(url) and not properties.get("rotationToLatestKeyVersionEnabled"):
        raise error("key_without_version", url=url, target="activeKey.keyUrl")


def _output(call: Call, found: Resource) -> Body:
    """The result of a write; older versions call the type of the encryption by another name, and here only (recorded)."""
    shown = found.document()
    if call.api_version < _TYPE_SHOWN:
        shown["properties"]["type"] = shown["properties"].pop("encryptionType")
    return shown


def acknowledge(call: Call, found: Resource) -> Body:
    """The answer to a PUT: what was asked, without id and name (recorded); to a PATCH the whole."""
    if call.method == "PATCH":
        return found.document()
    asked: Body = picked(found.private["asked"], "tags", "identity")
    properties: Body = {**found.private["asked"].get("properties", {}), "provisioningState": "Updating"}
    return {"location": found.location, **copy.deepcopy(asked), "properties": properties}


def associated(call: Call, found: Resource) -> Body:
    """Ids of disks and snapshots that name this set, in capitals as Azure writes them (recorded)."""
    users = []
    for kind in ("Microsoft.Compute/disks", "Microsoft.Compute/snapshots"):
        for resource in call.cloud.store.of_type(kind):
            if same((resource.properties.get("encryption") or {}).get("diskEncryptionSetId"), found.id):
                users.append(resource.id)
    return {"value": users}


def view(call: Call, found: Resource) -> Body:
    """The whole."""
    return found.document()


TYPE: Any = ResourceType(
    name=ENCRYPTION_SET,
    build=build,
    view=view,
    acknowledgement=acknowledge,
    api_versions=api_versions.DISKS,
    created=_WRITE,
    updated=_WRITE,
    styles_until=("2019-11-01", {"created": Style(201, body=True, family="DiskOperations")}),
    deleted=Style(202, location=True, family="DiskOperations"),
    reads={"associatedResources": associated},
    since={"properties.encryptionType": _TYPE_SHOWN},
    gone="encryption_set_gone",
    shouting_lists=True,
)
