# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vm_image_info finds without knowing names first: found, not found, empty and refused, in process and as a module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._info import run as info
from driven import driven_azure, run_code
from module_runs import run_main
from repository import ROOT

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]
Find = Callable[..., Json]
HERE = {"location": "westeurope"}
IN_MARKETPLACE = {"source": "marketplace", **HERE}
COMMUNITY = {"source": "community", **HERE}
ALL = ["managed", "gallery", "shared", "community", "marketplace"]


@pytest.fixture(scope="module")
def seeded() -> Iterator[EmbeddedAzure]:
    with driven_azure() as azure:
        azure.seed(yaml.safe_load((ROOT / "docs" / "seed_images.yml").read_text()))
        yield azure


@pytest.fixture
def azure(seeded: EmbeddedAzure) -> Iterator[EmbeddedAzure]:
    seeded.faults.clear()
    seeded.clear_requests()
    with mock.patch.dict(os.environ, seeded.environment()):
        yield seeded
    seeded.faults.clear()
    assert {one.method for one in seeded.requests} <= {"GET", "POST"}


@pytest.fixture(params=["in_process", "as_module"])
def find(request: Any, azure: EmbeddedAzure) -> Find:
    """Run vm_image_info, which fails with its message."""

    def as_module(**options: Any) -> Json:
        result = run_main("vm_image_info", options, check=False)
        if result["rc"]:
            raise Failure(result["msg"], result.get("error", {}).get("code"), details=result)
        return result

    def in_process(**options: Any) -> Json:
        found: Json = run_code(azure, info.execute, info.OPTIONS, **options)
        return found

    return as_module if request.param == "as_module" else in_process


def names(rows: list[Json]) -> list[str]:
    return [row["name"] for row in rows]


def codes(result: Json) -> list[str]:
    return [finding["code"] for finding in result["findings"]]


# -- Azure Marketplace ------------------------------------------------------------------------------------------------


def test_publishers_offers_and_skus(find: Find) -> None:
    publishers = find(level="publishers", **IN_MARKETPLACE)
    assert {"Canonical", "Debian", "partner", "Microsoft.Azure.Extensions"} <= set(names(publishers["publishers"]))
    assert publishers["request_count"] == 1 and "images" not in publishers
    offers = find(level="offers", publisher="canonical", **IN_MARKETPLACE)
    assert names(offers["offers"]) == ["0001-com-ubuntu-server-jammy", "ubuntu-24_04-lts"]
    skus = find(level="skus", publisher="Canonical", offer="*24_04*", **IN_MARKETPLACE)
    assert [(row["publisher"], row["offer"], row["sku"]) for row in skus["skus"]] == [
        ("Canonical", "ubuntu-24_04-lts", "server"),
        ("Canonical", "ubuntu-24_04-lts", "server-arm64"),
    ]
    assert skus["request_count"] == 2


def test_images_without_naming_a_publisher(find: Find) -> None:
    found = find(has_data_disks=True, properties=["urn", "purchase_plan"], **IN_MARKETPLACE)
    plan = {"publisher": "partner", "product": "appliance", "name": "two-disks"}
    assert found["images"] == [{"urn": "partner:appliance:two-disks:1.2.0", "purchase_plan": plan}]
    assert "images" not in find(level="skus", name_pattern="two-*", **IN_MARKETPLACE)
    by_pattern = find(publisher="*bian", offer="debian-1?", sku="*gen2", name="latest", **IN_MARKETPLACE)
    assert [image["family"] for image in by_pattern["images"]] == [
        "Debian:debian-12:12-gen2",
        "Debian:debian-13:13-gen2",
    ]


def test_a_search_in_the_marketplace_that_finds_nothing(find: Find) -> None:
    unknown = find(level="offers", publisher="nobody", **IN_MARKETPLACE)
    assert (unknown["offers"], codes(unknown)) == ([], ["nothing_found"])
    # A publisher of extensions has no images.
    without = find(level="offers", publisher="Microsoft.Azure.Extensions", **IN_MARKETPLACE)
    assert (without["offers"], codes(without)) == ([], ["nothing_found"])
    unmatched = find(level="publishers", name_pattern="nobody*", **IN_MARKETPLACE)
    assert (unmatched["publishers"], codes(unmatched)) == ([], ["nothing_matched"])
    assert unmatched["findings"][0]["message"].startswith("None of the 8 publishers found matches 'name_pattern'")


def test_a_search_is_refused_before_it_needs_too_many_requests(azure: EmbeddedAzure, find: Find) -> None:
    with pytest.raises(Failure) as raised:
        find(max_requests=8, **IN_MARKETPLACE)
    assert raised.value.code == "search_too_wide"
    assert "the 8 publishers that match in westeurope require 9 requests or more" in raised.value.message
    listed = [one for one in azure.requests if "/publishers" in one.path.lower()]
    assert len(listed) == 1, "the publishers, and nothing below them"
    azure.clear_requests()
    bounded = find(max_requests=30, **IN_MARKETPLACE)
    asked = [one for one in azure.requests if "/publishers" in one.path.lower()]
    assert bounded["request_count"] == len(asked) <= 30


def test_what_may_not_be_read_is_not_taken_for_nothing(azure: EmbeddedAzure, find: Find) -> None:
    azure.faults.add("GET", "/publishers", status=403, code="AuthorizationFailed", times=0)
    with pytest.raises(Failure) as raised:
        find(level="publishers", **IN_MARKETPLACE)
    assert raised.value.code == "AuthorizationFailed"


def test_pages(find: Find) -> None:
    everything = names(find(level="publishers", **IN_MARKETPLACE)["publishers"])
    read, page = [], 1
    while page:
        found = find(level="publishers", page_size=3, page=page, **IN_MARKETPLACE)
        assert found["total"] == len(everything)
        read += names(found["publishers"])
        page = found["next_page"]
    assert read == everything
    assert find(level="publishers", page_size=3, page=9, **IN_MARKETPLACE)["publishers"] == []


# -- galleries --------------------------------------------------------------------------------------------------------


def test_community_galleries_without_their_names(azure: EmbeddedAzure, find: Find) -> None:
    (gallery,) = find(level="galleries", **COMMUNITY)["galleries"]
    assert gallery["id"] == "/CommunityGalleries/opened-5f3c"
    told = ("publisher_uri", "publisher_contact", "eula", "public_names", "sharing")
    assert [gallery[key] for key in told] == [
        "https://example.org",
        "images@example.org",
        "https://example.org/eula",
        ["opened-5f3c"],
        "community",
    ]
    (named,) = find(level="galleries", gallery="opened-5f3c", **COMMUNITY)["galleries"]
    assert named == gallery, "Resource Manager and Resource Graph tell the same"
    assert {one.method for one in azure.requests if "ResourceGraph" in one.path} == {"POST"}


def test_community_images_without_the_name_of_their_gallery(find: Find) -> None:
    found = find(properties=["id", "family", "purchase_plan"], **COMMUNITY)
    (image,) = found["images"]
    assert image["id"] == "/CommunityGalleries/opened-5f3c/Images/debian-hardened/Versions/13.2.0"
    assert image["purchase_plan"] == {"publisher": "them", "product": "debian", "name": "hardened"}
    assert found["request_count"] == 3
    with pytest.raises(Failure, match="the 1 community galleries in westeurope require 2 requests or more"):
        find(max_requests=1, **COMMUNITY)


def test_community_galleries_of_a_region_without_any(find: Find) -> None:
    for region in ("northeurope", "Japan East"):
        nothing = find(source="community", level="galleries", location=region)
        assert (nothing["galleries"], codes(nothing)) == ([], ["nothing_found"])
    unmatched = find(level="galleries", gallery="shut*", **COMMUNITY)
    assert unmatched["galleries"] == []
    assert find(level="galleries", gallery="shut-0000", **COMMUNITY)["galleries"] == []


def test_community_galleries_without_access_to_resource_graph(azure: EmbeddedAzure, find: Find) -> None:
    azure.faults.add("POST", "Microsoft.ResourceGraph", status=403, code="AuthorizationFailed", times=0)
    with pytest.raises(Failure) as raised:
        find(**COMMUNITY)
    assert raised.value.code == "community_not_listed"
    assert "set 'gallery' to the public name of one" in raised.value.message
    assert len(find(gallery="opened-5f3c", **COMMUNITY)["images"]) == 1


@pytest.mark.parametrize("backend", ["graph", "arm"])
def test_own_galleries_and_definitions(find: Find, backend: str) -> None:
    (gallery,) = find(source="gallery", level="galleries", query_backend=backend)["galleries"]
    assert (gallery["name"], gallery["sharing"], gallery["description"]) == (
        "golden",
        "private",
        "The images of the team",
    )
    definitions = find(source="gallery", level="definitions", query_backend=backend)["definitions"]
    counts = {row["name"]: row["version_count"] for row in definitions}
    assert counts == {"database": 1, "planned": 0, "web": 1}
    (empty,) = find(source="gallery", level="definitions", has_versions=False, query_backend=backend)["definitions"]
    assert empty["recommended"] == {"vcpus": {"min": 2, "max": 8}, "memory_gb": {"min": 4, "max": 32}}
    assert empty["disallowed_disk_types"] == ["Standard_LRS"]
    assert empty["features"] == {"SecurityType": "TrustedLaunchSupported", "DiskControllerTypes": "SCSI, NVMe"}
    assert (empty["purchase_plan"], empty["offer"], empty["os_type"]) == (None, "planned", "linux")


def test_definitions_of_all_galleries(find: Find) -> None:
    found = find(source=["gallery", "shared", "community"], level="definitions", **HERE)["definitions"]
    plans = {(row["source"], row["name"]): row["purchase_plan"] for row in found}
    assert plans == {
        ("gallery", "database"): {"publisher": "partner", "product": "appliance", "name": "two-disks"},
        ("gallery", "planned"): None,
        ("gallery", "web"): None,
        ("shared", "base"): None,
        ("community", "debian-hardened"): {"publisher": "them", "product": "debian", "name": "hardened"},
    }
    nothing = find(source="gallery", level="definitions", definition="nothing*")
    assert (nothing["definitions"], codes(nothing)) == ([], ["nothing_found"])
    unmatched = find(source="gallery", level="definitions", os_type="windows")
    assert (unmatched["definitions"], codes(unmatched)) == ([], ["nothing_matched"])
    with pytest.raises(Failure) as raised:
        find(source="gallery", level="definitions", resource_group="nowhere")
    assert raised.value.code == "ResourceGroupNotFound"


# -- images -----------------------------------------------------------------------------------------------------------


def test_images_with_data_disks_of_all_sources(find: Find) -> None:
    found = find(source=ALL, has_data_disks=True, properties=["source", "name", "data_disks.lun"], **HERE)["images"]
    assert [(row["source"], row["name"], row["data_disks.lun"]) for row in found] == [
        ("managed", "golden-database", [0]),
        ("gallery", "1.0.0", [0]),
        ("shared", "7.0.0", [3]),
        ("marketplace", "1.2.0", [0]),
    ]
    assert find(source="community", has_data_disks=True, **HERE)["findings"][0]["code"] == "nothing_matched"


@pytest.mark.parametrize("backend", ["graph", "arm"])
def test_images_with_data_disks_with_name_and_family_only(find: Find, backend: str) -> None:
    task = {"source": ["managed", "gallery"], "has_data_disks": True, "query_backend": backend}
    assert find(properties=["name", "family"], **task)["images"] == [
        {"name": "golden-database", "family": None},
        {"name": "1.0.0", "family": "golden/database"},
    ]
    # The family of a managed image is a tag, which is read without its properties; its disks are not.
    assert find(source="managed", has_data_disks=True, properties=["family"], family_tag="family")["images"] == [
        {"family": "database"}
    ]


def test_all_images_of_a_region(find: Find) -> None:
    found = find(source=ALL, **HERE)["images"]
    assert {row["source"] for row in found} == set(ALL)
    assert find(source=ALL, publisher="them", **HERE)["total"] == 2
