# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds that lag behind: the settings of an embedded Azure that knows no newer API versions than those of a year."""

from __future__ import annotations

from typing import Any

from embedded_azure import EmbeddedAzure, api_versions
from embedded_azure.providers.registry import PROVIDERS as SERVED

#: Versions of what is no stored resource in an embedded Azure, which takes any unless it is told which it knows.
_OTHERS = {
    "Microsoft.Resources": ("2019-10-01", "2020-06-01", "2021-04-01", "2022-09-01", "2022-12-01"),
    "Microsoft.Network": ("2020-11-01", "2021-08-01", "2022-11-01", "2024-05-01"),
    "Microsoft.ResourceGraph": ("2019-04-01", "2021-03-01", "2022-10-01"),
    "Microsoft.PolicyInsights": ("2020-07-01", "2022-03-01"),
    "Microsoft.MarketplaceOrdering": ("2015-06-01", "2021-01-01"),
    "Microsoft.Features": ("2015-12-01", "2021-07-01"),
    "Microsoft.Compute/skus": ("2017-09-01", "2019-04-01", "2021-07-01"),
    # Quotas, marketplace images, shared and community galleries, and operations.
    "Microsoft.Compute/locations": (*api_versions.COMPUTE, *api_versions.DISKS, *api_versions.GALLERIES),
}


def known_until(last: str) -> dict[str, Any]:
    """The setting api_versions of an embedded Azure for a cloud that knows no versions after a date.

    :param last: such as 2022-12-31.
    """
    found: dict[str, list[str]] = {name: [one for one in known if one <= last] for name, known in _OTHERS.items()}
    for provider in SERVED:
        for kind in provider.types:
            if kind.api_versions:
                found[kind.name] = [one for one in kind.api_versions if one <= last]
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
