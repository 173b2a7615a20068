# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARM paths: what a request addresses. Written from the server's side, apart from the collection's own parser."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NESTED_ID = re.compile(r"(?<=.)//+subscriptions(/.*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class ArmPath:
    """A path taken apart at its last `/providers/`.

    `types` and `names` are of one length for a resource; one more type than names means a collection or an action.
    """

    scope: str
    subscription: str | None = None
    group: str | None = None
    namespace: str | None = None
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def is_resource(self) -> bool:
        """Whether the path ends in a name."""
        return bool(self.types) and len(self.types) == len(self.names)

    @property
    def type(self) -> str:
        """The full type, such as Microsoft.Compute/galleries/images, as the client spelt it."""
        return "/".join((self.namespace or "", *self.types))

    @property
    def relative_name(self) -> str:
        """Type and names interleaved, as ARM names a resource in its errors: Microsoft.Compute/galleries/g/images/i."""
        parts = [self.namespace or ""]
        for position, kind in enumerate(self.types):
            parts.append(kind)
            parts.extend(self.names[position : position + 1])
        return "/".join(parts)

    @property
    def id(self) -> str:
        """The path itself."""
        return f"{self.scope}/providers/{self.relative_name}" if self.namespace else self.scope

    @property
    def name(self) -> str:
        """The last name."""
        return self.names[-1] if self.names else ""

    @property
    def parent(self) -> ArmPath | None:
        """The resource this one lies in, or None at the top level."""
        if len(self.names) < 2:
            return None
        return ArmPath(self.scope, self.subscription, self.group, self.namespace, self.types[:-1], self.names[:-1])

    def with_last_type_dropped(self) -> ArmPath:
        """The resource an action is asked of."""
        return ArmPath(self.scope, self.subscription, self.group, self.namespace, self.types[:-1], self.names)


def normalize(path: str) -> str:
    """Collapse slashes; a whole id given where a name belongs is cut to its first word, as ARM reads it."""
    path = _NESTED_ID.sub("/subscriptions", path)
    return "/" + "/".join(part for part in path.split("/") if part)


def parse(path: str) -> ArmPath:
    """Take a path (already percent-decoded) apart; no segment is checked against what exists."""
    parts = normalize(path).strip("/").split("/")
    lowered = [part.lower() for part in parts]
    subscription = parts[1] if lowered[0] == "subscriptions" and len(parts) > 1 else None
    group = parts[3] if subscription and len(parts) > 3 and lowered[2] == "resourcegroups" else None
    if "providers" not in lowered[:-1]:
        return ArmPath("/" + "/".join(parts), subscription, group)
    last = len(lowered) - 2 - lowered[-2::-1].index("providers")
    tail = parts[last + 2 :]
    return ArmPath(
        scope="".join(f"/{part}" for part in parts[:last]),
        subscription=subscription,
        group=group,
        namespace=parts[last + 1] if len(parts) > last + 1 else None,
        types=tuple(tail[0::2]),
        names=tuple(tail[1::2]),
    )


def same(left: str | None, right: str | None) -> bool:
    """Compare two ids as ARM does, ignoring case."""
    return (left or "").lower() == (right or "").lower()
