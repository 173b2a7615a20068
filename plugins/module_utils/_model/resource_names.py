# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate names of resources to create; pure.

The rules: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, and for galleries, image
definitions and versions https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-shared-images, which
has Azure's error messages as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    IMAGE,
    KINDS,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    RESOURCE_GROUP,
    RESTORE_POINT_COLLECTION,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
)

_ORDINARY = (
    re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?"),
    "1 to 80 letters, digits, '_', '.' and '-', starts with a letter or digit and ends with a letter, digit or '_'",
)
#: Resource type -> the pattern of its name, and its description. A new gallery may not contain '-', but older
#: ones do.
_RULES = {
    **dict.fromkeys(
        (IMAGE, DISK, SNAPSHOT, RESTORE_POINT_COLLECTION, GALLERY, NETWORK_INTERFACE, PUBLIC_IP_ADDRESS), _ORDINARY
    ),
    GALLERY_DEFINITION: (
        re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9])?"),
        "1 to 80 letters, digits, '_', '.' and '-', and starts and ends with a letter or digit",
    ),
    VIRTUAL_MACHINE: (
        re.compile(r"[^\W_](?:[\w.-]{0,63})(?<![.-])"),
        "1 to 64 letters, digits, '_', '.' and '-', starts with a letter or digit, and ends with neither '.' nor '-'",
    ),
    RESOURCE_GROUP: (
        re.compile(r"[\w.()-]{1,90}(?<!\.)"),
        "1 to 90 letters, digits, '_', '.', '-' and parentheses, and does not end with '.'",
    ),
}
#: Name of a version's part, see https://github.com/hashicorp/packer-plugin-azure/issues/187
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
LARGEST_VERSION_PART = 2_147_483_647
#: Longest publisher, offer and SKU of an image definition.
_IDENTIFIER_LENGTHS = {"publisher": 128, "offer": 64, "sku": 64}
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.-]+(?<!\.)")
_MAX_SHOWN = 90


def name_blockers(resources: Iterable[ResourceId | None]) -> Iterator[Finding]:
    """A blocker for each resource with an invalid name; each resource once."""
    seen = set()
    for resource in resources:
        if resource is None or str(resource).lower() in seen:
            continue
        seen.add(str(resource).lower())
        if resource.resource_type == GALLERY_VERSION:
            yield from version_blockers(resource.name)
            continue
        rule = _RULES.get(resource.resource_type)
        if rule and not rule[0].fullmatch(resource.name):
            kind = KINDS.get(resource.resource_type.lower(), "resource group")
            yield Finding(
                "name_not_valid",
                f"'{_short(resource.name)}' is not a valid name: the name of {_article(kind)} {kind} has {rule[1]}; "
                "choose another one.",
            )


def version_blockers(number: str) -> Iterator[Finding]:
    """A blocker for a text that is not the number of a gallery version."""
    if not _VERSION.fullmatch(number) or any(int(part) > LARGEST_VERSION_PART for part in number.split(".")):
        yield Finding(
            "version_not_valid",
            f"'{_short(number)}' is not a valid version: use three numbers from 0 to {LARGEST_VERSION_PART} such as "
            "1.0.0, or 'next'.",
        )


def identifier_blockers(publisher: str, offer: str, sku: str) -> Iterator[Finding]:
    """A blocker for each of publisher, offer and SKU that an image definition cannot have."""
    for name, value in (("publisher", publisher), ("offer", offer), ("sku", sku)):
        longest = _IDENTIFIER_LENGTHS[name]
        if len(value) > longest or not _IDENTIFIER.fullmatch(value):
            yield Finding(
                "identifier_not_valid",
                f"'{_short(value)}' is not a valid {name} of an image definition: it has 1 to {longest} letters, "
                "digits, '_', '.' and '-', and does not end with '.'; choose another.",
            )


def _short(name: str) -> str:
    return name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}..."


def _article(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"
