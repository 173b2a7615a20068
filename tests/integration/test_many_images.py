# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""10,000 images and 2,000 gallery versions: complete, right, and by faults on the way no shorter."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification
from ansible_collections.golden.azure.plugins.module_utils._info import run as info
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal

from embedded_azure import EmbeddedAzure

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
BLOB = "https://store.blob.core.windows.net/vhds/golden.vhd"
IMAGES = 10_000
VERSIONS = 2_000
DEFINITIONS = 20

QUERY = "Microsoft.ResourceGraph"
LISTING = "Microsoft.Compute/images[?]"
TROUBLE = {
    "throttled": {"status": 429, "retry_after": 1},
    "failed": {"status": 500},
    "dropped": {"drop": "before"},
    "cut off": {"drop": "after"},
}


def image(number: int) -> dict[str, Any]:
    return {
        "id": f"{COMPUTE}/images/golden-{number:05d}",
        "location": "westeurope",
        "created": f"2025-{number % 12 + 1:02d}-{number // 12 % 28 + 1:02d}T00:00:00Z",
        "tags": {"family": f"family-{number % 10}"},
        "properties": {
            "hyperVGeneration": "V2",
            "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": BLOB}},
        },
    }


def definition(number: int) -> dict[str, Any]:
    return {
        "id": f"{COMPUTE}/galleries/golden/images/definition-{number:02d}",
        "location": "westeurope",
        "properties": {
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "identifier": {"publisher": "us", "offer": "golden", "sku": str(number)},
        },
    }


def version(number: int) -> dict[str, Any]:
    return {
        "id": f"{COMPUTE}/galleries/golden/images/definition-{number % DEFINITIONS:02d}/versions/1.{number}.0",
        "location": "westeurope",
        "created": f"2025-{number // 168 + 1:02d}-{number // 6 % 28 + 1:02d}T{number % 6:02d}:00:00Z",
        "tags": {"golden.azure.source_vm_id": "a"},
        "properties": {
            "publishingProfile": {"targetRegions": [{"name": "westeurope"}]},
            "storageProfile": {"osDiskImage": {"source": {"uri": BLOB, "storageAccountId": "/store"}}},
        },
    }


def seed(azure: EmbeddedAzure, images: int, versions: int) -> None:
    gallery = {"id": f"{COMPUTE}/galleries/golden", "location": "westeurope", "properties": {}}
    resources = [image(number) for number in range(images)]
    if versions:
        resources += [gallery, *map(definition, range(DEFINITIONS)), *map(version, range(versions))]
    azure.seed({"groups": {"images": "westeurope"}, "resources": resources})
    azure.clear_requests()


@pytest.fixture
def call(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a module's code here, against that Azure."""
    for name in [name for name in os.environ if name.startswith(("AZURE_", "ANSIBLE_"))]:
        monkeypatch.delenv(name)
    for name, value in azure.environment().items():
        monkeypatch.setenv(name, value)

    def run(code: Any, check: bool = False, **options: Any) -> dict[str, Any]:
        checked = ArgumentSpecValidator(full_specification(dict(code.OPTIONS))).validate({"timeout": 240, **options})
        assert not checked.error_messages
        return code.execute(Invocation(options=checked.validated_parameters, check_mode=check))

    return run


def there(azure: EmbeddedAzure, resource_type: str) -> set[str]:
    return {id.lower() for id, resource in azure.resources().items() if resource["type"] == resource_type}


def found(result: dict[str, Any]) -> list[str]:
    return [each["id"].lower() for each in result["images"]]


@pytest.mark.sweep
def test_all_of_them_in_one_task(azure: EmbeddedAzure, call: Any) -> None:
    seed(azure, IMAGES, VERSIONS)
    all_images = there(azure, "Microsoft.Compute/images")
    all_versions = there(azure, "Microsoft.Compute/galleries/images/versions")
    assert (len(all_images), len(all_versions)) == (IMAGES, VERSIONS)
    for listing in ("graph", "arm"):
        listed = found(call(info, source=["managed", "gallery"], query_backend=listing))
        assert (len(listed), set(listed)) == (IMAGES + VERSIONS, all_images | all_versions)
    assert len(call(info, tags={"family": "family-3"}, properties=["id"])["images"]) == IMAGES // 10
    newest = call(info, source="gallery", newest_per_family=1)["images"]
    expected = {f"1.{number}.0" for number in range(VERSIONS - DEFINITIONS, VERSIONS)}
    assert {each["version"] for each in newest} == expected
    shown = call(removal, check=True, rules={"family_tag": "family", "keep_newest": 2}, max_removals=IMAGES)
    assert (len(shown["removed"]), len(shown["kept"])) == (IMAGES - 20, 20)
    ages = [each["created_at"] for each in shown["removed"]]
    assert ages == sorted(ages)


@pytest.mark.sweep
def test_a_playbook_over_all_of_them(azure: EmbeddedAzure, playbooks: Any, tmp_path: Any) -> None:
    seed(azure, IMAGES, VERSIONS)
    task = {
        "name": "List",
        "golden.azure.vm_image_info": {"source": ["managed", "gallery"], "properties": ["id"]},
        "register": "listed",
        "no_log": True,
        "failed_when": f"listed.images | map(attribute='id') | unique | length != {IMAGES + VERSIONS}",
    }
    playbook = tmp_path / "list.yml"
    playbook.write_text(
        yaml.safe_dump([{"name": "List", "hosts": "localhost", "gather_facts": False, "tasks": [task]}])
    )
    finished = playbooks.run(playbook)
    assert finished.returncode == 0, finished.stdout[-2000:]


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize(("listing", "path"), [("graph", QUERY), ("arm", LISTING)])
def test_pages_that_go_wrong_make_no_listing_short(
    azure: EmbeddedAzure, call: Any, listing: str, path: str, trouble: str
) -> None:
    azure.seed({"settings": {"page_size": 300}})
    seed(azure, 2500, 0)
    for nth in (1, 3):
        azure.faults.add("*", path, nth=nth, **TROUBLE[trouble])
    listed = found(call(info, query_backend=listing))
    assert set(listed) == there(azure, "Microsoft.Compute/images")
    assert len(listed) == 2500


@pytest.mark.sweep
@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("path", ["/galleries[?]", "/galleries/golden/images[?]", "/versions[?]"])
def test_galleries_are_not_listed_short_either(azure: EmbeddedAzure, call: Any, path: str, trouble: str) -> None:
    azure.seed({"settings": {"page_size": 5}})
    seed(azure, 0, 300)
    for nth in (1, 3):
        azure.faults.add("*", path, nth=nth, **TROUBLE[trouble])
    listed = found(call(info, source="gallery", query_backend="arm"))
    assert set(listed) == there(azure, "Microsoft.Compute/galleries/images/versions")
    assert len(listed) == 300


@pytest.mark.parametrize(("listing", "path"), [("graph", QUERY), ("arm", LISTING)])
def test_a_page_that_never_comes_fails_the_task(azure: EmbeddedAzure, call: Any, listing: str, path: str) -> None:
    seed(azure, 2500, 0)
    azure.faults.add("*", path, nth=2, times=0, status=429, retry_after=100)
    with pytest.raises(Failure, match="Listing the images of the subscription was throttled: Azure asks to wait 100 s"):
        call(info, query_backend=listing, timeout=20)


def test_a_prune_takes_the_oldest_and_reports_each(azure: EmbeddedAzure, call: Any) -> None:
    seed(azure, 0, 200)
    azure.faults.add("DELETE", "versions/1.7.0", operation="Failed", code="InternalError", message="Broken.")
    with pytest.raises(Failure) as failed:
        call(removal, source="gallery", rules={"keep_newest": 3}, max_removals=50, max_concurrency=64)
    result = failed.value.as_result()
    assert result["msg"].startswith("1 of 50 images were not removed: image version 'golden/definition-07/1.7.0'")
    outcomes = {each["id"].rsplit("/", 1)[-1]: each["result"] for each in result["results"]}
    assert len(outcomes) == 200
    assert {name for name, outcome in outcomes.items() if outcome == "removed"} == {
        f"1.{number}.0" for number in range(50) if number != 7
    }
    assert len(there(azure, "Microsoft.Compute/galleries/images/versions")) == 151
