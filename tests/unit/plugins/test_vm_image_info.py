# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_info: what it finds, and what it says when it cannot look."""

from __future__ import annotations

import pytest
import requests

from scripted_azure.resources import GROUP, IMAGE_ID, SUBSCRIPTION, image
from scripted_azure.wire import MANAGEMENT

LISTING = f"{SUBSCRIPTION}/providers/Microsoft.Compute/images"


@pytest.mark.parametrize("check", [False, True])
def test_one_image_by_name(wire, run, check):
    wire.expect("GET", IMAGE_ID, body=image(tags={"team": "web"}))
    result = run("vm_image_info", check, name="golden", resource_group="images")
    assert result["changed"] is False
    (found,) = result["images"]
    assert found["id"] == IMAGE_ID
    assert found["resource_group"] == "images"
    assert found["os_disk"]["os_state"] == "Generalized"
    assert found["tags"]["team"] == "web"
    assert result["account"]["client_id"] == "the-client"


def test_an_image_that_is_not_there_is_an_empty_list(wire, run):
    wire.refuse("GET", IMAGE_ID, 404, "ResourceNotFound", "The Resource was not found.")
    assert run("vm_image_info", name="golden", resource_group="images")["images"] == []


def test_a_group_that_is_not_there_is_an_error(wire, run):
    wire.refuse("GET", IMAGE_ID, 404, "ResourceGroupNotFound", "Resource group 'images' could not be found.")
    result = run("vm_image_info", name="golden", resource_group="images")
    assert result["rc"] == 1
    assert result["msg"] == (
        "Reading image 'golden' in resource group 'images' failed: Resource group 'images' could not be found; check the "
        "name of the resource group and the subscription. (ResourceGroupNotFound, request id request-7)"
    )


def test_a_listing_is_read_to_its_last_page(wire, run):
    second = f"{LISTING}?api-version=2024-07-01&$skiptoken=2"
    wire.expect("GET", LISTING, body={"value": [image()], "nextLink": MANAGEMENT + second})
    wire.expect("GET", LISTING, body={"value": [image(tags={"team": "web"})]})
    assert len(run("vm_image_info", listing="arm")["images"]) == 2


def test_a_page_that_is_throttled_is_asked_for_again(wire, run, clock):
    second = f"{MANAGEMENT}{LISTING}?api-version=2024-07-01&$skiptoken=2"
    wire.expect("GET", LISTING, body={"value": [image()], "nextLink": second})
    wire.expect("GET", LISTING, 429, {"error": {"code": "TooManyRequests"}}, headers={"Retry-After": "17"})
    wire.expect("GET", LISTING, body={"value": [image()]})
    assert len(run("vm_image_info", listing="arm")["images"]) == 2
    assert clock.slept == [17]


def test_throttling_beyond_the_time_limit_ends_at_once(wire, run, clock):
    wire.expect("GET", LISTING, 429, {"error": {"code": "TooManyRequests"}}, headers={"Retry-After": "1200"})
    result = run("vm_image_info", listing="arm", timeout=60)
    assert result["rc"] == 1
    assert "Listing the images of the subscription was held back: Azure asks to wait 1200 s" in result["msg"]
    assert clock.slept == []


def test_a_listing_that_breaks_off_fails_instead_of_being_short(wire, run):
    second = f"{MANAGEMENT}{LISTING}?api-version=2024-07-01&$skiptoken=2"
    wire.expect("GET", LISTING, body={"value": [image()], "nextLink": second})
    for _attempt in range(4):
        wire.expect("GET", LISTING, error=requests.ConnectionError("connection reset"))
    result = run("vm_image_info", listing="arm")
    assert result["rc"] == 1
    assert result["msg"].startswith("Listing the images of the subscription failed: ")


def test_tags_filter_by_name_without_case_and_by_value_with_it(wire, run):
    path = f"{GROUP}/providers/Microsoft.Compute/images"
    wanted, other = image(tags={"Team": "web"}), image(tags={"team": "Web"})
    wire.expect("GET", path, body={"value": [wanted, other]})
    result = run("vm_image_info", resource_group="images", tags={"team": "web"})
    assert [found["tags"]["Team"] for found in result["images"]] == ["web"]
    wire.expect("GET", path, body={"value": [wanted, other, image()]})
    assert len(run("vm_image_info", resource_group="images", tags={"team": None})["images"]) == 2


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("golden", "without saying where it is"),
        ("images/golden", "neither the name nor the resource id of an image"),
        (IMAGE_ID.replace("/images/", "/disks/"), "is no image but a Microsoft.Compute/disks"),
    ],
)
def test_names_that_name_nothing(wire, run, name, complaint):
    result = run("vm_image_info", name=name)
    assert result["rc"] == 1
    assert complaint in result["msg"]


def test_a_wrong_secret_is_one_sentence(wire, run):
    result = run("vm_image_info", secret="wrong")
    assert result["msg"] == (
        "Signing in as client 'the-client' of tenant 'the-tenant' with a secret failed: Invalid client secret provided. "
        "(AADSTS7000215)"
    )
