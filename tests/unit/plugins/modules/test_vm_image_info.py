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
OTHER = "00000000-0000-0000-0000-000000000002"
BOTH = [SUBSCRIPTION.rsplit("/", 1)[-1], OTHER]


@pytest.mark.parametrize("check", [False, True])
def test_one_image_by_name(wire, run, check):
    wire.expect("GET", IMAGE_ID, body=image(tags={"team": "web"}))
    result = run("vm_image_info", check, name="golden", resource_group="images")
    assert result["changed"] is False
    (found,) = result["images"]
    assert found["id"] == IMAGE_ID
    assert found["resource_group"] == "images"
    assert found["os_disk"]["os_state"] == "generalized"
    assert found["tags"]["team"] == "web"
    assert result["account"]["client_id"] == "the-client"


def test_an_image_that_is_not_there_is_an_empty_list(wire, run):
    wire.refuse("GET", IMAGE_ID, 404, "ResourceNotFound", "The Resource was not found.")
    result = run("vm_image_info", name="golden", resource_group="images")
    assert (result["rc"], result["images"]) == (0, [])
    assert [finding["code"] for finding in result["findings"]] == ["nothing_found"]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("team", "codes"), [("web", []), ("wbe", ["nothing_matched"])])
def test_filters_that_no_image_meets_are_told_from_a_place_without_images(wire, run, check, team, codes):
    wire.expect("GET", LISTING, body={"value": [image(tags={"team": "web"})]})
    result = run("vm_image_info", check, query_backend="arm", tags={"team": team})
    assert (result["rc"], len(result["images"])) == (0, 1 - len(codes))
    assert [finding["code"] for finding in result["findings"]] == codes


def test_what_answers_without_being_azure_is_no_image_that_is_not_there(wire, run):
    wire.expect("GET", IMAGE_ID, 200, None)
    result = run("vm_image_info", name="golden", resource_group="images")
    assert result["rc"] == 1
    assert "the endpoint https://management.azure.com is not Azure Resource Manager" in result["msg"]


def test_a_group_that_is_not_there_is_an_error(wire, run):
    wire.refuse("GET", IMAGE_ID, 404, "ResourceGroupNotFound", "Resource group 'images' could not be found.")
    result = run("vm_image_info", name="golden", resource_group="images")
    assert result["rc"] == 1
    assert result["msg"] == (
        "Reading image 'golden' in resource group 'images' failed: Resource group 'images' could not be found; check "
        "the name of the resource group and the subscription. (ResourceGroupNotFound, request id request-7)"
    )


def test_a_listing_is_read_to_its_last_page(wire, run):
    second = f"{LISTING}?api-version=2024-07-01&$skiptoken=2"
    wire.expect("GET", LISTING, body={"value": [image()], "nextLink": MANAGEMENT + second})
    wire.expect("GET", LISTING, body={"value": [image(tags={"team": "web"})]})
    assert len(run("vm_image_info", query_backend="arm")["images"]) == 2


def test_a_page_that_is_throttled_is_asked_for_again(wire, run, clock):
    second = f"{MANAGEMENT}{LISTING}?api-version=2024-07-01&$skiptoken=2"
    wire.expect("GET", LISTING, body={"value": [image()], "nextLink": second})
    wire.expect("GET", LISTING, 429, {"error": {"code": "TooManyRequests"}}, headers={"Retry-After": "17"})
    wire.expect("GET", LISTING, body={"value": [image()]})
    assert len(run("vm_image_info", query_backend="arm")["images"]) == 2
    assert clock.slept == [17]


def test_throttling_beyond_the_time_limit_ends_at_once(wire, run, clock):
    wire.expect("GET", LISTING, 429, {"error": {"code": "TooManyRequests"}}, headers={"Retry-After": "1200"})
    result = run("vm_image_info", query_backend="arm", timeout=60)
    assert result["rc"] == 1
    assert "Listing the images of the subscription was throttled: Azure asks to wait 1200 s" in result["msg"]
    assert clock.slept == []


def test_a_listing_that_breaks_off_fails_instead_of_being_short(wire, run):
    second = f"{MANAGEMENT}{LISTING}?api-version=2024-07-01&$skiptoken=2"
    wire.expect("GET", LISTING, body={"value": [image()], "nextLink": second})
    for _attempt in range(4):
        wire.expect("GET", LISTING, error=requests.ConnectionError("connection reset"))
    result = run("vm_image_info", query_backend="arm")
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
        ("golden", "without its resource group"),
        ("images/golden", "neither the name nor the resource id of an image"),
        (IMAGE_ID.replace("/images/", "/disks/"), "must specify an image"),
    ],
)
def test_names_that_name_nothing(wire, run, name, complaint):
    result = run("vm_image_info", name=name)
    assert result["rc"] == 1
    assert complaint in result["msg"]


def test_a_wrong_secret_is_one_sentence(wire, run):
    result = run("vm_image_info", secret="wrong")
    assert result["msg"] == (
        "Signing in as client 'the-client' of tenant 'the-tenant' with a secret failed: Invalid client secret "
        "provided; check 'secret' (AZURE_SECRET): the secret's value is needed, not its id. (AADSTS7000215)"
    )


GRAPH = "/providers/Microsoft.ResourceGraph/resources"


def rows(*names, total=None, token=None):
    data = [{**image(), "id": f"{GROUP}/providers/Microsoft.Compute/images/{name}", "name": name} for name in names]
    more = {"$skipToken": token} if token else {}
    return {"totalRecords": total or len(data), "count": len(data), "data": data, "resultTruncated": "false", **more}


def names_of(result):
    return [found["name"] for found in result["images"]]


def test_a_subscription_is_listed_by_resource_graph(wire, run):
    wire.expect_anywhere("POST", GRAPH, body=rows("a", "b", total=3, token="2"))
    wire.expect_anywhere("POST", GRAPH, body=rows("c", total=3))
    assert names_of(run("vm_image_info")) == ["a", "b", "c"]
    first, second = wire.sent("POST")
    assert first["subscriptions"] == ["00000000-0000-0000-0000-000000000001"]
    assert first["query"].endswith("| order by id asc")
    assert second["options"]["$skipToken"] == "2"


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 429, "body": {"error": {"code": "RateLimiting"}}, "headers": {"Retry-After": "5"}},
        {"status": 429, "body": {"error": {"code": "RateLimiting"}}},
        {"status": 500, "body": {"error": {"code": "InternalServerError"}}},
        {"status": 503, "body": {"error": {"code": "ServerBusy"}}},
        {"error": requests.ConnectionError("connection reset")},
        {"error": requests.exceptions.ChunkedEncodingError("connection broken")},
    ],
)
def test_a_page_of_resource_graph_that_goes_wrong_is_asked_for_again(wire, run, trouble):
    wire.expect_anywhere("POST", GRAPH, body=rows("a", total=2, token="1"))
    wire.expect_anywhere("POST", GRAPH, **trouble)
    wire.expect_anywhere("POST", GRAPH, body=rows("b", total=2))
    assert names_of(run("vm_image_info")) == ["a", "b"]


def test_resource_graph_that_goes_on_failing_fails_the_task(wire, run):
    wire.expect_anywhere("POST", GRAPH, body=rows("a", total=2, token="1"))
    for _attempt in range(4):
        wire.expect_anywhere("POST", GRAPH, error=requests.ConnectionError("connection reset"))
    result = run("vm_image_info")
    assert result["rc"] == 1
    assert result["msg"].startswith("Listing the images of the subscription failed: ")


@pytest.mark.parametrize(
    "answer",
    [rows("a", total=2), {**rows("a"), "resultTruncated": "true"}, {"count": 0, "data": []}],
    ids=["fewer than there are", "truncated", "no total"],
)
def test_an_answer_of_resource_graph_that_is_short_is_not_taken(wire, run, answer):
    wire.expect_anywhere("POST", GRAPH, body=answer)
    wire.expect("GET", LISTING, body={"value": [image(), image(tags={"team": "web"})]})
    result = run("vm_image_info")
    assert len(result["images"]) == 2
    assert "they were listed through Resource Manager instead" in str(result["warnings"])


@pytest.mark.parametrize(("status", "code"), [(403, "AuthorizationFailed"), (404, "InvalidResourceNamespace")])
def test_where_resource_graph_is_not_allowed_resource_manager_is_asked(wire, run, status, code):
    wire.expect_anywhere("POST", GRAPH, status=status, body={"error": {"code": code, "message": "No."}})
    wire.expect("GET", LISTING, body={"value": [image()]})
    assert names_of(run("vm_image_info")) == ["golden"]


def test_a_subscription_that_cannot_be_seen_is_no_empty_list(wire, run):
    wire.expect_anywhere("POST", GRAPH, body=rows("a"))
    wire.refuse(
        "GET", f"/subscriptions/{OTHER}", 404, "SubscriptionNotFound", f"The subscription '{OTHER}' is unknown."
    )
    result = run("vm_image_info", subscriptions=BOTH)
    assert result["rc"] == 1
    assert "SubscriptionNotFound" in result["msg"]


@pytest.mark.parametrize("missing", [(False, True), (True, True)])
def test_a_group_needs_to_be_in_one_of_several_subscriptions(wire, run, missing):
    for subscription, absent in zip(BOTH, missing):
        path = f"/subscriptions/{subscription}/resourceGroups/images/providers/Microsoft.Compute/images"
        refusal = {"error": {"code": "ResourceGroupNotFound", "message": "Resource group 'images' could not be found."}}
        wire.stand("GET", path, 404 if absent else 200, refusal if absent else {"value": [image()]})
        wire.stand("GET", f"{path}/golden", 404 if absent else 200, refusal if absent else image())
    for options in ({}, {"name": "golden"}):
        result = run("vm_image_info", resource_group="images", subscriptions=[*BOTH, *BOTH], **options)
        if all(missing):
            assert "Resource group 'images' could not be found" in result["msg"]
        else:
            assert names_of(result) == ["golden"]


def test_several_sources_in_one_task(wire, run):
    gallery = f"{GROUP}/providers/Microsoft.Compute/galleries"
    wire.stand("GET", f"{GROUP}/providers/Microsoft.Compute/images", body={"value": [image()]})
    wire.stand("GET", gallery, body={"value": [{"id": f"{gallery}/golden"}]})
    wire.stand("GET", f"{gallery}/golden/images", body={"value": [{"id": f"{gallery}/golden/images/web"}]})
    version = {"id": f"{gallery}/golden/images/web/versions/1.0.0", "name": "1.0.0"}
    wire.stand("GET", f"{gallery}/golden/images/web/versions", body={"value": [version]})
    result = run("vm_image_info", source=["managed", "gallery", "managed"], resource_group="images")
    assert [(found["source"], found["name"]) for found in result["images"]] == [
        ("managed", "golden"),
        ("gallery", "1.0.0"),
    ]


def test_only_the_properties_that_are_asked_for(wire, run):
    wire.expect_anywhere("POST", GRAPH, body=rows("a"))
    result = run("vm_image_info", properties=["name", "os_disk.size_gb"])
    assert result["images"] == [{"name": "a", "os_disk.size_gb": 30}]


def test_what_needs_no_properties_asks_for_none(wire, run):
    wire.expect_anywhere("POST", GRAPH, body=rows("a"))
    run("vm_image_info", properties=["name"], tags={"golden.azure.source_vm_id": None})
    assert "| project id, name, type, location, tags |" in wire.sent("POST")[0]["query"]


def test_the_newest_are_listed_by_resource_manager_which_knows_their_age(wire, run):
    dated = [
        {
            **image(tags={"family": family}),
            "name": name,
            "systemData": {"createdAt": f"2026-0{month}-01T00:00:00.1234567+00:00"},
        }
        for name, family, month in (("a", "x", 1), ("b", "x", 3), ("c", "x", 2), ("d", "y", 1))
    ]
    wire.expect("GET", LISTING, body={"value": dated})
    assert names_of(run("vm_image_info", newest_per_family=1, family_tag="family")) == ["b", "d"]
    wire.expect("GET", LISTING, body={"value": dated})
    assert names_of(run("vm_image_info", created_after="2026-01-15", created_before="2026-02-15T00:00:00Z")) == ["c"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"source": "marketplace"},
            "Option 'location' is missing: with 'source: marketplace' set it to the region to search.",
        ),
        ({"source": "community", "gallery": "golden-1"}, "Option 'location' is missing"),
        ({"newest_per_family": 0}, "(number_out_of_range)"),
        (
            {"properties": ["id", "size"]},
            "'properties' contains unknown properties: size; supported are architecture, ",
        ),
        ({"created_after": "yesterday"}, "Option 'created_after' is not a valid timestamp: 'yesterday'"),
        ({"source": "gallery", "name": "1.0.0"}, "set 'resource_group', 'gallery' and 'definition'"),
        ({"soft_deleted": True}, "requires 'source: gallery'"),
        ({"source": []}, "Option 'source' is empty"),
        ({"source": ["managed", "gallery"], "soft_deleted": True}, "requires 'source: gallery'"),
        ({"source": ["managed", "gallery"], "name": "golden"}, "'name' requires a single source"),
        ({"gallery": "golden"}, "'gallery' applies only to the sources gallery, community, shared"),
        ({"source": ["managed", "marketplace"], "publisher": "Debian"}, "'location' is missing"),
        ({"level": "publishers"}, "which the source 'managed' does not have: set 'source' to marketplace"),
        ({"level": "galleries"}, "set 'source' to gallery or community or shared"),
        (
            {"level": "publishers", "source": "marketplace", "location": "westeurope", "sku": "13"},
            "Option 'sku' does not apply to 'level: publishers'",
        ),
        ({"level": "definitions", "source": "gallery", "deprecated": True}, "'deprecated' does not apply"),
        ({"has_versions": True}, "'has_versions' does not apply to 'level: images'"),
        ({"level": "targets"}, "Option 'source_vm' is missing"),
        ({"level": "targets", "source_vm": "web", "resource_group": "images", "tags": {"a": "b"}}, "'tags' does not"),
        ({"page_size": 0}, "(number_out_of_range)"),
        (
            {"source": ["gallery", "shared"], "location": "westeurope", "gallery": "golden"},
            "'gallery' has a different meaning for each of gallery, shared",
        ),
        (
            {"source": ["managed", "shared"], "location": "westeurope", "include_usage": True},
            "the usage of shared images is not available",
        ),
    ],
)
def test_what_cannot_be_meant(wire, run, options, complaint):
    result = run("vm_image_info", **options)
    assert result["rc"] == 1
    assert complaint in result["msg"]
