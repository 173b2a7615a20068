# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The rules of Azure for the properties of image definitions; pure.

Sources: https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-definitions (security types),
https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#diskcontrollertypes (generation of disk controllers),
https://learn.microsoft.com/azure/virtual-machines/generation-2 (generation of Arm64),
https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-shared-images (ranges),
https://learn.microsoft.com/azure/virtual-machines/share-gallery-community (regions).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._definition.request import (
    DefinitionRequest,
    DefinitionState,
)
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import (
    DEFINITION_PROPERTIES,
    STANDARD,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import default_identifier
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import (
    PRIVATE,
    PRIVATE_SECURITY_TYPES,
    permissions_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import version_blockers

Json = dict[str, Any]

_RANGES = {"vcpus": "vCPUs", "memory_gb": "memory"}


def creation_settings(request: DefinitionRequest) -> Json:
    """The settings of a new definition: those of the task, and defaults.

    The generation is always sent, since the default depends on the api-version.
    """
    settings = dict(request.settings)
    defaults = {"os_state": "generalized", "hyper_v_generation": "V2", "architecture": "x64"}
    for name, value in {**defaults, **default_identifier(request.definition)}.items():
        if settings.get(name) is None:
            settings[name] = value
    # Of generation 1, there are only virtual machines without a security type.
    if settings.get("security_type") is None and settings["hyper_v_generation"] == "V1":
        settings["security_type"] = STANDARD
    return settings


def setting_blockers(
    request: DefinitionRequest, settings: Mapping[str, Any], state: DefinitionState
) -> Iterator[Finding]:
    """Blockers for settings that contradict each other or the gallery."""
    effective = _effective(settings, state)
    yield from _generation_blockers(request, settings, effective)
    yield from _range_blockers(request, effective)
    if request.starts_at_version is not None:
        yield from version_blockers(request.starts_at_version)
    if permissions_of(state.gallery) == PRIVATE:
        return
    shared = permissions_of(state.gallery).lower()
    if str(settings.get("security_type")).lower() in PRIVATE_SECURITY_TYPES:
        yield Finding(
            "security_type_needs_private_gallery",
            f"The {request.gallery.label} is shared ({shared}), and only private galleries support the security type "
            f"{settings['security_type']} of {request.definition.label}; use {settings['security_type']}Supported, or "
            "another gallery.",
        )
    place = str((state.gallery or {}).get("location"))
    if not state.exists and request.location and normalized_location(request.location) != normalized_location(place):
        yield Finding(
            "definition_in_other_region",
            f"The {request.gallery.label} is shared ({shared}), and only definitions in its region {place} are "
            f"available to others, not those in {request.location}; omit 'location'.",
        )


def _effective(settings: Mapping[str, Any], state: DefinitionState) -> Json:
    """The settings, completed by those of an existing definition."""
    present = state.definition if state.exists and state.definition else {}
    effective: Json = {
        each.option: each.present(present) if settings.get(each.option) is None else settings[each.option]
        for each in DEFINITION_PROPERTIES
    }
    if settings.get("recommended") is not None:
        merged = copy.deepcopy(dict(present))
        ranges = next(each for each in DEFINITION_PROPERTIES if each.option == "recommended")
        ranges.write(merged.setdefault("properties", {}), settings["recommended"])
        effective["recommended"] = ranges.present(merged)
    return effective


def _generation_blockers(request: DefinitionRequest, settings: Mapping[str, Any], effective: Json) -> Iterator[Finding]:
    if effective["hyper_v_generation"] != "V1":
        return
    needing = []
    if settings.get("security_type") not in (None, STANDARD):
        needing.append(f"the security type {settings['security_type']}")
    if "NVMe" in (settings.get("disk_controller_types") or []):
        needing.append("the disk controller type NVMe")
    if settings.get("architecture") == "Arm64":
        needing.append("the architecture Arm64")
    for what in needing:
        yield Finding(
            "generation_2_needed",
            f"The {request.definition.label} has the Hyper-V generation V1, and {what} needs V2; use V2, or omit that "
            "option.",
        )


def _range_blockers(request: DefinitionRequest, effective: Mapping[str, Any]) -> Iterator[Finding]:
    for option, name in _RANGES.items():
        limits = (effective["recommended"] or {}).get(option) or {}
        least, most = limits.get("min"), limits.get("max")
        if least is not None and most is not None and least > most:
            yield Finding(
                "range_not_valid",
                f"The recommended {name} of {request.definition.label} would have a minimum of {least} and a maximum of "
                f"{most}: set a minimum that is not greater than the maximum.",
            )
