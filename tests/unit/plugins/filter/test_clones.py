# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes machines of one image machines of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.filter.clone_findings import clone_findings
from ansible_collections.golden.azure.plugins.filter.clone_identity import clone_identity
from repository import ROOT

SCRIPT = ROOT / "roles" / "image_verify" / "files" / "identity.sh"


def guest(number: int, **differs: Any) -> dict[str, Any]:
    return {
        "name": f"guest {number}",
        "machine_id": f"{number:032x}",
        "boot_id": f"boot-{number}",
        "hostname": f"host-{number}",
        "host_keys": [f"key-{number}"],
        "users": ["imageverify"],
        **differs,
    }


def test_machines_of_their_own():
    assert clone_findings([guest(1), guest(2)], guest(3), ["azureuser"]) == []
    assert clone_findings([guest(1)]) == []


@pytest.mark.parametrize(
    ("differs", "says"),
    [
        ({"machine_id": f"{1:032x}"}, "guest 1 and guest 2 have the same machine-id"),
        ({"hostname": "host-1"}, "guest 1 and guest 2 have the same hostname (host-1)."),
        ({"boot_id": "boot-1"}, "guest 1 and guest 2 have the same boot id"),
        ({"host_keys": ["other", "key-1"]}, "guest 1 and guest 2 have the same SSH host key."),
        ({"machine_id": ""}, "guest 2 has no machine-id."),
        ({"machine_id": "uninitialized"}, "guest 2 has no machine-id."),
        ({"host_keys": []}, "guest 2 has no SSH host key."),
        ({"hostname": "localhost"}, "guest 2 has the hostname 'localhost', which is not unique."),
        ({"users": ["azureuser"]}, "guest 2 still has the user 'azureuser'."),
    ],
)
def test_each_fault_is_found(differs, says):
    findings = clone_findings([guest(1), guest(2, **differs)], absent_users=["azureuser"])
    assert [finding for finding in findings if finding.startswith(says)] == findings
    assert len(findings) == 1


def test_what_a_machine_has_of_its_source_is_found():
    assert clone_findings([guest(1, host_keys=["key-3"])], guest(3)) == [
        "guest 1 and guest 3 have the same SSH host key."
    ]


def test_an_answer_is_read():
    answer = "machine_id abc\r\nhost_key one\nhost_key two\nuser web user\nnoise\n\nhostname here\n"
    assert clone_identity(answer, "web") == {
        "name": "web",
        "machine_id": "abc",
        "boot_id": "",
        "hostname": "here",
        "host_keys": ["one", "two"],
        "users": ["web user"],
    }
    assert clone_identity(None)["host_keys"] == []


def test_the_script_runs_in_a_plain_shell():
    completed = subprocess.run(["sh", str(SCRIPT)], capture_output=True, text=True, timeout=60, check=True)
    assert completed.stderr == ""
    identity = clone_identity(completed.stdout)
    assert identity["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert identity["hostname"] == Path("/proc/sys/kernel/hostname").read_text().strip()
