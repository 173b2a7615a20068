# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The usage of images: virtual machines, scale sets, gallery versions and image templates; pure.

An image is referenced by its id, a version also by its definition, which then refers to the latest version, and also
by the unique name under which its gallery is shared. Usage in other tenants that have access cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model.image_order import (
    GalleryVersion,
    latest_anywhere,
    newest_first,
    version_of,
)

Json = dict[str, Any]

_KINDS = {
    "microsoft.compute/virtualmachines": "virtual machine",
    "microsoft.compute/virtualmachinescalesets": "scale set",
    "microsoft.compute/galleries/images/versions": "image version",
    "microsoft.virtualmachineimages/imagetemplates": "image template",
}
_OFFERED = re.compile(r"^/(?:shared|community)galleries/(?P<gallery>[^/]+)/(?P<rest>images/.+)$", re.IGNORECASE)


@dataclass(frozen=True)
class User:
    """A resource that uses an image."""

    id: str
    kind: str

    @property
    def label(self) -> str:
        """As in "scale set 'web' in resource group 'shop'"."""
        found = parse(self.id)
        if found is None:
            return f"{self.kind} '{self.id}'"
        return f"{self.kind} '{'/'.join(found.names)}' in resource group '{found.resource_group}'"

    def as_dict(self) -> dict[str, str]:
        """For a task's result."""
        found = parse(self.id)
        return {"id": self.id, "name": found.name if found else self.id, "kind": self.kind}


@dataclass
class Usage:
    """Which resources refer to which images.

    :param unreadable: what could not be read, for messages; unless it is empty, no image counts as unused.
    """

    unreadable: list[str] = field(default_factory=list)
    _users: dict[str, dict[str, User]] = field(default_factory=dict)
    #: Unique name of a shared gallery -> its id, both in lower case.
    _galleries: dict[str, str] = field(default_factory=dict)
    _latest: set[str] = field(default_factory=set)

    def add_galleries(self, galleries: Iterable[Json]) -> None:
        """Add the names under which galleries are shared; call it before the resources that use them are added."""
        for gallery in galleries:
            for name in _shared_names(gallery):
                self._galleries[name.lower()] = str(gallery["id"]).lower()

    def add(self, resource: Json) -> None:
        """Record the references of a resource."""
        kind = _KINDS.get(str(resource.get("type")).lower())
        identity = str(resource.get("id"))
        if kind is None:
            return
        for reference in references(resource):
            target = self._resolved(reference)
            if target != identity.lower():
                self._users.setdefault(target, {})[identity.lower()] = User(identity, kind)

    def note_latest(self, versions: Iterable[Json]) -> None:
        """Determine from gallery versions, as ARM JSON, the latest ones of their definitions."""
        self._latest |= latest_versions(versions)

    def of(self, image_id: str) -> list[User]:
        """The users of an image; a reference to a definition also uses its latest version."""
        key = _key(image_id)
        users = dict(self._users.get(key, {}))
        if key in self._latest:
            users.update(self._of_definition(key.rsplit("/versions/", 1)[0]))
        return list(users.values())

    def of_definition(self, definition_id: str) -> list[User]:
        """The users that refer to a definition instead of one of its versions."""
        return list(self._of_definition(_key(definition_id)).values())

    def _of_definition(self, key: str) -> dict[str, User]:
        return {**self._users.get(key, {}), **self._users.get(f"{key}/versions/latest", {})}

    def _resolved(self, reference: str) -> str:
        folded = _key(reference)
        offered = _OFFERED.match(folded)
        if offered and offered["gallery"] in self._galleries:
            return f"{self._galleries[offered['gallery']]}/{offered['rest']}"
        return folded


def references(resource: Json) -> Iterator[str]:
    """The ids of the images that a resource was created from, or creates others from."""
    properties = resource.get("properties") or {}
    kind = str(resource.get("type")).lower()
    if kind == "microsoft.compute/virtualmachines":
        yield from _of_storage(properties.get("storageProfile"))
    elif kind == "microsoft.compute/virtualmachinescalesets":
        yield from _of_storage((properties.get("virtualMachineProfile") or {}).get("storageProfile"))
    elif kind == "microsoft.compute/galleries/images/versions":
        yield from _of_version(properties)
    elif kind == "microsoft.virtualmachineimages/imagetemplates":
        yield from _of_template(properties)


def latest_versions(versions: Iterable[Json]) -> set[str]:
    """The ids, in lower case, of the versions that a reference to their definitions resolves to, now or soon.

    The highest number that is not excluded will be the latest as soon as it is complete, and counts as well.

    :param versions: as ARM JSON.
    """
    known = [version_of(version) for version in versions]
    candidates: dict[str, list[GalleryVersion]] = {}
    for version in known:
        if version.is_offered(None):
            candidates.setdefault(version.definition, []).append(version)
    highest = (newest_first(members, lambda version: version.rank)[0] for members in candidates.values())
    return latest_anywhere(known) | {version.identity for version in highest}


def _of_storage(storage: Json | None) -> Iterator[str]:
    reference = (storage or {}).get("imageReference") or {}
    for key in ("id", "sharedGalleryImageId", "communityGalleryImageId"):
        if reference.get(key):
            yield reference[key]
            exact = reference.get("exactVersion")
            if exact and "/versions/" not in reference[key].lower() and "/images/" in reference[key].lower():
                yield f"{reference[key].rstrip('/')}/versions/{exact}"


def _of_version(properties: Json) -> Iterator[str]:
    storage = properties.get("storageProfile") or {}
    legacy = ((properties.get("publishingProfile") or {}).get("source") or {}).get("managedImage") or {}
    disks = [storage.get("osDiskImage") or {}, *(storage.get("dataDiskImages") or [])]
    sources = [storage.get("source") or {}, legacy, *(disk.get("source") or {} for disk in disks)]
    for source in sources:
        for key in ("id", "communityGalleryImageId"):
            if source.get(key):
                yield source[key]


def _of_template(properties: Json) -> Iterator[str]:
    source = properties.get("source") or {}
    targets = properties.get("distribute") or []
    for place, keys in (
        (source, ("imageId", "imageVersionId", "exactVersion")),
        *((target, ("imageId", "galleryImageId")) for target in targets),
    ):
        for key in keys:
            if str(place.get(key) or "").startswith("/"):
                yield place[key]


def _shared_names(gallery: Json) -> Iterator[str]:
    properties = gallery.get("properties") or {}
    unique = (properties.get("identifier") or {}).get("uniqueName")
    if unique:
        yield str(unique)
    community = (properties.get("sharingProfile") or {}).get("communityGalleryInfo") or {}
    yield from (str(name) for name in community.get("publicNames") or [])


def _key(identity: str) -> str:
    return identity.rstrip("/").lower()
