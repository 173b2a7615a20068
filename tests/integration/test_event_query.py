# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machines a job counts: the queries of extensions/audit on the events that ansible-runner records, as the platform does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jq
import pytest
import yaml
from repository import ROOT

from embedded_azure import EmbeddedAzure

QUERIES: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "extensions" / "audit" / "event_query.yml").read_text())
RUNNER = str(Path(sys.executable).parent / "ansible-runner")
LIMIT = 240
KEY = "ssh-ed25519 AAAA"
GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/build/subnets/build"
STORAGE = {
    "osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
}
Task = dict[str, Any]


def task(module: str, /, options: Task, **keywords: Any) -> Task:
    """A task whose name tells it from the others."""
    return {f"golden.azure.{module}": {"resource_group": "images", **options}, **keywords}


CAPTURE = {"source_vm": "web", "image": "golden-web", "generalize": True}
INSTANCE = {"name": "built", "image": "golden-web", "subnet": SUBNET, "ssh_public_key": KEY, "wait": True}
#: What is done, by the machines that it counts, in the order of the tasks.
DONE: list[tuple[list[str], Task]] = [
    ([], task("vm_image_capture", {**CAPTURE, "generalize": False}, ignore_errors=True)),
    ([], task("vm_image_capture", CAPTURE, check_mode=True)),
    (["web"], task("vm_image_capture", CAPTURE)),
    ([], task("vm_image_capture", CAPTURE)),
    # However the reader spells its ID, it is the same machine.
    (["kept"], task("vm_run_command", {"vm_name": "KEPT", "script": "true"})),
    (["kept"], task("vm_run_command", {"vm_name": "kept", "script": "true"})),
    ([], task("vm_run_command", {"vm_name": "kept", "script": "true"}, check_mode=True)),
    ([], task("vm_image_prepare", {"source_vm": "kept", "actions": ["extensions"]}, check_mode=True)),
    (["kept"], task("vm_image_prepare", {"source_vm": "kept", "actions": ["extensions"]})),
    ([], task("vm_image_prepare", {"source_vm": "kept", "actions": ["extensions"]})),
    ([], task("vm_image_instance", INSTANCE, check_mode=True)),
    (["built"], task("vm_image_instance", INSTANCE)),
    ([], task("vm_image_instance", INSTANCE)),
    (["built"], task("vm_image_instance", {"name": "built", "state": "absent"})),
    ([], task("vm_image_instance", {"name": "built", "state": "absent"})),
    # Two machines in one task, and one in each item of a loop.
    (
        ["first", "second"],
        {
            "golden.azure.vm_image_capture": {
                "captures": [
                    {"resource_group": "images", "source_vm": name, "image": f"golden-{name}", "generalize": True}
                    for name in ("first", "second")
                ]
            }
        },
    ),
    (
        ["third", "fourth"],
        task(
            "vm_image_capture",
            {"source_vm": "{{ item }}", "image": "golden-{{ item }}", "generalize": True},
            loop=["third", "fourth"],
        ),
    ),
    # An image is no machine, whatever is done to it.
    (
        [],
        task(
            "vm_image_capture",
            {
                "source_image": "golden-web",
                "gallery_versions": [
                    {
                        "gallery": "golden",
                        "definition": "web",
                        "create_definition": {"publisher": "e", "offer": "web", "sku": "1"},
                    }
                ],
            },
        ),
    ),
    ([], task("vm_image_tag", {"image": "golden-web", "tags": {"team": "web"}})),
    ([], task("vm_image_info", {})),
    ([], task("vm_image_gallery", {"gallery": "golden"})),
    ([], task("vm_image_definition", {"gallery": "golden", "definition": "web"})),
    ([], task("vm_image_remove", {"name": "old"})),
]


def counted(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a query finds in an event, by the platform's rules: exactly the task's module, and its result."""
    data = event.get("event_data") or {}
    query = QUERIES.get(data.get("resolved_action") or "")
    if query and "res" in data:
        yield from jq.compile(query["query"]).input(data["res"]).all()


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.sweep)], ids=["in process", "as module"])
def events(request: pytest.FixtureRequest, azure: EmbeddedAzure, tmp_path: Path) -> list[dict[str, Any]]:
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "resources": [
                {"id": f"{GROUP}/Microsoft.Compute/galleries/golden", "location": "westeurope"},
                {
                    "id": f"{GROUP}/Microsoft.Network/virtualNetworks/build",
                    "location": "westeurope",
                    "properties": {"subnets": [{"name": "build", "properties": {}}]},
                },
                {
                    "id": f"{GROUP}/Microsoft.Compute/images/old",
                    "location": "westeurope",
                    "tags": {"golden.azure.run_id": "1"},
                    "properties": {"storageProfile": STORAGE},
                },
            ],
            "virtual_machines": [
                *(
                    {"name": name, "group": "images", "power": "stopped"}
                    for name in ("web", "first", "second", "third", "fourth")
                ),
                {
                    "name": "kept",
                    "group": "images",
                    "extensions": [{"name": "agent", "publisher": "Example", "type": "Agent"}],
                },
            ],
        }
    )
    project = tmp_path / "project"
    project.mkdir()
    tasks = [{"name": str(number), **one} for number, (_machines, one) in enumerate(DONE)]
    variables = {"golden_azure_in_process": request.param, "ansible_python_interpreter": sys.executable}
    play = {"name": "Count", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    (project / "site.yml").write_text(yaml.safe_dump([play]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_")}
    paths = {"HOME": str(tmp_path), "PATH": f"{Path(RUNNER).parent}:{os.environ['PATH']}"}
    finished = subprocess.run(
        [RUNNER, "run", str(tmp_path), "-p", "site.yml", "-i", "job"],
        env={**kept, **azure.environment(), **paths, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections")},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    recorded = [json.loads(file.read_text()) for file in (tmp_path / "artifacts" / "job" / "job_events").glob("*.json")]
    return sorted(recorded, key=lambda event: event["counter"])


def test_each_machine_counts_once_and_nothing_else_does(events: list[dict[str, Any]]) -> None:
    found: dict[int, set[str]] = {number: set() for number in range(len(DONE))}
    facts = {}
    for event in events:
        for one in counted(event):
            assert one["name"] and one["facts"] == {
                "infra_type": "PublicCloud",
                "infra_bucket": "Compute",
                "device_type": "VM",
            }
            assert list(one["canonical_facts"]) == ["id"]
            found[int(event["event_data"]["task"])].add(one["canonical_facts"]["id"])
            facts[one["canonical_facts"]["id"]] = one["facts"]
    expected = {
        number: {f"{GROUP}/Microsoft.Compute/virtualMachines/{name}".lower() for name in machines}
        for number, (machines, _task) in enumerate(DONE)
    }
    assert found == expected
    assert len(facts) == len({name for machines, _task in DONE for name in machines}) == 7


def test_what_acts_on_machines_has_a_query() -> None:
    names = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    asked = {name.removeprefix("golden.azure.") for name in QUERIES}
    assert asked <= names
    # The others name no machine among their options, or only read.
    acting = {
        name
        for name in names
        if not name.endswith("_info")
        and {"source_vm", "vm_name", "subnet"} & set(yaml.safe_load(_documentation(name))["options"])
    }
    # It finds the machines that it removes by itself.
    assert acting | {"vm_image_cleanup"} == asked


def _documentation(module: str) -> str:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    return text.split('DOCUMENTATION = r"""')[1].split('"""')[0]
