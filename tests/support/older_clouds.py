# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds that lag behind: the settings of an embedded Azure that knows no newer API versions than those of a year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from repository import ROOT

from embedded_azure import EmbeddedAzure, api_versions
from embedded_azure.model import ResourceType
from embedded_azure.providers.registry import PROVIDERS as SERVED

GUIDE = ROOT / "docs" / "guides" / "authentication.md"
_LOCATIONS = "Microsoft.Compute/locations"
#: Versions of what is no stored resource in an embedded Azure, which takes any unless it is told which it knows.
_OTHERS = {
    "Microsoft.Resources": ("2019-10-01", "2020-06-01", "2021-04-01", "2022-09-01", "2022-12-01"),
    "Microsoft.Network": ("2020-11-01", "2021-08-01", "2022-11-01", "2024-05-01"),
    "Microsoft.ResourceGraph": ("2019-04-01", "2021-03-01", "2022-10-01"),
    "Microsoft.PolicyInsights": ("2020-07-01", "2022-03-01"),
    "Microsoft.MarketplaceOrdering": ("2015-06-01", "2021-01-01"),
    "Microsoft.Features": ("2015-12-01", "2021-07-01"),
    "Microsoft.Authorization/locks": ("2016-09-01", "2020-05-01"),
    "Microsoft.Authorization/permissions": ("2015-07-01", "2022-04-01"),
    "Microsoft.Authorization/policyDefinitions": ("2016-12-01", "2021-06-01"),
    "Microsoft.Compute/skus": ("2017-09-01", "2019-04-01", "2021-07-01"),
    # Quotas, marketplace images, shared and community galleries, and operations.
    _LOCATIONS: (*api_versions.COMPUTE, *api_versions.DISKS, *api_versions.GALLERIES),
}

#: Key into API_VERSIONS -> the addresses of what it is used for.
_USED_FOR = {
    "compute": ("Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets", _LOCATIONS),
    "images": ("Microsoft.Compute/images",),
    "disks": (
        "Microsoft.Compute/disks",
        "Microsoft.Compute/snapshots",
        "Microsoft.Compute/diskEncryptionSets",
        _LOCATIONS,
    ),
    "galleries": ("Microsoft.Compute/galleries", _LOCATIONS),
    "skus": ("Microsoft.Compute/skus",),
    "image_templates": ("Microsoft.VirtualMachineImages/imageTemplates",),
    "network": ("Microsoft.Network",),
    **dict.fromkeys(("resources", "resource_groups", "locations", "subscriptions", "tags"), ("Microsoft.Resources",)),
    "resource_graph": ("Microsoft.ResourceGraph",),
    "policy_restrictions": ("Microsoft.PolicyInsights",),
    "marketplace_ordering": ("Microsoft.MarketplaceOrdering",),
    "features": ("Microsoft.Features",),
    "locks": ("Microsoft.Authorization/locks",),
    "permissions": ("Microsoft.Authorization/permissions",),
    "policy_definitions": ("Microsoft.Authorization/policyDefinitions",),
}


def documented_versions() -> dict[str, dict[str, str]]:
    """The oldest API versions of each module, by the table of the guide: the key into API_VERSIONS -> version."""
    rows = re.findall(r"^\| `(vm_\w+)` \| (\S+) \| (\S+) \| (\S+) \|$", GUIDE.read_text(), re.MULTILINE)
    return {
        module: {
            key: version
            for key, version in (("compute", compute), ("images", compute), ("disks", disks), ("galleries", galleries))
            if version != "-"
        }
        for module, compute, disks, galleries in rows
    }


def known_until(last: str) -> dict[str, Any]:
    """The setting api_versions of an embedded Azure for a cloud that knows no versions after a date.

    :param last: such as 2022-12-31.
    """
    found: dict[str, list[str]] = {name: [one for one in known if one <= last] for name, known in _OTHERS.items()}
    found.update({kind.name: [one for one in kind.api_versions if one <= last] for kind in _types()})
    return found


def _types() -> list[ResourceType]:
    return [kind for provider in SERVED for kind in provider.types if kind.api_versions]


def known_only(versions: Mapping[str, str]) -> dict[str, Any]:
    """The setting for a cloud that knows one version of each provider.

    :param versions: as OLDEST_VERSIONS of the collection.
    """
    found: dict[str, list[str]] = {name: [] for name in (*_OTHERS, *(kind.name for kind in _types()))}
    for key, names in _USED_FOR.items():
        for name in names:
            for address, known in found.items():
                if f"{address.lower()}/".startswith(f"{name.lower()}/"):
                    known.append(versions[key])
    return found


def too_new(azure: EmbeddedAzure, last: str) -> list[str]:
    """The requests with a version after a date that were answered all the same."""
    return [
        exchange.url
        for exchange in azure.requests
        if exchange.api_version > last and (exchange.status or 500) < 400 and "/metadata/" not in exchange.url
    ]


def refused_for_version(azure: EmbeddedAzure) -> list[str]:
    """The requests that were refused for their version, as method and type or address."""
    codes = ("NoRegisteredProviderFound", "InvalidApiVersionParameter", "InvalidResourceType")
    return [
        exchange.op
        for exchange in azure.requests
        if exchange.status in (400, 404) and ((exchange.response_body or {}).get("error") or {}).get("code") in codes
    ]
