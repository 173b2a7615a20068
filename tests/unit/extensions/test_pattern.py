# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pattern for Ansible Automation Platform is what its specification asks for, and asks what the AWX configuration asks.

The specification: https://github.com/ansible/pattern-service, specifications. ansible-lint checked it up to release 25 and does no more.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ansiblelint
import jsonschema
import pytest
import yaml
from repository import ROOT

PATTERNS = ROOT / "extensions" / "patterns"
FOLDERS = sorted(PATTERNS.iterdir())
QUESTIONS = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}
#: The longest name of an object of the controller.
LONGEST = 200


def pattern(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "meta" / "pattern.json").read_text())


def test_there_is_nothing_but_folders_of_patterns() -> None:
    assert [folder.name for folder in FOLDERS] == ["golden_image_refresh"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_its_files(folder: Path) -> None:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {"README.md", "meta/pattern.json", "playbooks/site.yml", "playbooks/site.meta.yml"}
    assert re.fullmatch(r"[a-z0-9_]{1,64}", folder.name)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_describes_it(folder: Path) -> None:
    described = pattern(folder)
    assert set(described) == {
        "schema_version",
        "name",
        "title",
        "description",
        "short_description",
        "tags",
        "aap_resources",
    }
    assert described["name"] == folder.name
    assert len(described["title"]) <= 64
    assert described["description"].endswith(".") and not described["short_description"].endswith(".")
    assert len(set(described["tags"])) == len(described["tags"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_it_creates(folder: Path) -> None:
    resources = pattern(folder)["aap_resources"]
    environment = resources["controller_execution_environment"]
    assert {"name", "description"} == set(resources["controller_project"])
    assert re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]+", environment["image_name"])
    templates = resources["controller_job_templates"]
    assert [one["primary"] for one in templates].count(True) == 1
    readme = (folder / "README.md").read_text()
    for one in (resources["controller_project"], environment, *templates):
        assert 0 < len(one["name"]) <= LONGEST and one["description"]
        assert one["name"] in readme
    for template in templates:
        assert (folder / "playbooks" / template["playbook"]).exists()
        assert template["execution_environment"] == environment["name"]
        assert set(template["labels"]) <= set(resources["controller_labels"])
        for name in ("ask_inventory_on_launch", "ask_credential_on_launch"):
            assert template[name] is True


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_its_survey_is_that_of_the_workflow(folder: Path) -> None:
    (template,) = pattern(folder)["aap_resources"]["controller_job_templates"]
    assert template["survey"] == json.loads((ROOT / "awx" / "configuration" / "files" / "survey.json").read_text())
    for question in template["survey"]["spec"]:
        assert question["type"] in QUESTIONS
        assert re.fullmatch(r"[a-z0-9_]{1,64}", question["variable"])
        assert isinstance(question["default"], str) and isinstance(question["required"], bool)
        assert question["question_name"] and question["question_description"]
        assert (question["type"] == "multiplechoice") == ("choices" in question)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_its_variables_are_documented(folder: Path) -> None:
    specification = yaml.safe_load((folder / "playbooks" / "site.meta.yml").read_text())
    schemas = Path(ansiblelint.__file__).parent / "schemas"
    jsonschema.validate(specification, json.loads((schemas / "play-argspec.json").read_text()))
    (play,) = specification["argument_specs"].values()
    (template,) = pattern(folder)["aap_resources"]["controller_job_templates"]
    asked = {question["variable"] for question in template["survey"]["spec"]}
    assert set(play["options"]) == asked
    assert set(re.findall(r"^\| `(golden_image_\w+)`", (folder / "README.md").read_text(), re.MULTILINE)) == asked
    role = yaml.safe_load((ROOT / "roles" / "golden_image" / "meta" / "argument_specs.yml").read_text())
    assert asked <= set(role["argument_specs"]["main"]["options"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_core_loads_its_playbook(folder: Path) -> None:
    plays = yaml.safe_load((folder / "playbooks" / "site.yml").read_text())
    assert [set(play) for play in plays] == [{"name", "ansible.builtin.import_playbook"}]
