# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook golden.azure.prune, as the README has it: look first, then prune."""

from __future__ import annotations

import json
from typing import Any

import pytest
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
BLOB = "https://store.blob.core.windows.net/vhds/golden.vhd"
RULES = (
    *("-e", "prune_resource_group=images", "-e", "prune_family_tag=family"),
    *("-e", "prune_older_than_days=90", "-e", "prune_keep_newest=2"),
)


def image(number: int) -> dict[str, Any]:
    disk = {"osType": "Linux", "osState": "Generalized", "blobUri": BLOB}
    return {
        "id": f"{COMPUTE}/images/golden-{number}",
        "location": "westeurope",
        "created": f"2025-0{number}-01T00:00:00Z",
        "tags": {"family": "golden"},
        "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
    }


def names(azure: EmbeddedAzure) -> list[str]:
    return sorted(id.rsplit("/", 1)[-1] for id in azure.resources() if "/images/golden-" in id)


def test_prune(azure: EmbeddedAzure, playbooks: Any, tmp_path: Any) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "resources": [image(number) for number in range(1, 6)]})
    everything = names(azure)

    looked = playbooks.run("golden.azure.prune", "--check", *RULES)
    assert looked.returncode == 0, looked.stdout
    assert "remove     image 'golden-1' in resource group 'images': " in looked.stdout
    assert "keep       image 'golden-4' in resource group 'images': among the newest 2 of 'golden'" in looked.stdout
    assert "3 of 5 images would be removed, and 0 deprecated; 2 kept." in looked.stdout
    assert names(azure) == everything

    report = tmp_path / "report.json"
    pruned = playbooks.run(
        "golden.azure.prune", *RULES, "-e", "prune_max_removals=2", "-e", f"prune_report_file={report}"
    )
    assert pruned.returncode == 0, pruned.stdout
    assert names(azure) == ["golden-3", "golden-4", "golden-5"]
    assert [removed["name"] for removed in json.loads(report.read_text())["removed"]] == ["golden-1", "golden-2"]
    assert "2 of 5 images were removed, and 0 deprecated; 3 kept." in pruned.stdout
    assert report.stat().st_mode & 0o777 == 0o600

    again = playbooks.run("golden.azure.prune", "--check", *RULES)
    assert "remove     image 'golden-3'" in again.stdout


def test_prune_without_a_rule_is_refused(playbooks: Any) -> None:
    refused = playbooks.run("golden.azure.prune")
    assert refused.returncode != 0
    assert (
        "Specify which images to remove: '-e prune_keep_newest=NUMBER', '-e prune_older_than_days=DAYS', or both"
        in refused.stdout
    )


def test_variables_that_miss_their_prefix_are_refused(azure: EmbeddedAzure, playbooks: Any) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "resources": [image(number) for number in range(1, 4)]})
    azure.clear_requests()
    refused = playbooks.run("golden.azure.prune", *RULES, "-e", "name_pattern=web-*")
    assert refused.returncode != 0
    assert "uses 'prune_name_pattern' and ignores 'name_pattern'" in refused.stdout
    assert "(variable_without_prefix)" in refused.stdout
    assert sent_writes(azure.requests) == []
    # One that this playbook is given as well is somebody else's.
    taken = playbooks.run("golden.azure.prune", "--check", *RULES, "-e", "resource_group=elsewhere")
    assert taken.returncode == 0, taken.stdout


@pytest.mark.parametrize("arguments", [("--check",), ()])
def test_rules_that_are_about_no_image_are_said_to_be_so(
    azure: EmbeddedAzure, playbooks: Any, arguments: tuple[str, ...]
) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "resources": [image(1), image(2)]})
    pruned = playbooks.run("golden.azure.prune", *arguments, *RULES, "-e", "prune_name_pattern=gloden-*")
    assert pruned.returncode == 0, pruned.stdout
    assert "(nothing_matched)" in pruned.stdout
    assert len(names(azure)) == 2
    pruned = playbooks.run("golden.azure.prune", *arguments, *RULES, "-e", "prune_name_pattern=golden-*")
    assert "nothing_matched" not in pruned.stdout


@pytest.mark.parametrize("report", ["/nowhere/at/all/report.json", "/", ["report.json"]])
def test_a_report_that_cannot_be_written_is_refused_before_anything_goes(
    azure: EmbeddedAzure, playbooks: Any, report: Any
) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "resources": [image(number) for number in range(1, 4)]})
    azure.clear_requests()
    refused = playbooks.run("golden.azure.prune", *RULES, "-e", json.dumps({"prune_report_file": report}))
    assert refused.returncode == 2
    assert ("report_not_writable" if isinstance(report, str) else "not_text") in refused.stdout
    assert azure.requests == []
