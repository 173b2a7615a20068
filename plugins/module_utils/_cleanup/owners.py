# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whom resources were created for: images, instances, backups, virtual machines that are backed up, leases, builds of Packer; pure.

Everything is found by the tags of this collection, or by the names that Packer documents. Anything else belongs to somebody else, and
is not even listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._cleanup.packer import build_of, build_of_group
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY_VERSION,
    IMAGE,
    RESOURCE_GROUP,
    RESTORE_POINT_COLLECTION,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    BACKUP_OF,
    BACKUP_SOURCE,
    MADE_FOR,
    PREFIX,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.instance_parts import PARTS, has_part_name
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import COPIED_MACHINE, INSTANCE
from ansible_collections.golden.azure.plugins.module_utils._model.lease_tags import LEASE

Json = dict[str, Any]

#: The golden image that a virtual machine of the role golden_image builds.
GOLDEN_IMAGE = f"{PREFIX}golden_image"
#: The types that are removed, in lower case, in the order in which they can be deleted.
REMOVABLE = (VIRTUAL_MACHINE.lower(), *PARTS)
_DISKS = (DISK.lower(), SNAPSHOT.lower())
_TEMPORARY = (DISK.lower(), RESTORE_POINT_COLLECTION.lower())
_IMAGES = (IMAGE.lower(), GALLERY_VERSION.lower())


class Kind(Enum):
    """Whom resources were created for."""

    IMAGE = "image"
    INSTANCE = "instance"
    BACKUP = "backup"
    BACKUP_SOURCE = "backup_source"
    LEASE = "lease"
    PACKER = "packer"


@dataclass(frozen=True)
class Part:
    """A resource in the short form of listings."""

    resource: ResourceId
    tags: Json = field(default_factory=dict, hash=False)
    #: None if unknown.
    created: datetime | None = None

    @property
    def key(self) -> str:
        """Its id, in lower case."""
        return str(self.resource).lower()


@dataclass(frozen=True)
class Owner:
    """An image, an instance, a backup, a backed-up virtual machine, a lease or a build of Packer, with all that was created for it."""

    kind: Kind
    #: What identifies it among those of its kind: the value of its tag, or an id, in lower case.
    key: str
    #: For messages: "virtual machine 'web' in resource group 'web'".
    label: str
    #: The image or the virtual machine; None if its id was too long for a tag.
    identity: ResourceId | None = None
    parts: tuple[Part, ...] = ()
    #: The resource group that was created for it, as ARM JSON.
    group: Json | None = field(default=None, hash=False)
    #: The other resources in that group.
    foreign: tuple[ResourceId, ...] = ()

    @property
    def group_id(self) -> ResourceId | None:
        """The resource group that was created for it."""
        return group_identity(self.group) if self.group else None

    @property
    def machine(self) -> Part | None:
        """Its virtual machine, if the listing has it."""
        machines = [part for part in self.parts if part.resource.resource_type.lower() == VIRTUAL_MACHINE.lower()]
        return machines[0] if machines else None

    @property
    def machine_name(self) -> str | None:
        """The name of its virtual machine, whether or not that exists."""
        if self.identity is not None:
            return self.identity.name
        return self.machine.resource.name if self.machine else None

    @property
    def resource_subscription(self) -> str:
        """The id of the subscription of its resources, in lower case."""
        first = self.parts[0].resource if self.parts else self.group_id
        return first.subscription_id.lower() if first else ""

    def tag(self, name: str) -> str | None:
        """The value of a tag of its group or of one of its resources."""
        tags = [(self.group or {}).get("tags"), *(part.tags for part in self.parts)]
        return next((value for value in (tag_value(each, name) for each in tags) if value is not None), None)

    @property
    def is_copy(self) -> bool:
        """Whether it is the copy of a virtual machine."""
        return self.tag(COPIED_MACHINE) is not None

    @property
    def newest(self) -> datetime | None:
        """When the last of its resources was created; None if that is unknown for one of them."""
        moments = [part.created for part in self.parts]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None


def group_identity(group: Json) -> ResourceId:
    """The id of a resource group, as ARM JSON."""
    name = str(group.get("name"))
    return ResourceId(str(group.get("id")).split("/")[2], name, RESOURCE_GROUP, (name,))


def parts_of(rows: Iterable[Json]) -> list[Part]:
    """The rows of a listing of resources; without child resources such as extensions."""
    found = ((parse(str(row.get("id") or "")), row) for row in rows)
    return [
        Part(identity, row.get("tags") or {}, parse_timestamp(row.get("createdTime")))
        for identity, row in found
        if identity is not None and len(identity.names) == 1
    ]


def owners_of(parts: Sequence[Part], groups: Sequence[Json], packer_prefix: str | None) -> list[Owner]:
    """Everything that this collection or Packer created, by whom it was created for.

    :param groups: the resource groups that may have been created for somebody, as ARM JSON.
    :param packer_prefix: None if Packer's resources are ignored.
    """
    owned = _owned_groups(groups, packer_prefix)
    found: dict[tuple[Kind, str], list[Part]] = {key: [] for key in owned}
    inside = {str(group["id"]).lower(): key for key, group in owned.items()}
    for part in parts:
        key = _key_of(part, inside.get(part.resource.group_id.lower()), packer_prefix)
        if key is not None:
            found.setdefault(key, []).append(part)
    return [_owner(key, members, owned.get(key), parts) for key, members in found.items()]


def _owned_groups(groups: Sequence[Json], packer_prefix: str | None) -> dict[tuple[Kind, str], Json]:
    """The groups that were created for somebody, by the key of that."""
    owned: dict[tuple[Kind, str], Json] = {}
    for group in groups:
        tags, name = group.get("tags"), str(group.get("name"))
        instance, lease = tag_value(tags, INSTANCE), tag_value(tags, LEASE)
        if instance is not None:
            owned[Kind.INSTANCE, instance.lower()] = group
        elif lease is not None:
            owned[Kind.LEASE, str(group["id"]).lower()] = group
        elif packer_prefix is not None and build_of_group(name, packer_prefix):
            owned[Kind.PACKER, str(group["id"]).lower()] = group
    return owned


def _key_of(part: Part, inside: tuple[Kind, str] | None, packer_prefix: str | None) -> tuple[Kind, str] | None:
    """Whom a resource was created for; None if it belongs to somebody else.

    :param inside: whom its resource group was created for.
    """
    tagged = _by_tags(part, inside)
    if tagged is not None or packer_prefix is None:
        return tagged
    build = build_of(part.resource, packer_prefix)
    if build is None:
        return None
    if inside and inside[0] is Kind.PACKER:
        return inside
    is_removable = part.resource.resource_type.lower() in REMOVABLE
    return (Kind.PACKER, f"{part.resource.group_id}/{build}".lower()) if is_removable else None


def _by_tags(part: Part, inside: tuple[Kind, str] | None) -> tuple[Kind, str] | None:
    """Whom this collection created a resource for; None if it did not create it."""
    resource_type = part.resource.resource_type.lower()
    instance, image = tag_value(part.tags, INSTANCE), tag_value(part.tags, MADE_FOR)
    if instance is not None and resource_type in REMOVABLE:
        return Kind.INSTANCE, instance.lower()
    # Older API versions do not tag resources that are created together with a virtual machine.
    machine = parse(inside[1]) if inside and inside[0] is Kind.INSTANCE else None
    if machine is not None and has_part_name(machine, part.resource):
        return inside
    if image is not None and resource_type in _DISKS:
        return Kind.IMAGE, image.lower()
    backed_up = tag_value(part.tags, BACKUP_SOURCE)
    if backed_up is not None and resource_type in _TEMPORARY:
        return Kind.BACKUP_SOURCE, backed_up.lower()
    is_backup = resource_type == SNAPSHOT.lower() and tag_value(part.tags, BACKUP_OF) is not None
    return (Kind.BACKUP, part.key) if is_backup else None


def _owner(key: tuple[Kind, str], parts: Sequence[Part], group: Json | None, everything: Sequence[Part]) -> Owner:
    kind, value = key
    own = {part.key for part in parts}
    foreign = (
        [part.resource for part in everything if _is_in(part, group) and part.key not in own]
        if group is not None
        else []
    )
    identity = parse(value) if kind in (Kind.INSTANCE, Kind.IMAGE, Kind.BACKUP_SOURCE) else None
    if kind is Kind.IMAGE and identity is not None and identity.resource_type.lower() not in _IMAGES:
        identity = None
    if kind is Kind.BACKUP_SOURCE and identity is not None and identity.resource_type != VIRTUAL_MACHINE:
        identity = None
    if kind is Kind.INSTANCE and identity is not None:
        # Marks are in lower case; messages show the name as it is.
        identity = next((part.resource for part in parts if part.key == value), identity)
    ordered = sorted(parts, key=lambda part: (_rank(part), part.key))
    return Owner(
        kind, value, _label(kind, value, identity, ordered, group), identity, tuple(ordered), group, tuple(foreign)
    )


def _is_in(part: Part, group: Json) -> bool:
    return part.resource.group_id.lower() == str(group["id"]).lower()


def _rank(part: Part) -> int:
    resource_type = part.resource.resource_type.lower()
    return REMOVABLE.index(resource_type) if resource_type in REMOVABLE else len(REMOVABLE)


def _label(kind: Kind, value: str, identity: ResourceId | None, parts: Sequence[Part], group: Json | None) -> str:
    if identity is not None:
        return identity.label
    if kind is Kind.LEASE and group is not None:
        return f"lease of '{tag_value(group.get('tags'), LEASE)}'"
    if kind is Kind.PACKER:
        return f"build of Packer in resource group '{group['name'] if group else parts[0].resource.resource_group}'"
    if kind is Kind.BACKUP:
        return f"backup '{parts[0].resource.name}'"
    return f"{kind.value} with the tag '{value}'"
