# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which api-versions a cloud knows, by provider or type and region, and how it refuses others.

The tables of the providers say what the public cloud knows. The setting `api_versions` says otherwise for a provider (or one of
its types): a list, or lists by region, where `*` is for all others and for what has no region. Sovereign clouds and regions where
a version has not been rolled out know less (Azure/azure-cli#23985, pulumi/pulumi-azure-nextgen#170).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from . import locations
from .errors import error
from .model import Call, ResourceType
from .settings import Settings

_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}(-\w+)?$")
ANYWHERE = "*"
#: Resource Manager itself, which groups, subscriptions and deployments belong to.
RESOURCES = "Microsoft.Resources"


def of_provider(settings: Settings, namespace: str, location: str = ANYWHERE) -> tuple[str, ...] | None:
    """What the setting says of a provider in a region; None where it says nothing."""
    return _stated(settings, namespace, location)


def of_type(settings: Settings, kind: ResourceType, location: str = ANYWHERE) -> tuple[str, ...]:
    """The versions in which a type is known in a region; empty for any."""
    stated = _stated(settings, kind.name, location)
    if stated is None:
        stated = _stated(settings, kind.name.split("/", 1)[0], location)
    return kind.api_versions if stated is None else stated


def _stated(settings: Settings, name: str, location: str) -> tuple[str, ...] | None:
    found: Any = next((value for key, value in settings.api_versions.items() if key.lower() == name.lower()), None)
    if isinstance(found, dict):
        regions = {locations.canonical(region): versions for region, versions in found.items()}
        found = regions.get(location, regions.get(ANYWHERE))
    return None if found is None else tuple(found)


def check_form(version: str) -> None:
    """Refuse a request without a version."""
    if not version:
        raise error("no_api_version")


def check_type(call: Call, kind: ResourceType) -> None:
    """Refuse a version in which a type is not known where the resource is, or is to be."""
    check_form(call.api_version)
    if not _DATE.match(call.api_version):
        raise error(
            "bad_api_version",
            version=call.api_version,
            supported=",".join(reversed(of_type(call.cloud.settings, kind))),
        )
    place = _place(call)
    known = of_type(call.cloud.settings, kind, place)
    if (known or _is_limited(call.cloud.settings, kind)) and call.api_version not in known:
        raise error(
            "no_registered_provider",
            location=place,
            version=call.api_version,
            type=kind.name.split("/", 1)[1],
            supported=", ".join(known),
            locations=", ".join(_regions(call.cloud.settings, kind)),
        )


def check_route(call: Call) -> None:
    """Refuse a version of what is no stored resource: of Resource Manager itself, or of a provider that says which it knows."""
    namespace = call.path.namespace or RESOURCES
    known = _of_route(call, namespace)
    if known is None or call.api_version in known:
        return
    if namespace.lower() == RESOURCES.lower():
        raise error("bad_api_version", version=call.api_version, supported=",".join(sorted(known, reverse=True)))
    raise error(
        "no_registered_provider",
        location=ANYWHERE,
        version=call.api_version,
        type="/".join(call.path.types),
        supported=", ".join(known),
        locations=", ".join(locations.DISPLAY_NAMES),
    )


def _of_route(call: Call, namespace: str) -> tuple[str, ...] | None:
    """What the setting says of the longest part of an address, such as Microsoft.Compute/locations; None where it says nothing."""
    for end in range(len(call.path.types), 0, -1):
        known = of_provider(call.cloud.settings, "/".join((namespace, *call.path.types[:end])))
        if known is not None:
            return known
    return of_provider(call.cloud.settings, namespace)


def all_of(types: Iterable[ResourceType], settings: Settings, namespace: str) -> list[str]:
    """Every version in which a provider knows any type, oldest first."""
    found: set[str] = set()
    for kind in types:
        if kind.name.lower().startswith(f"{namespace.lower()}/"):
            found.update(of_type(settings, kind))
    return sorted(found)


def _is_limited(settings: Settings, kind: ResourceType) -> bool:
    stated = {name.lower() for name in settings.api_versions}
    return kind.name.lower() in stated or kind.name.split("/", 1)[0].lower() in stated


def _regions(settings: Settings, kind: ResourceType) -> list[str]:
    return [
        name for name in locations.DISPLAY_NAMES if of_type(settings, kind, name) or not _is_limited(settings, kind)
    ]


def _place(call: Call) -> str:
    """The region that a request is for: of the resource or of what it lies in, of the body for a new one; else everywhere."""
    path = call.path
    while path is not None:
        resource = call.cloud.store.get(path.id)
        if resource is not None and resource.location:
            return resource.location
        path = path.parent
    wanted = call.body.get("location") if isinstance(call.body, dict) else None
    return locations.canonical(wanted) if isinstance(wanted, str) else ANYWHERE
