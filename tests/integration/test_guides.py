# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides, done as a reader does them: their files written, their commands run, on embedded Azure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._model.rights import IMPLICITLY_CREATED, LINKED
from playbook_runs import Playbooks
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.rights import right_of
from windows_guest.playbooks import install_collections

GUIDES = ROOT / "docs" / "guides"
LIMIT = 300
GROUP = "images"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# ([\w./-]+\.(?:yml|cfg))")
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)\)")
_VARIABLE = re.compile(r"\bgolden_image_[a-z_]+")


def blocks(guide: str, language: str) -> list[str]:
    """The blocks of a guide in a language, in their order."""
    return [text for kind, text in _BLOCK.findall((GUIDES / guide).read_text()) if kind == language]


def files(guide: str) -> dict[str, str]:
    """The files that a guide has its reader write: blocks that begin with a name."""
    named = {_FILE.match(text): text for kind in ("yaml", "ini") for text in blocks(guide, kind)}
    return {found[1]: text for found, text in named.items() if found}


@dataclass
class Reader:
    """Somebody with an Azure, a folder and a home of their own."""

    azure: EmbeddedAzure
    directory: Path

    def __post_init__(self) -> None:
        home = self.directory / "home"
        (home / ".ssh").mkdir(parents=True)
        key = str(home / ".ssh" / "id_ed25519")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, timeout=60)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "ANSIBLE_"))}
        programs = {"HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        # What golden.azure depends on would come from Galaxy, which is not reached here.
        paths = f"{home / '.ansible' / 'collections'}:{install_collections()}"
        programs["ANSIBLE_COLLECTIONS_PATH"] = paths
        self._environment = {**kept, **self.azure.environment(), **programs}
        self.azure.seed(
            {
                "groups": {GROUP: "westeurope"},
                "virtual_machines": [{"name": "reference", "group": GROUP}],
                "resources": [
                    {
                        "id": self._id("Microsoft.Network/virtualNetworks/build"),
                        "location": "westeurope",
                        "properties": {
                            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
                            "subnets": [
                                {"name": name, "properties": {"addressPrefix": f"10.9.{number}.0/24"}}
                                for number, name in enumerate(("build", "quarantine"))
                            ],
                        },
                    },
                    {"id": self._id("Microsoft.Compute/galleries/golden"), "location": "westeurope"},
                ],
            }
        )

    def _id(self, below: str) -> str:
        return f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}/providers/{below}"

    def add_definition(self, name: str) -> None:
        """An image definition for Linux."""
        identifier = {"publisher": "Example", "offer": "web", "sku": "1"}
        properties = {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", "identifier": identifier}
        identity = self._id(f"Microsoft.Compute/galleries/{name}")
        self.azure.seed({"resources": [{"id": identity, "location": "westeurope", "properties": properties}]})

    def write(self, guide: str) -> None:
        """Write the files of a guide, with the ids of what is there."""
        network = self._id("Microsoft.Network/virtualNetworks/build")
        for name, text in files(guide).items():
            filled = text.replace("/subscriptions/.../virtualNetworks/build", network)
            filled = filled.replace("/subscriptions/.../subnets", f"{network}/subnets")
            filled = filled.replace("/subscriptions/.../virtual", self._id("Microsoft.Compute/virtual"))
            assert "..." not in filled, name
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(filled)

    def do(self, commands: str) -> str:
        """Run commands in the folder; what they print."""
        commands = commands.replace(
            "ansible-galaxy collection install ./", "ansible-galaxy collection install --offline ./"
        )
        finished = subprocess.run(
            ["bash", "-euc", commands],
            cwd=self.directory,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-3000:]
        return finished.stdout


@pytest.fixture
def reader(azure: EmbeddedAzure, tmp_path: Path) -> Reader:
    return Reader(azure, tmp_path)


def planned(said: str) -> Counter[str]:
    """How often a run has said of which images that they would be made."""
    return Counter(re.findall(r"\bplanned\s+(\w+)\s", said))


def commands(guide: str, beginning: str) -> list[str]:
    """The lines of the consoles of a guide that begin so."""
    return [line for text in blocks(guide, "console") for line in text.splitlines() if line.startswith(beginning)]


@pytest.mark.sweep
def test_golden_images_from_zero(reader: Reader) -> None:
    guide = "golden_images.md"
    (reader.directory / "golden.azure").symlink_to(ROOT)
    reader.do(commands(guide, "ansible-galaxy")[0])
    reader.write(guide)
    with (reader.directory / "inventory" / "hosts.yml").open("a") as hosts:
        hosts.write("    reference:\n")
    look, make = commands(guide, "ansible-playbook golden.azure.refresh")
    said = reader.do(look)
    # The machines of the run are stand-ins: from here on they would have to be reached.
    said += reader.do(f"{make} --check")
    # The pattern for Ansible Automation Platform does the same.
    pattern = ROOT / "extensions" / "patterns" / "golden_image_refresh" / "playbooks" / "site.yml"
    assert planned(
        reader.do(f"ansible-playbook {pattern} -i inventory --check -e golden_image_refresh_when=always")
    ) == {
        "web": 1,
        "reference": 1,
    }
    assert planned(said) == {"web": 2, "reference": 2}, said
    # The plan has its report, too, in the folder where the command was typed.
    assert {page.suffix for page in (reader.directory / "reports").iterdir()} == {".html", ".json"}
    assert [one.method for one in reader.azure.requests if one.method not in ("GET", "POST")] == []


def test_the_readme_on_its_seed(reader: Reader) -> None:
    """As it is written: installed from the clone, and run on what docs/seed.yml holds."""
    readme = "../../README.md"
    (reader.directory / "golden.azure").symlink_to(ROOT)
    (install,) = commands(readme, "ansible-galaxy collection install ./")
    reader.do(install)
    (seed,) = {word for line in commands(readme, "SEED=") for word in re.findall(r"SEED=(\S+)", line)}
    reader.azure.seed(yaml.safe_load((ROOT / seed).read_text()))
    (prune,) = set(commands(readme, "ansible-playbook golden.azure.prune"))
    said = reader.do(prune)
    assert "2 of 5 images would be removed" in said, said
    nothing = reader.do(prune.replace("prune_keep_newest=3", "prune_keep_newest=5"))
    assert "among the newest 5 of 'web'" in nothing, nothing


@pytest.mark.sweep
def test_from_packer(reader: Reader) -> None:
    reader.directory.joinpath("ansible.cfg").write_text(files("golden_images.md")["ansible.cfg"])
    reader.do(
        commands("golden_images.md", "ansible-galaxy")[0].replace("install ./golden.azure", f"install --offline {ROOT}")
    )
    reader.write("golden_images.md")
    reader.write("migrating.md")
    # Packer publishes into a definition that is there.
    reader.add_definition("golden/images/web")
    (_packer, refresh) = blocks("migrating.md", "console")[0].splitlines()
    said = reader.do(f"{refresh} --check")
    assert planned(said) == {"web": 1}, said


def test_from_azcollection(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    azure.seed(
        {
            "groups": {GROUP: "westeurope"},
            "virtual_machines": [{"name": "web-build", "group": GROUP, "power": "stopped"}],
        }
    )
    (tasks,) = [yaml.safe_load(text) for text in blocks("migrating.md", "yaml") if "- golden.azure." in text]
    playbook = playbooks.directory / "capture.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    finished = playbooks.run(playbook)
    assert finished.returncode == 0, finished.stdout
    assert [one for one in azure.resources() if one.lower().endswith("/images/golden-web")]


def test_what_guides_name_is_there() -> None:
    options: dict[str, Any] = {}
    for entry in yaml.safe_load((ROOT / "roles/golden_image/meta/argument_specs.yml").read_text())[
        "argument_specs"
    ].values():
        options |= entry["options"]
    for guide in GUIDES.glob("*.md"):
        text = guide.read_text()
        named = {name for name in _VARIABLE.findall(text) if name not in ("golden_image_builder", "golden_image__")}
        assert named <= set(options), guide.name
        assert [link for link in _LINK.findall(text) if not (guide.parent / link).exists()] == [], guide.name
        for path in re.findall(r"\bawx/[\w/.-]+\w", text):
            assert path.endswith("golden-azure.tar.gz") or (ROOT / path).exists(), path


def test_the_rights_beyond_a_refresh_are_not_those_of_the_role() -> None:
    role = yaml.safe_load((GUIDES / "golden_image_builder.json").read_text())["Actions"]
    chapter = (GUIDES / "golden_images.md").read_text().split("\n## 3. ")[0]
    rows = [line for line in chapter.splitlines() if line.startswith("|")]
    further = {
        right
        for line in rows
        if "another subscription" not in line
        for right in re.findall(r"`(Microsoft\.[^`]+)`", line)
    }
    assert further and not {right.lower() for right in further} & {right.lower() for right in role}
    group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute"
    region = "/subscriptions/s/providers/Microsoft.Compute/locations/r"
    requests = {
        ("PUT", f"{group}/virtualMachines/web/extensions/AzureDiskEncryption"),
        ("DELETE", f"{group}/virtualMachines/web/extensions/OmsAgent"),
        ("POST", f"{group}/disks/golden-upload/endGetAccess"),
        ("GET", f"{group}/diskEncryptionSets/ours"),
        ("DELETE", f"{group}/galleries/golden/images/web"),
        ("PUT", f"{group}/galleries/golden"),
        ("DELETE", f"{group}/galleries/golden"),
        ("POST", f"{group}/galleries/golden/share"),
        ("GET", f"{group}/galleries/golden/softDeletedArtifactTypes/Images/artifacts/web/versions"),
        ("GET", f"{region}/publishers/Debian/artifacttypes/vmimage/offers"),
        ("GET", f"{region}/publishers/Debian/artifacttypes/vmimage/offers/debian-13/skus"),
        ("GET", f"{region}/sharedGalleries"),
        ("GET", f"{region}/sharedGalleries/theirs/images"),
        ("GET", f"{region}/sharedGalleries/theirs/images/web/versions"),
        ("GET", "/subscriptions/s"),
        ("GET", "/subscriptions/s/providers/Microsoft.Features/providers/Microsoft.Compute/features/EncryptionAtHost"),
        ("GET", f"{region}/publishers"),
        ("POST", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/kept/listKeys"),
    }
    # What is asked for on what a request refers to is no request of its own.
    assigned = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
    assert {assigned, *(right_of(*request) for request in requests)} == further
    # Whatever the modules compare on linked resources is granted by the role, or named in the table.
    linked = {action for actions in LINKED.values() for action in actions.values()}
    linked |= {action for actions in IMPLICITLY_CREATED.values() for action in actions}
    assert {action.lower() for action in linked} <= {right.lower() for right in (*role, *further)}
