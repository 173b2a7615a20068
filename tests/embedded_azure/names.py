# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that Compute and Network take, with the words by which they refuse others.

Lengths: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. The words of Network are those of
InvalidResourceName, which users of many clients quote; those of Compute are in hashicorp/packer#5568 (images), and for galleries and
definitions in troubleshooting-shared-images on Microsoft Learn. That page has a stricter rule for new galleries, too, which those that
were recorded do not keep ('gal1-with-dash').
"""

from __future__ import annotations

import re

from .errors import error

_RULE = r"^[^_\W][\w-._]{0,79}(?<![-.])$"
_ENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}(?<![-.])")
_ENTITIES = frozenset(
    f"microsoft.compute/{kind}"
    for kind in (
        "images",
        "disks",
        "snapshots",
        "galleries",
        "galleries/images",
        "diskencryptionsets",
        "virtualmachines",
    )
)
_NETWORK = frozenset(
    f"microsoft.network/{kind}"
    for kind in ("networkinterfaces", "publicipaddresses", "virtualnetworks", "networksecuritygroups")
)


def check(kind: str, name: str) -> None:
    """Refuse a name that a resource of this type cannot have."""
    if kind.lower() in _ENTITIES and not _ENTITY.fullmatch(name):
        raise error("entity_name", name=name, rule=_RULE)
    if kind.lower() in _NETWORK and not _ENTITY.fullmatch(name):
        raise error("resource_name", name=name)
    if kind.lower() == "microsoft.compute/galleries/images" and name.endswith("_"):
        raise error(
            "invalid_parameter",
            reason=f"The provided resource name {name} has these invalid trailing characters: _. The name can not end with "
            "characters: _",
        )
