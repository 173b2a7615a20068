# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Usage: every way in which a resource can refer to an image."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage, latest_versions

from scripted_azure.resources import COMPUTE, IMAGE_ID

DEFINITION = f"{COMPUTE}/galleries/golden/images/web"
VERSION_TYPE = "Microsoft.Compute/galleries/images/versions"
TEMPLATE_ID = f"{COMPUTE.rsplit('/', 1)[0]}/Microsoft.VirtualMachineImages/imageTemplates/build"


def machine(**reference):
    return {
        "id": f"{COMPUTE}/virtualMachines/web",
        "type": "Microsoft.Compute/virtualMachines",
        "properties": {"storageProfile": {"imageReference": reference}},
    }


def scale_set(**reference):
    return {
        "id": f"{COMPUTE}/virtualMachineScaleSets/fleet",
        "type": "microsoft.compute/virtualmachinescalesets",
        "properties": {"virtualMachineProfile": {"storageProfile": {"imageReference": reference}}},
    }


def flexible(resource):
    return {**resource, "properties": {**resource["properties"], "orchestrationMode": "Flexible"}}


def version(number, state="Succeeded", excluded=False, **storage):
    return {
        "id": f"{DEFINITION}/versions/{number}",
        "type": VERSION_TYPE,
        "properties": {
            "provisioningState": state,
            "publishingProfile": {"excludeFromLatest": excluded},
            "storageProfile": storage,
        },
    }


def template(**properties):
    return {"id": TEMPLATE_ID, "type": "Microsoft.VirtualMachineImages/imageTemplates", "properties": properties}


def usage_of(*resources):
    usage = Usage()
    for resource in resources:
        usage.add(resource)
    return usage


@pytest.mark.parametrize(
    ("resource", "label"),
    [
        (machine(id=IMAGE_ID), "virtual machine 'web' in resource group 'images'"),
        (machine(id=IMAGE_ID.upper()), "virtual machine 'web' in resource group 'images'"),
        (scale_set(id=IMAGE_ID), "scale set 'fleet' in resource group 'images'"),
        (flexible(scale_set(id=IMAGE_ID)), "scale set 'fleet' in resource group 'images'"),
        (version("1.0.0", source={"id": IMAGE_ID}), "image version 'golden/web/1.0.0' in resource group 'images'"),
        (
            version("1.0.0", osDiskImage={"source": {"id": IMAGE_ID}}),
            "image version 'golden/web/1.0.0' in resource group 'images'",
        ),
        (
            template(source={"type": "ManagedImage", "imageId": IMAGE_ID}),
            "image template 'build' in resource group 'images'",
        ),
    ],
)
def test_an_image_is_used(resource, label):
    assert [user.label for user in usage_of(resource).of(IMAGE_ID)] == [label]


def test_what_refers_to_other_things_uses_nothing_of_ours():
    without_a_profile = {**scale_set(), "properties": {"orchestrationMode": "Flexible"}}
    others = [machine(publisher="Debian", offer="debian-13"), scale_set(), machine(id=f"{IMAGE_ID}-2"), template()]
    others.append(without_a_profile)
    assert usage_of(*others).of(IMAGE_ID) == []


@pytest.mark.parametrize("reference", [DEFINITION, f"{DEFINITION}/versions/latest", f"{DEFINITION}/"])
@pytest.mark.parametrize(
    "user",
    [
        lambda reference: scale_set(id=reference),
        lambda reference: flexible(scale_set(id=reference)),
        lambda reference: machine(id=reference),
        lambda reference: template(source={"type": "SharedImageVersion", "imageVersionId": reference}),
        lambda reference: template(distribute=[{"type": "SharedImage", "galleryImageId": reference}]),
    ],
    ids=["uniform scale set", "flexible scale set", "machine", "template's source", "template's target"],
)
def test_a_definition_stands_for_its_latest_version(reference, user):
    usage = usage_of(user(reference))
    usage.note_latest([version("9.0.0"), version("10.0.0"), version("11.0.0", excluded=True)])
    assert [bool(usage.of(f"{DEFINITION}/versions/{number}")) for number in ("9.0.0", "10.0.0", "11.0.0")] == [
        False,
        True,
        False,
    ]
    assert usage.of_definition(DEFINITION.upper()) == usage.of(f"{DEFINITION}/versions/10.0.0")


def test_a_version_that_is_being_made_does_not_take_the_protection_away():
    whole_and_new = {f"{DEFINITION}/versions/{number}".lower() for number in ("1.0.0", "2.0.0")}
    assert latest_versions([version("1.0.0"), version("2.0.0", state="Creating")]) == whole_and_new


def test_the_version_that_a_machine_was_made_of_is_used_too():
    usage = usage_of(machine(id=DEFINITION, exactVersion="1.0.0"))
    assert usage.of(f"{DEFINITION}/versions/1.0.0")


@pytest.mark.parametrize(
    ("key", "reference"),
    [
        ("sharedGalleryImageId", "/SharedGalleries/0000-GOLDEN/Images/web/Versions/1.0.0"),
        ("communityGalleryImageId", "/CommunityGalleries/golden-1111/Images/web/Versions/1.0.0"),
    ],
)
def test_the_names_under_which_a_gallery_is_shared(key, reference):
    usage = Usage()
    gallery = {
        "id": f"{COMPUTE}/galleries/golden",
        "properties": {
            "identifier": {"uniqueName": "0000-GOLDEN"},
            "sharingProfile": {"communityGalleryInfo": {"publicNames": ["golden-1111"]}},
        },
    }
    usage.add_galleries([gallery])
    usage.add(scale_set(**{key: reference}))
    assert usage.of(f"{DEFINITION}/versions/1.0.0")


def test_a_version_that_was_made_of_a_community_image_uses_it():
    usage = Usage()
    shared = {"sharingProfile": {"communityGalleryInfo": {"publicNames": ["golden-1111"]}}}
    usage.add_galleries([{"id": f"{COMPUTE}/galleries/golden", "properties": shared}])
    source = {"communityGalleryImageId": "/CommunityGalleries/golden-1111/Images/web/Versions/1.0.0"}
    usage.add({**version("1.0.0", source=source), "id": f"{COMPUTE}/galleries/other/images/web/versions/1.0.0"})
    assert [user.id for user in usage.of(f"{DEFINITION}/versions/1.0.0")] == [
        f"{COMPUTE}/galleries/other/images/web/versions/1.0.0"
    ]
