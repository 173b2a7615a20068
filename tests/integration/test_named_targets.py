# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Targets that name nobody, hosts that name the same, and a purge that names no family: refused, and nothing touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from predicted_writes import sent_writes
from recorded_failures import run_recorded, write_inventory
from repository import ROOT

from embedded_azure import EmbeddedAzure
from windows_guest.playbooks import install_collections

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
GALLERY = f"{COMPUTE}/galleries/golden"
TAKING_A_TARGET = [
    "golden.azure.capture_linux",
    "golden.azure.capture_windows",
    "golden.azure.refresh",
    "golden.azure.promote",
]
CAPTURES = TAKING_A_TARGET[:2]
NAMES_NOBODY = {
    "a name of nobody": ("-e", "target=typo"),
    "an empty group": ("-e", "target=nobody"),
    "an empty text": ("-e", "target="),
    "a limit to others": ("-e", "target=a", "--limit", "b,localhost"),
    "a limit that leaves the controller out, too": ("-e", "target=a", "--limit", "b"),
}
CODES = {"target_matches_nothing", "target_empty", "limit_leaves_nothing"}


def machine(name: str) -> dict[str, Any]:
    return {"name": name, "group": "images"}


@pytest.mark.parametrize("playbook", TAKING_A_TARGET)
@pytest.mark.parametrize("case", NAMES_NOBODY)
def test_a_target_that_names_nobody(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str, case: str
) -> None:
    inventory = write_inventory(tmp_path, {"a": {}, "b": {}})
    run = run_recorded(playbooks, playbook, "-i", inventory, "-e", "capture_image_name=golden", *NAMES_NOBODY[case])
    assert run.status != 0, run.output
    assert sum(f"[{code}]" in run.output for code in CODES) == 1, run.output
    assert "Traceback" not in run.output
    assert azure.requests == []


@pytest.mark.parametrize("playbook", ["golden.azure.prune", "golden.azure.summary"])
def test_a_limit_that_leaves_the_controller_out(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str
) -> None:
    inventory = write_inventory(tmp_path, {"a": {}})
    run = run_recorded(playbooks, playbook, "-i", inventory, "-e", "prune_keep_newest=1", "--limit", "a")
    assert run.status != 0
    assert "[limit_leaves_nothing]" in run.output
    assert azure.requests == []


@pytest.mark.parametrize("arguments", [[], ["--check"]])
@pytest.mark.parametrize("playbook", CAPTURES)
def test_hosts_that_cannot_be_reached(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str, arguments: list[str]
) -> None:
    system = "Windows" if "windows" in playbook else "Linux"
    machines = [{**machine(name), "os_type": system} for name in ("a", "b")]
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": machines})
    variables = {
        "capture_image_name": "golden-{{ inventory_hostname }}",
        "capture_generalize": True,
        "resource_group": "images",
    }
    shell = {"ansible_shell_type": "powershell"} if system == "Windows" else {}
    inventory = write_inventory(tmp_path, {name: {**variables, **shell} for name in ("a", "b")})
    playbooks.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{ROOT / '.cache' / 'collections'}:{install_collections()}"
    azure.clear_requests()
    run = run_recorded(playbooks, playbook, "-i", inventory, "-e", "target=machines", *arguments)
    assert run.status != 0, run.output
    assert "(guest_not_reached)" in run.output
    assert sent_writes(azure.requests) == []


# Both playbooks compare the hosts with the same filter.
@pytest.mark.parametrize(
    "playbook", [CAPTURES[0], *(pytest.param(each, marks=pytest.mark.sweep) for each in CAPTURES[1:])]
)
@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({"capture_image_name": "golden"}, {"capture_image_name": "Golden"}, "same_image"),
        ({"capture_image_name": "golden"}, {"capture_image_name": f"{COMPUTE}/images/golden"}, "same_image"),
        (
            {"capture_image_name": "one", "capture_source_vm": "a"},
            {"capture_image_name": "two", "capture_source_vm": "A"},
            "same_source_vm",
        ),
        (
            {"capture_image_name": "one"},
            {"capture_image_name": "two", "capture_source_vm": f"{COMPUTE}/virtualMachines/a"},
            "same_source_vm",
        ),
        ({"capture_image_name": "one"}, {}, "image_not_named"),
        ({"capture_image_name": "one"}, {"capture_image_name": ""}, "image_not_named"),
        ({"capture_image_name": "one"}, {"capture_image_name": "golden-{{ nothing }}"}, "image_not_named"),
    ],
)
def test_hosts_that_name_the_same_or_nothing(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str, first: Any, second: Any, code: str
) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [machine("a"), machine("b"), machine("c")]})
    every = {"resource_group": "images", "capture_generalize": True}
    hosts = {"a": {**every, **first}, "b": {**every, **second}, "c": {**every, "capture_image_name": "another"}}
    azure.clear_requests()
    run = run_recorded(playbooks, playbook, "-i", write_inventory(tmp_path, hosts), "-e", "target=machines")
    assert run.status == 2, run.output
    assert run.codes == [code]
    assert azure.requests == []
    # Nothing is asked of any guest, of the third host's neither.
    assert "unreachable=1" not in run.output
    assert run.output.count("TASK [Verify that each host has a source and a target of its own]") == 1
    assert "Plan while" not in run.output


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({"golden_image_name": "web"}, {"golden_image_name": "Web"}, "same_golden_image"),
        *(
            (
                {"golden_image_gallery_versions": [{"gallery": "golden", "definition": "web"}], **version},
                {"golden_image_gallery_versions": [{"gallery": GALLERY, "definition": "WEB"}], **version},
                "same_gallery_version",
            )
            for version in ({}, {"golden_image_version": "1.0.0"})
        ),
    ],
)
def test_golden_images_that_are_made_into_the_same(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, first: Any, second: Any, code: str
) -> None:
    every = {"golden_image_resource_group": "images"}
    hosts = {"a": {**every, **first}, "b": {**every, **second}, "c": every}
    run = run_recorded(playbooks, "golden.azure.refresh", "-i", write_inventory(tmp_path, hosts, "golden_images"))
    assert run.status == 2, run.output
    assert run.codes == [code]
    assert azure.requests == []


def image(name: str, created: str, **tags: str) -> dict[str, Any]:
    disk = {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
    return {
        "id": f"{COMPUTE}/images/{name}",
        "location": "westeurope",
        "created": created,
        "tags": {"golden.azure.run_id": "1", **tags},
        "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
    }


def test_a_purge_of_a_subscription_that_names_no_family(azure: EmbeddedAzure, playbooks: Any) -> None:
    old = [image("web", "2020-01-01T00:00:00Z"), image("shop", "2020-02-01T00:00:00Z")]
    azure.seed({"groups": {"images": "westeurope"}, "resources": old})
    azure.clear_requests()
    for more in ((), ("--check",)):
        refused = run_recorded(playbooks, "golden.azure.prune", "-e", "prune_older_than_days=90", *more)
        assert refused.status == 2
        assert refused.codes == ["single_family_not_confirmed"]
        assert '"code": "single_family"' in refused.output
    assert sent_writes(azure.requests) == []
    said = run_recorded(
        playbooks, "golden.azure.prune", "-e", "prune_older_than_days=90", "-e", "prune_single_family=true"
    )
    assert said.status == 0, said.output
    assert [path.rsplit("/", 1)[-1] for _method, path in sent_writes(azure.requests)] == ["web"]


@pytest.mark.parametrize(
    ("nonsense", "code"),
    [
        ({"capture_guest_connection": "telnet"}, "not_a_choice"),
        ({"capture_guest_connection": "ssh", "capture_guest_shell": "bash"}, "not_a_choice"),
        ({"capture_source_vm": ["web"]}, "not_text"),
        ({"capture_guest_address": {"a": 1}}, "not_text"),
        ({"capture_report_file": ["report.json"]}, "not_text"),
        ({"capture_report_file": "/nowhere/at/all/report.json"}, "report_not_writable"),
    ],
)
def test_a_machine_that_is_named_by_what_cannot_be_meant(
    azure: EmbeddedAzure, playbooks: Any, nonsense: dict[str, Any], code: str
) -> None:
    named = {"capture_source_vm": "web", "capture_guest_address": "127.0.0.1", "resource_group": "images"}
    values = {**named, "capture_image_name": "golden", "capture_generalize": True, **nonsense}
    azure.clear_requests()
    run = run_recorded(playbooks, "golden.azure.capture_windows", "-e", json.dumps(values))
    assert run.status == 2, run.output
    assert run.codes == [code] or f"({code})" in run.failures[0]["message"]
    assert azure.requests == []


@pytest.mark.parametrize("playbook", ["golden.azure.refresh", "golden.azure.promote"])
@pytest.mark.parametrize("arguments", [("-e", "target=localhost"), ("-e", "target=machines", "--limit", "localhost")])
def test_a_refresh_of_the_controller_alone(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str, arguments: tuple[str, ...]
) -> None:
    azure.clear_requests()
    run = run_recorded(playbooks, playbook, "-i", write_inventory(tmp_path, {"a": {}, "localhost": {}}), *arguments)
    assert run.status != 0
    assert ("target_is_controller" if len(arguments) == 2 else "limit_leaves_nothing") in run.output
    assert azure.requests == []
