# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Who may export the content of snapshots and disks that are copied from others: nobody by the network; pure.

What copies a disk holds all of its content, so that it is closed at least as well as the disk itself. DenyAll and Disabled
are the strictest there are; that an address takes a sign-in as well, a copy has from its source.
Source: https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview
"""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

_CLOSED = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
_SIGN_IN = "dataAccessAuthMode"


def closed_access(source: Json) -> dict[str, str]:
    """The properties of what is copied from a disk."""
    mode = machine.properties(source).get(_SIGN_IN)
    return {**_CLOSED, **({_SIGN_IN: str(mode)} if mode and mode != "None" else {})}


def open_properties(source: Json, copied: Json) -> dict[str, str]:
    """What is to be changed of a copy that is there, so that it is closed as well as a new one would be."""
    present = machine.properties(copied)
    return {name: value for name, value in closed_access(source).items() if present.get(name) != value}


def is_being_exported(copied: Json) -> bool:
    """Whether somebody reads it by an address at this moment, which Azure lets nobody close meanwhile."""
    return str(machine.properties(copied).get("diskState") or "") == "ActiveSAS"
