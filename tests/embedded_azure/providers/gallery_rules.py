# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What galleries and image definitions can be, and what of them can change.

Rules: create-gallery, share-gallery-direct, share-gallery-community, soft-delete-gallery, shared-image-galleries and
troubleshooting-shared-images on Microsoft Learn; azurerm_shared_image and azurerm_shared_image_gallery of
hashicorp/terraform-provider-azurerm (what is fixed, the prefix of public names); Azure/azure-cli#15138 and #33172 (features).
The words are those of troubleshooting-shared-images where that page has them; all others are ours.
"""

from __future__ import annotations

import re
from typing import Any

from .. import locations
from ..errors import error
from ..model import Body, Call
from ..store import Resource
from .publishing_rules import check_end

_PROFILE = "gallery.properties.sharingProfile"
_INFORMATION = f"{_PROFILE}.communityGalleryInfo"
_IMAGE = "galleryImage.properties"
_PREFIX = re.compile(r"[A-Za-z0-9]{5,16}")
#: The EULA is not needed: a test of Azure/azure-sdk-for-net makes a community gallery without one.
_PUBLISHER = ("publicNamePrefix", "publisherUri", "publisherContact")
_SOFT_DELETE = "Microsoft.Compute/SIGSoftDelete"
_MOST_GROUPS = {"Subscriptions": 30, "AADTenants": 5}

_TRUTH = {"true": "True", "false": "False"}
_SECURITY_TYPES = (
    "Standard",
    "TrustedLaunch",
    "TrustedLaunchSupported",
    "ConfidentialVM",
    "ConfidentialVMSupported",
    "TrustedLaunchAndConfidentialVmSupported",
)
_SWITCHES = (
    "IsAcceleratedNetworkSupported",
    "IsHibernateSupported",
    "IsSecureBootSupported",
    "IsMeasuredBootSupported",
)
_CONTROLLERS = ({"scsi"}, {"scsi", "nvme"}, {"nvme"})
#: What an image definition keeps for good.
FIXED = (
    "osType",
    "osState",
    "hyperVGeneration",
    "identifier",
    "architecture",
    "eula",
    "privacyStatementUri",
    "purchasePlan",
)
#: The kinds that hold one guest's state, for private galleries only.
_OF_ONE_GUEST = ("TrustedLaunch", "ConfidentialVM")


# -- galleries ----------------------------------------------------------------------------------------------------


def check_new_gallery(call: Call) -> None:
    """Refuse a second gallery with a name that the subscription has."""
    for other in call.cloud.store.of_type("Microsoft.Compute/galleries", f"/subscriptions/{call.path.subscription}"):
        if other.name.lower() == call.path.name.lower():
            raise error(
                "invalid_parameter",
                reason=f"The gallery name {call.path.name} is not unique within the subscription {call.path.subscription}. "
                "Please pick another gallery name",
            )


def check_sharing(before: Body | None, wanted: Body) -> None:
    """Refuse a sharing profile: the way of sharing is fixed, but for a reset."""
    profile = wanted.get("sharingProfile") or {}
    kind = profile.get("permissions")
    if before is not None and kind is not None:
        has = (before.get("sharingProfile") or {}).get("permissions", "Private")
        if kind != has:
            raise error("property_change", property=f"{_PROFILE}.permissions")
    information = profile.get("communityGalleryInfo") or {}
    # A seed names what the gallery is called.
    if kind == "Community" and before is None and not information.get("publicNames"):
        for name in _PUBLISHER:
            if not information.get(name):
                raise error(
                    "invalid_parameter", reason=f"Required parameter '{_INFORMATION}.{name}' is missing (null)."
                )
    prefix = information.get("publicNamePrefix")
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        raise error(
            "invalid_parameter",
            reason=f"The value '{prefix}' of parameter {_INFORMATION}.publicNamePrefix is invalid. It must have 5 to 16 letters "
            "and digits.",
        )
    known = ((before or {}).get("sharingProfile") or {}).get("communityGalleryInfo") or {}
    if prefix is not None and known.get("publicNamePrefix") not in (None, prefix):
        raise error("property_change", property=f"{_INFORMATION}.publicNamePrefix")


def check_soft_delete(call: Call, before: Body | None, wanted: Body) -> None:
    """Refuse soft delete without its feature, or with contents elsewhere."""
    enabled = (wanted.get("softDeletePolicy") or {}).get("isSoftDeleteEnabled")
    if not enabled or ((before or {}).get("softDeletePolicy") or {}).get("isSoftDeleteEnabled"):
        return
    if not call.cloud.settings.has_feature(_SOFT_DELETE):
        raise error(
            "bad_request",
            reason=f"Subscription {call.path.subscription} is not registered for the feature {_SOFT_DELETE}.",
        )
    place = locations.canonical(call.desired["location"])
    for child in call.cloud.store.under(call.path.id):
        if child.type.lower().startswith("microsoft.compute/galleries/images") and child.location != place:
            raise error(
                "bad_request",
                reason=f"Soft delete cannot be enabled: {child.id} is in {child.location}, the gallery in {place}.",
            )


def check_groups(kind: str, count: int) -> None:
    """Refuse more subscriptions or tenants than a gallery can be shared with."""
    most = _MOST_GROUPS.get(kind, 0)
    if count > most:
        raise error("bad_request", reason=f"A gallery can be shared with at most {most} {kind}, and not with {count}.")


def check_gallery_removal(gallery: Resource) -> None:
    """Refuse to delete a gallery that is public."""
    if gallery.private.get("community"):
        raise error(
            "not_allowed",
            reason=f"The gallery '{gallery.name}' is shared with the community. Reset its sharing before it is deleted.",
        )


# -- image definitions --------------------------------------------------------------------------------------------


def spelled_features(features: list[Body]) -> list[Body]:
    """Features as Azure answers them (recorded): truth values begin with a capital."""
    return [{**one, "value": _TRUTH.get(str(one.get("value")).lower(), one.get("value"))} for one in features]


def check_definition(call: Call, gallery: Resource | None, before: Body, wanted: Body) -> None:
    """Refuse a definition that cannot be, or a change of what is fixed."""
    for key in FIXED:
        if before and wanted.get(key) is not None and wanted[key] != before.get(key):
            raise error("property_change", property=f"{_IMAGE}.{key}")
    for feature in wanted.get("features") or []:
        _check_feature(feature)
    features = wanted.get("features", before.get("features")) or []
    allowed = not before or wanted.get("allowUpdateImage")
    if not allowed and _valued(features) != _valued(before.get("features") or []):
        raise error("property_change", property=f"{_IMAGE}.features")
    offered = _valued(wanted.get("features") or [])
    generation = wanted.get("hyperVGeneration") or before.get("hyperVGeneration")
    _check_generation(generation, wanted.get("architecture"), offered)
    profile = (gallery.properties.get("sharingProfile") or {}) if gallery else {}
    if profile.get("permissions", "Private") != "Private" and offered.get("SecurityType") in _OF_ONE_GUEST:
        raise error(
            "bad_request",
            reason=f"The security type {offered['SecurityType']} is only supported in private galleries.",
        )
    for name, limits in (wanted.get("recommended") or {}).items():
        if limits.get("min") is not None and limits.get("max") is not None and limits["min"] > limits["max"]:
            raise error(
                "invalid_parameter",
                reason=f"The minimum value of {_IMAGE}.recommended.{name} must not be greater than the maximum value of "
                f"{_IMAGE}.recommended.{name}.",
            )
    if wanted.get("endOfLifeDate") != before.get("endOfLifeDate"):
        check_end(call, wanted.get("endOfLifeDate"))


def _valued(features: list[Body]) -> dict[str, Any]:
    return {one["name"]: one.get("value") for one in spelled_features(features)}


def _check_feature(feature: Body) -> None:
    name, value = feature.get("name"), str(feature.get("value"))
    if name == "SecurityType":
        fits = value.lower() in map(str.lower, _SECURITY_TYPES)
    elif name == "DiskControllerTypes":
        fits = {word.strip().lower() for word in value.split(",")} in _CONTROLLERS
    else:
        fits = name in _SWITCHES and value.lower() in _TRUTH
    if not fits:
        raise error("invalid_parameter", reason=f"The feature '{name}' with the value '{value}' is not supported.")


def _check_generation(generation: str | None, architecture: str | None, offered: dict[str, Any]) -> None:
    if generation != "V1":
        return
    secure = offered.get("SecurityType", "Standard") != "Standard"
    if secure or "nvme" in str(offered.get("DiskControllerTypes")).lower() or architecture == "Arm64":
        raise error(
            "bad_request",
            reason="The Hyper-V generation V1 supports neither security types nor NVMe nor Arm64: use V2.",
        )


def check_definition_removal(call: Call) -> None:
    """Refuse to delete a definition with soft-deleted versions, while its gallery keeps them."""
    definition = call.existing
    gallery = call.cloud.store.get(definition.id.rsplit("/images/", 1)[0])
    policy = (gallery.properties.get("softDeletePolicy") or {}) if gallery else {}
    mark = f"{definition.id}/versions/".lower()
    kept = gallery.private.get("soft_deleted", []) if gallery else []
    if policy.get("isSoftDeleteEnabled") and any(mark in item["id"].lower() for item in kept):
        raise error(
            "not_allowed",
            reason=f"The gallery image '{definition.name}' has soft-deleted versions. Delete them, or disable soft delete, before "
            "it is deleted.",
        )
