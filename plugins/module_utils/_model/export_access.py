# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Export access of snapshots and disks: of those that are copied from others it is disabled over the network; pure.

A copy contains all content of a disk, so that it is protected at least as well as the disk itself. DenyAll and Disabled
are the strictest settings; whether a SAS also requires a sign-in is copied from the source.
Source: https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview
"""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

_CLOSED = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
_SIGN_IN = "dataAccessAuthMode"


def closed_access(source: Json) -> dict[str, str]:
    """The access properties of a copy of a disk."""
    mode = machine.properties(source).get(_SIGN_IN)
    return {**_CLOSED, **({_SIGN_IN: str(mode)} if mode and mode != "None" else {})}


def open_properties(source: Json, copied: Json) -> dict[str, str]:
    """The properties of an existing copy to change, so that it is protected like a new one."""
    present = machine.properties(copied)
    return {name: value for name, value in closed_access(source).items() if present.get(name) != value}


def network_obstacle(disk: Json) -> str | None:
    """The settings by which a disk does not allow its content to be read or written over the network; None if it does."""
    properties = machine.properties(disk)
    public = str(properties.get("publicNetworkAccess") or "Enabled")
    policy = str(properties.get("networkAccessPolicy") or "AllowAll")
    if policy == "DenyAll" or (public == "Disabled" and not properties.get("diskAccessId")):
        return f"{policy}, public network access {public}"
    return None


def is_private(disk: Json) -> bool:
    """Whether the content can be reached through the private endpoints of a disk access only."""
    return str(machine.properties(disk).get("networkAccessPolicy") or "") == "AllowPrivate"


def requires_sign_in(disk: Json) -> bool:
    """Whether a SAS is accepted from a signed-in identity only."""
    return str(machine.properties(disk).get(_SIGN_IN) or "") == "AzureActiveDirectory"


def is_being_exported(copied: Json) -> bool:
    """Whether it has an active SAS, during which Azure does not allow access to be disabled."""
    return str(machine.properties(copied).get("diskState") or "") == "ActiveSAS"
