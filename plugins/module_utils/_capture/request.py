# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of a capture, and the current state: the input of the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    VIRTUAL_MACHINE,
    ResourceId,
    group_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.claim import Claim
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import AUTO
from ansible_collections.golden.azure.plugins.module_utils._model.encryption_sets import EncryptionUse
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]

#: As ``version``: use the number after the highest, or an existing version of the same source.
NEXT = "next"


@dataclass(frozen=True)
class DiskSettings:
    """The settings of a disk of the image."""

    #: None for the OS disk.
    lun: int | None = None
    #: Its source; None for the source's own disk at this LUN.
    source: SourceReference | None = None
    host_caching: str | None = None
    storage_account_type: str | None = None
    disk_encryption_set: str | None = None


@dataclass(frozen=True)
class CaptureRequest:
    """The request of the task."""

    source: SourceReference
    #: The managed image to create, if any.
    image: ResourceId | None = None
    gallery_targets: tuple[GalleryTarget, ...] = ()
    #: The virtual machine of which the source is, or will be, a copy.
    copied_from: ResourceId | None = None
    #: The required vmId of the virtual machine; empty for any vmId.
    source_vm_id: str = ""
    generalize: bool = False
    #: Capture a specialized image: the virtual machine is neither prepared, stopped nor generalized.
    specialized: bool = False
    #: False while the guest is still to be prepared: running and not generalized are then steps of the plan, not blockers.
    guest_prepared: bool = True
    #: Time limit in seconds for the shutdown of the guest.
    shutdown_timeout: float = 0
    location: str | None = None
    zone_resilient: bool | None = None
    tags: dict[str, str] | None = None
    #: The tags as set in the task, of any type.
    given_tags: Json | None = None
    delete_source_vm: bool = False
    #: The number of concurrent deployments, if set.
    concurrent_deployments: int | None = None
    deployments_per_replica: int = 20
    #: Properties that are unknown to Azure for some sources.
    os_type: str | None = None
    hyper_v_generation: str | None = None
    architecture: str | None = None
    os_disk: DiskSettings | None = None
    #: The data disks of the image; None for all data disks of the source.
    data_disks: tuple[DiskSettings, ...] | None = None
    #: Create the resource groups of the managed image and of new galleries, if they do not exist.
    create_resource_group: bool = False
    #: Create snapshots of the virtual machine's disks before anything else.
    snapshot_disks: bool = False
    #: Whether these snapshots must be of the same time: auto, crash_consistent or per_disk.
    disk_consistency: str = AUTO
    #: Only release the claim of this run.
    release_claim: bool = False
    run: Run = field(default_factory=Run)
    #: The disk that a file is uploaded to; None for other sources.
    upload_disk: ResourceId | None = None
    #: The directory for the converted file.
    work_directory: str = ""

    @property
    def first_target(self) -> ResourceId | None:
        """The image, else the definition of the first version."""
        return self.image or next((target.definition for target in self.gallery_targets), None)

    @property
    def targets(self) -> list[ResourceId]:
        """Resources written besides the source: the image, the galleries."""
        return [*([self.image] if self.image else []), *(target.gallery for target in self.gallery_targets)]

    @property
    def resources(self) -> list[ResourceId]:
        """The source and the targets that are resources."""
        return [*([self.source] if isinstance(self.source, ResourceId) else []), *self.targets]

    @property
    def resource(self) -> ResourceId:
        """The source, if it is a resource.

        :raises TypeError: for blobs and files.
        """
        if not isinstance(self.source, ResourceId):
            raise TypeError(f"{type(self.source).__name__} is not a resource")
        return self.source

    @property
    def groups_to_create(self) -> list[ResourceId]:
        """The resource groups that are created if they do not exist, each once."""
        if not self.create_resource_group:
            return []
        made = [*([self.image] if self.image else []), *(t.gallery for t in self.gallery_targets if t.create_gallery)]
        return list({str(group_of(each)).lower(): group_of(each) for each in made}.values())

    @property
    def of_machine(self) -> bool:
        """Whether the source is a virtual machine."""
        return self.source.resource_type == VIRTUAL_MACHINE


@dataclass(frozen=True)
class GalleryState:
    """The existing resources of a gallery target; None for those that do not exist."""

    gallery: Json | None
    definition: Json | None
    versions: list[Json] = field(default_factory=list)
    #: The version that the target refers to, and the existing resource; set by with_derived().
    found: tuple[ResourceId, Json | None] | None = None

    @property
    def version_id(self) -> ResourceId:
        """The id of the version that the target refers to."""
        return self._found[0]

    @property
    def version(self) -> Json | None:
        """The existing version."""
        return self._found[1]

    @property
    def _found(self) -> tuple[ResourceId, Json | None]:
        if self.found is None:
            raise ValueError("a state is completed by with_derived() before it is used")
        return self.found


@dataclass(frozen=True)
class TargetState:
    """The state of the containers in which targets are created; without what could not be read."""

    #: Resource groups by their ids in lower case; None for one that does not exist.
    groups: dict[str, Json | None] = field(default_factory=dict)
    #: The regions of subscriptions, by their ids in lower case; None if they could not be read.
    regions: dict[str, Regions | None] = field(default_factory=dict)
    #: The uses of disk encryption sets, and the sets by their ids in lower case; None for one that does not exist.
    encryption_uses: tuple[EncryptionUse, ...] = ()
    encryption_sets: dict[str, Json | None] = field(default_factory=dict)
    #: The image definitions of galleries by the galleries' ids in lower case, if one is created.
    definitions: dict[str, list[Json]] = field(default_factory=dict)
    #: Quota usages, by subscription and region (see target_quota.usage_key).
    usages: dict[str, list[Json]] = field(default_factory=dict)
    #: A warning for each failed read.
    unread: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class CaptureState:
    """The current state; None for resources that do not exist."""

    #: The virtual machine with its instance view, the disk, snapshot, image or version; None for a blob; for a file, its
    #: upload disk.
    resource: Json | None
    image: Json | None = None
    #: The managed disks of the virtual machine, the OS disk first.
    disks: list[Json] = field(default_factory=list)
    locks: list[Json] = field(default_factory=list)
    #: Whether the locks could be read.
    locks_known: bool = True
    #: Whether the source's region has availability zones; None if not needed.
    zones_available: bool | None = None
    #: One for each gallery target, in their order.
    galleries: list[GalleryState] = field(default_factory=list)
    #: The definition of a gallery version that is the source.
    source_definition: Json | None = None
    #: The network interfaces of the virtual machine, and their public IP addresses, if it is to be deleted.
    interfaces: list[Json] = field(default_factory=list)
    addresses: list[Json] = field(default_factory=list)
    #: The existing backups, by their ids in lower case, if backups are requested.
    backups: dict[str, Json] = field(default_factory=dict)
    #: The existing temporary disks and the restore point collection of backups, by their ids in lower case.
    backup_parts: dict[str, Json] = field(default_factory=dict)
    #: That collection with its restore point; None if it does not exist.
    restore_points: Json | None = None
    #: The reason why restore points cannot be used; None if there is none.
    restore_points_unavailable: str | None = None
    #: The resource groups of targets that may be created, by their ids in lower case; None for one that does not exist.
    groups: dict[str, Json | None] = field(default_factory=dict)
    #: The marketplace state of the base image of the virtual machine: Active, ScheduledForDeprecation, Deprecated;
    #: None if not needed or unknown.
    base_state: str | None = None
    #: The disks and snapshots in the option data_disks, by their ids in lower case.
    named_disks: dict[str, Json] = field(default_factory=dict)
    #: The inspected source file.
    file: ImageFile | None = None
    #: The reason why the host that runs the task cannot upload the file; None if there is none.
    file_obstacle: str | None = None
    targets: TargetState = field(default_factory=TargetState)
    #: The valid claim of another run; None if there is none.
    claim: Claim | None = None
    #: Of a copy, the virtual machine that has the name of its original.
    original: Json | None = None
    #: The source, independent of its kind; set by with_derived().
    source: Source | None = None
