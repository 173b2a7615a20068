# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds and regions that know only older API versions: what a task does with them, and what it says."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import API_VERSIONS, OLDEST_VERSIONS
from driven import driven_azure
from module_runs import run_main
from older_clouds import documented_versions, known_only, known_until, refused_for_version, too_new
from playbook_runs import TARGETS, Playbooks
from predicted_writes import sent_writes
from repository import ROOT

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

LAST = "2022-12-31"
IDENTIFIER = {"publisher": "Example", "offer": "web", "sku": "debian"}
VERSION = {"gallery": "golden", "definition": "web", "version": "1.0.0"}
INTO_GALLERY = {**VERSION, "create_gallery": True, "create_definition": IDENTIFIER}
IMAGE = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
GALLERY = {"resource_group": "images", "source_vm": "web", "gallery_versions": [INTO_GALLERY], "generalize": True}
BLOCKED = {"block_deletion_before_end_of_life": True, "end_of_life_date": "2099-01-01"}
#: The oldest versions of each module, as docs/guides/authentication.md says.
DOCUMENTED = documented_versions()
SEED = {
    "groups": {"images": "westeurope"},
    "resources": [
        {
            "id": "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Network/"
            "virtualNetworks/build",
            "location": "westeurope",
            "properties": {"subnets": [{"name": "build", "properties": {}}]},
        }
    ],
    "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    """A cloud that knows only versions of 2022 and before."""
    with driven_azure(retry_after=1) as running:
        running.seed(SEED)
        running.seed({"settings": {"api_versions": known_until(LAST)}})
        running.clear_requests()
        yield running


@pytest.fixture
def cloud() -> Iterator[EmbeddedAzure]:
    """Such a cloud for playbooks, whose tasks are processes with clocks of their own."""
    with EmbeddedAzure(retry_after=1) as running:
        running.seed(SEED)
        running.seed({"settings": {"api_versions": known_until(LAST)}})
        running.clear_requests()
        yield running


@pytest.fixture
def playbooks(cloud: EmbeddedAzure, tmp_path: Path) -> Playbooks:
    """Playbooks pointed at that cloud."""
    return Playbooks(tmp_path, cloud.environment())


def codes(result: Json, kind: str = "warnings") -> list[str]:
    return [finding["code"] for finding in result["plan"][kind]]


def said(result: Json) -> list[str]:
    """The warnings of a result; from ansible-core 2.23 on, they are objects."""
    return [one["event"]["msg"] if isinstance(one, dict) else one for one in result.get("warnings") or []]


# -- the modules, in four cases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "actions"),
    [
        (IMAGE, ["deallocate", "generalize", "create_image"]),
        (GALLERY, ["create_gallery", "create_definition", "deallocate", "generalize", "create_version"]),
    ],
    ids=["into an image", "into a gallery"],
)
def test_a_capture(azure: EmbeddedAzure, options: Json, actions: list[str]) -> None:
    planned = run_main("vm_image_capture", options, True)
    assert [step["action"] for step in planned["plan"]["steps"]] == actions
    assert codes(planned) == ["older_api_version"] * len(set(codes(planned)))
    assert sent_writes(azure.requests) == []
    done = run_main("vm_image_capture", options, False)
    assert (done["changed"], [step["action"] for step in done["steps"]]) == (True, actions)
    [line] = said(done)
    assert line.startswith("Azure does not know the newest API versions here, so that older ones are used: ")
    assert f"Microsoft.Compute/virtualMachines 2022-11-01 instead of {API_VERSIONS['compute']}" in line
    for check in (False, True):
        azure.clear_requests()
        again = run_main("vm_image_capture", options, check)
        assert (again["changed"], again["rc"]) == (False, 0)
        assert sent_writes(azure.requests) == []
    assert too_new(azure, LAST) == []


def test_the_plan_shows_the_body_as_it_is_sent(azure: EmbeddedAzure) -> None:
    """Before 2023-07-03, the id of a version's source was that of a virtual machine, too."""
    planned = run_main("vm_image_capture", GALLERY, True)
    run_main("vm_image_capture", GALLERY, False)
    [sent] = [one for one in azure.requests if one.method == "PUT" and "/versions/" in one.path]
    shown = planned["plan"]["steps"][-1]["write"]["body"]["properties"]
    assert shown["storageProfile"] == sent.request_body["properties"]["storageProfile"]
    assert shown["storageProfile"]["source"]["id"].endswith("/virtualMachines/web")
    assert sent.api_version == "2022-08-03"


@pytest.mark.parametrize("options", [IMAGE, GALLERY], ids=["of an image", "of a version"])
def test_a_removal(azure: EmbeddedAzure, options: Json) -> None:
    run_main("vm_image_capture", options, False)
    version = {"source": "gallery", "gallery": "golden", "definition": "web", "name": "1.0.0"}
    named = {"name": "golden"} if options is IMAGE else version
    for check, count in ((True, 1), (False, 1), (False, 0), (True, 0)):
        azure.clear_requests()
        found = run_main("vm_image_remove", {"resource_group": "images", **named}, check)
        assert (found["rc"], len(found["removed"])) == (0, count), found
        assert bool(sent_writes(azure.requests)) is (count == 1 and not check)
    assert too_new(azure, LAST) == []


def test_what_is_found(azure: EmbeddedAzure) -> None:
    run_main("vm_image_capture", {**IMAGE, "gallery_versions": [INTO_GALLERY]}, False)
    azure.clear_requests()
    found = run_main("vm_image_info", {"source": ["managed", "gallery"], "include_usage": True}, False)
    assert sorted(image["name"] for image in found["images"]) == ["1.0.0", "golden"]
    assert {image["usage_complete"] for image in found["images"]} == {True}
    assert too_new(azure, LAST) == []


# -- a run --------------------------------------------------------------------------------------------------------


def playbook_of(directory: Path, in_process: bool) -> Path:
    tasks = [
        {"name": "Find", "golden.azure.vm_image_info": {"resource_group": "images"}},
        {"name": "Capture", "golden.azure.vm_image_capture": IMAGE},
        {"name": "Find again", "golden.azure.vm_image_info": {"resource_group": "images"}},
        {"name": "Remove", "golden.azure.vm_image_remove": {"resource_group": "images", "name": "golden"}},
    ]
    play = {"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    variables = {"golden_azure_in_process": in_process, "ansible_python_interpreter": sys.executable}
    path = directory / "older.yml"
    path.write_text(yaml.safe_dump([{**play, "vars": variables}]))
    return path


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as modules"])
def test_a_run_asks_once(cloud: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path, in_process: bool) -> None:
    finished = playbooks.run(playbook_of(tmp_path, in_process))
    assert finished.returncode == 0, finished.stdout
    assert "changed=2" in finished.stdout
    refused = refused_for_version(cloud)
    images = [one for one in refused if "Compute:images" in one]
    # Modules share nothing: each asks again. In the controller's process, one task asks for all.
    assert (len(images) == 1) is in_process, refused
    assert (len(refused) == len(set(refused))) is in_process
    assert too_new(cloud, LAST) == []
    assert [path for path in tmp_path.rglob("*") if "golden_azure_api" in path.name] == []


@pytest.mark.parametrize("in_process", [True, pytest.param(False, marks=pytest.mark.sweep)])
def test_every_module(cloud: EmbeddedAzure, playbooks: Playbooks, in_process: bool) -> None:
    # A seed is made with the newest versions.
    cloud.settings.api_versions = {}
    cloud.seed(yaml.safe_load((TARGETS / "every_module" / "seed.yml").read_text()))
    cloud.settings.api_versions = known_until(LAST)
    cloud.clear_requests()
    variables = {"golden_azure_in_process": in_process, "ansible_python_interpreter": sys.executable}
    finished = playbooks.role("every_module", **variables)
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert too_new(cloud, LAST) == []


# -- what an older version does not know --------------------------------------------------------------------------


def test_what_the_task_asks_for_is_a_blocker(azure: EmbeddedAzure) -> None:
    asked = {**GALLERY, "gallery_versions": [{**INTO_GALLERY, **BLOCKED}]}
    for check in (True, False):
        refused = run_main("vm_image_capture", asked, check)
        assert codes(refused, "blockers") == ["property_not_in_api_version"]
        [blocker] = refused["plan"]["blockers"]
        assert blocker["property"] == "properties.safetyProfile.blockDeletionBeforeEndOfLife"
        assert (blocker["since"], blocker["api_version"]) == ("2024-03-03", "2022-08-03")
        assert "omit 'block_deletion_before_end_of_life'" in blocker["message"]
    assert sent_writes(azure.requests) == []
    assert run_main("vm_image_capture", GALLERY, False)["rc"] == 0


def test_what_it_does_not_ask_for_is_left_out(azure: EmbeddedAzure) -> None:
    azure.settings.api_versions = {f"Microsoft.Compute/{kind}": ["2020-12-01"] for kind in ("disks", "snapshots")}
    options = {**IMAGE, "snapshot_disks": True}
    planned = run_main("vm_image_capture", options, True)
    assert "property_left_out" in codes(planned)
    done = run_main("vm_image_capture", options, False)
    assert any("does not disable public network access" in line for line in said(done))
    [snapshot] = [one for one in azure.resources().values() if one["type"].endswith("/snapshots")]
    assert snapshot["properties"]["networkAccessPolicy"] == "DenyAll"
    for check in (False, True):
        again = run_main("vm_image_capture", options, check)
        assert (again["changed"], again["rc"]) == (False, 0), again["plan_text"]


def test_an_instance_of_a_version_before_its_network_interface(azure: EmbeddedAzure) -> None:
    run_main("vm_image_capture", IMAGE, False)
    azure.settings.api_versions = {"Microsoft.Compute/virtualMachines": ["2020-12-01"]}
    azure.clear_requests()
    refused = run_main("vm_image_instance", instance_of(azure), False)
    assert set(codes(refused, "blockers")) == {"property_not_in_api_version"}
    assert sent_writes(azure.requests) == []


def instance_of(azure: EmbeddedAzure) -> Json:
    network = f"/subscriptions/{azure.settings.subscription}/resourceGroups/images/providers/Microsoft.Network"
    subnet = f"{network}/virtualNetworks/build/subnets/build"
    return {
        "resource_group": "images",
        "name": "clone",
        "image": "golden",
        "subnet": subnet,
        "ssh_public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample",
    }


# -- the oldest versions ------------------------------------------------------------------------------------------


#: One that writes and reads everything, and one that reads only; all the others are tried by make sweep.
SOME = ("vm_image_capture", "vm_image_info")


@pytest.mark.parametrize(
    "module",
    [pytest.param(module, marks=[] if module in SOME else pytest.mark.sweep) for module in sorted(DOCUMENTED)],
)
def test_the_oldest_versions_that_a_module_can_use(azure: EmbeddedAzure, module: str) -> None:
    """As the guide says; what stands before was made with the newest ones."""
    azure.settings.api_versions = {}
    azure.settings.agent_delay = 0.0
    azure.seed({"virtual_machines": [{"name": "running", "group": "images"}]})
    assert run_main("vm_image_capture", {**IMAGE, "gallery_versions": [INTO_GALLERY]}, False)["rc"] == 0
    azure.seed({"virtual_machines": [{"name": "two", "group": "images", "power": "stopped"}]})
    azure.settings.api_versions = known_only({**OLDEST_VERSIONS, **DOCUMENTED[module]})
    azure.clear_requests()
    for options in TASKS[module]:
        # Nothing is downloaded without a storage: that is planned.
        check = module == "vm_image_export"
        done = run_main(module, instance_of(azure) if module == "vm_image_instance" else options, check)
        assert done["rc"] == 0, done["msg"]
    last = max([*DOCUMENTED[module].values(), OLDEST_VERSIONS["policy_restrictions"]])
    assert [url for url in too_new(azure, last) if "microsoft.compute/" in url.lower()] == []


TASKS: dict[str, list[Json]] = {
    "vm_image_capture": [
        {**IMAGE, "source_vm": "two", "image": "second", "snapshot_disks": True},
        {**GALLERY, "source_vm": "two", "gallery_versions": [{**INTO_GALLERY, "version": "2.0.0"}]},
    ],
    "vm_image_cleanup": [{"remove": True, "backups_older_than_days": 1, "packer": True}],
    "vm_image_export": [
        {
            "resource_group": "images",
            "gallery": "golden",
            "definition": "web",
            "gallery_version": "1.0.0",
            "path": f"{tempfile.gettempdir()}/golden-azure-web.vhd",
        }
    ],
    "vm_image_info": [{"source": ["managed", "gallery"], "include_usage": True}],
    "vm_image_instance": [{}],
    "vm_image_lease": [
        {"resource_group": "images", "name": "lease-web", "image": "web", "run": "first", "holder": "a test"}
    ],
    "vm_image_prepare": [{"resource_group": "images", "source_vm": "running", "actions": ["extensions"]}],
    "vm_image_promote": [
        {
            "resource_group": "images",
            "gallery": "golden",
            "definition": "web",
            "gallery_version": "1.0.0",
            "allow_unverified": True,
            "target_regions": [{"name": "northeurope"}],
        }
    ],
    "vm_image_definition": [
        {
            "resource_group": "images",
            "gallery": "golden",
            "definition": "other",
            "os_type": "linux",
            "hyper_v_generation": "V1",
            "sku": "other",
        }
    ],
    "vm_image_gallery": [{"resource_group": "images", "gallery": "other", "description": "Older"}],
    "vm_image_version": [
        {
            "resource_group": "images",
            "gallery": "golden",
            "definition": "web",
            "gallery_version": "1.0.0",
            "target_regions": [{"name": "northeurope"}],
        }
    ],
    "vm_image_remove": [{"resource_group": "images", "name": "golden"}],
    "vm_image_tag": [{"resource_group": "images", "image": "golden", "tags": {"stage": "tested"}}],
    "vm_run_command": [{"resource_group": "images", "vm_name": "running", "script": "true"}],
}


def test_the_guide_names_every_module() -> None:
    assert set(DOCUMENTED) == set(TASKS) == {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}


# -- regions ------------------------------------------------------------------------------------------------------


def test_a_region_that_is_behind(azure: EmbeddedAzure) -> None:
    """An image that does not exist is in no region: that of the machine shows what its region knows."""
    every = ["2022-11-01", "2026-04-01"]
    azure.settings.api_versions = {"Microsoft.Compute": {"*": [*every, "2026-03-02"], "westeurope": every[:1]}}
    planned = run_main("vm_image_capture", IMAGE, True)
    assert "older_api_version" in codes(planned)
    assert run_main("vm_image_capture", IMAGE, False)["rc"] == 0


def test_a_write_that_is_refused_for_its_version_is_sent_again(azure: EmbeddedAzure) -> None:
    """A gallery in a region of which nothing was read before."""
    behind = {"*": ["2022-08-03", "2026-03-03"], "westeurope": ["2022-08-03"]}
    azure.settings.api_versions = {
        f"Microsoft.Compute/{kind}": behind for kind in ("galleries", "galleries/images", "galleries/images/versions")
    }
    done = run_main("vm_image_capture", GALLERY, False)
    assert done["rc"] == 0, done["msg"]
    assert any("Microsoft.Compute/galleries 2022-08-03" in line for line in said(done))
    # The body is fitted all the same.
    [sent] = [one for one in azure.requests if one.method == "PUT" and "/versions/" in one.path]
    assert sent.request_body["properties"]["storageProfile"]["source"]["id"].endswith("/virtualMachines/web")
    asked = {**GALLERY, "gallery_versions": [{**INTO_GALLERY, **BLOCKED}]}
    assert run_main("vm_image_capture", asked, True)["rc"] == 1


def test_a_cloud_with_which_no_version_is_shared(azure: EmbeddedAzure) -> None:
    azure.settings.api_versions = {"Microsoft.Compute": ["2015-06-15", "2016-03-30"]}
    refused = run_main("vm_image_capture", IMAGE, False)
    assert refused["error"]["code"] == "api_version_not_supported"
    assert "2015-06-15 to 2016-03-30" in refused["msg"]


def test_images_whose_users_cannot_be_read_are_kept(azure: EmbeddedAzure) -> None:
    """A listing that no version can read is not an empty one."""
    run_main("vm_image_capture", IMAGE, False)
    azure.settings.api_versions = {"Microsoft.Compute/virtualMachines": ["2015-06-15"]}
    found = run_main("vm_image_info", {"resource_group": "images", "include_usage": True}, False)
    assert found["images"][0]["usage_complete"] is False
