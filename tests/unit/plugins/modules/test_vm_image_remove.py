# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_remove: do, again, check mode, check mode again."""

from __future__ import annotations

import pytest

from scripted_azure.resources import COMPUTE, DISK_ID, IMAGE_ID, SUBSCRIPTION, VM_ID, image, lock, stand_unused
from scripted_azure.wire import accepted

TASK = {"name": "golden", "resource_group": "images"}
OTHER = SUBSCRIPTION.replace("000000000001", "000000000009")
FORBIDDEN = {"error": {"code": "AuthorizationFailed", "message": "You may not."}}


def expect_absent(wire, code="ResourceNotFound"):
    wire.refuse("GET", IMAGE_ID, 404, code, "It was not found.")


def test_remove(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("DELETE", IMAGE_ID, 202, headers=accepted())
    wire.operation()
    result = run("vm_image_remove", **TASK)
    assert result["changed"] is True
    assert [removed["id"] for removed in result["removed"]] == [IMAGE_ID]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound"])
def test_remove_again(wire, run, check, code):
    expect_absent(wire, code)
    result = run("vm_image_remove", check, **TASK)
    assert (result["changed"], result["removed"]) == (False, [])


def test_check_mode_deletes_nothing(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", check=True, **TASK)
    assert result["changed"] is True
    assert result["plan"]["steps"][0]["write"] == {"method": "DELETE", "path": IMAGE_ID, "body": None}


def test_a_removal_under_way_is_waited_for(wire, run):
    wire.expect("GET", IMAGE_ID, body=image(state="Deleting"))
    wire.expect("GET", IMAGE_ID, body=image(state="Deleting"))
    expect_absent(wire)
    assert run("vm_image_remove", **TASK)["changed"] is False


def test_an_unknown_subscription_is_no_removed_image(wire, run):
    expect_absent(wire, "SubscriptionNotFound")
    result = run("vm_image_remove", **TASK)
    assert result["rc"] == 1
    assert "SubscriptionNotFound" in result["msg"]


def scale_set(reference=IMAGE_ID):
    return {
        "id": f"{COMPUTE}/virtualMachineScaleSets/fleet",
        "properties": {"virtualMachineProfile": {"storageProfile": {"imageReference": {"id": reference}}}},
    }


@pytest.mark.parametrize("check", [False, True])
def test_an_image_of_a_scale_set_is_refused_by_its_name(wire, run, check):
    stand_unused(wire, virtualMachineScaleSets=[scale_set()])
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", check, **TASK)
    assert result["rc"] == 1
    assert result["msg"] == (
        "Removal of image 'golden' in resource group 'images' is blocked, nothing was changed: The image 'golden' in "
        "resource group 'images' is kept, used by scale set 'fleet' in resource group 'images': stop using it, or set "
        "'force'."
    )
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["in_use"]


def template(reference):
    source = {"type": "SharedImageVersion", "imageVersionId": reference}
    return {
        "id": f"{COMPUTE.rsplit('/', 1)[0]}/Microsoft.VirtualMachineImages/imageTemplates/build",
        "properties": {"source": source},
    }


@pytest.mark.parametrize(
    ("collection", "user", "label"),
    [
        ("virtualMachineScaleSets", scale_set, "scale set 'fleet'"),
        ("imageTemplates", template, "image template 'build'"),
    ],
)
def test_who_refers_to_a_definition_uses_its_latest_version(wire, run, collection, user, label):
    gallery = f"{COMPUTE}/galleries/golden"
    definition = {"id": f"{gallery}/images/web", "properties": {}}
    versions = [
        {"id": f"{gallery}/images/web/versions/{number}", "properties": {"provisioningState": "Succeeded"}}
        for number in ("1.0.0", "2.0.0")
    ]
    stand_unused(wire, galleries=[{"id": gallery}], **{collection: [user(definition["id"])]})
    for path, listed in ((f"{gallery}/images", [definition]), (f"{definition['id']}/versions", versions)):
        wire.stand("GET", path, body={"value": listed})
    for resource in ({"id": gallery, "properties": {}}, definition, *versions):
        wire.stand("GET", resource["id"], body=resource)
    place = {"source": "gallery", "resource_group": "images", "gallery": "golden", "definition": "web"}
    refused = run("vm_image_remove", name="2.0.0", **place)
    assert refused["rc"] == 1
    assert f"used by {label} in resource group 'images'" in refused["msg"]
    assert run("vm_image_remove", check=True, name="1.0.0", **place)["changed"] is True


def test_a_scale_set_of_another_subscription_is_found_by_resource_graph(wire, run):
    elsewhere = scale_set()["id"].replace("000000000001", "000000000009")
    stand_unused(
        wire, elsewhere=[{**scale_set(), "id": elsewhere, "type": "microsoft.compute/virtualmachinescalesets"}]
    )
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", **TASK)
    assert "used by scale set 'fleet'" in result["msg"]


def test_force_removes_what_is_used(wire, run):
    stand_unused(wire, virtualMachineScaleSets=[scale_set()])
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("DELETE", IMAGE_ID, 202, headers=accepted())
    wire.operation()
    assert run("vm_image_remove", force=True, **TASK)["changed"] is True


@pytest.mark.parametrize("collection", ["virtualMachines", "virtualMachineScaleSets", "galleries"])
def test_a_use_that_cannot_be_read_counts_as_one(wire, run, collection):
    stand_unused(wire)
    wire.stand("GET", f"{SUBSCRIPTION}/providers/Microsoft.Compute/{collection}", 403, FORBIDDEN)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", **TASK)
    assert result["rc"] == 1
    assert "its usage cannot be read" in result["msg"]


def test_a_provider_that_is_not_registered_has_no_templates(wire, run):
    stand_unused(wire)
    path = f"{SUBSCRIPTION}/providers/Microsoft.VirtualMachineImages/imageTemplates"
    wire.stand("GET", path, 409, {"error": {"code": "MissingSubscriptionRegistration", "message": "Not registered."}})
    wire.expect("GET", IMAGE_ID, body=image())
    assert run("vm_image_remove", check=True, **TASK)["changed"] is True


def stand_without_resource_graph(wire, **elsewhere):
    """Two subscriptions to be seen, and no Resource Graph; what the other one has."""
    stand_unused(wire)
    stand_unused(wire, OTHER, **elsewhere)
    wire.stand("POST", "/providers/Microsoft.ResourceGraph/resources", 403, FORBIDDEN)
    ids = [SUBSCRIPTION.rsplit("/", 1)[-1], OTHER.rsplit("/", 1)[-1]]
    wire.stand("GET", "/subscriptions", body={"value": [{"subscriptionId": one} for one in ids]})
    wire.expect("GET", IMAGE_ID, body=image())


def test_without_resource_graph_other_subscriptions_are_asked_themselves(wire, run):
    stand_without_resource_graph(wire)
    assert run("vm_image_remove", check=True, **TASK)["changed"] is True


def test_without_resource_graph_a_use_in_another_subscription_is_found(wire, run):
    elsewhere = {**scale_set(), "id": scale_set()["id"].replace(SUBSCRIPTION, OTHER)}
    stand_without_resource_graph(wire, virtualMachineScaleSets=[elsewhere])
    assert "used by scale set 'fleet'" in run("vm_image_remove", **TASK)["msg"]


def test_a_subscription_that_can_be_seen_and_not_read_may_use_the_image(wire, run):
    stand_without_resource_graph(wire)
    wire.stand("GET", f"{OTHER}/providers/Microsoft.Compute/virtualMachines", 403, FORBIDDEN)
    result = run("vm_image_remove", **TASK)
    assert f"its usage cannot be read (virtual machines of subscription {OTHER.rsplit('/', 1)[-1]})" in result["msg"]


def test_a_protected_image_stays_even_by_force(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image(tags={"Golden.Azure.Protected": ""}))
    result = run("vm_image_remove", force=True, **TASK)
    assert result["rc"] == 1
    assert "protected by its tag" in result["msg"]


def test_what_is_protected_at_the_last_moment_stays(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image(tags={"golden.azure.protected": "true"}))
    result = run("vm_image_remove", **TASK)
    assert result["rc"] == 1
    assert "protected by its tag, found immediately before the removal" in result["msg"]
    assert result["changed"] is False


def test_leftovers_go_with_their_image(wire, run):
    snapshot = f"{COMPUTE}/snapshots/golden-os"
    mark = {"golden.azure.image": IMAGE_ID.lower()}
    stand_unused(
        wire,
        snapshots=[{"id": snapshot, "tags": mark}, {"id": f"{COMPUTE}/snapshots/other", "tags": {"a": "b"}}],
        disks=[{"id": DISK_ID, "tags": mark, "managedBy": VM_ID}],
    )
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("DELETE", IMAGE_ID, 202, headers=accepted())
    wire.operation()
    wire.expect("DELETE", snapshot, 202, headers=accepted())
    wire.operation()
    result = run("vm_image_remove", **TASK)
    assert [step["action"] for step in result["steps"]] == ["delete_image", "delete_snapshot"]


def test_deprecating_a_managed_image_tags_it(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image(tags={"team": "web"}))
    wire.expect("GET", IMAGE_ID, body=image(tags={"team": "web"}))
    wire.expect("PATCH", IMAGE_ID, 200, body=image())
    result = run("vm_image_remove", deprecate=True, **TASK)
    assert (result["changed"], len(result["deprecated"]), result["removed"]) == (True, 1, [])
    (body,) = wire.sent("PATCH")
    assert body["tags"]["team"] == "web"
    assert body["tags"]["golden.azure.deprecated_at"].endswith("Z")


def test_of_several_the_failure_of_one_hides_nothing(wire, run):
    stand_unused(wire)
    second = f"{COMPUTE}/images/second"
    for _time in range(2):
        wire.stand("GET", IMAGE_ID, body=image())
        wire.stand("GET", second, body={**image(), "id": second, "name": "second"})
    wire.refuse("DELETE", IMAGE_ID, 409, "ScopeLocked", "The scope is locked.")
    wire.expect("DELETE", second, 202, headers=accepted())
    wire.operation()
    result = run("vm_image_remove", names=["golden", "second"], resource_group="images", max_concurrency=1)
    assert result["rc"] == 1
    assert result["msg"].startswith("1 of 2 images were not removed: image 'golden' in resource group 'images': ")
    assert [(each["result"], each.get("error", {}).get("code")) for each in result["results"]] == [
        ("failed", "ScopeLocked"),
        ("removed", None),
    ]
    assert result["changed"] is True
    assert [removed["name"] for removed in result["removed"]] == ["second"]


def test_more_names_than_allowed_remove_nothing(wire, run):
    stand_unused(wire)
    second = f"{COMPUTE}/images/second"
    wire.stand("GET", IMAGE_ID, body=image())
    wire.stand("GET", second, body={**image(), "id": second, "name": "second"})
    result = run("vm_image_remove", names=["golden", "second"], resource_group="images", max_removals=1)
    assert result["rc"] == 1
    assert "2 images are named, and 'max_removals' allows 1" in result["msg"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "Specify what to remove with exactly one of 'name', 'names', 'rules' and 'whole': none of them is set"),
        ({"name": "a", "rules": {}}, "not name and rules together"),
        ({"names": []}, "Option 'names' is empty"),
        ({"name": "golden", "subscriptions": ["a", "b"]}, "specify the images by their full resource ids"),
        ({"rules": {"keep_newest": 0}}, "(number_out_of_range)"),
        ({"rules": {"older_than_days": -1}}, "'rules.older_than_days' is -1"),
        ({"rules": {"older_than_days": 1}, "deprecate": True, "grace_days": 3}, "mutually exclusive"),
        ({"rules": {}, "gallery": "golden"}, "'gallery' requires 'source: gallery'"),
        ({"rules": {}}, "would remove all images but the newest: set 'keep_newest', 'older_than_days', or both"),
        ({"name": "golden", "protected_tag": " "}, "'protected_tag' is empty"),
        ({"rules": {"older_than_days": 1}, "max_concurrency": 1000}, "(number_out_of_range)"),
        ({"source": "gallery", "name": "1.0.0"}, "'gallery' and 'definition'"),
    ],
)
def test_what_cannot_be_meant(wire, run, options, complaint):
    result = run("vm_image_remove", **options)
    assert result["rc"] == 1
    assert complaint in result["msg"]


def test_what_was_done_before_a_failure_is_told(wire, run):
    snapshot = f"{COMPUTE}/snapshots/golden-os"
    stand_unused(wire, snapshots=[{"id": snapshot, "tags": {"golden.azure.image": IMAGE_ID.lower()}}])
    wire.stand("GET", IMAGE_ID, body=image())
    wire.expect("DELETE", IMAGE_ID, 202, headers=accepted())
    wire.operation()
    wire.refuse("DELETE", snapshot, 409, "ScopeLocked", "The scope is locked.")
    result = run("vm_image_remove", **TASK)
    assert (result["rc"], result["changed"]) == (1, True)
    assert [step["action"] for step in result["steps"]] == ["delete_image"]
    assert result["results"][0]["result"] == "failed"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_what_a_lock_keeps_is_refused_by_its_name(wire, run, check, level):
    stand_unused(wire, locks=[lock(level)])
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", check, **TASK)
    assert result["rc"] == 1
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["locked"]


def test_a_lock_on_a_leftover_is_seen_before_its_image_goes(wire, run):
    mark = {"golden.azure.image": IMAGE_ID.lower()}
    leftover = {"id": f"{COMPUTE}/snapshots/of-golden", "name": "of-golden", "tags": mark}
    stand_unused(wire, snapshots=[leftover], locks=[lock("CanNotDelete", leftover["id"])])
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", **TASK)
    assert [blocker["code"] for blocker in result["plan"]["blockers"]] == ["locked"]


@pytest.mark.parametrize(("level", "removed"), [("CanNotDelete", 0), ("ReadOnly", 0), (None, 1)])
def test_by_rules_what_a_lock_keeps_stays(wire, run, level, removed):
    old = {**image(tags={"golden.azure.created_at": "2020-01-01T00:00:00Z"}), "systemData": {}}
    newer = {
        **image(tags={"golden.azure.created_at": "2021-01-01T00:00:00Z"}),
        "id": f"{IMAGE_ID}-2",
        "name": "golden-2",
        "systemData": {},
    }
    for each in (old, newer):
        each["tags"]["family"] = "web"
    stand_unused(wire, locks=[lock(level, IMAGE_ID)] if level else [])
    wire.stand(
        "GET", f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute/images", body={"value": [old, newer]}
    )
    rules = {"family_tag": "family", "keep_newest": 1, "older_than_days": 1}
    result = run("vm_image_remove", check=True, resource_group="images", rules=rules)
    assert result["rc"] == 0
    assert len(result["removed"]) == removed
    reasons = {each["id"]: each["reason_code"] for each in result["kept"]}
    assert (reasons.get(IMAGE_ID) == "locked") is (level is not None)


def test_locks_that_may_not_be_read_are_a_warning(wire, run):
    stand_unused(wire)
    wire.stand("GET", f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Authorization/locks", 403, FORBIDDEN)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", check=True, **TASK)
    assert result["changed"] is True
    assert [warning["code"] for warning in result["plan"]["warnings"]] == ["locks_unknown"]
