# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure refuses of names, tags, publishing profiles, quotas and sizes, in its words where they are known."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure

GALLERY = {"location": "westeurope"}
VERSION = "galleries/g/images/d/versions/1.0.0"
DEFINITION = {
    "location": "westeurope",
    "properties": {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "features": [],
        "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
    },
}
TAGS = "providers/Microsoft.Resources/tags/default"


def prepare(arm: Any, **definition: Any) -> None:
    arm.azure.seed(
        {
            "virtual_machines": [{"name": "prepared", "group": "golden", "generalized": True}],
            "resources": [
                {"id": arm.id("galleries/g"), **GALLERY},
                {
                    "id": arm.id("galleries/g/images/d"),
                    **DEFINITION,
                    "properties": {**DEFINITION["properties"], **definition},
                },
            ],
        }
    )


def body(arm: Any, *targets: Any, **publishing: Any) -> dict[str, Any]:
    regions = [target if isinstance(target, dict) else {"name": target} for target in targets or ("westeurope",)]
    return {
        "location": "westeurope",
        "properties": {
            "storageProfile": {"source": {"virtualMachineId": arm.id("virtualMachines/prepared")}},
            "publishingProfile": {"targetRegions": regions, **publishing},
        },
    }


def test_a_name_that_no_image_has(arm: Any) -> None:
    source = {
        "location": "westeurope",
        "properties": {"sourceVirtualMachine": {"id": arm.id("virtualMachines/source")}},
    }
    status, code, message = arm.error("PUT", "images/golden-", source)
    assert (status, code) == (400, "InvalidParameter")
    assert (
        message
        == r"The entity name 'golden-' is invalid according to its validation rule: ^[^_\W][\w-._]{0,79}(?<![-.])$."
    )


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"a/b": "x"}, "InvalidTagNameCharacters"),
        ({"n" * 513: "x"}, "InvalidTagName"),
        ({"n": "v" * 257}, "InvalidTagValueLength"),
        ({f"tag-{each}": "x" for each in range(51)}, "TooManyTags"),
        ({"n": {"a": "b"}}, "InvalidRequestContent"),
    ],
)
def test_tags_that_nothing_bears(arm: Any, tags: dict[str, Any], code: str) -> None:
    group = f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden"
    assert arm.error("PUT", "galleries/g", {**GALLERY, "tags": tags})[1] == code
    assert arm.error("PUT", group, {**GALLERY, "tags": tags}, version="2022-09-01")[1] == code
    merge = {"operation": "Merge", "properties": {"tags": tags}}
    assert arm.error("PATCH", f"{arm.id('virtualMachines/source')}/{TAGS}", merge, version="2021-04-01")[1] == code


def test_merged_tags_are_counted_with_those_that_are_there(arm: Any) -> None:
    target = f"{arm.id('virtualMachines/source')}/{TAGS}"
    first, second = ({f"{word}-{each}": "x" for each in range(26)} for word in ("a", "b"))
    for tags, status in ((first, 200), (second, 400)):
        change = {"operation": "Merge", "properties": {"tags": tags}}
        assert arm.send("PATCH", target, change, version="2021-04-01").status_code == status


@pytest.mark.parametrize("number", ["1.0", "1.0.2147483648", "v1.0.0"])
def test_a_version_that_is_no_number(arm: Any, number: str) -> None:
    prepare(arm)
    status, code, message = arm.error("PUT", f"galleries/g/images/d/versions/{number}", body(arm))
    assert (status, code) == (400, "InvalidParameter")
    assert "where int is between 0 and 2,147,483,647 (inclusive)" in message


@pytest.mark.parametrize(
    ("targets", "publishing", "said"),
    [
        (("westeurope", "West Europe"), {}, "Duplicate regions are not allowed in target publishing regions."),
        (({"name": "westeurope", "regionalReplicaCount": 0},), {}, "must be between 1 and 100, inclusive"),
        (
            ("westeurope", {"name": "westus", "storageAccountType": "Standard_ZRS"}),
            {},
            "ZRS storage account type is not supported in this region.",
        ),
        (("westeurope",), {"endOfLifeDate": "2020-01-01T00:00:00Z"}, "EndOfLifeDate must be set to a future date."),
        (("westeurope",), {"endOfLifeDate": "soon"}, "Could not convert string to DateTimeOffset: soon."),
    ],
)
def test_a_publication_that_azure_refuses(arm: Any, targets: Any, publishing: dict[str, Any], said: str) -> None:
    prepare(arm)
    status, _code, message = arm.error("PUT", VERSION, body(arm, *targets, **publishing))
    assert status == 400
    assert said in message


def test_keys_are_for_all_regions_and_of_each(arm: Any) -> None:
    prepare(arm)
    arm.azure.seed({"resources": [{"id": arm.id("diskEncryptionSets/key"), **GALLERY, "properties": {}}]})
    key = {"encryption": {"osDiskImage": {"diskEncryptionSetId": arm.id("diskEncryptionSets/key")}}}
    here, there = {"name": "westeurope", **key}, {"name": "northeurope"}
    assert "is used for the corresponding disk in region" in arm.error("PUT", VERSION, body(arm, here, there))[2]
    assert arm.error("PUT", VERSION, body(arm, here, {**there, **key}))[2].endswith("was not found.")
    assert arm.send("PUT", VERSION, body(arm, here)).status_code == 201


def test_the_storage_of_replicas_is_fixed(arm: Any) -> None:
    prepare(arm)
    assert arm.send("PUT", VERSION, body(arm)).status_code == 201
    changed = body(arm, {"name": "westeurope", "storageAccountType": "Premium_LRS"})
    assert "Please specify 'Standard_LRS' as the storage account type" in arm.error("PUT", VERSION, changed)[2]
    # What has come to its end of life can still be written.
    assert arm.send("PUT", VERSION, body(arm, endOfLifeDate="2020-01-01T00:00:00Z")).status_code == 200


def test_publisher_offer_and_sku_are_for_one_definition(arm: Any) -> None:
    prepare(arm)
    assert arm.error("PUT", "galleries/g/images/e", DEFINITION)[2] == (
        "Gallery image: d identified by (publisher:p, offer:o, sku:s) already exists. Choose a different publisher, offer, "
        "sku combination."
    )
    wrong = {**DEFINITION["properties"], "identifier": {"publisher": "p", "offer": "o", "sku": "s."}}
    refused = arm.error("PUT", "galleries/g/images/e", {**DEFINITION, "properties": wrong})
    assert refused[2].startswith("Asset name galleryImage.properties.identifier.sku is not valid.")


def test_quotas_are_told_and_kept(azure: EmbeddedAzure, arm: Any) -> None:
    prepare(arm)
    place = f"/subscriptions/{azure.settings.subscription}/providers/Microsoft.Compute/locations/westeurope/usages"

    def told(name: str) -> tuple[int, int]:
        rows = arm.send("GET", place).json()["value"]
        return next((row["currentValue"], row["limit"]) for row in rows if row["name"]["value"] == name)

    assert told("GalleryImage") == (1, 1000)
    assert told("GalleryImageVersion") == (0, 10_000)
    azure.settings.quotas = {"GalleryImageVersion": 1}
    assert arm.send("PUT", VERSION, body(arm)).status_code == 201
    assert told("GalleryImageVersion") == (1, 1)
    assert arm.error("PUT", VERSION.replace("1.0.0", "1.0.1"), body(arm))[1] == "OperationNotAllowed"


@pytest.mark.parametrize(
    ("features", "size", "status"),
    [
        ([], "Standard_D4s_v6", 400),
        ([], "Standard_D4s_v5", 201),
        ([{"name": "DiskControllerTypes", "value": "SCSI, NVMe"}], "Standard_D4s_v6", 201),
    ],
)
def test_sizes_with_nvme_alone_take_images_that_are_made_for_it(
    arm: Any, features: Any, size: str, status: int
) -> None:
    prepare(arm, features=features)
    assert arm.send("PUT", VERSION, body(arm)).status_code == 201
    machine = arm.machine({"id": arm.id(VERSION)}, hardwareProfile={"vmSize": size})
    answer = arm.send("PUT", "virtualMachines/new", machine)
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["code"] == "InvalidParameter"
        assert f"The VM size '{size}' cannot boot with OS image or disk." in answer.json()["error"]["message"]
