# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies whose guests are not reached: plans, refusals, specialized captures, and what interrupted runs have left."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from module_runs import run_main
from playbook_runs import Playbooks
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
COMPUTE = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/build"
QUARANTINE = f"{NETWORK}/subnets/quarantine"
PLAYBOOKS = ("golden.azure.capture_linux", "golden.azure.capture_windows")
SPECIALIZED = {
    "capture_source_vm": "web",
    "capture_os_state": "specialized",
    "capture_gallery": "golden",
    "capture_definition": "web",
    "capture_version": "1.0.0",
    "capture_create_gallery": True,
    "capture_copy_subnet": QUARANTINE,
    "resource_group": "images",
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with EmbeddedAzure(retry_after=1) as running:
        subnet = {"name": "quarantine", "properties": {}}
        network = {"id": NETWORK, "location": "westeurope", "properties": {"subnets": [subnet]}}
        running.seed(
            {
                "groups": {"images": "westeurope", "network": "westeurope"},
                "resources": [network],
                "virtual_machines": [
                    {"name": "web", "group": "images"},
                    {"name": "several", "group": "images", "data_disks": [4, 8]},
                    {"name": "launched", "group": "images", "security_type": "TrustedLaunch"},
                    {"name": "windows", "group": "images", "os_type": "Windows"},
                ],
            }
        )
        running.clear_requests()
        yield running


def capture(playbooks: Playbooks, values: dict[str, Any], *arguments: str, playbook: str = PLAYBOOKS[0]) -> Any:
    return playbooks.run(playbook, "-e", json.dumps(values), *arguments)


def without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def module(azure: EmbeddedAzure, check: bool, **options: Any) -> dict[str, Any]:
    named = {"source_vm": "web", "resource_group": "images", "copy_name": "web-copy"}
    return run_module(azure, "vm_image_capture", {**named, **options}, check)


def run_module(azure: EmbeddedAzure, name: str, options: dict[str, Any], check: bool = False) -> dict[str, Any]:
    with mock.patch.dict(os.environ, azure.environment()):
        return run_main(name, options, check)


def test_a_running_machine_as_it_is(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    before = set(azure.resources())
    planned = capture(playbooks, SPECIALIZED, "--check", "--diff")
    assert planned.returncode == 0, planned.stdout
    assert sent_writes(azure.requests) == []
    made = capture(playbooks, SPECIALIZED)
    assert made.returncode == 0, made.stdout
    created = {name.rsplit("/", 1)[-1] for name in set(azure.resources()) - before}
    assert created == {"golden", "web", "1.0.0"}
    azure.clear_requests()
    for arguments in ((), ("--check",)):
        again = capture(playbooks, SPECIALIZED, *arguments)
        assert again.returncode == 0, again.stdout
        assert "changed=1" not in again.stdout
    assert sent_writes(azure.requests) == []


def test_several_disks_are_of_the_same_time_unless_the_playbook_is_told_otherwise(
    azure: EmbeddedAzure, playbooks: Playbooks
) -> None:
    values = {**SPECIALIZED, "capture_source_vm": "several"}
    before = set(azure.resources())
    planned = capture(playbooks, values, "--check", "--diff")
    assert planned.returncode == 0, planned.stdout
    shown = " ".join(planned.stdout.split())
    assert "create the restore point 'several-copy-restore-points/disks'" in shown
    assert "[consistency_not_guaranteed]" in shown
    assert sent_writes(azure.requests) == []
    for number, mode in enumerate(("auto", "crash_consistent", "per_disk")):
        azure.clear_requests()
        made = capture(playbooks, {**values, "capture_version": f"{number}.0.0", "capture_disk_consistency": mode})
        assert made.returncode == 0, made.stdout
        points = [path for method, path in sent_writes(azure.requests) if method == "PUT" and "/restorepoints/" in path]
        assert len(points) == (0 if mode == "per_disk" else 1)
    created = {name.rsplit("/", 1)[-1] for name in set(azure.resources()) - before}
    assert created == {"golden", "web", "0.0.0", "1.0.0", "2.0.0"}


def test_a_consistency_that_does_not_exist_or_of_nothing(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    refused = capture(playbooks, {**SPECIALIZED, "capture_disk_consistency": "always"})
    assert refused.returncode != 0
    assert "capture_disk_consistency" in refused.stdout
    values = {**without(SPECIALIZED, "capture_copy_subnet"), "capture_guest_address": "192.0.2.1"}
    refused = capture(playbooks, {**values, "capture_disk_consistency": "per_disk"})
    assert refused.returncode != 0
    assert "'capture_disk_consistency' applies only to 'capture_snapshot_disks: true'" in " ".join(
        refused.stdout.split()
    )
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_blockers_of_the_copy_are_found_before_it_is_created(
    azure: EmbeddedAzure, playbooks: Playbooks, playbook: str
) -> None:
    values = {
        **without(
            SPECIALIZED,
            "capture_os_state",
            "capture_gallery",
            "capture_definition",
            "capture_version",
            "capture_create_gallery",
        ),
        "capture_source_vm": "launched",
        "capture_image_name": "golden",
        "capture_generalize": True,
    }
    refused = capture(playbooks, values, playbook=playbook)
    assert refused.returncode != 0
    assert "security_type_not_supported" in refused.stdout or "source_os_type_differs" in refused.stdout
    assert sent_writes(azure.requests) == []


def test_the_subnet_of_the_machine_itself(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    machine = azure.resources()[f"{COMPUTE}/virtualMachines/web"]
    interface = machine["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    configuration = {"name": "first", "properties": {"subnet": {"id": QUARANTINE}}}
    changed = {"location": "westeurope", "properties": {"ipConfigurations": [configuration]}}
    azure.seed({"resources": [{"id": interface, **changed}]})
    azure.clear_requests()
    for arguments in ((), ("--check",)):
        refused = capture(playbooks, SPECIALIZED, *arguments)
        assert refused.returncode != 0
        assert "(subnet_not_isolated)" in refused.stdout
        assert "'capture_copy_subnet'" in refused.stdout
        assert sent_writes(azure.requests) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"capture_copy_subnet": ""}, "empty_variable"),
        ({"capture_delete_source_vm": True}, "not_for_copies"),
        ({"capture_snapshot_disks": "yes"}, "not_for_copies"),
        ({"capture_guest_prepared": True}, "not_for_copies"),
        ({"capture_copy_subnet": None, "capture_copy_name": "other"}, "empty_variable"),
    ],
)
def test_variables_that_do_not_go_together(
    azure: EmbeddedAzure, playbooks: Playbooks, changes: dict[str, Any], code: str
) -> None:
    refused = capture(playbooks, {**SPECIALIZED, **changes})
    assert refused.returncode != 0
    assert f"({code})" in refused.stdout
    assert azure.requests == []


def test_a_name_of_the_copy_without_its_subnet(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    values = {
        **without(SPECIALIZED, "capture_copy_subnet"),
        "capture_copy_name": "other",
        "capture_guest_address": "192.0.2.1",
    }
    refused = capture(playbooks, values)
    assert refused.returncode != 0
    assert "(copy_subnet_missing)" in refused.stdout
    assert azure.requests == []


def test_two_hosts_with_a_copy_of_the_same_name(azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(
        yaml.safe_dump(
            {"all": {"hosts": {"web": {"capture_version": "1.0.0"}, "launched": {"capture_version": "2.0.0"}}}}
        )
    )
    values = {
        **without(SPECIALIZED, "capture_source_vm", "capture_version"),
        "target": "all",
        "capture_copy_name": "both",
    }
    refused = capture(playbooks, values, "-i", str(inventory))
    assert refused.returncode != 0
    assert "(same_copy)" in refused.stdout
    assert azure.requests == []


def test_a_copy_that_another_run_uses(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    lease = {
        "name": "capture-web-copy",
        "image": "web-copy",
        "run": "other",
        "holder": "host web, run on elsewhere",
        "location": "westeurope",
    }
    assert run_module(azure, "vm_image_lease", lease)["rc"] == 0
    azure.clear_requests()
    refused = capture(playbooks, SPECIALIZED)
    assert refused.returncode != 0
    assert "elsewhere" in refused.stdout
    assert sent_writes(azure.requests) == []


def test_a_copy_that_an_interrupted_run_has_left(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    """Its guest may be changed in part, and the machine has gone on: it is created again."""
    copy = f"{SUBSCRIPTION}/resourceGroups/web-copy/providers/Microsoft.Compute/virtualMachines/web-copy"
    options = {
        "name": "web-copy",
        "resource_group": "web-copy",
        "create_resource_group": True,
        "source_vm": f"{COMPUTE}/virtualMachines/web",
        "isolated_subnet": QUARANTINE,
    }
    made = run_module(azure, "vm_image_instance", options)
    assert made["rc"] == 0, made
    left = azure.resources()[copy]["properties"]["vmId"]
    run = capture(playbooks, SPECIALIZED)
    assert run.returncode == 0, run.stdout
    version = next(one for name, one in azure.resources().items() if name.endswith("/versions/1.0.0"))
    assert version["tags"]["golden.azure.source_vm_id"] != left
    assert not [name for name in azure.resources() if "web-copy" in name]


def test_the_module_plans_a_copy_that_does_not_exist(azure: EmbeddedAzure) -> None:
    planned = module(azure, True, image="golden", generalize=True, guest_prepared=False)
    assert planned["rc"] == 0, planned
    assert planned["source"]["id"].endswith(
        "/resourceGroups/web-copy/providers/Microsoft.Compute/virtualMachines/web-copy"
    )
    assert planned["source"]["copy_of"] == f"{COMPUTE}/virtualMachines/web"
    assert planned["source"]["vm_id"] is None
    assert [step["action"] for step in planned["plan"]["steps"]] == [
        "claim_vm",
        "prepare",
        "deallocate",
        "generalize",
        "create_image",
    ]
    refused = module(azure, False, image="golden", generalize=True, guest_prepared=False)
    assert refused["rc"] != 0
    assert [blocker["code"] for blocker in refused["plan"]["blockers"]] == ["source_not_found"]
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize("of", ["nothing", "launched", "a machine that was recreated"])
@pytest.mark.parametrize("check", [True, False])
def test_a_machine_that_is_not_the_copy_is_not_captured(azure: EmbeddedAzure, of: str, check: bool) -> None:
    if of == "nothing":
        azure.seed(
            {"groups": {"web-copy": "westeurope"}, "virtual_machines": [{"name": "web-copy", "group": "web-copy"}]}
        )
    else:
        source = "launched" if of == "launched" else "web"
        options = {
            "name": "web-copy",
            "resource_group": "web-copy",
            "create_resource_group": True,
            "isolated_subnet": QUARANTINE,
        }
        made = run_module(azure, "vm_image_instance", {**options, "source_vm": f"{COMPUTE}/virtualMachines/{source}"})
        assert made["rc"] == 0, made
        if source == "web":
            original = azure.cloud.store.get(f"{COMPUTE}/virtualMachines/web")
            original.properties["vmId"] = "00000000-0000-4000-8000-000000000000"
    azure.clear_requests()
    targets = {"gallery_versions": [{"gallery": "golden", "definition": "web", "create_gallery": True}]}
    refused = module(azure, check, **targets, generalize=True, guest_prepared=False)
    assert refused["rc"] != 0
    assert "not_the_copy" in [blocker["code"] for blocker in refused["plan"]["blockers"]]
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize("option", ["delete_source_vm", "snapshot_disks"])
def test_the_module_refuses_options_that_change_the_machine_itself(azure: EmbeddedAzure, option: str) -> None:
    refused = module(azure, True, image="golden", **{option: True})
    assert refused["rc"] != 0
    assert option in refused["msg"]
    assert sent_writes(azure.requests) == []
