# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of an upload: a file, and its target disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

#: Azure's limit is 80 characters: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_MAX_TARGET_NAME = 72


@dataclass(frozen=True)
class UploadRequest:
    """The upload of a file to a disk, from which an image is created."""

    image: ImageFile
    disk_id: ResourceId
    #: The image, or the image definition, that the disk is for.
    target: ResourceId
    #: None if required details of the file are missing.
    source: Source | None
    #: The directory for the converted file.
    directory: str = ""
    architecture: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    run: Run = field(default_factory=Run)
    #: The existing disk; None if it does not exist.
    disk: dict[str, Any] | None = None
    #: The reason why the host that runs the task cannot upload the file; None if there is none.
    obstacle: str | None = None


def upload_disk_id(target: ResourceId) -> ResourceId:
    """The id of the upload disk of an image, in its resource group; the same for every run."""
    name = f"{target.name[:_MAX_TARGET_NAME]}-upload"
    return ResourceId(target.subscription_id, target.resource_group, DISK, (name,))
