# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to AWX, done word for word as a new user does it, against the stand-in."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx_clients import private_key
from awx_sites import WORKFLOW, Site
from repository import ROOT

from awx_stand_in.server import TOKEN, StandIn
from windows_guest.playbooks import install_collections

pytestmark = pytest.mark.sweep

GUIDE = (ROOT / "docs" / "guides" / "awx.md").read_text()
LIMIT = 600
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: What must be known of the reader's own Azure and of his repository.
VALUES = {
    "awx_image": "registry.example.com/golden-azure-ee:1.0",
    "awx_sign_in": "federated_token",
    "awx_azure_subscription_id": "11111111-1111-4111-8111-111111111111",
    "awx_azure_tenant": "22222222-2222-4222-8222-222222222222",
    "awx_azure_client_id": "33333333-3333-4333-8333-333333333333",
}
#: What is not at hand here: a container engine, and Galaxy. What they would bring is brought otherwise.
_ELSEWHERE = ("podman ", "pip install ", "ansible-galaxy collection install ")
REPOSITORY = "https://github.com/example/golden-images.git"


def blocks(language: str) -> list[str]:
    """The guide's blocks in a language, in their order."""
    return [text for kind, text in _BLOCK.findall(GUIDE) if kind == language]


def needed_settings() -> list[str]:
    """The settings that the guide says have no default that could work: those of its first table of settings."""
    table = GUIDE.split("These settings have no default that could work:")[1].split("\n\n")[1]
    return re.findall(r"`(awx_\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[2:]))


@dataclass
class Reader:
    """Somebody with a clone of this repository, a shell, an AWX, and a repository of his own."""

    directory: Path
    awx: StandIn

    @property
    def clone(self) -> Path:
        """The clone, in which the guide says to stay."""
        return self.directory / "golden.azure"

    def run(self, commands: str) -> str:
        """Run commands in the clone; who asks for the password of the vault gets it on the standard input."""
        commands = re.sub(
            r"^(ansible-(vault|playbook) )", r"printf 'secret\\nsecret\\n' | \1", commands, flags=re.MULTILINE
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CONTROLLER_"))}
        kept |= {"HOME": str(self.directory), "ANSIBLE_COLLECTIONS_PATH": str(install_collections())}
        # For git, whose user has a name.
        kept |= {
            f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        kept["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        finished = subprocess.run(
            ["bash", "-euc", commands],
            cwd=self.clone,
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
            start_new_session=True,
        )
        assert finished.returncode == 0, f"{commands}\n{finished.stdout[-5000:]}\n{finished.stderr[-3000:]}"
        return finished.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    directory = tmp_path_factory.mktemp("reader")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60)
    for name in listed.stdout.decode().split("\0"):
        # What the collection is built of, and the guide's files.
        if name and not name.startswith("tests/") and (ROOT / name).is_file():
            target = directory / "golden.azure" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    # The project is fetched from where it is pushed to.
    with StandIn(directory / "pushed") as awx:
        yield Reader(directory, awx)


def edited(reader: Reader) -> None:
    """Edit the settings that the guide names, and no others."""
    path = reader.clone / "awx" / "configuration" / "settings.yml"
    text = path.read_text()
    for name in needed_settings():
        value = VALUES.get(name, REPOSITORY)
        text, count = re.subn(rf"^{name}: .*$", f"{name}: {value}", text, flags=re.MULTILINE)
        assert count == 1, name
    path.write_text(text)


def test_the_guide_word_for_word(reader: Reader) -> None:
    remote = reader.directory / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True, timeout=60)
    host = reader.awx.environment()["CONTROLLER_HOST"]
    edited(reader)
    (secrets,) = [text for text in blocks("yaml") if text.startswith("# secrets.yml")]
    key = private_key().replace("\n", "\n  ").rstrip()
    filled = re.sub(r"  -----BEGIN OPENSSH PRIVATE KEY-----\n  \.\.\.", f"  {key}", secrets)
    assert "..." not in filled
    (reader.clone / "secrets.yml").write_text(filled)
    said = ""
    for block in blocks("console"):
        lines = [line for line in block.splitlines() if not line.startswith(_ELSEWHERE)]
        commands = "\n".join(lines).replace(REPOSITORY, str(remote))
        commands = commands.replace(
            "https://awx.example.com CONTROLLER_OAUTH_TOKEN=...", f"{host} CONTROLLER_OAUTH_TOKEN={TOKEN}"
        )
        assert "..." not in commands
        said = reader.run(commands)
        if "git push" in block:
            command = ["git", "clone", "--quiet", "--branch", "main", str(remote), str(reader.directory / "pushed")]
            subprocess.run(command, check=True, timeout=60)
    assert "failed=0" in said
    context = reader.clone / "awx" / "execution-environment" / "context"
    assert (context / "Containerfile").exists()
    assert any((context / "_build" / "dist").iterdir())

    site = Site(reader.awx, reader.directory, {})
    assert site.of("workflow_job_templates", WORKFLOW)
    assert site.of("projects", "Golden images")["status"] == "successful"
    assert [one["name"] for one in reader.awx.store.of("job_templates")] == [
        "Refresh golden images",
        "Summarize the refresh of golden images",
        "Promote golden images",
        "Capture a Linux virtual machine",
        "Capture a Windows virtual machine",
        "Clean up after interrupted runs",
    ]
    assert len(site.of("inventories", "Golden images")["hosts"]) == 1

    # What this has created is not committed, and is in no build of the collection.
    created = [
        "secrets.yml",
        "awx/execution-environment/golden-azure.tar.gz",
        "awx/execution-environment/context/Containerfile",
    ]
    created += [str(path.relative_to(reader.clone)) for path in (reader.clone / "build").iterdir()]
    checked = subprocess.run(
        ["git", "check-ignore", *created], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.stdout.split() == created
    rules = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    for name in created:
        ways = [name, *(str(parent) for parent in Path(name).parents)]
        assert any(fnmatch.fnmatch(way, rule) for way in ways for rule in rules), name


def test_the_settings_that_are_named_are_those_without_a_default() -> None:
    text = (ROOT / "awx" / "configuration" / "settings.yml").read_text()
    named: dict[str, Any] = yaml.safe_load(text)
    assert set(needed_settings()) <= set(named)
    placeholders = {name for name, value in named.items() if "example" in str(value)}
    assert placeholders <= set(needed_settings())
    # And whatever else the guide calls a setting is one; secrets are in a file of their own.
    secrets = {"awx_private_key", "awx_azure_secret", "awx_azure_certificate", "awx_update_secrets"}
    assert set(re.findall(r"`(awx_\w+)`", GUIDE)) <= set(named) | secrets


@pytest.mark.parametrize(("text", "works"), [("# Nothing.\n", False), ("---\n", False), ("collections: []\n", True)])
def test_what_the_guide_says_of_requirements(text: str, works: bool, tmp_path: Path) -> None:
    file = tmp_path / "requirements.yml"
    file.write_text(text)
    program = str(Path(sys.executable).parent / "ansible-galaxy")
    finished = subprocess.run(
        [program, "collection", "install", "-r", str(file), "-p", str(tmp_path / "collections")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "HOME": str(tmp_path), "ANSIBLE_HOME": str(tmp_path)},
    )
    assert (finished.returncode == 0) is works, finished.stdout + finished.stderr
    assert "`collections: []`" in GUIDE
