# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_info: images of community galleries, and of galleries that others share."""

from __future__ import annotations

import pytest

from scripted_azure.resources import SUBSCRIPTION

PLACE = f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope"


def definition(name="web"):
    return {
        "name": name,
        "location": "westeurope",
        "properties": {
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "architecture": "x64",
            "identifier": {"publisher": "them", "offer": name, "sku": "1"},
        },
    }


def version(number, unique, **properties):
    return {
        "name": number,
        "location": "westeurope",
        "identifier": {"uniqueId": f"{unique}/Images/web/Versions/{number}"},
        "properties": {
            "publishedDate": "2026-01-01T00:00:00Z",
            "storageProfile": {"osDiskImage": {"diskSizeGB": 30, "hostCaching": "None"}},
            **properties,
        },
    }


def expect_gallery(wire, collection, gallery, *versions, expect=None):
    base = f"{PLACE}/{collection}/{gallery}/images"
    expect = expect or wire.expect
    expect("GET", base, body={"value": [definition()]})
    expect("GET", f"{base}/web/versions", body={"value": list(versions)})


def test_a_community_gallery(wire, run):
    unique = "/CommunityGalleries/golden-1"
    expect_gallery(
        wire, "communityGalleries", "golden-1",
        version("1.0.0", unique), version("2.0.0", unique), version("3.0.0", unique, excludeFromLatest=True),
    )  # fmt: skip
    task = {"source": "community", "location": "West Europe", "gallery": "golden-1", "name": "latest"}
    (found,) = run("vm_image_info", **task)["images"]
    assert found["id"] == f"{unique}/Images/web/Versions/2.0.0"
    assert (found["family"], found["publisher"], found["os_type"]) == ("golden-1/web", "them", "linux")
    assert found["os_disk"] == {"size_gb": 30, "caching": "None"}


def test_all_galleries_that_are_shared_with_the_subscription_or_its_tenant(wire, run):
    for galleries in (["0000-ONE"], ["0000-ONE", "0000-TWO"]):
        wire.expect("GET", f"{PLACE}/sharedGalleries", body={"value": [{"name": name} for name in galleries]})
        for gallery in galleries:
            shared = version("1.0.0", f"/SharedGalleries/{gallery}")
            expect_gallery(wire, "sharedGalleries", gallery, shared, expect=wire.stand)
    found = run("vm_image_info", source="shared", location="westeurope")["images"]
    assert [each["gallery"] for each in found] == ["0000-ONE", "0000-TWO"]
    assert ["sharedTo=tenant" in request.url for request in wire.asked] == [*[False] * 3, *[True] * 5]


def test_what_is_shared_with_several_subscriptions(wire, run):
    others = [f"00000000-0000-0000-0000-00000000000{number}" for number in (2, 3)]
    for subscription in others:
        place = PLACE.replace(SUBSCRIPTION, f"/subscriptions/{subscription}")
        for _reach in range(2):
            wire.expect("GET", f"{place}/sharedGalleries/0000-ONE/images", body={"value": [definition()]})
            versions = {"value": [version("1.0.0", "/SharedGalleries/0000-ONE")]}
            wire.expect("GET", f"{place}/sharedGalleries/0000-ONE/images/web/versions", body=versions)
    task = {"source": "shared", "location": "westeurope", "gallery": "0000-ONE", "subscriptions": others}
    assert len(run("vm_image_info", **task)["images"]) == 1


@pytest.mark.parametrize("code", ["SubscriptionNotFound", "NoRegisteredProviderForLocation"])
def test_a_place_that_is_not_there_is_no_empty_list(wire, run, code):
    wire.refuse("GET", f"{PLACE}/communityGalleries/golden-1/images", 404, code, "Unknown.")
    result = run("vm_image_info", source="community", location="westeurope", gallery="golden-1")
    assert result["rc"] == 1
    assert code in result["msg"]


def test_a_gallery_that_is_not_offered_is_an_empty_list(wire, run):
    wire.refuse("GET", f"{PLACE}/communityGalleries/golden-1/images", 404, "ResourceNotFound", "Unknown.")
    assert run("vm_image_info", source="community", location="westeurope", gallery="golden-1")["images"] == []
