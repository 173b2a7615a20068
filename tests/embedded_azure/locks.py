# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Management locks: which scope forbids what to whom below it."""

from __future__ import annotations

from .errors import error
from .store import Resource, ResourceStore

TYPE = "Microsoft.Authorization/locks"


def scope_of(lock: Resource) -> str:
    """The id of what a lock guards."""
    return lock.id[: lock.id.lower().rindex("/providers/microsoft.authorization/")]


def check(store: ResourceStore, id: str, action: str, *, including_below: bool = False) -> None:
    """Refuse a write or delete of `id` that a lock forbids.

    A lock holds for its scope and everything below it. Deleting a group also asks the locks inside the group
    (`including_below`). ReadOnly forbids both, CanNotDelete only deletion. Raises AzureError ScopeLocked 409.
    """
    for lock in store.of_type(TYPE):
        scope = scope_of(lock)
        level = str(lock.properties.get("level", "")).lower()
        forbids = level == "readonly" or (level == "cannotdelete" and action == "delete")
        above = f"{id}/".lower().startswith(f"{scope}/".lower())
        below = including_below and f"{scope}/".lower().startswith(f"{id}/".lower())
        if forbids and (above or below):
            raise error("locked_delete" if action == "delete" else "locked_write", scope=id, locked=scope)
