# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is exported: the properties of a gallery version, a disk or a snapshot that an export depends on; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_VERSION, normalized_location
from ansible_collections.golden.azure.plugins.module_utils._core.tags import CREATED_AT, tag_value
from ansible_collections.golden.azure.plugins.module_utils._export.request import ExportRequest
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.replication import replication_of
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import (
    publishing_profile,
    regions_by_name,
)

Json = dict[str, Any]

_TRUSTED_LAUNCH = "TrustedLaunch"


@dataclass(frozen=True)
class ExportSource:
    """A source that was read."""

    #: Distinguishes its content from earlier contents and from other resources of the same name.
    content: str
    location: str
    os_type: str | None
    #: generalized or specialized; None if unknown.
    os_state: str | None
    hyper_v_generation: str | None
    architecture: str | None
    #: Standard, TrustedLaunch, ConfidentialVM...
    security_type: str
    #: Whether it has a guest state (vTPM and UEFI variables), which is a blob of its own.
    has_guest_state: bool = False
    #: The id of the disk encryption set of a customer-managed key.
    encryption_set: str | None = None
    #: LUNs of the data disks of a version.
    luns: tuple[int, ...] = ()

    def facts(self) -> Json:
        """For the record of the export, and for the task's result."""
        return {
            "os_type": self.os_type.lower() if self.os_type else None,
            "os_state": self.os_state,
            "hyper_v_generation": self.hyper_v_generation,
            "architecture": self.architecture,
            "security_type": self.security_type,
        }


def describe(request: ExportRequest, source: Json | None, definition: Json | None) -> ExportSource | None:
    """Describe what was read; None if it does not exist."""
    if source is None:
        return None
    if request.source.resource_type == GALLERY_VERSION:
        return _version(request, source, definition or {})
    return _disk(source)


def _disk(disk: Json) -> ExportSource:
    properties = machine.properties(disk)
    security = str((properties.get("securityProfile") or {}).get("securityType") or "Standard")
    # The content of a disk changes only while it is attached; snapshots never change:
    # https://learn.microsoft.com/rest/api/compute/disks/get#disk (LastOwnershipUpdateTime)
    content = (
        f"{properties.get('uniqueId') or disk.get('id')} {properties.get('LastOwnershipUpdateTime') or ''}".strip()
    )
    return ExportSource(
        content=content,
        location=str(disk.get("location") or ""),
        os_type=properties.get("osType"),
        os_state=None,
        hyper_v_generation=properties.get("hyperVGeneration"),
        architecture=machine.architecture([disk]) if properties.get("osType") else None,
        security_type=security,
        has_guest_state=security == _TRUSTED_LAUNCH,
        encryption_set=(properties.get("encryption") or {}).get("diskEncryptionSetId"),
    )


def _version(request: ExportRequest, version: Json, definition: Json) -> ExportSource:
    properties = machine.properties(definition)
    features = {str(each.get("name")): str(each.get("value")) for each in properties.get("features") or []}
    is_os_disk, specialized = request.lun is None, properties.get("osState") == "Specialized"
    security = features.get("SecurityType") or "Standard"
    location, region = _place(version)
    storage = machine.properties(version).get("storageProfile") or {}
    return ExportSource(
        content=" ".join(
            [str(request.source).lower(), _created_at(version), *([] if is_os_disk else [f"lun {request.lun}"])]
        ),
        location=location,
        os_type=properties.get("osType") if is_os_disk else None,
        os_state=str(properties.get("osState") or "").lower() or None if is_os_disk else None,
        hyper_v_generation=properties.get("hyperVGeneration") if is_os_disk else None,
        architecture=str(properties.get("architecture") or "x64") if is_os_disk else None,
        security_type=security,
        # A generalized image has no guest state: that of each virtual machine is created with it.
        has_guest_state=is_os_disk and specialized and security == _TRUSTED_LAUNCH,
        encryption_set=_encryption_set(region, request.lun),
        luns=tuple(int(disk["lun"]) for disk in storage.get("dataDiskImages") or []),
    )


def _created_at(version: Json) -> str:
    """Distinguishes a version from one that was created again with the same number."""
    created = (version.get("systemData") or {}).get("createdAt") or tag_value(version.get("tags"), CREATED_AT)
    return str(created or publishing_profile(version).get("publishedDate") or "")


def _place(version: Json) -> tuple[str, Json]:
    """The region where the disk is created, and its entry: that of the version, unless it is not replicated there."""
    regions = regions_by_name(version)
    home = normalized_location(str(version.get("location") or ""))
    failed = {normalized_location(each.region) for each in replication_of(version) if not each.is_completed}
    name = next((each for each in (home, *regions) if each in regions and each not in failed), home)
    return name, regions.get(name) or {}


def _encryption_set(region: Json, lun: int | None) -> str | None:
    encryption = region.get("encryption") or {}
    rows: Iterator[Json] = (row for row in encryption.get("dataDiskImages") or [] if row.get("lun") == lun)
    found = (encryption.get("osDiskImage") or {}) if lun is None else next(rows, {})
    return found.get("diskEncryptionSetId")
