# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an image is made of, whatever kind of thing that is, as far as its targets need to know.

The plans of the targets see nothing else of a source: neither that it is a machine nor how a snapshot reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import LocalFile

Json = dict[str, Any]

#: What an image is made of.
SourceReference = Union[ResourceId, Blob, LocalFile]


@dataclass(frozen=True)
class SourceDisk:
    """A disk of the image to be, and what its content comes from."""

    source: SourceReference
    #: None for the operating system's disk.
    lun: int | None = None
    host_caching: str | None = None
    storage_account_type: str | None = None
    disk_encryption_set: str | None = None


@dataclass(frozen=True)
class Source:
    """A source, read."""

    reference: SourceReference
    #: Tells it from another one that was made again under its name.
    identity: str
    location: str
    #: Linux or Windows; empty where neither Azure nor the task says.
    os_type: str
    specialized: bool
    #: V1 or V2; None where neither Azure nor the task says.
    generation: str | None = None
    architecture: str = "x64"
    security_type: str = "Standard"
    disk_controllers: str | None = None
    #: Whether it has accelerated networking and hibernation, which its images are to offer, too.
    accelerated_networking: bool = False
    hibernation: bool = False
    purchase_plan: Json | None = None
    #: What it was made of itself, as people write it: publisher:offer:sku:version, or an id.
    base: str | None = None
    #: The source is taken as it is: a machine with all its disks, an image.
    whole: bool = False
    #: The operating system's first; for images that are taken whole, none.
    disks: tuple[SourceDisk, ...] = ()
    #: LUNs of all data disks that the target will have.
    luns: tuple[int, ...] = field(default=())

    @property
    def is_machine(self) -> bool:
        """Whether it is a virtual machine."""
        return self.reference.resource_type == VIRTUAL_MACHINE

    def takes(self, disk: Json) -> bool:
        """Whether a disk of the machine goes into the image.

        :param disk: the managed disk, or the machine's entry for it.
        """
        if self.whole:
            return True
        named = str(disk.get("id") or (disk.get("managedDisk") or {}).get("id") or (disk.get("vhd") or {}).get("uri"))
        return any(
            named.lower() == (each.source.uri if isinstance(each.source, Blob) else str(each.source)).lower()
            for each in self.disks
        )


def describe_disks(source: Source) -> str:
    """What is taken from the source, for people."""
    if source.whole:
        return "all disks" if source.is_machine else f"the {source.reference.label}"
    luns = f", data disks at LUN {', '.join(map(str, source.luns))}" if source.luns else ", without data disks"
    return f"the {source.disks[0].source.label}{luns}"
