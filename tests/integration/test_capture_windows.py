# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook capture_windows on embedded Azure, from plan to clones, with stand-ins for the guests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from predicted_writes import is_write
from windows_captures import ENCRYPTION, GROUP, MONITOR, PLAYBOOK, REPAIRS, Machines

from embedded_azure.guests.windows import COMPLETE, GENERALIZED
from windows_guest import playbooks as stand_in


def test_the_whole_way(windows_machines: Machines, tmp_path: Path) -> None:
    windows_machines.boot("web")
    finished = windows_machines.capture("web", capture_report_file=str(tmp_path / "report.json"))
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert windows_machines.kinds("web") == ["facts", "start", "state", "state", "win_file", "shutdown"]
    assert windows_machines.guests.guest("web").read()["facts"]["image_state"] == GENERALIZED
    image = windows_machines.image("web")
    assert image is not None
    disk = image["properties"]["storageProfile"]["osDisk"]
    assert (disk["osType"], disk["osState"]) == ("Windows", "Generalized")
    steps = [step["action"] for step in json.loads((tmp_path / "report.json").read_text())["steps"]]
    assert steps[-3:] == ["deallocate", "generalize", "create_image"]

    for clone in ("clone-1", "clone-2"):
        windows_machines.boot(clone, image["id"])
    identities = [windows_machines.guests.guest(name).read()["identity"] for name in ("clone-1", "clone-2")]
    assert [identity["computer_name"] for identity in identities] == ["clone-1", "clone-2"]
    assert identities[0]["sid"] != identities[1]["sid"]
    assert windows_machines.guests.guest("clone-1").read()["facts"]["image_state"] == COMPLETE

    again = windows_machines.capture("web")
    assert again.returncode == 0, again.stdout[-5000:]
    assert "changed=0" in again.stdout


#: How windows_machines are reached that are not in the inventory: the kind of connection, and the guest's shell over ssh.
REACHED = {**{kind: (kind, "powershell") for kind in stand_in.CONNECTIONS}, "ssh-cmd": ("ssh", "cmd")}


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[] if way in ("ssh", "psrp") else pytest.mark.sweep) for way in REACHED]
)
def test_a_machine_that_is_not_in_the_inventory(windows_machines: Machines, way: str) -> None:
    connection, shell = REACHED[way]
    windows_machines.boot("web")
    with windows_machines.guests.guest("web").change() as state:
        state["scenario"] = {"default_shell": shell}
    reached = stand_in.variables_for(connection, windows_machines.guests.guests, "web")
    for name in ("ansible_connection", "ansible_shell_type"):
        reached.pop(name, None)
    values = {
        "capture_source_vm": "web",
        "resource_group": GROUP,
        "capture_image_name": "golden-web",
        "capture_generalize": True,
        "capture_guest_address": reached.pop("ansible_host", "web"),
        "capture_guest_user": reached.pop("ansible_user"),
        "capture_guest_connection": connection,
        **({"capture_guest_shell": shell} if way == "ssh-cmd" else {}),
        **reached,
    }
    finished = windows_machines.playbooks.run(
        PLAYBOOK,
        "--check",
        "-e",
        json.dumps(values),
        **stand_in.environment(windows_machines.guests.guests),
    )
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert windows_machines.kinds("web") == ["facts"]


@pytest.mark.parametrize("arguments", [("-e", "capture_generalize=no"), ("-e", "capture_image_location=northeurope")])
def test_a_plan_that_is_blocked_leaves_the_guest_alone(windows_machines: Machines, arguments: tuple[str, ...]) -> None:
    windows_machines.boot("web")
    finished = windows_machines.capture("web", *arguments)
    assert finished.returncode == 2
    assert windows_machines.kinds("web") == []
    assert windows_machines.image("web") is None


def test_check_mode_touches_nothing(windows_machines: Machines) -> None:
    windows_machines.boot("web")
    windows_machines.azure.clear_requests()
    finished = windows_machines.capture("web", "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert "sysprep.exe" in finished.stdout
    assert "as generalized (irreversible)" in finished.stdout
    assert windows_machines.kinds("web") == ["facts"]
    writes = [entry for entry in windows_machines.azure.requests if is_write(entry)]
    assert writes == []


@pytest.mark.sweep
def test_disk_encryption_and_extensions_are_repaired_from_the_azure_side(windows_machines: Machines) -> None:
    """Decryption is asked for, awaited by Azure and by the guest, and only then the extension goes."""
    windows_machines.boot("repaired", extensions=(ENCRYPTION, MONITOR))
    with windows_machines.guests.guest("repaired").change() as state:
        assert [volume["conversion_status"] for volume in state["facts"]["volumes"]] == [1]
        # Seven looks at volumes that are still being decrypted, after Azure has said that they are not encrypted.
        state["scenario"]["decryption"] = 7
    windows_machines.azure.clear_requests()
    finished = windows_machines.capture("repaired", windows_sysprep_actions=REPAIRS)
    assert finished.returncode == 0, finished.stdout[-5000:]
    writes = [
        (entry.method, entry.path.rsplit("/", 1)[-1]) for entry in windows_machines.azure.requests if is_write(entry)
    ]
    assert writes[:3] == [("PUT", "AzureDiskEncryption"), ("DELETE", "AzureDiskEncryption"), ("DELETE", "monitor")]
    kinds = windows_machines.kinds("repaired")
    assert kinds.count("facts") > 7
    assert kinds[-5:] == ["start", "state", "state", "win_file", "shutdown"]
    facts = windows_machines.guests.guest("repaired").read()["facts"]
    assert (facts["extensions"], facts["volumes"][0]["conversion_status"]) == ([], 0)
    assert windows_machines.image("repaired") is not None


def test_check_mode_shows_what_azure_is_to_repair_and_touches_nothing(windows_machines: Machines) -> None:
    windows_machines.boot("web", extensions=(ENCRYPTION, MONITOR))
    windows_machines.azure.clear_requests()
    finished = windows_machines.capture("web", "--check", windows_sysprep_actions=REPAIRS)
    assert finished.returncode == 0, finished.stdout[-5000:]
    printed = finished.stdout + finished.stderr
    assert "decrypt all volumes through the extension 'web/AzureDiskEncryption' in resource group 'images'" in printed
    assert "remove the extension 'web/monitor'" in printed
    assert windows_machines.kinds("web") == ["facts"]
    writes = [entry for entry in windows_machines.azure.requests if is_write(entry)]
    assert writes == []


def test_nothing_named(windows_machines: Machines) -> None:
    finished = windows_machines.playbooks.run(PLAYBOOK)
    assert finished.returncode == 2
    assert "Specify the virtual machine: '-e target=HOST_OR_GROUP'" in finished.stdout
