# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role image_verify on images of today, for machines that are stand-ins for Windows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.filter.clone_identity import clone_identity
from playbook_runs import Playbooks
from predicted_writes import is_write

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import GENERALIZED, StandInWindows
from windows_guest.cases import identity as known
from windows_guest.identity import lines

Json = dict[str, Any]

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
DEFINITION = f"{COMPUTE}/galleries/golden/images/web"
VERSION = f"{DEFINITION}/versions/1.0.0"
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
FEATURES = {"SecurityType": "TrustedLaunch", "DiskControllerTypes": "SCSI, NVMe"}


@pytest.fixture
def azure(windows: StandInWindows) -> Iterator[EmbeddedAzure]:
    """An Azure with a version of a Trusted Launch machine with Windows."""
    with EmbeddedAzure(guests=windows, retry_after=1, features=["Microsoft.Compute/EncryptionAtHost"]) as running:
        definition = {
            "osType": "Windows",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
            "features": [{"name": name, "value": value} for name, value in FEATURES.items()],
        }
        subnets = [{"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}]
        machine = {
            "name": "web",
            "group": "images",
            "os_type": "Windows",
            "image": WINDOWS,
            "security_type": "TrustedLaunch",
        }
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "resources": [
                    {"id": NETWORK, "location": "westeurope", "properties": {"subnets": subnets}},
                    {"id": f"{COMPUTE}/galleries/golden", "location": "westeurope"},
                    {"id": DEFINITION, "location": "westeurope", "properties": definition},
                ],
                "virtual_machines": [machine],
            }
        )
        yield running


def published(azure: EmbeddedAzure, windows: StandInWindows, **secure_boot: Any) -> None:
    """A version of the machine, whose Secure Boot is as named."""
    with windows.guest("web").change() as state:
        state["facts"]["image_state"] = GENERALIZED
        state["facts"]["secure_boot"] = {"enabled": True, **secure_boot}
    for action in ("deallocate", "generalize"):
        azure.act(f"{COMPUTE}/virtualMachines/web", action)
    source = {"storageProfile": {"source": {"virtualMachineId": f"{COMPUTE}/virtualMachines/web"}}}
    azure.seed({"resources": [{"id": VERSION, "location": "westeurope", "properties": source}]})
    azure.clear_requests()


def verify(playbooks: Playbooks, tmp_path: Path, *arguments: str, **variables: Any) -> tuple[int, Json, str]:
    """Run the role; its status, its result and what was printed."""
    wanted = {
        "image": VERSION,
        "subnet": f"{NETWORK}/subnets/default",
        "os_type": "windows",
        "connection": "run_command",
        **variables,
    }
    result = tmp_path / "result.json"
    tasks = [
        {
            "name": "Verify",
            "block": [{"name": "Verify", "ansible.builtin.include_role": {"name": "golden.azure.image_verify"}}],
            "always": [
                {
                    "name": "Store the result",
                    "ansible.builtin.copy": {
                        "content": "{{ image_verify_result | to_json }}",
                        "dest": str(result),
                        "mode": "0600",
                    },
                    "check_mode": False,
                }
            ],
        }
    ]
    play = {
        "name": "Verify",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {f"image_verify_{name}": value for name, value in wanted.items()},
        "tasks": tasks,
    }
    playbook = tmp_path / "verify.yml"
    playbook.write_text(yaml.safe_dump([play]))
    finished = playbooks.run(playbook, *arguments)
    assert result.exists(), finished.stdout[-6000:] + finished.stderr[-2000:]
    return finished.returncode, json.loads(result.read_text()), finished.stdout


def made(azure: EmbeddedAzure) -> list[Json]:
    """The bodies of the machines that were asked for."""
    machines = [one for one in azure.requests if one.method == "PUT" and one.path.split("/")[-2] == "virtualMachines"]
    return [one.request_body["properties"] for one in machines]


def test_a_machine_as_the_version_and_the_policies_ask(azure, windows, playbooks, tmp_path):
    published(azure, windows, status="Updated", capable=2)
    sizes = {"vm_size": ["Standard_D2ps_v6", "Standard_D2s_v6"], "encryption_at_host": True}
    status, result, _printed = verify(playbooks, tmp_path, "--check", **sizes)
    assert (status, result["outcome"]) == (0, "would_verify")
    assert not [one for one in azure.requests if is_write(one)]
    status, result, printed = verify(playbooks, tmp_path, **sizes)
    assert (status, result["outcome"]) == (0, "verified"), printed[-6000:]
    assert result["warnings"] == []
    assert result["identities"][0]["secure_boot"]["status"] == "Updated"
    # Their identities differ, as nothing is known of the source.
    assert len(result["identities"]) == 2
    machine, _other = made(azure)
    assert machine["hardwareProfile"]["vmSize"] == "Standard_D2s_v6"
    assert machine["storageProfile"]["diskControllerType"] == "NVMe"
    firmware = {"secureBootEnabled": True, "vTpmEnabled": True}
    assert machine["securityProfile"] == {
        "securityType": "TrustedLaunch",
        "encryptionAtHost": True,
        "uefiSettings": firmware,
    }


def test_a_version_is_replicated_everywhere_before_it_is_tried(azure, windows, playbooks, tmp_path):
    published(azure, windows, status="Updated", capable=2)
    azure.seed({"settings": {"replication_failures": {"northeurope": 1}}})
    regions = {"publishingProfile": {"targetRegions": [{"name": "westeurope"}, {"name": "northeurope"}]}}
    azure.cloud.send("PUT", VERSION, {"location": "westeurope", "properties": regions}, "2026-03-03")
    azure.cloud.operations.hurry()
    assert azure.resources()[VERSION]["properties"]["provisioningState"] == "Failed"
    azure.clear_requests()
    status, result, printed = verify(playbooks, tmp_path)
    assert (status, result["outcome"]) == (0, "verified"), printed[-6000:]
    first = next(one.path for one in azure.requests if one.method == "PUT")
    assert first.lower() == VERSION.lower()
    assert azure.resources()[VERSION]["properties"]["provisioningState"] == "Succeeded"


def test_certificates_that_have_expired_are_warned_of(azure, windows, playbooks, tmp_path):
    published(azure, windows, status="NotStarted", capable=0)
    # A size by its name alone is one size.
    status, result, printed = verify(playbooks, tmp_path, vm_size="Standard_D2s_v5")
    assert (status, result["outcome"]) == (0, "verified"), printed[-6000:]
    # Of each of the two.
    assert [warning["code"] for warning in result["warnings"]] == ["secure_boot_outdated"] * 2
    assert result["warnings"][0]["message"] in printed.replace("\n", "")


def test_clones_that_share_an_identity_are_found(azure, windows, playbooks, tmp_path):
    """Sysprep, or the first start, has not made anew what it should, and the source was left with keys."""
    with windows.guest("web").change() as state:
        state["scenario"]["shares"] = ["sid", "machine_guid"]
        state["facts"]["leftovers"] = [{"kind": "ssh_host_keys", "path": "C:\\ProgramData\\ssh\\ssh_host_rsa_key.pub"}]
        state["identity"]["host_keys"] = ["0123456789abcdef"]
        state["facts"]["winrm_listeners"] = [{"name": "Listener7", "thumbprint": "89ABCDEF"}]
        state["facts"]["known_identities"] = [known("wazuh")]
    published(azure, windows, status="Updated", capable=2)
    status, result, printed = verify(playbooks, tmp_path, absent_users=["builder"])
    assert (status, result["outcome"]) == (2, "failed"), printed[-6000:]
    first, second = (identity["name"] for identity in result["identities"])
    both = f"{first} and {second} have the same"
    sid, guid = (result["identities"][0][key] for key in ("machine_sid", "machine_guid"))
    assert result["findings"] == [
        {"code": "clone_identity_shared", "identity": identity, "message": f"{both} {what}."}
        for identity, what in (
            ("machine_sid", f"machine SID ({sid})"),
            ("machine_guid", f"MachineGuid ({guid})"),
            ("host_key", "SSH host key"),
            ("winrm_key", "certificate of WinRM"),
        )
    ]
    (warning,) = result["warnings"]
    assert (warning["code"], warning["identity"]) == ("known_identity_shared", "wazuh")
    assert "the action 'known_agents'" in warning["message"]


@pytest.mark.sweep
def test_a_clone_is_compared_with_its_source_and_its_users_are_looked_for(azure, windows, playbooks, tmp_path):
    with windows.guest("web").change() as state:
        state["scenario"] = {"shares": ["sid"], "users": ["builder"]}
    source = clone_identity("\n".join(lines(windows.guest("web").read())), "web")
    published(azure, windows, status="Updated", capable=2)
    status, result, printed = verify(playbooks, tmp_path, source_identity=source, absent_users=["builder"])
    assert (status, result["outcome"]) == (2, "failed"), printed[-6000:]
    (clone,) = result["identities"]
    assert [(one["code"], one.get("identity"), one["message"]) for one in result["findings"]] == [
        ("clone_user_exists", None, f"{clone['name']} still has the user 'builder'."),
        (
            "clone_identity_shared",
            "machine_sid",
            f"{clone['name']} and web have the same machine SID ({source['machine_sid']}).",
        ),
    ]


@pytest.mark.parametrize("arguments", [["--check"], []])
def test_sizes_of_which_none_fits_are_refused_before_anything_is_made(azure, windows, playbooks, tmp_path, arguments):
    published(azure, windows, status="Updated", capable=2)
    status, result, printed = verify(playbooks, tmp_path, *arguments, vm_size=["Standard_D2ps_v6", "Standard_D2_v3"])
    assert (status, result["outcome"]) == (2, "not_tried"), printed[-6000:]
    assert "Standard_D2ps_v6 lacks the architecture x64" in result["reason"]
    assert "Standard_D2_v3 lacks generation 2" in result["reason"]
    assert not [one for one in azure.requests if is_write(one)]
