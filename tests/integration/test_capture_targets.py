# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The capture playbooks into whatever the module can: galleries, images, both; and what they say where nothing is named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from predicted_writes import sent_writes
from recorded_failures import run_recorded
from repository import ROOT

from embedded_azure import EmbeddedAzure
from windows_guest.playbooks import install_collections

#: A machine as az and the portal make it today; its guest was prepared before.
TODAY = {
    "name": "web",
    "group": "images",
    "security_type": "TrustedLaunch",
    "power": "stopped",
    "size": "Standard_D2s_v6",
}
NAMED = ("-e", "capture_source_vm=web", "-e", "capture_guest_address=192.0.2.1", "-e", "resource_group=images")
PREPARED = ("-e", "capture_generalize=true", "-e", "capture_guest_prepared=true")
INTO_GALLERY = (
    *("-e", "capture_gallery=golden", "-e", "capture_definition=web", "-e", "capture_create_gallery=true"),
    *("-e", "capture_image_tags=team=web", "-e", "capture_concurrent_deployments=30"),
)
PLAYBOOKS = {"golden.azure.capture_linux": "Linux", "golden.azure.capture_windows": "Windows"}


@pytest.fixture(
    params=["golden.azure.capture_linux", pytest.param("golden.azure.capture_windows", marks=pytest.mark.sweep)]
)
def playbook(request: pytest.FixtureRequest, azure: EmbeddedAzure, playbooks: Any) -> str:
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": [
                {**TODAY, "os_type": PLAYBOOKS[request.param], "disk_controller": "NVMe"},
                {"name": "old", "group": "images", "power": "stopped"},
            ],
        }
    )
    azure.clear_requests()
    playbooks.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{ROOT / '.cache' / 'collections'}:{install_collections()}"
    return str(request.param)


def result(run: Any, path: Path) -> Any:
    assert run.status == 0, run.output
    return json.loads(path.read_text())


def test_a_gallery_from_nothing(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, playbook: str) -> None:
    command = (playbook, *NAMED, *PREPARED, *INTO_GALLERY)
    planned = run_recorded(playbooks, *command, "--check")
    assert planned.status == 0, planned.output
    assert sent_writes(azure.requests) == []
    report = tmp_path / "report.json"
    made = result(run_recorded(playbooks, *command, "-e", f"capture_report_file={report}"), report)
    assert [step["action"] for step in made["steps"]] == [
        *("create_gallery", "create_definition", "deallocate", "generalize", "create_version"),
    ]
    [version] = made["gallery_versions"]
    assert (version["definition"], version["version"], version["tags"]["team"]) == ("web", "1.0.0", "web")
    assert version["regions"][0]["replicas"] == 2
    again = run_recorded(playbooks, *command)
    assert again.status == 0, again.output
    assert "changed=0" in again.output
    assert "changed=1" not in again.output
    assert "changed=0" in run_recorded(playbooks, *command, "--check").output


def test_a_managed_image_that_azure_does_not_make(azure: EmbeddedAzure, playbooks: Any, playbook: str) -> None:
    run = run_recorded(playbooks, playbook, *NAMED, *PREPARED, "-e", "capture_image_name=golden-web")
    assert run.status != 0
    assert "security_type_not_supported" in run.output
    line = "-e capture_gallery=golden_images -e capture_definition=golden-web -e capture_create_gallery=true"
    assert line in " ".join(run.output.split())
    assert sent_writes(azure.requests) == []
    used = run_recorded(playbooks, playbook, *NAMED, *PREPARED, *line.split())
    assert used.status == 0, used.output


def test_a_name_with_the_time_is_the_same_in_the_plan_and_in_the_capture(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path
) -> None:
    # Not today's, since machines of Trusted Launch have no managed images.
    machine = {"name": "web", "group": "images", "power": "stopped"}
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [machine]})
    report = tmp_path / "report.json"
    variables = {
        "capture_source_vm": "web",
        "capture_image_name": "web-{{ now(utc=true, fmt='%H%M%S%f') }}",
        "capture_image_tags": {"built": "{{ now(utc=true, fmt='%H%M%S%f') }}"},
        "capture_report_file": str(report),
    }
    made = result(
        run_recorded(playbooks, "golden.azure.capture_linux", *NAMED, *PREPARED, "-e", json.dumps(variables)), report
    )
    asked = {
        exchange.path.split("/")[-1].split("?")[0] for exchange in azure.requests if "/images/web-" in exchange.path
    }
    assert asked == {made["image"]["name"]}
    assert re.fullmatch(r"\d{12}", made["image"]["tags"]["built"])


def test_nothing_is_named(azure: EmbeddedAzure, playbooks: Any, playbook: str) -> None:
    run = run_recorded(playbooks, playbook, *NAMED, "--check")
    assert run.status != 0
    assert "no_target" in run.output
    assert "-e capture_gallery=golden_images" in run.output
    assert "capture_image_name=NAME" not in run.output
    old = run_recorded(playbooks, playbook, *NAMED, "-e", "capture_source_vm=old", "--check")
    assert "capture_image_name=NAME" in old.output
    assert sent_writes(azure.requests) == []


def test_several_galleries_and_an_image(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> None:
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
        }
    )
    versions = "[{gallery: near, definition: web, create_gallery: true}, {gallery: far, definition: web, create_gallery: true}]"
    report = tmp_path / "report.json"
    command = ("golden.azure.capture_linux", *NAMED, *PREPARED, "-e", "capture_image_name=golden-web")
    more = ("-e", json.dumps({"capture_gallery_versions": versions}), "-e", f"capture_report_file={report}")
    made = result(run_recorded(playbooks, *command, *more), report)
    assert made["image"]["name"] == "golden-web"
    assert [version["gallery"] for version in made["gallery_versions"]] == ["near", "far"]


def test_a_machine_that_is_kept_as_it_is(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> None:
    """No guest is reached: the address leads nowhere."""
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [{"name": "web", "group": "images"}]})
    report = tmp_path / "report.json"
    command = ("golden.azure.capture_linux", *NAMED, "-e", "capture_os_state=specialized", *INTO_GALLERY)
    made = result(run_recorded(playbooks, *command, "-e", f"capture_report_file={report}"), report)
    assert made["gallery_versions"][0]["os_state"] == "specialized"
    assert [step["action"] for step in made["steps"]] == ["create_gallery", "create_definition", "create_version"]


def test_a_specialized_version_is_no_result_of_a_generalized_capture(azure: EmbeddedAzure, playbooks: Any) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [{"name": "web", "group": "images"}]})
    command = ("golden.azure.capture_linux", *NAMED, *INTO_GALLERY)
    assert run_recorded(playbooks, *command, "-e", "capture_os_state=specialized").status == 0
    azure.clear_requests()
    run = run_recorded(playbooks, *command, *PREPARED, "-e", "capture_delete_source_vm=true")
    assert run.status != 0
    assert "(version_os_state_differs)" in run.output
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_machine_of_the_other_kind(azure: EmbeddedAzure, playbooks: Any, playbook: str) -> None:
    other = {"Linux": "Windows", "Windows": "Linux"}[PLAYBOOKS[playbook]]
    machine = {"name": "web", "group": "images", "power": "stopped", "os_type": other}
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [machine]})
    azure.clear_requests()
    playbooks.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{ROOT / '.cache' / 'collections'}:{install_collections()}"
    run = run_recorded(playbooks, playbook, *NAMED, *PREPARED, *INTO_GALLERY)
    assert run.status != 0
    assert "os_type_differs" in run.output
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize(
    ("playbook", "typo", "meant"),
    [
        ("golden.azure.capture_linux", "capture_generalise=true", "capture_generalize"),
        ("golden.azure.prune", "prune_kep_newest=5", "prune_keep_newest"),
    ],
)
def test_a_variable_that_is_misspelt(
    azure: EmbeddedAzure, playbooks: Any, playbook: str, typo: str, meant: str
) -> None:
    """Without it the playbook would do something else than was meant, such as prune more."""
    named = NAMED if "capture" in playbook else ("-e", "prune_older_than_days=90", "-e", "prune_resource_group=images")
    azure.clear_requests()
    run = run_recorded(playbooks, playbook, *named, "-e", typo)
    assert run.status != 0
    assert "variable_unknown" in run.output
    assert f"did you mean '{meant}'?" in run.output
    assert azure.requests == []
