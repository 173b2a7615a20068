# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX as its parts do it: ansible-runner for each slice, artifacts merged, a summary; and the configuration as code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import ROOT

from awx_stand_in import surveys
from embedded_azure import EmbeddedAzure

AWX = ROOT / "awx"
COLLECTIONS = ROOT / ".cache" / "collections"
RUNNER = [str(Path(sys.executable).parent / "ansible-runner")]
LIMIT = 240
ROLE = ROOT / "roles" / "golden_image"
SURVEY = json.loads((AWX / "configuration" / "files" / "survey.json").read_text())
HOSTS = [f"image-{number}" for number in range(1, 8)]
SLICES = 3
GROUP = "images"


class Unsafe(str):
    """Text that is never a template."""


yaml.SafeDumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def unsafe(node: Any) -> Any:
    """Artifacts as AWX hands them to the next job: no text in them is a template."""
    if isinstance(node, dict):
        return {key: unsafe(value) for key, value in node.items()}
    if isinstance(node, list):
        return [unsafe(item) for item in node]
    return Unsafe(node) if isinstance(node, str) else node


def slice_of(hosts: list[str], number: int) -> list[str]:
    """The hosts of a slice, as AWX chooses them: ordered by name, every n-th."""
    return sorted(hosts)[number - 1 :: SLICES]


class Job:
    """A job of AWX: a folder that is sent, worked on elsewhere, and processed."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self._directory = directory
        self._environment = environment

    def run(self, playbook: str, hosts: dict[str, Any], variables: dict[str, Any], *arguments: str) -> dict[str, Any]:
        """Run a playbook of the wrapper project.

        :returns: status and artifacts.
        """
        sent, processed = self._directory / "sent", self._directory / "processed"
        shutil.copytree(AWX / "project", sent / "project")
        for folder in ("env", "inventory"):
            (sent / folder).mkdir()
        (sent / "inventory" / "hosts.json").write_text(json.dumps({"golden_images": {"hosts": hosts}}))
        (sent / "env" / "extravars").write_text(yaml.safe_dump(variables))
        (sent / "env" / "envvars").write_text(json.dumps(self._environment))
        (sent / "env" / "cmdline").write_text(" ".join(arguments))
        processed.mkdir()
        stream = self._step("transmit", sent, "-p", playbook, "-i", "job", given=b"")
        result = self._step("worker", self._directory / "worker", "--private-data-dir", given=stream)
        self._step("process", processed, "-i", "job", given=result)
        artifacts = processed / "artifacts" / "job"
        return {
            "status": (artifacts / "status").read_text(),
            "artifacts": _artifacts(artifacts),
            "output": (artifacts / "stdout").read_text(),
        }

    def _step(self, step: str, folder: Path, *arguments: str, given: bytes) -> bytes:
        folder.mkdir(exist_ok=True)
        words = [*arguments, str(folder)] if step == "worker" else [str(folder), *arguments]
        finished = subprocess.run(
            [*RUNNER, step, *words],
            input=given,
            capture_output=True,
            timeout=LIMIT,
            check=False,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        assert finished.stdout or step == "process", finished.stderr.decode()[-2000:]
        return finished.stdout


def _artifacts(folder: Path) -> dict[str, Any]:
    """What AWX keeps of a job: the data of its last event."""
    found: dict[str, Any] = {}
    for file in sorted((folder / "job_events").glob("*.json")):
        event = json.loads(file.read_text())
        if event.get("event") == "playbook_on_stats":
            found.update(event["event_data"].get("artifact_data") or {})
    return found


def merged(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """The artifacts of several jobs as the next node of a workflow gets them: a plain update, the last one wins."""
    together: dict[str, Any] = {}
    for job in jobs:
        together.update(job["artifacts"])
    return together


def tasks(name: str) -> list[dict[str, Any]]:
    """The tasks of a file."""
    return yaml.safe_load((AWX / "configuration" / "tasks" / f"{name}.yml").read_text())


def of_module(name: str, module: str) -> list[dict[str, Any]]:
    """What the tasks of a file give to a module."""
    return [task["args"] for task in tasks(name) if task.get("action") == f"{{{{ awx_modules }}}}.{module}"]


def extra_vars(name: str) -> dict[str, Any]:
    """What a job template sets; of a template in it, AWX sees no more than its text."""
    (template,) = [one for one in of_module("jobs", "job_template") if one["name"] == name]
    raw = re.compile("{% (end)?raw %}")
    return {key: raw.sub("", one) if isinstance(one, str) else one for key, one in template["extra_vars"].items()}


@pytest.fixture
def environment(azure: EmbeddedAzure, tmp_path: Path) -> dict[str, str]:
    """What the execution environment and the credential give to a job."""
    return {
        **azure.environment(),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_ROLES_PATH": str(AWX / "project" / "roles"),
        # What AWX tells a job of itself.
        "JOB_ID": "42",
        "AWX_HOST": "https://awx.example",
    }


NETWORK = (
    f"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/{GROUP}"
    "/providers/Microsoft.Network/virtualNetworks/build"
)


def definition(name: str) -> dict[str, Any]:
    """Variables of a golden image."""
    sku = "no-such-sku" if name == "image-5" else "13-gen2"
    return {
        "golden_image_base": {"marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": sku}},
        "golden_image_resource_group": GROUP,
        "golden_image_location": "westeurope",
        "golden_image_subnet": f"{NETWORK}/subnets/build",
        "golden_image_ssh_public_key": "ssh-ed25519 AAAA",
        "golden_image_roles": ["web"],
    }


@pytest.mark.sweep
def test_seven_hosts_in_three_slices_make_one_summary(
    azure: EmbeddedAzure, environment: dict[str, str], tmp_path: Path
) -> None:
    network = {
        "id": NETWORK,
        "location": "westeurope",
        "properties": {"subnets": [{"name": "build", "properties": {}}]},
    }
    azure.seed({"groups": {GROUP: "westeurope"}, "resources": [network]})
    # As AWX gives them: of several choices text, and numbers as numbers.
    answers = {
        "golden_image_refresh_when": "older_than",
        "golden_image_older_than": 30,
        "golden_image_keep_failed": "true",
        "golden_image_lease_stale_after_hours": 0,
    }
    assert surveys.answer_errors(SURVEY["spec"], answers) == []
    asked = {**extra_vars("Refresh golden images"), **surveys.answers_given(SURVEY, answers)}
    jobs = []
    for number in range(1, SLICES + 1):
        hosts = {name: definition(name) for name in slice_of(HOSTS, number)}
        folder = tmp_path / f"slice{number}"
        folder.mkdir()
        jobs.append(Job(folder, environment).run("refresh.yml", hosts, asked, "--check"))
    assert [job["status"] for job in jobs] == ["successful", "failed", "successful"], jobs[0]["output"][-3000:]
    assert sorted(len(job["artifacts"]) for job in jobs) == [2, 2, 3]

    artifacts = merged(jobs)
    assert len(artifacts) == len(HOSTS)
    lost = artifacts.pop("golden_image__image_7")
    folder = tmp_path / "summary"
    folder.mkdir()
    variables = {
        **extra_vars("Summarize the refresh of golden images"),
        **unsafe(artifacts),
        "golden_image_run": "workflow-12",
        "golden_image_report_directory": str(tmp_path / "reports"),
    }
    summary = Job(folder, environment).run("summary.yml", {name: {} for name in HOSTS}, variables)
    assert summary["status"] == "failed", summary["output"][-3000:]
    assert "2 of 7 images failed" in summary["output"]
    assert "Start the job template of the playbook refresh with one slice" in summary["output"]
    assert "ansible-playbook golden" not in summary["output"]

    report = json.loads((tmp_path / "reports" / "refresh-workflow-12.json").read_text())
    assert {image["name"] for image in report["images"]} == set(HOSTS)
    assert report["counts"] == {"failed": 2, "planned": 5, "verified": 0, "promoted": 0, "skipped": 0}
    causes = {image["name"]: image["failure"]["message"] for image in report["images"] if image["failure"]}
    assert "no-such-sku" in causes["image-5"]
    assert "no record" in causes["image-7"]
    assert lost["result"] == "planned"
    for suffix in ("json", "html"):
        assert (tmp_path / "reports" / f"refresh-workflow-12.{suffix}").stat().st_mode & 0o777 == 0o600


# -- configuration ------------------------------------------------------------------------------------------------


def test_every_playbook_that_a_job_names_is_one_that_awx_lists() -> None:
    (captures,) = [task for task in tasks("captures") if "job_template" in task["action"]]
    named = [captures["args"]["playbook"].replace("{{ item }}", guest) for guest in captures["loop"]]
    named += [template["playbook"] for part in ("jobs", "cleanup") for template in of_module(part, "job_template")]
    assert sorted(named) == sorted(path.name for path in (AWX / "project").glob("*.yml"))
    for playbook in named:
        text = (AWX / "project" / playbook).read_text()
        imported = yaml.safe_load(text)[0]["ansible.builtin.import_playbook"]
        assert (ROOT / "playbooks" / f"{imported.removeprefix('golden.azure.')}.yml").exists()


SURVEY_TYPES = {"text": "str", "integer": "int", "float": "float", "multiplechoice": "str"}


def test_what_jobs_set_is_what_the_role_reads() -> None:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    entries = {"refresh.yml": "main", "promote.yml": "main", "summary.yml": "report"}
    for template in of_module("jobs", "job_template"):
        assert set(template.get("extra_vars", {})) <= set(specs[entries[template["playbook"]]]["options"])
    for question in SURVEY["spec"]:
        option = specs["main"]["options"][question["variable"]]
        choices = {*question.get("choices", ())}
        if option["type"] == "bool":
            assert choices == {"true", "false"}
        else:
            assert option["type"] == SURVEY_TYPES[question["type"]]
            assert choices == {*option.get("choices", ())}


def test_questions_that_nobody_answers_leave_the_definitions_alone() -> None:
    assert surveys.answer_errors(SURVEY["spec"], {}) == []
    assert surveys.answers_given(SURVEY, {}) == {}
