# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a capture makes around its image bears the task's tags: policies ask for them of groups and definitions, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/made"
GALLERY = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute/galleries/golden"
NEW = {"publisher": "Example", "offer": "web", "sku": "debian"}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "resources": [{"id": GALLERY, "location": "westeurope"}],
                "virtual_machines": [
                    {"name": "web", "group": "images", "power": "stopped"},
                    {"name": "shop", "group": "images", "power": "stopped"},
                    {"name": "north", "group": "images", "power": "stopped", "location": "northeurope"},
                ],
            }
        )
        running.clear_requests()
        yield running


def capture_of(name: str, **more: Any) -> Json:
    machine = f"{GROUP.replace('/made', '/images')}/providers/Microsoft.Compute/virtualMachines/{name}"
    wanted = {"source_vm": machine, "image": f"golden-{name}", "resource_group": "made", "create_resource_group": True}
    return {**wanted, "generalize": True, **more}


def run(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    done: Json = run_code(azure, capture.execute, capture_options.OPTIONS, check, **options)
    return done


def group(azure: EmbeddedAzure) -> Json | None:
    return azure.resources().get(GROUP)


def test_the_four_cases_of_a_group(azure: EmbeddedAzure) -> None:
    options = capture_of("web", tags={"team": "web", "golden.azure.golden_image": "web"})
    planned = run(azure, check=True, **options)
    assert planned["plan"]["steps"][0]["write"]["body"] == {"location": "westeurope", "tags": {"team": "web"}}
    assert sent_writes(azure.requests) == []
    assert run(azure, **options)["image"]["tags"]["golden.azure.golden_image"] == "web"
    # This collection's tags speak of one image.
    assert (group(azure) or {})["tags"] == {"team": "web"}
    assert run(azure, **options)["changed"] is False
    assert run(azure, check=True, **options)["changed"] is False


def test_a_group_of_a_task_without_tags_has_none(azure: EmbeddedAzure) -> None:
    run(azure, **capture_of("web"))
    assert not (group(azure) or {}).get("tags")


def test_a_group_that_several_captures_make_has_the_tags_of_all(azure: EmbeddedAzure) -> None:
    several = [
        capture_of("web", tags={"team": "web", "stage": "test"}),
        capture_of("shop", tags={"team": "shop", "cost": "7"}),
        capture_of("north"),
    ]
    result = run(azure, captures=several)
    assert not any(each["failed"] for each in result["results"])
    # It is made once, by one of them.
    assert [one.status for one in azure.requests if one.method == "PUT" and one.path == GROUP] == [201]
    assert sum(step["action"] == "create_group" for each in result["results"] for step in each["steps"]) == 1
    # The first one's team stays, and so does where it was made.
    assert (group(azure) or {})["tags"] == {"team": "web", "stage": "test", "cost": "7"}
    assert (group(azure) or {})["location"] == "westeurope"
    assert run(azure, captures=several)["changed"] is False


def test_a_group_that_could_not_be_made_for_one_is_made_for_another(azure: EmbeddedAzure) -> None:
    azure.faults.add("PUT", GROUP, status=403, code="RequestDisallowedByPolicy")
    with pytest.raises(Failure) as failed:
        run(azure, captures=[capture_of("web"), capture_of("shop")])
    assert sorted(each["failed"] for each in failed.value.details["results"]) == [False, True]
    assert [one.status for one in azure.requests if one.method == "PUT" and one.path == GROUP] == [403, 201]


def test_a_definition_that_several_captures_make_alike_is_made_once(azure: EmbeddedAzure) -> None:
    several = [
        {
            "resource_group": "images",
            "source_vm": name,
            "generalize": True,
            "gallery_versions": [
                {"gallery": GALLERY, "definition": "web", "create_definition": NEW, "version": number}
            ],
        }
        for name, number in (("web", "1.0.0"), ("shop", "1.0.1"))
    ]
    result = run(azure, captures=several)
    assert not any(each["failed"] for each in result["results"])
    assert sum(one.method == "PUT" and one.path.endswith("/images/web") for one in azure.requests) == 1
    assert run(azure, captures=several)["changed"] is False


def test_a_definition_bears_them(azure: EmbeddedAzure) -> None:
    version = {"gallery": GALLERY, "definition": "web", "create_definition": NEW}
    options = {"resource_group": "images", "generalize": True, "gallery_versions": [version]}
    run(azure, source_vm="web", tags={"team": "web", "golden.azure.run": "7"}, **options)
    assert azure.resources()[f"{GALLERY}/images/web"]["tags"] == {"team": "web"}
    assert run(azure, source_vm="web", tags={"team": "web"}, **options)["changed"] is False
