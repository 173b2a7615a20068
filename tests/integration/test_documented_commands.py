# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command of the documentation is run, here or by a test that is named, or is marked as one that only others can answer."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from documented_commands import commands, written_files
from playbook_runs import Playbooks
from repository import ROOT

from embedded_azure import EmbeddedAzure, client_files
from embedded_azure.__main__ import with_key
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements
from embedded_azure.guests.windows import StandInWindows
from windows_guest import playbooks as stand_in

HERE = "tests/integration/test_documented_commands.py::"
GUIDES = "tests/integration/test_guides.py::"
AWX = "tests/integration/test_awx_guide.py::test_the_guide_word_for_word"
#: What is not run: what is fetched from elsewhere, what wants a container engine, and what only Azure answers.
NETWORK, ENGINE, AZURE = "fetched", "container engine", "Azure only"
#: How each command is run, by what it begins with; the first that fits counts.
RUN: dict[str, str] = {
    r"ansible localhost -m golden\.azure\.vm_image_info ": "tests/integration/test_finding_guide.py::test_what_the_guide_prints",
    r"ansible-playbook golden\.azure\.prune ": f"{HERE}test_prune",
    r"ansible-playbook golden\.azure\.cleanup": "tests/integration/test_cleanup.py::test_the_playbook",
    r"ansible-playbook gallery\.yml": f"{HERE}test_the_gallery_of_golden_images",
    r"ansible-playbook capture\.yml": f"{HERE}test_the_quick_start",
    r"ansible-playbook golden\.azure\.capture_linux ": f"{HERE}test_a_linux_machine_is_planned",
    r"ansible-playbook golden\.azure\.capture_windows ": f"{HERE}test_a_windows_machine_is_planned",
    r"-e capture_image_name=": "tests/integration/test_capture_linux.py::test_the_whole_way_for_a_machine_named_by_variables",
    r"-e capture_copy_subnet=": "tests/integration/test_capture_copy.py::test_a_machine_that_stays_in_use",
    r"ansible-playbook golden\.azure\.refresh -i inventory -e target=web$": f"{GUIDES}test_from_packer",
    r"ansible-playbook golden\.azure\.refresh ": f"{GUIDES}test_golden_images_from_zero",
    r"ansible-playbook tests/azure/": "tests/integration/test_azure_playbook.py::test_the_playbook_for_the_real_azure",
    r"ansible-galaxy collection install \./golden\.azure$": f"{GUIDES}test_the_readme_on_its_seed",
    r"export (AZURE|ANSIBLE_AZURE)_": f"{HERE}test_variables_of_a_sign_in",
    r"(\w+=\S+ )*make ": f"{HERE}test_commands_of_make",
    r"(cp|cd|git (init|add|commit|push)|ansible-galaxy collection build|ansible-builder|ansible-vault|export CONTROLLER_) ?": AWX,
    r"ansible-playbook awx/": AWX,
    r"(pip install|python3 -m venv|git clone|ansible-galaxy collection install (golden|awx)) ?": NETWORK,
    r"podman ": ENGINE,
    r"(az|packer) ": AZURE,
}
#: How many commands there are, and how many of them are not run.
COUNTS = {"run": 61, NETWORK: 13, ENGINE: 2, AZURE: 11}


def way_of(command: str) -> str:
    for beginning, way in RUN.items():
        if re.match(beginning, command):
            return way
    return "nowhere"


def of_way(name: str) -> list[str]:
    """The commands that a test of this file runs, each once."""
    return list(dict.fromkeys(one.text for one in commands() if way_of(one.text) == f"{HERE}{name}"))


def test_every_command_is_accounted_for() -> None:
    ways = {one: way_of(one.text) for one in commands()}
    assert [one for one, way in ways.items() if way == "nowhere"] == []
    assert set(ways.values()) == set(RUN.values())
    for way in set(ways.values()) - {NETWORK, ENGINE, AZURE}:
        file, test = way.split("::")
        assert f"\ndef {test}(" in (ROOT / file).read_text(), way
    # What only Azure answers says so where it stands; Packer is run by `make clients`.
    assert [
        one for one, way in ways.items() if (way == AZURE) != one.azure_only and not one.text.startswith("packer")
    ] == []
    counted = Counter(way_of(one.text) for one in commands())
    told = {name: counted.pop(name) for name in (NETWORK, ENGINE, AZURE)}
    assert {"run": sum(counted.values()), **told} == COUNTS


def seeded(azure: EmbeddedAzure) -> None:
    azure.seed(yaml.safe_load((ROOT / "docs" / "seed.yml").read_text()))


def run(playbooks: Playbooks, command: str, *more: str, **variables: str) -> str:
    """Run a command of ansible-playbook as it is written; what it says."""
    program, playbook, *arguments = shlex.split(command)
    assert program == "ansible-playbook"
    finished = playbooks.run(playbook, *arguments, *more, **variables)
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    return finished.stdout


def test_prune(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    seeded(azure)
    looked, done = sorted(of_way("test_prune"), key=lambda command: "--check" not in command)
    before = azure.resources()
    assert "2 of 5 images would be removed" in run(playbooks, looked)
    assert azure.resources() == before
    run(playbooks, done)
    assert {name.rpartition("/")[2] for name in before.keys() - azure.resources().keys()} == {
        "golden-web-1",
        "golden-web-2",
    }


def test_the_quick_start(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    seeded(azure)
    for name, text in written_files("docs/guides/quick_start.md").items():
        (playbooks.directory / name).write_text(text)
    check, do = of_way("test_the_quick_start")
    before = azure.resources()
    assert "'golden-database'" in run(playbooks, check)
    assert azure.resources() == before
    without = (playbooks.directory / "capture.yml").read_text().replace("        generalize: true\n", "")
    (playbooks.directory / "without.yml").write_text(without)
    refused = playbooks.run("without.yml", "--check")
    assert refused.returncode == 2 and "generalize_not_allowed" in refused.stdout
    run(playbooks, do)
    made = {name.rpartition("/")[2] for name in azure.resources().keys() - before.keys()}
    assert {"golden-database", "1.0.0"} <= made
    assert "changed=0" in run(playbooks, do)


def test_the_gallery_of_golden_images(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    azure.seed({"groups": {"images": "westeurope"}})
    (playbooks.directory / "gallery.yml").write_text(written_files("docs/guides/golden_images.md")["gallery.yml"])
    (do,) = of_way("test_the_gallery_of_golden_images")
    run(playbooks, do)
    assert [name for name in azure.resources() if name.lower().endswith("/galleries/golden")]
    assert "changed=0" in run(playbooks, do)


def test_the_tasks_about_galleries(azure: EmbeddedAzure, playbooks: Playbooks) -> None:
    azure.seed({"settings": {"features": ["Microsoft.Compute/SIGSoftDelete"]}, "groups": {"images": "westeurope"}})
    text = (ROOT / "docs" / "guides" / "gallery.md").read_text().split("## Capture into a gallery")[0]
    tasks = [task for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S) for task in yaml.safe_load(block)]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (playbooks.directory / "guide.yml").write_text(yaml.safe_dump([play]))
    assert f"changed={len(tasks)}" in run(playbooks, "ansible-playbook guide.yml")
    assert "changed=0" in run(playbooks, "ansible-playbook guide.yml")


def test_variables_of_a_sign_in() -> None:
    options = yaml.safe_load((ROOT / "plugins/doc_fragments/azure.py").read_text().split('r"""')[1].split('"""')[0])[
        "options"
    ]
    documented = set(re.findall(r"E\((\w+)\)", json.dumps(options)))
    named = {name for command in of_way("test_variables_of_a_sign_in") for name in re.findall(r"(\w+)=", command)}
    assert named and named <= documented


def test_commands_of_make() -> None:
    text = (ROOT / "Makefile").read_text()
    for command in of_way("test_commands_of_make"):
        *variables, _make, target = command.split()
        assert re.search(rf"^{target}:.*## ", text, re.MULTILINE), command
        for variable in variables:
            assert f"$({variable.split('=')[0]})" in text, command


@pytest.mark.sweep
def test_a_windows_machine_is_planned(tmp_path: Path, playbooks: Playbooks) -> None:
    guests = StandInWindows(tmp_path / "windows")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"virtual_machines": [{"name": "web-windows", "group": "images", "os_type": "Windows"}]})
        playbooks.environment.update(azure.environment())
        (command,) = of_way("test_a_windows_machine_is_planned")
        reached = stand_in.variables_for("psrp", guests.guests, "web-windows")
        address = {
            "capture_guest_address": reached.pop("ansible_host"),
            "capture_guest_user": reached.pop("ansible_user"),
        }
        reached.pop("ansible_connection")
        said = run(playbooks, command, "-e", json.dumps({**reached, **address}), **stand_in.environment(guests.guests))
        assert "web-windows" in said and [one for one in azure.requests if one.method not in ("GET", "POST")] == []


@pytest.mark.sweep
@pytest.mark.guest
@pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run")
def test_a_linux_machine_is_planned(tmp_path: Path) -> None:
    """As embedded_azure.md has it; where a page has an address, the machine's own takes its place."""
    directory = tmp_path / "azure"
    directory.mkdir()
    guests = NspawnGuests(ROOT / ".cache" / "guests", tmp_path / "state")
    key = client_files.make_key(directory)
    seed: Any = with_key(yaml.safe_load((ROOT / "docs" / "seed.yml").read_text()), key)
    with EmbeddedAzure(guests=guests, retry_after=1, seed=seed) as azure:
        reached = f"-F {client_files.write_ssh_config(directory, azure.socks_port)}"
        playbooks = Playbooks(tmp_path, {**azure.environment(), "ANSIBLE_SSH_COMMON_ARGS": reached})
        for command in of_way("test_a_linux_machine_is_planned"):
            said = run(playbooks, command.replace("203.0.113.7", "web-build"))
            assert "web-build" in said
        assert [one for one in azure.requests if one.method not in ("GET", "POST")] == []
