# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a capture is asked to do, and what was found there: the data that the plan is made from."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    GALLERY,
    GALLERY_DEFINITION,
    IMAGE,
    VIRTUAL_MACHINE,
    ResourceId,
    child,
    locate,
)

Json = dict[str, Any]

#: As ``version``: take the number after the highest, or one that was made from the same machine already.
NEXT = "next"
_VERSION = re.compile(r"^\d+\.\d+\.\d+$")


@dataclass(frozen=True)
class TargetRegion:
    """A region that a gallery version is replicated to."""

    name: str
    replicas: int
    storage_account_type: str | None = None
    disk_encryption_set: str | None = None


@dataclass(frozen=True)
class NewDefinition:
    """How to name an image definition that is made if it is not there; all else follows the source."""

    publisher: str
    offer: str
    sku: str
    description: str | None = None


@dataclass(frozen=True)
class GalleryTarget:
    """A gallery version to make."""

    definition: ResourceId
    version: str
    #: Empty for the source's region alone.
    regions: tuple[TargetRegion, ...] = ()
    #: Replicas in the source's region, when no regions are named.
    replicas: int = 1
    exclude_from_latest: bool = False
    end_of_life: str | None = None
    block_deletion_before_end_of_life: bool = False
    shallow: bool = False
    new_definition: NewDefinition | None = None

    @property
    def gallery(self) -> ResourceId:
        """The gallery that the definition lies in."""
        group = self.definition.resource_group
        return ResourceId(self.definition.subscription_id, group, GALLERY, self.definition.names[:1])


@dataclass(frozen=True)
class CaptureRequest:
    """What the task wants."""

    source: ResourceId
    #: The managed image to make, if any.
    image: ResourceId | None = None
    gallery_targets: tuple[GalleryTarget, ...] = ()
    generalize: bool = False
    #: Keep the machine as it is: neither prepared, stopped nor marked, with all that makes it this machine.
    specialized: bool = False
    #: The guest is still to be prepared: running and not generalized are then steps of the plan, not blockers.
    preparation_pending: bool = False
    #: Seconds that the guest may take to shut itself down.
    shutdown_timeout: float = 0
    location: str | None = None
    zone_resilient: bool | None = None
    tags: dict[str, str] | None = None
    delete_source_vm: bool = False
    #: How many machines are to be made from it at once, if that was said.
    concurrent_deployments: int | None = None
    deployments_per_replica: int = 20
    #: When the capture was asked for, in ISO 8601, UTC.
    moment: str = ""

    @property
    def targets(self) -> list[ResourceId]:
        """What is written to besides the source: the image, the galleries."""
        return [*([self.image] if self.image else []), *(target.gallery for target in self.gallery_targets)]


@dataclass(frozen=True)
class GalleryState:
    """What is there of a gallery target; None for what is not."""

    gallery: Json | None
    definition: Json | None
    versions: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class CaptureState:
    """What is there; None for what is not."""

    vm: Json | None
    image: Json | None = None
    #: The machine's managed disks, the operating system's first.
    disks: list[Json] = field(default_factory=list)
    locks: list[Json] = field(default_factory=list)
    #: Whether the locks could be read.
    locks_known: bool = True
    #: Whether the machine's region has availability zones; None when nobody asked.
    zones_available: bool | None = None
    #: One for each gallery target, in their order.
    galleries: list[GalleryState] = field(default_factory=list)


def parse_request(options: Json, subscription_id: str, now: datetime) -> CaptureRequest:
    """Read the options of vm_image_capture.

    :param now: with its time zone.

    :raises InvalidInput: for options that cannot be meant.
    """
    if options["shutdown_timeout"] < 0:
        raise InvalidInput("Option 'shutdown_timeout' is below zero: give seconds, or 0 not to wait.")
    for name in ("concurrent_deployments", "deployments_per_replica"):
        if options[name] is not None and options[name] < 1:
            raise InvalidInput(f"Option '{name}' is {options[name]}: give a number of machines, 1 or more.")
    group = options["resource_group"]
    source = locate("source_vm", options["source_vm"], VIRTUAL_MACHINE, group, subscription_id)
    # What is made lies beside its source unless the task says otherwise.
    beside = group or source.resource_group
    image = locate("image", options["image"], IMAGE, beside, subscription_id) if options["image"] is not None else None
    return CaptureRequest(
        source=source,
        image=image,
        gallery_targets=tuple(
            _gallery_target(item, options, beside, subscription_id) for item in options["gallery_versions"] or []
        ),
        generalize=options["generalize"],
        specialized=options["os_state"] == "specialized",
        preparation_pending=options["preparation"] == "pending",
        shutdown_timeout=options["shutdown_timeout"],
        location=options["location"],
        zone_resilient=options["zone_resilient"],
        tags={str(name): str(value) for name, value in (options["tags"] or {}).items()},
        delete_source_vm=options["delete_source_vm"],
        concurrent_deployments=options["concurrent_deployments"],
        deployments_per_replica=options["deployments_per_replica"],
        moment=now.astimezone(timezone.utc).isoformat(timespec="seconds"),
    )


def _gallery_target(item: Json, options: Json, group: str, subscription_id: str) -> GalleryTarget:
    gallery = locate("gallery", item["gallery"], GALLERY, group, subscription_id)
    version = str(item["version"])
    if version != NEXT and not _VERSION.match(version):
        raise InvalidInput(f"Option 'version' is '{version}': give three numbers such as 1.0.0, or 'next'.")
    replicas = planned_replicas(options["concurrent_deployments"], options["deployments_per_replica"])
    return GalleryTarget(
        definition=child(gallery, GALLERY_DEFINITION, item["definition"]),
        version=version,
        regions=tuple(_region(region, replicas) for region in item["regions"] or []),
        replicas=replicas,
        exclude_from_latest=item["exclude_from_latest"],
        end_of_life=item["end_of_life"],
        block_deletion_before_end_of_life=item["block_deletion_before_end_of_life"],
        shallow=item["replication_mode"] == "shallow",
        new_definition=NewDefinition(**item["create_definition"]) if item["create_definition"] else None,
    )


def _region(region: Json, replicas: int) -> TargetRegion:
    return TargetRegion(
        name=region["name"],
        replicas=region["replicas"] or replicas,
        storage_account_type=region["storage_account_type"],
        disk_encryption_set=region["disk_encryption_set"],
    )


def planned_replicas(deployments: int | None, per_replica: int) -> int:
    """Replicas that a region needs for so many machines at once.

    One replica serves some 20 deployments at a time:
    https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery#scaling
    """
    return max(1, math.ceil(deployments / per_replica)) if deployments else 1
