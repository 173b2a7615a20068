# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: what is laid out for it, and that it has what the collection says it needs."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from repository import ROOT

ENVIRONMENT = ROOT / "awx" / "execution-environment"
BUILDER = Path(sys.executable).parent / "ansible-builder"
LIMIT = 240


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def build(*arguments: str, directory: Path) -> str:
    """Run ansible-builder; its output."""
    finished = subprocess.run(
        [str(BUILDER), *arguments], cwd=directory, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a container engine would build, laid out as the guide says."""
    folder = tmp_path_factory.mktemp("build") / "execution-environment"
    shutil.copytree(ENVIRONMENT, folder)
    (folder / "golden-azure.tar.gz").write_bytes(b"")
    arguments = ("-f", "execution-environment.yml", "-c", "context", "--output-filename", "Containerfile")
    build("create", *arguments, directory=folder)
    return folder / "context"


def test_it_is_laid_out(context: Path) -> None:
    text = (context / "Containerfile").read_text()
    assert re.search(r'ARG EE_BASE_IMAGE="registry\.access\.redhat\.com/ubi9/ubi-minimal:latest"', text)
    # A minimal base has no dnf, which is what the builder calls by itself.
    assert re.search(r'ARG PKGMGR="/usr/bin/microdnf"', text)
    assert (context / "_build" / "dist" / "golden-azure.tar.gz").exists()
    assert "openssh-clients" in (context / "_build" / "bindep.txt").read_text()
    assert "pypsrp" in (context / "_build" / "requirements.txt").read_text()


def test_it_has_the_collections_that_the_project_asks_for(context: Path) -> None:
    def names(path: Path) -> set[str]:
        wanted = {one["name"] for one in read(path)["collections"]}
        return {"golden.azure" if "golden" in name else name for name in wanted}

    project = ROOT / "awx" / "project" / "collections" / "requirements.yml"
    assert names(context / "_build" / "requirements.yml") == names(project) == {"golden.azure", "ansible.windows"}


def test_the_builder_finds_what_the_collection_needs() -> None:
    found = yaml.safe_load(build("introspect", str(ROOT / ".cache" / "collections"), directory=ROOT))
    needed = {line.split("#")[0].strip() for line in found["python"] if "golden.azure" in line}
    assert needed == set((ROOT / "requirements.txt").read_text().split())
    assert {Requirement(line).name for line in needed} == {"azure-identity", "azure-mgmt-compute"}
    packages = {line.split("#")[0].strip() for line in found["system"] if "golden.azure" in line}
    assert packages == {"openssh-clients [platform:rpm]", "openssh-client [platform:dpkg]"}


def test_the_collection_carries_what_it_needs() -> None:
    ignored = read(ROOT / "galaxy.yml")["build_ignore"]
    declared = "meta/execution-environment.yml"
    carried = [declared, *read(ROOT / declared)["dependencies"].values()]
    assert [(one, rule) for one in carried for rule in ignored if fnmatch.fnmatch(one, rule)] == []
    assert all((ROOT / one).exists() for one in carried)


def test_its_ansible_and_python_are_ones_that_the_collection_supports() -> None:
    dependencies = read(ENVIRONMENT / "execution-environment.yml")["dependencies"]
    core = Requirement(dependencies["ansible_core"]["package_pip"])
    # The one that the tests run with is among them, and none is too old.
    assert core.name == "ansible-core" and version("ansible-core") in core.specifier
    supported = SpecifierSet(read(ROOT / "meta" / "runtime.yml")["requires_ansible"])
    lowest = [one.version for one in core.specifier if one.operator == ">="]
    assert lowest and all(one in supported for one in lowest)
    assert version("ansible-runner") in Requirement(dependencies["ansible_runner"]["package_pip"]).specifier
    python = dependencies["python_interpreter"]
    assert python["python_path"] == f"/usr/bin/{python['package_system']}"
    (minor,) = re.findall(r"python3\.(\d+)", python["package_system"])
    # ansible-core 2.20 and 2.21 want Python 3.12 on the controller.
    assert int(minor) >= 12
