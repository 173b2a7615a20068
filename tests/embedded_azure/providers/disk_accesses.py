# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/diskAccesses: by which disks are reached over private endpoints only."""

from __future__ import annotations

import copy

from .. import api_versions
from ..model import Body, Call, ResourceType, Style, Transition, picked
from ..store import Resource

DISK_ACCESS = "Microsoft.Compute/diskAccesses"


def build(call: Call) -> Transition:
    """PUT and PATCH; there is nothing to say of one but its tags."""
    found = call.existing or Resource(call.path.id, DISK_ACCESS, call.path.name, {})
    before = found.body.get("properties", {})
    found.body = copy.deepcopy(picked(call.desired, "location", "tags"))
    found.body["properties"] = before or {"timeCreated": call.cloud.timestamp()}
    return Transition(found, output=found.document)


def acknowledge(call: Call, found: Resource) -> Body:
    """The first answer has no properties yet (recorded)."""
    del call
    shown = found.document()
    del shown["properties"]
    return shown


_WRITE = Style(202, location=True, body=True, family="DiskOperations")

TYPE = ResourceType(
    name=DISK_ACCESS,
    build=build,
    acknowledgement=acknowledge,
    api_versions=api_versions.DISKS,
    created=_WRITE,
    updated=_WRITE,
    deleted=Style(202, location=True, family="DiskOperations"),
)
