# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task returns the same whether its code runs in the controller's process or as a module."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded_azure import EmbeddedAzure

CAPTURE = {"resource_group": "images", "source_vm": "web", "image": "golden"}
CASES: dict[str, dict[str, Any]] = {
    "found": {"golden.azure.vm_image_info": {"resource_group": "images"}},
    "unknown option": {"golden.azure.vm_image_info": {"resource_grp": "images"}},
    "wrong type": {"golden.azure.vm_image_info": {"resource_group": "images", "timeout": "soon"}},
    "checked": {"golden.azure.vm_image_capture": {**CAPTURE, "generalize": True, "run_id": "1"}, "check_mode": True},
    "blocked": {"golden.azure.vm_image_capture": {**CAPTURE, "source_vm": "absent"}},
    "refused": {"golden.azure.vm_image_info": {"resource_group": "images", "secret": "not-shown"}},
}
#: What is another with each request.
VOLATILE = ("seconds", "request_id")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:+]+Z?")
#: Ansible's own, and only of modules.
OF_MODULES = ("ansible_parsed",)


@pytest.mark.sweep
def test_both_ways_return_the_same(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path) -> None:
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
        }
    )
    tasks = []
    for number, (name, task) in enumerate(CASES.items()):
        for way in ("here", "module"):
            result = f"result_{number}_{way}"
            switched = {"golden_azure_in_process": way == "here"}
            tasks += [
                {"name": name, **task, "vars": switched, "register": result, "ignore_errors": True},
                {
                    "name": "Store it",
                    "ansible.builtin.copy": {
                        "content": f"{{{{ {result} | to_json }}}}",
                        "dest": str(tmp_path / result),
                        "mode": "0600",
                    },
                    "check_mode": False,
                },
            ]
    playbook = tmp_path / "both.yml"
    variables = {"ansible_python_interpreter": sys.executable}
    play = {"name": "Both", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    playbook.write_text(yaml.safe_dump([play]))
    for inject in ("true", "false"):
        finished = playbooks.run(playbook, ANSIBLE_INJECT_INVOCATION=inject)
        assert finished.returncode == 0, finished.stdout[-4000:]
        assert "not-shown" not in finished.stdout + finished.stderr
        for number, name in enumerate(CASES):
            here, module = (
                comparable(json.loads((tmp_path / f"result_{number}_{way}").read_text())) for way in ("here", "module")
            )
            assert here == module, name


def comparable(value: Any) -> Any:
    """A result without what differs between any two runs; what is censored is so in either of Ansible's ways."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in (*VOLATILE, *OF_MODULES)}
        return {key: comparable(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, str):
        # From ansible-core 2.22 on, Ansible masks what it shows, and not what it registers of a module.
        for censored in ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "$REDACTED$", "not-shown"):
            value = value.replace(censored, "********")
        return _TIMESTAMP.sub("", value.partition("request id")[0])
    return value
