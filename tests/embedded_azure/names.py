# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that Compute takes, with the words by which it refuses others.

hashicorp/packer#5568 (images), troubleshooting-shared-images on Microsoft Learn (galleries and definitions). That page has a
stricter rule for new galleries, too, which those that were recorded do not keep ('gal1-with-dash').
"""

from __future__ import annotations

import re

from .errors import error

_RULE = r"^[^_\W][\w-._]{0,79}(?<![-.])$"
_ENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}(?<![-.])")
_ENTITIES = frozenset(
    f"microsoft.compute/{kind}"
    for kind in ("images", "disks", "snapshots", "galleries", "galleries/images", "diskencryptionsets")
)


def check(kind: str, name: str) -> None:
    """Refuse a name that a resource of this type cannot have."""
    if kind.lower() in _ENTITIES and not _ENTITY.fullmatch(name):
        raise error("entity_name", name=name, rule=_RULE)
    if kind.lower() == "microsoft.compute/galleries/images" and name.endswith("_"):
        raise error(
            "invalid_parameter",
            reason=f"The provided resource name {name} has these invalid trailing characters: _. The name can not end with "
            "characters: _",
        )
