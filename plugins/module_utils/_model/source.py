# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The source of an image, independent of its kind, with the properties that its targets depend on.

The plans of the targets use only this: they do not depend on the kind of the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import LocalFile

Json = dict[str, Any]

#: The resources that an image can be created from.
SourceReference = Union[ResourceId, Blob, LocalFile]


@dataclass(frozen=True)
class SourceDisk:
    """A disk of the image to create, and its source."""

    source: SourceReference
    #: None for the OS disk.
    lun: int | None = None
    host_caching: str | None = None
    storage_account_type: str | None = None
    disk_encryption_set: str | None = None


@dataclass(frozen=True)
class Source:
    """A source that was read."""

    reference: SourceReference
    #: Distinguishes it from a resource that was recreated with the same name.
    identity: str
    location: str
    #: Linux or Windows; empty if unknown.
    os_type: str
    specialized: bool
    #: V1 or V2; None if unknown.
    generation: str | None = None
    architecture: str = "x64"
    security_type: str = "Standard"
    disk_controllers: str | None = None
    #: Whether it has accelerated networking and hibernation, which its images are to support as well.
    accelerated_networking: bool = False
    hibernation: bool = False
    purchase_plan: Json | None = None
    #: The base image of the source: publisher:offer:sku:version, or an id.
    base: str | None = None
    #: The source is captured with all its disks: a specialized virtual machine, or an image.
    whole: bool = False
    #: The OS disk first; empty for images.
    disks: tuple[SourceDisk, ...] = ()
    #: LUNs of all data disks that the target will have.
    luns: tuple[int, ...] = field(default=())

    @property
    def is_machine(self) -> bool:
        """Whether it is a virtual machine."""
        return self.reference.resource_type == VIRTUAL_MACHINE

    def includes(self, disk: Json) -> bool:
        """Whether a disk of the virtual machine is captured.

        :param disk: the managed disk, or the virtual machine's entry for it.
        """
        if self.whole:
            return True
        named = str(disk.get("id") or (disk.get("managedDisk") or {}).get("id") or (disk.get("vhd") or {}).get("uri"))
        return any(
            named.lower() == (each.source.uri if isinstance(each.source, Blob) else str(each.source)).lower()
            for each in self.disks
        )


def describe_disks(source: Source) -> str:
    """Describe the captured disks, for messages."""
    if source.whole:
        return "all disks" if source.is_machine else f"the {source.reference.label}"
    luns = f", data disks at LUN {', '.join(map(str, source.luns))}" if source.luns else ", without data disks"
    return f"the {source.disks[0].source.label}{luns}"
