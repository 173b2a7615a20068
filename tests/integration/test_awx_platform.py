# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of Ansible Automation Platform: its controller behind the gateway, with each collection."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from awx_sites import WORKFLOW, Site, changes, failure, settings
from repository import ROOT

from awx_stand_in.server import StandIn
from windows_guest.playbooks import install_collections

pytestmark = pytest.mark.sweep

#: What is replaced in awx.awx to make ansible.controller of it (ansible/awx, awx_collection/tools/roles/template_galaxy).
_REPLACED = {
    "plugins/module_utils/controller_api.py": [('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"')],
    "plugins/lookup/controller_api.py": [("awx.awx.auth", "ansible.controller.auth")],
    "meta/runtime.yml": [("awx.awx.", "ansible.controller.")],
}


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with ansible.controller, which only Red Hat distributes, built as it is there."""
    folder = tmp_path_factory.mktemp("collections")
    target = folder / "ansible_collections" / "ansible" / "controller"
    shutil.copytree(install_collections() / "ansible_collections" / "awx" / "awx", target)
    for path in target.glob("plugins/*/*.py"):
        path.write_text(re.sub(r"\bawx\.awx\.auth", "ansible.controller.auth", path.read_text()))
    for name, pairs in _REPLACED.items():
        text = (target / name).read_text()
        for old, new in pairs:
            text = text.replace(old, new)
        # As of the release of the controller, with which modules compare themselves.
        (target / name).write_text(re.sub(r'_COLLECTION_VERSION = ".+?"', '_COLLECTION_VERSION = "4.7.0"', text))
    return folder


@pytest.fixture(params=["ansible.controller", "awx.awx"])
def site(request: pytest.FixtureRequest, controller: Path, tmp_path: Path) -> Iterator[Site]:
    with StandIn(ROOT / "awx" / "project", is_platform=True) as awx:
        paths = {"ANSIBLE_COLLECTIONS_PATH": f"{controller}:{install_collections()}"}
        made = Site(awx, tmp_path, {**settings(), "awx_modules": request.param}, paths)
        if request.param == "ansible.controller":
            # Its default.
            made.without = ("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX",)
        yield made


def test_the_organization_is_the_gateways(site: Site) -> None:
    before = len(site.awx.writes)
    told = failure(site.configure())
    assert "The organization 'Golden images' does not exist" in told
    assert "ansible.platform.organization" in told
    assert site.awx.writes[before:] == []

    site.awx.store.add_organization("Golden images")
    assert changes(site.configure()) > 10
    organization = site.of("organizations", "Golden images")
    assert site.names(organization["galaxy_credentials"]) == ["Ansible Galaxy"]
    assert site.of("workflow_job_templates", WORKFLOW)["organization"] == organization["id"]
    assert all(path.startswith("/api/controller/v2/") for _method, path, _body in site.awx.writes)
    again = site.configure()
    assert changes(again) == 0, again.stdout


def test_a_wrong_path_is_no_awx(controller: Path, tmp_path: Path) -> None:
    """awx.awx asks at /api/v2 by itself, where the gateway has nothing."""
    with StandIn(ROOT / "awx" / "project", is_platform=True) as awx:
        site = Site(awx, tmp_path, settings(), without=("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX",))
        assert site.configure().returncode != 0
        assert site.awx.writes == []
