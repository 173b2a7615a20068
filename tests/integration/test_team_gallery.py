# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gallery of a team in one playbook: made, filled, replicated, promoted, superseded, cleaned, mended and shared; and again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from playbook_runs import Playbooks

from embedded_azure import EmbeddedAzure

COMMON = {"resource_group": "images", "gallery": "team"}
VERSIONS = ("0.9.0", "1.0.0", "2.0.0")
REGIONS = ("westeurope", "northeurope", "eastus")
PUBLISHER = {"publisher_uri": "https://www.example.com", "publisher_contact": "images@example.com"}


def task(name: str, module: str, *, loop: Any = None, **options: Any) -> dict[str, Any]:
    written = {"name": name, f"golden.azure.{module}": {**COMMON, **options}}
    return {**written, "loop": loop} if loop else written


PLAY = {
    "name": "The gallery of a team",
    "hosts": "localhost",
    "gather_facts": False,
    "vars": {"there": "{{ versions.images | map(attribute='version') | list }}"},
    "tasks": [
        task(
            "Create the gallery",
            "vm_image_gallery",
            sharing="community",
            public_name_prefix="teamweb",
            eula="https://www.example.com/eula",
            soft_delete=True,
            **PUBLISHER,
        ),
        task(
            "Create the image definitions",
            "vm_image_definition",
            definition="{{ item }}",
            os_type="linux",
            security_type="Standard",
            description="{{ item }} of the team",
            loop=["web", "database"],
        ),
        {
            **task("List the versions", "vm_image_info", source="gallery", definition="web"),
            "register": "versions",
        },
        {
            "name": "Capture the virtual machines",
            "golden.azure.vm_image_capture": {
                "resource_group": "images",
                "source_vm": "web-{{ item }}",
                "generalize": True,
                "gallery_versions": [
                    {
                        "gallery": "team",
                        "definition": "web",
                        "version": "{{ item }}",
                        # A new version is offered by its promotion.
                        "exclude_from_latest": "{{ omit if item in there else true }}",
                    }
                ],
            },
            "loop": list(VERSIONS),
        },
        task(
            "Replicate the versions",
            "vm_image_version",
            definition="web",
            gallery_version="{{ item }}",
            target_regions=[{"name": region} for region in REGIONS],
            loop=["1.0.0", "2.0.0"],
        ),
        task(
            "Promote the versions, one after the other",
            "vm_image_promote",
            definition="web",
            gallery_version="{{ item }}",
            allow_unverified=True,
            previous_version_grace_days=30,
            loop=["1.0.0", "2.0.0"],
        ),
        task(
            "Remove what was never promoted",
            "vm_image_remove",
            source="gallery",
            definition="web",
            rules={"family": "team/web", "keep_newest": 1},
        ),
        task("Restore it", "vm_image_version", definition="web", gallery_version="0.9.0", state="restored"),
        task(
            "Protect it",
            "vm_image_tag",
            definition="web",
            gallery_version="0.9.0",
            tags={"golden.azure.protected": "needed by a customer"},
        ),
        task("Share the gallery with everybody", "vm_image_gallery", sharing="community", public=True),
    ],
}


def recap(output: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"(ok|changed|failed)=(\d+)", output)}


def test_the_gallery_of_a_team(azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path) -> None:
    machines = [{"name": f"web-{version}", "group": "images", "power": "stopped"} for version in VERSIONS]
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": machines,
            "settings": {
                "features": ["Microsoft.Compute/SIGSoftDelete"],
                "replication_failures": {"eastus": 1},
            },
        }
    )
    (tmp_path / "team.yml").write_text(yaml.safe_dump([PLAY], sort_keys=False))

    first = playbooks.run(tmp_path / "team.yml")
    assert first.returncode == 0, first.stdout[-6000:]
    assert recap(first.stdout) == {"ok": 10, "changed": 9, "failed": 0}, first.stdout[-6000:]

    versions = {
        id.rpartition("/")[2]: body["properties"] for id, body in azure.resources().items() if "/versions/" in id
    }
    assert sorted(versions) == list(VERSIONS)
    regions = [target["name"] for target in versions["2.0.0"]["publishingProfile"]["targetRegions"]]
    assert sorted(region.lower().replace(" ", "") for region in regions) == sorted(REGIONS)
    offered = {number: not body["publishingProfile"].get("excludeFromLatest") for number, body in versions.items()}
    assert offered["2.0.0"]
    assert "endOfLifeDate" in versions["1.0.0"]["publishingProfile"], "superseded"
    gallery = next(body for id, body in azure.resources().items() if id.endswith("/galleries/team"))
    community = gallery["properties"]["sharingProfile"]["communityGalleryInfo"]
    assert community["communityGalleryEnabled"] is True

    azure.clear_requests()
    second = playbooks.run(tmp_path / "team.yml")
    assert recap(second.stdout) == {"ok": 10, "changed": 0, "failed": 0}, second.stdout[-6000:]
