# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every ARM resource there is, found by its id whatever the casing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .plain_json import copied


@dataclass
class Resource:
    """One resource: what clients read of it (`body`), and what only Azure knows (`private`)."""

    id: str
    type: str
    name: str
    body: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)
    revision: int = 1

    @property
    def properties(self) -> dict[str, Any]:
        """The `properties` bag of the body."""
        return self.body.setdefault("properties", {})

    @property
    def location(self) -> str:
        """The region, lower case without spaces."""
        return self.body.get("location", "")

    @property
    def group(self) -> str:
        """The name of the resource group, as written in the id."""
        parts = self.id.split("/")
        return parts[4] if len(parts) > 4 else ""

    def document(self) -> dict[str, Any]:
        """A copy of the body under its id, name and type."""
        return {"name": self.name, "id": self.id, "type": self.type, **copied(self.body)}


class ResourceStore:
    """A case-insensitive map from id to resource which keeps the order of creation, with an index by type."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._by_type: dict[str, dict[str, Resource]] = {}

    def get(self, id: str | None) -> Resource | None:
        """Return the resource, or None."""
        return self._resources.get("/" + (id or "").strip("/").lower())

    def add(self, resource: Resource) -> Resource:
        """Add or replace a resource."""
        key = resource.id.lower()
        self._resources[key] = resource
        self._by_type.setdefault(resource.type.lower(), {})[key] = resource
        return resource

    def remove(self, id: str) -> Resource | None:
        """Remove and return a resource; None when absent."""
        resource = self._resources.pop(id.lower(), None)
        if resource is not None:
            del self._by_type[resource.type.lower()][id.lower()]
        return resource

    def of_type(self, type: str, under: str = "") -> list[Resource]:
        """All resources of a type whose id lies under a prefix, oldest first."""
        prefix = under.lower().rstrip("/") + "/"
        found = self._by_type.get(type.lower(), {})
        return [resource for id, resource in found.items() if prefix == "/" or id.startswith(prefix)]

    def under(self, id: str) -> list[Resource]:
        """All resources below an id (children, extensions, members of a group), oldest first."""
        prefix = id.lower() + "/"
        return [resource for key, resource in self._resources.items() if key.startswith(prefix)]

    def clear(self) -> None:
        """Forget everything."""
        self._resources.clear()
        self._by_type.clear()

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._resources.values()))

    def __len__(self) -> int:
        return len(self._resources)
