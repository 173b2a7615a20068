# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed identities of virtual machines and of disk encryption sets.

What a request says is answered at once; who an assigned identity is shows when the operation has ended (recorded).
"""

from __future__ import annotations

import copy

from ..cloud import Cloud
from ..model import Body


def requested(cloud: Cloud, wanted: Body | None, before: Body | None) -> Body | None:
    """The identity of a resource after a write, given what it was; None for none."""
    kind = str((wanted or {}).get("type", "None"))
    if wanted is None or kind == "None":
        return None
    shown: Body = {"type": kind}
    if "SystemAssigned" in kind:
        own = before if before and before.get("principalId") else {}
        shown["principalId"] = own.get("principalId") or cloud.new_id()
        shown["tenantId"] = own.get("tenantId") or cloud.settings.tenant
    if "UserAssigned" in kind:
        known = (before or {}).get("userAssignedIdentities") or {}
        assigned = wanted.get("userAssignedIdentities") or {}
        shown["userAssignedIdentities"] = {id: copy.deepcopy(known.get(id) or {}) for id in assigned}
    return shown


def settle(cloud: Cloud, identity: Body | None) -> None:
    """Say who the assigned identities are."""
    for assigned in ((identity or {}).get("userAssignedIdentities") or {}).values():
        assigned.setdefault("principalId", cloud.new_id())
        assigned.setdefault("clientId", cloud.new_id())
