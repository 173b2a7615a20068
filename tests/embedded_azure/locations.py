# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regions of the public cloud: name, display name, and whether it has availability zones.

Names and order from the list in ARM's own error LocationNotAvailableForResourceGroup (recorded).
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9 ]+")
_NAMES = [
    "Central US*",
    "East Asia*",
    "Southeast Asia*",
    "East US*",
    "East US 2*",
    "West US",
    "West US 2*",
    "North Central US",
    "South Central US*",
    "West Central US",
    "North Europe*",
    "West Europe*",
    "Japan East*",
    "Japan West",
    "Brazil South*",
    "Australia Southeast",
    "Australia East*",
    "West India",
    "South India",
    "Central India*",
    "Canada Central*",
    "Canada East",
    "UK South*",
    "UK West",
    "Korea Central*",
    "Korea South",
    "France Central*",
    "South Africa North*",
    "UAE North*",
    "Australia Central",
    "Switzerland North*",
    "Germany West Central*",
    "Norway East*",
    "Jio India West",
    "West US 3*",
    "Australia Central 2",
    "Sweden Central*",
    "Italy North*",
    "Poland Central*",
    "Israel Central*",
    "East US 2 EUAP",
    "Central US EUAP*",
    "East US STG",
]


def canonical(location: str) -> str:
    """The form in which ARM answers a region: `East US 2` and `EastUS2` are eastus2."""
    return location.replace(" ", "").lower()


def is_well_formed(location: str) -> bool:
    """Whether this could be the name of a region: letters, digits and spaces."""
    return bool(_NAME.fullmatch(location))


DISPLAY_NAMES: dict[str, str] = {canonical(name.rstrip("*")): name.rstrip("*") for name in _NAMES}
WITH_ZONES: frozenset[str] = frozenset(canonical(name.rstrip("*")) for name in _NAMES if name.endswith("*"))
ZONES = ("1", "2", "3")


def display_name(location: str) -> str:
    """`eastus2` is East US 2; an unknown name stays as it is."""
    return DISPLAY_NAMES.get(canonical(location), location)


def document(name: str, subscription: str) -> dict[str, object]:
    """One item of GET /subscriptions/{id}/locations."""
    location: dict[str, object] = {
        "id": f"/subscriptions/{subscription}/locations/{name}",
        "name": name,
        "type": "Region",
        "displayName": DISPLAY_NAMES[name],
        "regionalDisplayName": f"(Region) {DISPLAY_NAMES[name]}",
        "metadata": {"regionType": "Physical", "regionCategory": "Recommended" if name in WITH_ZONES else "Other"},
    }
    if name in WITH_ZONES:
        location["availabilityZoneMappings"] = [
            {"logicalZone": zone, "physicalZone": f"{name}-az{zone}"} for zone in ZONES
        ]
    return location
