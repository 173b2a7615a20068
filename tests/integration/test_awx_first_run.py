# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first runs of the configuration: on an empty AWX, with a project that cannot be fetched, and after a push."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from awx_sites import WORKFLOW, Site, changes, failure, settings
from repository import ROOT

from awx_stand_in.launches import slices
from awx_stand_in.server import StandIn

pytestmark = pytest.mark.sweep


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with seven images, as its owner edits it."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "awx" / "project", folder)
    hosts = {f"image-{number}": None for number in range(1, 8)}
    (folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"golden_images": {"hosts": hosts}}))
    return folder


@pytest.fixture
def site(project: Path, tmp_path: Path) -> Iterator[Site]:
    """An AWX that nobody has configured yet."""
    with StandIn(project) as awx:
        yield Site(awx, tmp_path, settings())


def workflow_slices(site: Site) -> dict[str, int]:
    """The slices of each job of the workflow, as AWX would choose them at its launch."""
    objects = site.awx.store.objects
    workflow = site.of("workflow_job_templates", WORKFLOW)["id"]
    nodes = [
        one for one in site.awx.store.of("workflow_job_template_nodes") if one["workflow_job_template"] == workflow
    ]
    jobs = [objects[one["unified_job_template"]] for one in nodes]
    return {job["name"]: slices(job, objects) for job in jobs if job["endpoint"] == "job_templates"}


def test_the_first_workflow_has_its_slices(site: Site) -> None:
    assert changes(site.configure()) > 10
    assert workflow_slices(site) == {
        "Refresh golden images": 3,
        "Promote golden images": 3,
        "Summarize the refresh of golden images": 1,
    }


def test_updates_that_fail_say_why_and_are_mended_by_the_next_run(site: Site, project: Path) -> None:
    requirements, hosts = project / "collections" / "requirements.yml", project / "inventory" / "hosts.yml"
    right = {path: path.read_text() for path in (requirements, hosts)}
    requirements.write_text("# Nothing is needed.\n")
    hosts.write_text("golden_images: {hosts: [")

    told = failure(site.configure(awx_project_branch="elsewhere"))
    assert "Failed to checkout elsewhere" in told
    told = failure(site.configure())
    assert "No requirements found in file" in told
    assert "run this playbook again" in told
    assert site.of("projects", "Golden images")["playbooks"] == []
    requirements.write_text(right[requirements])
    told = failure(site.configure())
    assert "hosts.yml" in told
    assert "push it, and run this playbook again" in told
    hosts.write_text(right[hosts])
    assert changes(site.configure()) > 5
    assert workflow_slices(site)["Refresh golden images"] == 3

    # The branch moves: the update of the project, and that of the inventory.
    hosts.write_text(yaml.safe_dump({"golden_images": {"hosts": {"web": None}}}))
    shutil.copy(project / "refresh.yml", project / "another.yml")
    assert changes(site.configure()) == 2
    assert "another.yml" in site.of("projects", "Golden images")["playbooks"]
    assert site.of("inventories", "Golden images")["hosts"] == ["web"]
