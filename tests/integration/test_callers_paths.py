# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relative paths mean the folder of the caller, wherever the playbook lies and however a module runs."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._local.paths import with_absolute_paths
from playbook_runs import Playbooks
from repository import ROOT

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

SIGN_IN = {"AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t", "AZURE_SECRET": ""}

#: What of playbooks and roles is a place on the controller that somebody names.
PLACES = (
    "capture_report_file",
    "prune_report_file",
    "golden_image_report_directory",
    "image_verify_log_directory",
    "image_verify_private_key_file",
    "windows_sysprep_log_directory",
)


def test_a_report_lies_where_the_caller_is_and_not_where_the_playbook_is(
    azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path
) -> None:
    azure.seed({"groups": {"images": "westeurope"}})
    given = {
        "prune_resource_group": "images",
        "prune_keep_newest": 1,
        "prune_report_file": "pruned.json",
        "prune_single_family": True,
    }
    finished = playbooks.run("golden.azure.prune", "-v", "-e", json.dumps(given))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert json.loads((tmp_path / "pruned.json").read_text())["removed"] == []
    assert not (ROOT / "playbooks" / "pruned.json").exists()
    assert str(tmp_path / "pruned.json") in finished.stdout


@pytest.mark.parametrize("in_process", [True, False])
def test_a_file_that_a_module_reads_is_looked_for_where_the_caller_is(
    azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path, in_process: bool
) -> None:
    (tmp_path / "project").mkdir()
    playbook = tmp_path / "project" / "read.yml"
    options = {"resource_group": "images", "federated_token_file": "token", "client_id": "c", "tenant": "t"}
    task = {"name": "Read", "golden.azure.vm_image_info": options}
    variables = {"ansible_python_interpreter": sys.executable, "golden_azure_in_process": in_process}
    playbook.write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}])
    )
    finished = playbooks.run(playbook, AZURE_SECRET="")
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert f"'{tmp_path}/token'" in re.sub(r"\s+", " ", finished.stdout + finished.stderr)


#: A file of the environment, what else the environment holds, and whether its folder is there already.
OF_ENVIRONMENT: dict[str, Json] = {
    "AZURE_X509_CERTIFICATE_PATH": SIGN_IN,
    "AZURE_CLIENT_CERTIFICATE_PATH": SIGN_IN,
    "AZURE_FEDERATED_TOKEN_FILE": SIGN_IN,
    "AZURE_CONFIG_DIR": {**dict.fromkeys(SIGN_IN, ""), "AZURE_AUTH_SOURCE": "cli"},
    "REQUESTS_CA_BUNDLE": {},
    "CURL_CA_BUNDLE": {"REQUESTS_CA_BUNDLE": ""},
    "a profile": {"AZURE_PROFILE": "work", **dict.fromkeys(SIGN_IN, "")},
}


@pytest.mark.parametrize("in_process", [True, False])
@pytest.mark.parametrize("of", ["task", "play"])
def test_files_of_the_environment_are_looked_for_where_the_caller_is(
    azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path, in_process: bool, of: str
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / ".azure").mkdir()
    profile = "[work]\nclient_id = c\ntenant = t\nsubscription_id = s\nx509_certificate_path = sub/a profile\n"
    (tmp_path / ".azure" / "credentials").write_text(profile)
    tasks = []
    plays = []
    for name, more in OF_ENVIRONMENT.items():
        environment = {**more, name.replace(" ", "_"): f"sub/{name}"}
        task: Json = {
            "name": name,
            "golden.azure.vm_image_info": {"resource_group": "images"},
            "ignore_errors": True,
        }
        if of == "task":
            tasks.append({**task, "environment": environment})
        else:
            plays.append({"environment": environment, "tasks": [task]})
    shared = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, "golden_azure_in_process": in_process},
    }
    playbook = tmp_path / "project" / "read.yml"
    playbook.write_text(yaml.safe_dump([{**shared, **play} for play in (plays or [{"tasks": tasks}])]))
    finished = playbooks.run(playbook)
    told = re.sub(r"\s+", " ", finished.stdout + finished.stderr)
    assert [name for name in OF_ENVIRONMENT if f"'{tmp_path}/sub/{name}'" not in told] == [], finished.stdout


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"source_file": "a.vhd", "image": "a"}, {"source_file": "{cwd}/a.vhd", "image": "a"}),
        ({"source_file": "~/a.vhd"}, {"source_file": "{home}/a.vhd"}),
        ({"source_file": "/x/../a.vhd", "timeout": 1}, {"source_file": "/a.vhd", "timeout": 1}),
        ({"source_file": None, "work_directory": ""}, {"source_file": None, "work_directory": ""}),
        ({"captures": [{"source_file": "a"}, {}]}, {"captures": [{"source_file": "{cwd}/a"}, {}]}),
        ({"captures": "not a list", "unknown": "a"}, {"captures": "not a list", "unknown": "a"}),
    ],
)
def test_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: Any, expected: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/of/somebody")
    text = json.dumps(expected).replace("{cwd}", str(tmp_path)).replace("{home}", "/home/of/somebody")
    assert with_absolute_paths(capture_options.OPTIONS, given) == json.loads(text)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_is_made_whole_where_it_is_used(place: str) -> None:
    use = re.compile(rf"(dest|path|serial_log|regex_replace|__image_verify_key).*\b{place}\b|{place} if {place}")
    files = [*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "roles").glob("*/tasks/*.yml")]
    uses = [line for file in files for line in file.read_text().splitlines() if use.search(line)]
    wrong = [line for line in uses if f"__{place}" not in line and f"{place} | golden.azure.absolute_path" not in line]
    assert wrong == []
    everything = [*files, *(ROOT / "roles").glob("*/vars/*.yml")]
    assert any(f"{place} | golden.azure.absolute_path" in file.read_text() for file in everything)
