# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a gallery version can be published.

The words are those of troubleshooting-shared-images on Microsoft Learn, hashicorp/terraform-provider-azurerm#7751 (regions),
Azure/azure-powershell#9911 (storage); those about shallow replication and the sum of replicas are ours.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from .. import locations
from ..errors import error
from ..model import Body, Call

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_LARGEST = 2_147_483_647
_MOST_REPLICAS = 100
_STORAGE = ("Standard_LRS", "Standard_ZRS", "Premium_LRS", "PremiumV2_LRS")
_PROFILE = "galleryImageVersion.properties.publishingProfile"


def is_version(name: str) -> bool:
    """Whether a version can have this number."""
    return bool(_VERSION.fullmatch(name)) and all(int(part) <= _LARGEST for part in name.split("."))


def check(call: Call, profile: Body, place: str) -> None:
    """Refuse a publishing profile, as it is with its defaults."""
    targets = profile["targetRegions"]
    names = [locations.canonical(target["name"]) for target in targets]
    if len(set(names)) < len(names):
        raise error(
            "invalid_parameter",
            reason="Duplicate regions are not allowed in target publishing regions.",
            target=f"{_PROFILE}.targetRegions",
        )
    for name, target in zip(names, targets, strict=True):
        count = target["regionalReplicaCount"]
        if not 1 <= count <= _MOST_REPLICAS:
            raise error(
                "invalid_parameter",
                reason=f"The value {count} of parameter {_PROFILE}.targetRegions.regionalReplicaCount is out of range. The value "
                f"must be between 1 and {_MOST_REPLICAS}, inclusive.",
            )
        if target["storageAccountType"] not in _STORAGE:
            raise error(
                "invalid_parameter",
                reason=f"The value '{target['storageAccountType']}' of parameter {_PROFILE}.targetRegions.storageAccountType is "
                "invalid.",
            )
        known = name in locations.DISPLAY_NAMES
        if known and target["storageAccountType"].endswith("ZRS") and name not in locations.WITH_ZONES:
            raise error("invalid_parameter", reason="ZRS storage account type is not supported in this region.")
    if sum(target["regionalReplicaCount"] for target in targets) > _MOST_REPLICAS:
        raise error("invalid_parameter", reason=f"The total number of replicas cannot be more than {_MOST_REPLICAS}.")
    shallow = profile.get("replicationMode") == "Shallow"
    if shallow and (names != [place] or targets[0]["regionalReplicaCount"] > 1):
        raise error("invalid_parameter", reason="Shallow replication takes one replica in the region of the source.")
    _check_keys(call, targets)
    if call.existing is None:
        check_end(call, profile.get("endOfLifeDate"))


def check_update(before: Body, after: Body) -> None:
    """Refuse an update of what is fixed."""
    stored = {target["name"]: target["storageAccountType"] for target in before["targetRegions"]}
    for target in after["targetRegions"]:
        has = stored.get(target["name"], target["storageAccountType"])
        if has != target["storageAccountType"]:
            raise error(
                "invalid_parameter",
                reason="Global storage account type does not match the storage account type in the existing TargetRegion: "
                f"'{target['name']}'. Please specify '{has}' as the storage account type for this region.",
            )
    if before.get("replicationMode", "Full") != after.get("replicationMode", before.get("replicationMode", "Full")):
        raise error("property_change", property=f"{_PROFILE}.replicationMode")


def _key(target: Body) -> str | None:
    found: str | None = ((target.get("encryption") or {}).get("osDiskImage") or {}).get("diskEncryptionSetId")
    return found


def _check_keys(call: Call, targets: list[Body]) -> None:
    first = next(((target["name"], key) for target in targets if (key := _key(target))), None)
    if first is None:
        return
    for target in targets:
        key = _key(target)
        if key is None:
            raise error(
                "invalid_parameter",
                reason="A disk encryption set is required for disk 'galleryArtifactVersion.properties.publishingProfile."
                f"targetRegions.encryption.osDiskImage.diskEncryptionSetId' in target region '{target['name']}' since disk "
                f"encryption set '{first[1]}' is used for the corresponding disk in region '{first[0]}'",
            )
        if key.split("/")[2].lower() != str(call.path.subscription).lower():
            raise error(
                "invalid_parameter",
                reason=f"The disk encryption set '{key}' must be in the same subscription '{call.path.subscription}' as the gallery "
                "resource.",
            )
        found = call.cloud.store.get(key)
        # In another region it is not found either: hashicorp/packer-plugin-azure#264
        if found is None or found.location != locations.canonical(target["name"]):
            raise error("invalid_parameter", reason=f"The disk encryption set {key} was not found.")


def check_end(call: Call, date: str | None) -> None:
    if date is None:
        return
    try:
        moment = datetime.fromisoformat(str(date).replace("Z", "+00:00"))
    except ValueError:
        raise error(
            "bad_request",
            reason=f"Could not convert string to DateTimeOffset: {date}. Path 'properties.publishingProfile.endOfLifeDate'",
        ) from None
    if (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)) <= call.now:
        raise error("invalid_parameter", reason="EndOfLifeDate must be set to a future date.")
