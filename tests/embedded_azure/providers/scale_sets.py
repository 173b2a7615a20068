# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual machine scale sets, as far as they refer to images: who uses what."""

from __future__ import annotations

import copy

from .. import api_versions
from ..model import Call, ResourceType, Style, Transition, picked
from ..store import Resource
from .images_of_vms import resolve

SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"


def build(call: Call) -> Transition:
    """A scale set without machines; its image reference must mean something."""
    desired = call.desired
    found = call.existing or Resource(call.path.id, SCALE_SET, call.path.name, {})
    unique = found.body.get("properties", {}).get("uniqueId") or call.cloud.new_id()
    wanted = copy.deepcopy(desired.get("properties") or {})
    profile = wanted.get("virtualMachineProfile") or {}
    reference = (profile.get("storageProfile") or {}).get("imageReference")
    if reference:
        resolve(call, reference, desired["location"])
    (profile.get("osProfile") or {}).pop("adminPassword", None)
    found.body = copy.deepcopy(picked(desired, "location", "tags", "sku", "zones", "identity", "plan"))
    found.body["properties"] = {"singlePlacementGroup": True, "uniqueId": unique, **wanted}
    return Transition(found)


TYPE = ResourceType(
    name=SCALE_SET,
    build=build,
    api_versions=api_versions.COMPUTE,
    created=Style(201, body=True),
    updated=Style(200, body=True),
    deleted=Style(202, location=True),
    shouting_lists=True,
)
