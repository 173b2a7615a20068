# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of an export, from the options of vm_image_export."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

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
from ansible_collections.golden.azure.plugins.module_utils._model.blob import read_blob

Json = dict[str, Any]

OPTIONS: Json = {
    **{name: each for name, each in REFERENCE_OPTIONS.items() if name != "image"},
    "disk": {"type": "str"},
    "snapshot": {"type": "str"},
    "lun": {"type": "int"},
    "path": {"type": "path"},
    "blob": {"type": "str"},
    "guest_state": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
    "temporary_resource_group": {"type": "str"},
    "tags": {"type": "dict"},
}

_SOURCES = ("gallery_version_id", "gallery_version", "disk", "snapshot")

_TARGETS = ("path", "blob")

RULES: Json = {
    "mutually_exclusive": [_SOURCES, _TARGETS],
    "required_one_of": [_SOURCES, _TARGETS],
    "required_together": [("gallery", "definition")],
}

#: Azure's limit is 80 characters: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_MAX_NAME = 64
_DIGITS = 8


@dataclass(frozen=True)
class ExportRequest:
    """The request of the task."""

    source: ResourceId
    #: The VHD: the absolute path of a file, or the URL of a page blob.
    target: str
    #: The disk from which it is read; it is created for the export, and deleted after it.
    disk: ResourceId
    #: The data disk of a version to export; None for its OS disk.
    lun: int | None = None
    #: Whether the guest state of a disk with Trusted Launch is exported, too.
    guest_state: bool = True
    #: Whether an existing file or blob is replaced.
    force: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    #: Whether the target is a blob.
    is_blob: bool = False

    @property
    def option(self) -> str:
        """The option that chooses the target."""
        return "blob" if self.is_blob else "path"

    @property
    def label(self) -> str:
        """The target in messages."""
        return f"{'blob' if self.is_blob else 'file'} '{self.target}'"

    @property
    def guest_state_label(self) -> str:
        """The guest state in messages."""
        return f"{'blob' if self.is_blob else 'file'} '{self.guest_state_target}'"

    @property
    def definition(self) -> ResourceId | None:
        """The definition of a version; None for other sources."""
        found = self.source
        if found.resource_type != GALLERY_VERSION:
            return None
        return ResourceId(found.subscription_id, found.resource_group, GALLERY_DEFINITION, found.names[:2])

    @property
    def guest_state_target(self) -> str:
        """The file or blob for the guest state, beside the VHD."""
        return f"{os.path.splitext(self.target)[0]}.vmgs"


def export_request(options: Json, subscription_id: str, is_account: Callable[[str], bool]) -> ExportRequest:
    """Read the options.

    :param is_account: whether a URL is one of a storage account of the cloud.
    :raises InvalidInput: for invalid options.
    """
    source = _source(options, subscription_id)
    if options["lun"] is not None and source.resource_type != GALLERY_VERSION:
        raise InvalidInput(
            f"Option 'lun' chooses a data disk of a gallery version, and the source is the {source.label}: omit it."
        )
    target = options["path"] if options["blob"] is None else _blob(options["blob"], is_account)
    if target.endswith((".vmgs", ".json")):
        name, beside, value = ("path", "files", "the path") if options["blob"] is None else ("blob", "blobs", "the URL")
        raise InvalidInput(
            f"Option '{name}' ends with .vmgs or .json, which are the {beside} beside it: set {value} of a VHD."
        )
    refuse_reserved("tags", options["tags"])
    return ExportRequest(
        source=source,
        target=target,
        disk=_temporary_disk(options, source, target, subscription_id),
        lun=options["lun"],
        guest_state=options["guest_state"],
        force=options["force"],
        tags={name: str(value) for name, value in (options["tags"] or {}).items()},
        is_blob=options["blob"] is not None,
    )


def _blob(text: str, is_account: Callable[[str], bool]) -> str:
    uri = read_blob("blob", text).uri
    if not is_account(uri):
        raise InvalidInput(
            f"Option 'blob' is '{uri}', which is not a blob of a storage account of this cloud: the identity's token is not sent to "
            "other hosts; set a URL such as https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME.vhd, with the suffix of the cloud."
        )
    return uri


def _source(options: Json, subscription_id: str) -> ResourceId:
    for name, resource_type in (("disk", DISK), ("snapshot", SNAPSHOT)):
        if options[name] is not None:
            return locate(name, options[name], resource_type, options["resource_group"], subscription_id)
    return referenced_image({**options, "image": None}, subscription_id)


def _temporary_disk(options: Json, source: ResourceId, target: str, subscription_id: str) -> ResourceId:
    """The id of the disk, which is the same for every run with the same source and target."""
    key = f"{str(source).lower()} {options['lun']} {target}"
    name = f"{'-'.join(source.names)[:_MAX_NAME]}-export-{hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]}"
    group = options["temporary_resource_group"]
    if group is None:
        return ResourceId(source.subscription_id, source.resource_group, DISK, (name,))
    return locate("temporary_resource_group", name, DISK, group, subscription_id)
