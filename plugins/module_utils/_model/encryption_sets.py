# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate the disk encryption sets of targets; pure.

Source: https://learn.microsoft.com/azure/virtual-machines/image-version-encryption
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    normalized_location,
    parse,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class EncryptionUse:
    """A place where a disk encryption set is to be used."""

    #: Full resource id.
    encryption_set: str
    #: What is encrypted, for messages.
    label: str
    region: str
    subscription_id: str

    @property
    def resource(self) -> ResourceId | None:
        """The set, as a resource."""
        return parse(self.encryption_set)


def encryption_blockers(uses: Iterable[EncryptionUse], found: Mapping[str, Json | None]) -> Iterator[Finding]:
    """A blocker for each use of a set that does not exist, or is not in that region and subscription.

    :param found: sets by their ids in lower case, None for those that do not exist; without those that could not be read.
    """
    for use in uses:
        resource = use.resource
        label = resource.label if resource else f"disk encryption set '{use.encryption_set}'"
        if resource and resource.subscription_id.lower() != use.subscription_id.lower():
            yield Finding(
                "encryption_set_elsewhere",
                f"The {label} is in another subscription than {use.label}, which Azure does not support; choose one in "
                "the same subscription.",
            )
            continue
        key = use.encryption_set.rstrip("/").lower()
        if key not in found:
            continue
        encryption_set = found[key]
        if encryption_set is None:
            yield Finding(
                "encryption_set_not_found", f"The {label}, to which {use.label} refers, does not exist; check its name."
            )
            continue
        place = str(encryption_set.get("location") or "")
        if use.region and place and normalized_location(place) != normalized_location(use.region):
            yield Finding(
                "encryption_set_elsewhere",
                f"The {label} is in {place}, and {use.label} in {use.region}; a disk encryption set can be used only "
                "in its own region: choose one in that region.",
            )
