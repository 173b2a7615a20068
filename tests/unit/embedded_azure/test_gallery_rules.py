# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of galleries and image definitions Azure refuses: sharing, soft delete, features, and what is fixed."""

from __future__ import annotations

from typing import Any

import pytest

GALLERY = "galleries/g"
DEFINITION = "galleries/g/images/d"
INFORMATION = {"publicNamePrefix": "golden", "publisherUri": "u", "publisherContact": "c"}
COMMUNITY = {"permissions": "Community", "communityGalleryInfo": INFORMATION}
SOFT_DELETE = {"softDeletePolicy": {"isSoftDeleteEnabled": True}}
FEATURE = "Microsoft.Compute/SIGSoftDelete"


def put_gallery(arm: Any, name: str = GALLERY, **properties: Any) -> Any:
    return arm.send("PUT", name, {"location": "westeurope", "properties": properties})


def refused_gallery(arm: Any, name: str = GALLERY, **properties: Any) -> Any:
    return arm.error("PUT", name, {"location": "westeurope", "properties": properties})


def definition(**properties: Any) -> dict[str, Any]:
    identifier = {"publisher": "p", "offer": "o", "sku": "s"}
    given = {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", "features": []}
    return {"location": "westeurope", "properties": {**given, "identifier": identifier, **properties}}


def feature(value: str, name: str = "SecurityType", **more: str) -> dict[str, str]:
    return {"name": name, "value": value, **more}


def test_how_a_gallery_is_shared_is_fixed_but_for_a_reset(arm: Any) -> None:
    put_gallery(arm)
    for kind in ("Groups", "Community"):
        refusal = refused_gallery(arm, sharingProfile={**COMMUNITY, "permissions": kind})
        assert refusal[:2] == (409, "PropertyChangeNotAllowed")
    put_gallery(arm, "galleries/shared", sharingProfile={"permissions": "Groups"})
    assert refused_gallery(arm, "galleries/shared", sharingProfile={"permissions": "Private"})[0] == 409
    arm.send("POST", "galleries/shared/share", {"operationType": "Reset"})
    shown = arm.send("GET", "galleries/shared").json()["properties"]
    assert shown["sharingProfile"] == {"permissions": "Private"}
    assert refused_gallery(arm, "galleries/shared", sharingProfile={"permissions": "Groups"})[0] == 409


@pytest.mark.parametrize("lacking", ["publicNamePrefix", "publisherUri", "publisherContact"])
def test_a_community_gallery_needs_its_publisher(arm: Any, lacking: str) -> None:
    information = {name: value for name, value in INFORMATION.items() if name != lacking}
    refusal = refused_gallery(arm, sharingProfile={"permissions": "Community", "communityGalleryInfo": information})
    assert refusal[:2] == (400, "InvalidParameter")
    assert lacking in refusal[2]


@pytest.mark.parametrize("prefix", ["four", "seventeen-letters", "with-hyphen"])
def test_not_every_prefix_is_one_of_a_public_name(arm: Any, prefix: str) -> None:
    profile = {"permissions": "Community", "communityGalleryInfo": {**INFORMATION, "publicNamePrefix": prefix}}
    assert refused_gallery(arm, sharingProfile=profile)[:2] == (400, "InvalidParameter")


def test_what_is_known_of_a_publisher_changes_and_the_public_name_stays(arm: Any) -> None:
    put_gallery(arm, sharingProfile=COMMUNITY)
    names = arm.send("GET", GALLERY).json()["properties"]["sharingProfile"]["communityGalleryInfo"]["publicNames"]
    other = {**INFORMATION, "publisherUri": "other"}
    put_gallery(arm, sharingProfile={"permissions": "Community", "communityGalleryInfo": other})
    shown = arm.send("GET", GALLERY).json()["properties"]["sharingProfile"]["communityGalleryInfo"]
    assert (shown["publisherUri"], shown["publicNames"]) == ("other", names)
    other = {**INFORMATION, "publicNamePrefix": "others"}
    profile = {"permissions": "Community", "communityGalleryInfo": other}
    assert refused_gallery(arm, sharingProfile=profile)[:2] == (409, "PropertyChangeNotAllowed")


def test_a_public_gallery_is_deleted_after_a_reset(arm: Any) -> None:
    put_gallery(arm, sharingProfile=COMMUNITY)
    arm.send("POST", f"{GALLERY}/share", {"operationType": "EnableCommunity"})
    assert arm.error("DELETE", GALLERY)[:2] == (409, "OperationNotAllowed")
    arm.send("POST", f"{GALLERY}/share", {"operationType": "Reset"})
    assert arm.send("DELETE", GALLERY).status_code == 202


@pytest.mark.parametrize(("kind", "most"), [("Subscriptions", 30), ("AADTenants", 5)])
def test_a_gallery_is_shared_with_so_many(arm: Any, kind: str, most: int) -> None:
    put_gallery(arm, sharingProfile={"permissions": "Groups"})

    def share(ids: list[str]) -> dict[str, Any]:
        return {"operationType": "Add", "groups": [{"type": kind, "ids": ids}]}

    arm.send("POST", f"{GALLERY}/share", share([f"one-{each}" for each in range(most)]))
    assert arm.error("POST", f"{GALLERY}/share", share(["another"]))[:2] == (400, "BadRequest")
    assert arm.send("POST", f"{GALLERY}/share", share(["one-0"])).status_code == 202
    for query in ({"$select": "Permissions"}, {"$expand": "SharingProfile/Groups"}):
        [group] = arm.send("GET", GALLERY, **query).json()["properties"]["sharingProfile"]["groups"]
        assert (group["type"], len(group["ids"])) == (kind, most)
    assert "groups" not in arm.send("GET", GALLERY).json()["properties"]["sharingProfile"]


def test_a_subscription_has_a_name_of_a_gallery_once(arm: Any) -> None:
    put_gallery(arm)
    arm.azure.seed({"groups": {"other": "westeurope"}})
    status, code, message = refused_gallery(arm, arm.id("galleries/G").replace("/golden/", "/other/"))
    assert (status, code) == (400, "InvalidParameter")
    assert "is not unique within the subscription" in message


def test_soft_delete_needs_its_feature_and_contents_in_one_region(arm: Any) -> None:
    assert refused_gallery(arm, **SOFT_DELETE)[:2] == (400, "BadRequest")
    arm.azure.seed({"settings": {"features": [FEATURE]}})
    put_gallery(arm)
    arm.send("PUT", DEFINITION, {**definition(), "location": "northeurope"})
    assert refused_gallery(arm, **SOFT_DELETE)[:2] == (400, "BadRequest")
    put_gallery(arm, "galleries/other", **SOFT_DELETE)
    assert arm.send("GET", "galleries/other").json()["properties"]["softDeletePolicy"] == {"isSoftDeleteEnabled": True}


def test_a_gallery_has_identities(arm: Any) -> None:
    mine = arm.id("x").replace("Microsoft.Compute/x", "Microsoft.ManagedIdentity/userAssignedIdentities/mine")
    wanted = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {mine: {}}}
    arm.send("PUT", GALLERY, {"location": "westeurope", "identity": wanted})
    shown = arm.send("GET", GALLERY).json()["identity"]
    assert shown["type"] == wanted["type"] and shown["principalId"] and shown["tenantId"]
    assert shown["userAssignedIdentities"][mine]["principalId"]
    arm.send("PUT", GALLERY, {"location": "westeurope", "identity": {"type": "None"}})
    assert "identity" not in arm.send("GET", GALLERY).json()


@pytest.mark.parametrize(
    "change",
    [
        {"osType": "Windows"},
        {"osState": "Specialized"},
        {"architecture": "Arm64"},
        {"eula": "e"},
        {"privacyStatementUri": "u"},
        {"purchasePlan": {"publisher": "p", "product": "o", "name": "n"}},
        {"features": [feature("TrustedLaunch")]},
    ],
)
def test_most_of_a_definition_is_fixed(arm: Any, change: dict[str, Any]) -> None:
    put_gallery(arm)
    arm.send("PUT", DEFINITION, definition())
    refusal = arm.error("PUT", DEFINITION, definition(**change))
    assert refusal[:2] == (409, "PropertyChangeNotAllowed")
    assert f"galleryImage.properties.{next(iter(change))}" in refusal[2]


def test_features_change_where_that_is_said(arm: Any) -> None:
    put_gallery(arm)
    arm.send("PUT", DEFINITION, definition(features=[feature("true", "IsAcceleratedNetworkSupported")]))
    assert arm.send("GET", DEFINITION).json()["properties"]["features"][0]["value"] == "True"
    wanted = [feature("TrustedLaunch", startsAtVersion="2.0.0")]
    arm.send("PUT", DEFINITION, definition(features=wanted, allowUpdateImage=True, description="new"))
    shown = arm.send("GET", DEFINITION).json()["properties"]
    assert (shown["features"], shown["description"]) == (wanted, "new")
    assert "allowUpdateImage" not in shown
    old = arm.send("GET", DEFINITION, version="2023-07-03").json()["properties"]
    assert old["features"] == [feature("TrustedLaunch")]


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({"features": [feature("Secure")]}, 400),
        ({"features": [feature("IDE", "DiskControllerTypes")]}, 400),
        ({"features": [feature("perhaps", "IsHibernateSupported")]}, 400),
        ({"features": [feature("True", "IsFast")]}, 400),
        ({"hyperVGeneration": "V1", "features": [feature("TrustedLaunch")]}, 400),
        ({"hyperVGeneration": "V1", "features": [feature("SCSI, NVMe", "DiskControllerTypes")]}, 400),
        ({"recommended": {"vCPUs": {"min": 4, "max": 2}}}, 400),
        ({"endOfLifeDate": "2020-01-01T00:00:00Z"}, 400),
        ({"features": [feature("SCSI,NVMe", "DiskControllerTypes"), feature("ConfidentialVMSupported")]}, 201),
        ({"hyperVGeneration": "V1", "features": [feature("Standard")]}, 201),
        ({"recommended": {"vCPUs": {"min": 2, "max": 2}, "memory": {"min": 4}}}, 201),
    ],
)
def test_which_definitions_there_can_be(arm: Any, properties: dict[str, Any], status: int) -> None:
    put_gallery(arm)
    assert arm.send("PUT", DEFINITION, definition(**properties)).status_code == status


def test_images_of_one_guest_are_not_shared(arm: Any) -> None:
    put_gallery(arm, sharingProfile={"permissions": "Groups"})
    for kind in ("TrustedLaunch", "ConfidentialVM"):
        assert arm.error("PUT", DEFINITION, definition(features=[feature(kind)]))[:2] == (400, "BadRequest")
    assert arm.send("PUT", DEFINITION, definition(features=[feature("TrustedLaunchSupported")])).status_code == 201


def test_a_definition_with_soft_deleted_versions_stays(arm: Any) -> None:
    arm.azure.seed({"settings": {"features": [FEATURE]}})
    put_gallery(arm, **SOFT_DELETE)
    arm.send("PUT", DEFINITION, definition())
    gallery = arm.azure.cloud.store.get(arm.id(GALLERY))
    gallery.private["soft_deleted"] = [{"id": arm.id(f"{DEFINITION}/versions/1.0.0")}]
    assert arm.error("DELETE", DEFINITION)[:2] == (409, "OperationNotAllowed")
    put_gallery(arm, softDeletePolicy={"isSoftDeleteEnabled": False})
    assert arm.send("DELETE", DEFINITION).status_code == 202
