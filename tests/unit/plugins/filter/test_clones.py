# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes machines of one image machines of their own."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.filter.clone_findings import clone_findings
from ansible_collections.golden.azure.plugins.filter.clone_identity import clone_identity
from ansible_collections.golden.azure.plugins.filter.clone_warnings import clone_warnings
from ansible_collections.golden.azure.plugins.filter.secure_boot_warnings import secure_boot_warnings
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


#: The code of a finding about each property, and which identity it names.
EXPECTED = {
    "machine_id": ("clone_identity_shared", "machine_id"),
    "hostname": ("clone_identity_shared", "hostname"),
    "boot_id": ("clone_identity_shared", "boot_id"),
    "host_keys": ("clone_identity_shared", "host_key"),
    "users": ("clone_user_exists", None),
}


def messages(findings: list[dict[str, str]]) -> list[str]:
    return [finding["message"] for finding in findings]


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
        ({"hostname": "localhost"}, "guest 2 has the default hostname 'localhost'."),
        ({"users": ["azureuser"]}, "guest 2 still has the user 'azureuser'."),
    ],
)
def test_each_fault_is_found(differs, says):
    findings = clone_findings([guest(1), guest(2, **differs)], absent_users=["azureuser"])
    assert [finding for finding in findings if finding["message"].startswith(says)] == findings
    assert len(findings) == 1
    code, identity = EXPECTED[next(iter(differs))]
    if "has no" in says:
        code = "clone_identity_missing"
    if "default hostname" in says:
        code, identity = "clone_hostname_default", None
    assert (findings[0]["code"], findings[0].get("identity")) == (code, identity)


def test_what_a_machine_has_of_its_source_is_found():
    assert clone_findings([guest(1, host_keys=["key-3"])], guest(3)) == [
        {
            "code": "clone_identity_shared",
            "identity": "host_key",
            "message": "guest 1 and guest 3 have the same SSH host key.",
        }
    ]


def windows(number: int, **differs: Any) -> dict[str, Any]:
    answer = (
        f"machine_sid S-1-5-21-1-2-{number}\nmachine_guid guid-{number}\nhostname HOST{number}\nsystem windows\n"
        f"host_key key-{number}\nwinrm_key AB{number}\nuser Administrator\nimage_state IMAGE_STATE_COMPLETE\n"
        f"agent wazuh C:\\Program Files (x86)\\ossec-agent\\client.keys digest-{number}\n"
        'secure_boot {"enabled":true,"status":"NotStarted","capable":null}'
    )
    return {**clone_identity(answer, f"guest {number}"), **differs}


def test_machines_with_windows_of_their_own():
    assert clone_findings([windows(1), windows(2)], windows(3), ["azureuser"]) == []
    assert clone_findings([windows(1, host_keys=[], winrm_keys=[])]) == []
    assert clone_warnings([windows(1), windows(2)]) == []


@pytest.mark.parametrize(
    ("differs", "says"),
    [
        ({"machine_sid": "S-1-5-21-1-2-1"}, "guest 1 and guest 2 have the same machine SID (S-1-5-21-1-2-1)."),
        ({"machine_guid": "GUID-1"}, "guest 1 and guest 2 have the same MachineGuid (guid-1)."),
        ({"hostname": "host1"}, "guest 1 and guest 2 have the same hostname (HOST1)."),
        ({"host_keys": ["key-1"]}, "guest 1 and guest 2 have the same SSH host key."),
        ({"winrm_keys": ["other", "AB1"]}, "guest 1 and guest 2 have the same certificate of WinRM."),
        ({"machine_sid": ""}, "guest 2 has no machine SID."),
        ({"machine_sid": "S-1-5-18"}, "guest 2 has no machine SID."),
        ({"machine_guid": ""}, "guest 2 has no MachineGuid."),
        ({"users": ["azureuser"]}, "guest 2 still has the user 'azureuser'."),
    ],
)
def test_each_fault_of_windows_is_found(differs, says):
    assert messages(clone_findings([windows(1), windows(2, **differs)], absent_users=["azureuser"])) == [says]
    if "have the same" in says:
        told = messages(clone_findings([windows(2, **differs)], windows(1)))
        assert [one.replace("guest 2 and guest 1", "guest 1 and guest 2").lower() for one in told] == [says.lower()]


def test_what_windows_tells_of_agents_and_secure_boot():
    shared = windows(2, agents=windows(1)["agents"])
    (warning,) = clone_warnings([windows(1), shared])
    assert warning["identity"] == "wazuh"
    assert "C:\\Program Files (x86)\\ossec-agent\\client.keys" in warning["message"]
    assert "known_agents" in warning["message"]
    assert [one["code"] for one in secure_boot_warnings([shared])] == ["secure_boot_outdated"]
    assert clone_identity('secure_boot {"enabled')["secure_boot"] == ""


def test_an_answer_is_read():
    answer = "machine_id abc\r\nhost_key one\nhost_key two\nuser web user\nnoise\n\nhostname here\n"
    assert clone_identity(answer, "web") == {
        "name": "web",
        "system": "",
        "machine_id": "abc",
        "boot_id": "",
        "hostname": "here",
        "host_keys": ["one", "two"],
        "users": ["web user"],
        "secure_boot": "",
        "machine_sid": "",
        "machine_guid": "",
        "image_state": "",
        "winrm_keys": [],
        "identities": [],
        "agents": [],
    }
    assert clone_identity(None)["host_keys"] == []


def test_the_script_runs_in_a_plain_shell():
    completed = subprocess.run(["sh", str(SCRIPT)], capture_output=True, text=True, timeout=60, check=True)
    assert completed.stderr == ""
    identity = clone_identity(completed.stdout)
    assert identity["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert identity["hostname"] == Path("/proc/sys/kernel/hostname").read_text().strip()


@pytest.mark.parametrize(
    ("on", "trusted", "keys", "told"),
    [
        (b"\1", b"Microsoft Corporation UEFI CA 2011", b"KEK CA 2011", "2011"),
        (b"\1", b"\xff\xfeMicrosoft Corporation UEFI CA 2011 Microsoft UEFI CA 2023\x00", b"KEK CA 2011", "2011"),
        (b"\1", b"Microsoft Corporation UEFI CA 2011\xa0Microsoft UEFI CA 2023", b"\x80KEK 2K CA 2023", "2023"),
        (b"\0", b"Microsoft Corporation UEFI CA 2011", b"", ""),
        (b"\1", b"One's own", b"", ""),
        (None, b"", b"", ""),
    ],
)
def test_a_machine_says_which_certificates_its_secure_boot_goes_by(tmp_path, on, trusted, keys, told):
    variables = {
        "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": on,
        "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f": trusted,
        "KEK-8be4df61-93ca-11d2-aa0d-00e098032b8c": keys,
    }
    for name, value in variables.items() if on is not None else ():
        (tmp_path / name).write_bytes(b"\6\0\0\0" + value)
    script = SCRIPT.read_text(encoding="utf-8").replace("/sys/firmware/efi/efivars", str(tmp_path))
    answer = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    identity = clone_identity(answer.stdout, "clone")
    assert identity["secure_boot"] == told
    assert [warning["code"] for warning in secure_boot_warnings([identity])] == (
        ["secure_boot_outdated"] if told == "2011" else []
    )


def test_the_keys_that_sshd_presents_are_told_wherever_it_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A clone that presents the key of its source, from another folder than /etc/ssh, must not be called verified."""
    scanner = tmp_path / "ssh-keyscan"
    scanner.write_text(
        "#!/bin/sh\n"
        'echo "# comment"\n'
        'case "$*" in *"-p 2222"*10.0.0.5*) echo "10.0.0.5 ssh-ed25519 AAAAelsewhere" ;; esac\n',
        encoding="utf-8",
    )
    scanner.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.4 50000 10.0.0.5 2222")
    answers = []
    for name in ("source", "clone"):
        completed = subprocess.run(["sh", str(SCRIPT)], capture_output=True, text=True, timeout=60, check=True)
        answers.append(clone_identity(completed.stdout, name))
    key = hashlib.sha256(b"ssh-ed25519 AAAAelsewhere\n").hexdigest()
    assert key in answers[0]["host_keys"]
    assert "clone and source have the same SSH host key." in messages(clone_findings(answers[1:], answers[0]))


def test_what_else_identifies_a_machine_is_told_by_the_table_and_compared(tmp_path: Path):
    for name in ("must differ", "agent one", "agent two", "empty"):
        (tmp_path / name.replace(" ", "-")).write_text("" if name == "empty" else name, encoding="utf-8")
    table = f"identity yum_uuid {tmp_path}/must-*\nagent wazuh {tmp_path}/agent-*\nagent falcon {tmp_path}/absent\nagent x {tmp_path}/empty"
    script = SCRIPT.read_text(encoding="utf-8").replace("@TABLE@", table)
    completed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    one, other = (clone_identity(completed.stdout, name) for name in ("one", "other"))
    assert [each.split()[:2] for each in one["identities"]] == [["yum_uuid", f"{tmp_path}/must-differ"]]
    assert [each.split()[1] for each in one["agents"]] == [f"{tmp_path}/agent-one", f"{tmp_path}/agent-two"]
    assert f"one and other have the same {tmp_path}/must-differ (yum_uuid)." in messages(clone_findings([one, other]))
    assert [warning["identity"] for warning in clone_warnings([one], other)] == ["wazuh", "wazuh"]
    assert {warning["code"] for warning in clone_warnings([one, other])} == {"known_identity_shared"}
    assert clone_warnings([one]) == clone_warnings(None) == []
