# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tags by which this collection identifies its resources; names are compared without regard to case, as Azure does."""

from __future__ import annotations

import hashlib
from typing import Any

#: The prefix of all of them.
PREFIX = "golden.azure."

#: When an image was created (ISO 8601), for images without systemData.
CREATED_AT = f"{PREFIX}created_at"
#: When an image was deprecated (ISO 8601); managed images have no property for it.
DEPRECATED_AT = f"{PREFIX}deprecated_at"
#: An image that is never removed, regardless of the value.
PROTECTED = f"{PREFIX}protected"
#: On images that were verified: true, or another value for those that failed.
VERIFIED = f"{PREFIX}verified"
#: On snapshots and disks that were created for an image: its mark (see :func:`image_mark`).
MADE_FOR = f"{PREFIX}image"

#: On disks that were created to export something: the content that they have.
EXPORT_OF = f"{PREFIX}export_of"

#: On snapshots that back up a disk before its virtual machine is prepared: the disk's uniqueId.
BACKUP_OF = f"{PREFIX}backup_of"
#: On such snapshots, the id of the disk: the source of a snapshot that was taken through a restore point is a temporary disk.
BACKED_UP_DISK = f"{PREFIX}backed_up_disk"
#: On the restore point collection and the disks that exist only while the disks of a virtual machine are backed up: the mark of
#: that virtual machine (see :func:`image_mark`).
BACKUP_SOURCE = f"{PREFIX}backup_source"
#: On copies of the disks of a virtual machine: how consistent these are with each other (see _model/disk_consistency.py).
DISK_CONSISTENCY = f"{PREFIX}disk_consistency"

_MAX_VALUE = 256


def tag_value(tags: dict[str, Any] | None, name: str) -> str | None:
    """The value of a tag, or None if it does not exist."""
    if not tags:
        return None
    if name in tags:
        return str(tags[name])
    folded = name.lower()
    return next((str(value) for key, value in tags.items() if key.lower() == folded), None)


def has_own_tag(tags: dict[str, Any] | None) -> bool:
    """Whether it has a tag of this collection."""
    return any(name.lower().startswith(PREFIX) for name in tags or {})


def image_mark(image_id: str) -> str:
    """The value of MADE_FOR for an image: its id in lower case, or a digest of it if the id is too long for a tag."""
    return fitting(image_id.rstrip("/").lower())


def fitting(text: str) -> str:
    """A text as the value of a tag: the text, or a digest of it if it is too long."""
    return text if len(text) <= _MAX_VALUE else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
