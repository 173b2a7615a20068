# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of an export, from the options of vm_image_export."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    SNAPSHOT,
    ResourceId,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._images.reference import REFERENCE_OPTIONS, referenced_image

Json = dict[str, Any]

OPTIONS: Json = {
    **{name: each for name, each in REFERENCE_OPTIONS.items() if name != "image"},
    "disk": {"type": "str"},
    "snapshot": {"type": "str"},
    "lun": {"type": "int"},
    "path": {"type": "path", "required": True},
    "guest_state": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
    "temporary_resource_group": {"type": "str"},
    "tags": {"type": "dict"},
}

_SOURCES = ("gallery_version_id", "gallery_version", "disk", "snapshot")

RULES: Json = {
    "mutually_exclusive": [_SOURCES],
    "required_one_of": [_SOURCES],
    "required_together": [("gallery", "definition")],
}

#: Azure's limit is 80 characters: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_MAX_NAME = 64
_DIGITS = 8


@dataclass(frozen=True)
class ExportRequest:
    """The request of the task."""

    source: ResourceId
    #: Absolute path of the VHD.
    path: str
    #: The disk from which it is downloaded; it is created for the export, and deleted after it.
    disk: ResourceId
    #: The data disk of a version to export; None for its OS disk.
    lun: int | None = None
    #: Whether the guest state of a disk with Trusted Launch is exported, too.
    guest_state: bool = True
    #: Whether an existing file is replaced.
    force: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def definition(self) -> ResourceId | None:
        """The definition of a version; None for other sources."""
        found = self.source
        if found.resource_type != GALLERY_VERSION:
            return None
        return ResourceId(found.subscription_id, found.resource_group, GALLERY_DEFINITION, found.names[:2])

    @property
    def guest_state_path(self) -> str:
        """The file for the guest state, beside the VHD."""
        return f"{os.path.splitext(self.path)[0]}.vmgs"


def export_request(options: Json, subscription_id: str) -> ExportRequest:
    """Read the options.

    :raises InvalidInput: for invalid options.
    """
    source = _source(options, subscription_id)
    if options["lun"] is not None and source.resource_type != GALLERY_VERSION:
        raise InvalidInput(
            f"Option 'lun' chooses a data disk of a gallery version, and the source is the {source.label}: omit it."
        )
    if options["path"].endswith((".vmgs", ".json")):
        raise InvalidInput(
            "Option 'path' ends with .vmgs or .json, which are the files beside it: set the path of a VHD."
        )
    refuse_reserved("tags", options["tags"])
    return ExportRequest(
        source=source,
        path=options["path"],
        disk=_temporary_disk(options, source, subscription_id),
        lun=options["lun"],
        guest_state=options["guest_state"],
        force=options["force"],
        tags={name: str(value) for name, value in (options["tags"] or {}).items()},
    )


def _source(options: Json, subscription_id: str) -> ResourceId:
    for name, resource_type in (("disk", DISK), ("snapshot", SNAPSHOT)):
        if options[name] is not None:
            return locate(name, options[name], resource_type, options["resource_group"], subscription_id)
    return referenced_image({**options, "image": None}, subscription_id)


def _temporary_disk(options: Json, source: ResourceId, subscription_id: str) -> ResourceId:
    """The id of the disk, which is the same for every run with the same source and path."""
    key = f"{str(source).lower()} {options['lun']} {options['path']}"
    name = f"{'-'.join(source.names)[:_MAX_NAME]}-export-{hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]}"
    group = options["temporary_resource_group"]
    if group is None:
        return ResourceId(source.subscription_id, source.resource_group, DISK, (name,))
    return locate("temporary_resource_group", name, DISK, group, subscription_id)
