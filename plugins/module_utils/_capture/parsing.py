# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert the options of vm_image_capture into a request; invalid combinations are refused here."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, DiskSettings
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.blob import parse_blob
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kinds import KINDS, kind_of
from ansible_collections.golden.azure.plugins.module_utils._core.awx_job import current_job, with_job
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.replicas import planned_replicas
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    DISK_ENCRYPTION_SET,
    GALLERY,
    GALLERY_DEFINITION,
    IMAGE,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
    child,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._local.controller import controller_identity
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import AUTO
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import default_identifier
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import GALLERY_PROPERTIES
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import (
    GalleryTarget,
    NewDefinition,
    TargetRegion,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run, new_run_id
from ansible_collections.golden.azure.plugins.module_utils._model.source import SourceReference

Json = dict[str, Any]

_DATA_DISK_SOURCES = {"disk": DISK, "snapshot": SNAPSHOT}


def parse_request(options: Json, subscription_id: str, now: datetime) -> CaptureRequest:
    """Read the options of vm_image_capture.

    :param now: with its time zone.

    :raises InvalidInput: for invalid options.
    """
    group = options["resource_group"]
    named = parse_source(options, subscription_id)
    source = _copy(named, options["copy_name"])
    # Targets are created in the resource group of the source by default.
    beside = group or getattr(named, "resource_group", None)
    image = locate("image", options["image"], IMAGE, beside, subscription_id) if options["image"] is not None else None
    job = current_job(os.environ)
    request = CaptureRequest(
        source=source,
        copied_from=named if isinstance(named, ResourceId) and named is not source else None,
        source_vm_id=options["source_vm_id"] or "",
        image=image,
        gallery_targets=tuple(
            _gallery_target(item, options, beside, subscription_id) for item in options["gallery_versions"] or []
        ),
        generalize=options["generalize"],
        specialized=options["os_state"] == "specialized",
        guest_prepared=options["guest_prepared"] is not False,
        shutdown_timeout=options["shutdown_timeout"],
        location=options["location"],
        zone_resilient=options["zone_resilient"],
        tags={str(name): str(value) for name, value in (options["tags"] or {}).items()},
        given_tags=options["tags"],
        delete_source_vm=options["delete_source_vm"],
        concurrent_deployments=options["concurrent_deployments"],
        deployments_per_replica=options["deployments_per_replica"],
        os_type={"linux": "Linux", "windows": "Windows"}.get(options["os_type"] or ""),
        hyper_v_generation=options["hyper_v_generation"],
        architecture=options["architecture"],
        work_directory=options["work_directory"] or "",
        os_disk=_disk_settings(options["os_disk"], options, subscription_id) if options["os_disk"] else None,
        data_disks=parse_data_disks(options, source, subscription_id),
        create_resource_group=options["create_resource_group"],
        snapshot_disks=options["snapshot_disks"],
        disk_consistency=options["disk_consistency"],
        release_claim=options["release_claim"],
        run=Run(
            moment=now.astimezone(timezone.utc).isoformat(timespec="seconds"),
            run_id=options["run_id"] or new_run_id(now),
            holder=job.title if job else socket.gethostname(),
            process=with_job(controller_identity(), job),
        ),
    )
    # For a virtual machine, the plan lists the possible targets.
    if request.first_target is None and not request.of_machine:
        raise InvalidInput(
            "No target is specified: set 'image', or at least one version in 'gallery_versions'.",
            code="no_target",
        )
    _check_targets(request)
    _check_combination(request, options)
    _check_copy(request, options)
    return kind_of(source).complete(request)


def _check_targets(request: CaptureRequest) -> None:
    """Refuse versions that are identical for Azure.

    :raises InvalidInput: for the first one.
    """
    seen: set[tuple[str, str]] = set()
    for target in request.gallery_targets:
        key = (str(target.definition).lower(), target.version)
        if key in seen:
            raise InvalidInput(
                f"Option 'gallery_versions' contains version '{target.version}' of {target.definition.label} twice; "
                "remove one of them.",
                code="same_version",
            )
        seen.add(key)


def _check_combination(request: CaptureRequest, options: Json) -> None:
    """Refuse invalid combinations of options.

    :raises InvalidInput: for the first one.
    """
    own = kind_of(request.source)
    for kind in KINDS:
        for name in kind.own_options:
            if kind is not own and options[name]:
                raise InvalidInput(f"Option '{name}' applies only to '{kind.option}'; omit it.")
    if request.disk_consistency != AUTO and not request.snapshot_disks:
        raise InvalidInput("Option 'disk_consistency' applies only to 'snapshot_disks: true'; omit it, or set both.")
    if not request.of_machine and not request.guest_prepared:
        raise InvalidInput("Option 'guest_prepared' applies only to virtual machines; omit it.")
    if own.needs_os_state and not options["os_state"]:
        raise InvalidInput(
            f"Option 'os_state' is missing: it cannot be detected whether the {request.source.label} is generalized; "
            "set it."
        )
    if not request.image:
        for disk in (request.os_disk, *(request.data_disks or ())):
            if disk and (disk.storage_account_type or disk.disk_encryption_set):
                raise InvalidInput(
                    "Options 'storage_account_type' and 'disk_encryption_set' of disks apply only to a managed image; "
                    "for gallery versions set them for each region in 'target_regions'."
                )


def _check_copy(request: CaptureRequest, options: Json) -> None:
    """Refuse options that would change the original of a copy.

    :raises InvalidInput: for the first one.
    """
    for name in ("delete_source_vm", "snapshot_disks"):
        if request.copied_from and options[name]:
            raise InvalidInput(
                f"Option '{name}' cannot be combined with 'copy_name', since the {request.copied_from.label} is not "
                "changed; omit it."
            )


# -- sources ------------------------------------------------------------------------------------------------------


def parse_source(options: Json, subscription_id: str) -> SourceReference:
    """The source of the image, from the source option that is set.

    :raises InvalidInput: for an invalid name.
    """
    kind = next(kind for kind in KINDS if options[kind.option] is not None)
    return kind.parse(options, subscription_id)


def _copy(named: SourceReference, copy_name: str | None) -> SourceReference:
    """The copy to capture, which vm_image_instance creates in a resource group of its own; without a copy, the source itself."""
    if copy_name is None or not isinstance(named, ResourceId) or named.resource_type != VIRTUAL_MACHINE:
        return named
    return ResourceId(named.subscription_id, copy_name, VIRTUAL_MACHINE, (copy_name,))


def parse_data_disks(options: Json, source: SourceReference, subscription_id: str) -> tuple[DiskSettings, ...] | None:
    """The data disks of the image; None for those of the source.

    :raises InvalidInput: for duplicate LUNs, or a missing source if the source is not a virtual machine.
    """
    if options["data_disks"] is None:
        return None
    if kind_of(source).is_image:
        raise InvalidInput(
            "Option 'data_disks' cannot be combined with 'source_image': an image is captured with all its disks."
        )
    disks = tuple(_data_disk(item, options, subscription_id) for item in options["data_disks"])
    luns = [disk.lun for disk in disks]
    for disk in disks:
        if luns.count(disk.lun) > 1:
            raise InvalidInput(
                f"Option 'data_disks' contains more than one disk with LUN {disk.lun}; use each LUN once."
            )
        if disk.source is None and source.resource_type != VIRTUAL_MACHINE:
            raise InvalidInput(
                f"The data disk with LUN {disk.lun} has no source: set 'disk', 'snapshot' or 'blob', which can be "
                "omitted only for the disks of a virtual machine."
            )
    return disks


def _data_disk(item: Json, options: Json, subscription_id: str) -> DiskSettings:
    source: SourceReference | None = None
    for option, resource_type in _DATA_DISK_SOURCES.items():
        if item[option] is not None:
            source = locate(option, item[option], resource_type, options["resource_group"], subscription_id)
    if item["blob"] is not None:
        source = parse_blob("blob", item["blob"], options, subscription_id)
    return _disk_settings(item, options, subscription_id, source)


def _disk_settings(
    item: Json, options: Json, subscription_id: str, source: SourceReference | None = None
) -> DiskSettings:
    encryption = item["disk_encryption_set"]
    return DiskSettings(
        lun=item.get("lun"),
        source=source,
        host_caching=item["host_caching"],
        storage_account_type=item["storage_account_type"],
        disk_encryption_set=encryption_set(encryption, options["resource_group"], subscription_id),
    )


def encryption_set(value: str | None, resource_group: str | None, subscription_id: str) -> str | None:
    """The id of a disk encryption set in an option.

    :raises InvalidInput: for an invalid id.
    """
    if value is None:
        return None
    return str(locate("disk_encryption_set", value, DISK_ENCRYPTION_SET, resource_group, subscription_id))


# -- targets ------------------------------------------------------------------------------------------------------


def _gallery_target(item: Json, options: Json, group: str | None, subscription_id: str) -> GalleryTarget:
    gallery = locate("gallery", item["gallery"], GALLERY, group, subscription_id)
    replicas = planned_replicas(options["concurrent_deployments"], options["deployments_per_replica"])
    return GalleryTarget(
        definition=child(gallery, GALLERY_DEFINITION, item["definition"]),
        version=str(item["version"]),
        regions=tuple(_region(region, replicas, group, subscription_id) for region in item["target_regions"] or []),
        replicas=replicas,
        settings={each.option: item[each.option] for each in GALLERY_PROPERTIES},
        new_definition=_new_definition(item, gallery),
        create_gallery=item["create_gallery"],
    )


def _new_definition(item: Json, gallery: ResourceId) -> NewDefinition | None:
    """The identifiers of a new definition, by default derived from gallery and definition.

    A new gallery has no definition, so that 'create_gallery' implies a new one.
    """
    if item["create_definition"] is None and not item["create_gallery"]:
        return None
    stated = {name: value for name, value in (item["create_definition"] or {}).items() if value is not None}
    return NewDefinition(**{**default_identifier(child(gallery, GALLERY_DEFINITION, item["definition"])), **stated})


def _region(region: Json, replicas: int, group: str | None, subscription_id: str) -> TargetRegion:
    return TargetRegion(
        name=region["name"],
        replicas=replicas if region["regional_replica_count"] is None else region["regional_replica_count"],
        storage_account_type=region["storage_account_type"],
        disk_encryption_set=encryption_set(region["disk_encryption_set"], group, subscription_id),
        replicas_set=region["regional_replica_count"] is not None,
    )
