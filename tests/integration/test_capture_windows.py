# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook capture_windows on embedded Azure, from plan to clones, with stand-ins for the guests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import COMPLETE, GENERALIZED, StandInWindows
from windows_guest import playbooks as stand_in
from windows_guest.facts import HEALTHY, PER_USER_PACKAGE

GROUP = "images"
PLAYBOOK = "golden.azure.capture_windows"
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
#: Machines, how they behave, and what their facts are.
SCENARIOS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "packaged": ({}, {"appx_packages": [PER_USER_PACKAGE]}),
    "stubborn": ({"shutdown": "never"}, {}),
    "itself": ({"looks": 2}, {}),
    "failing": ({"sysprep": "exit_1"}, {}),
    "bitlocker": ({}, {"volumes": [{**HEALTHY["volumes"][0], "conversion_status": 1}]}),
}


@dataclass
class Machines:
    """Windows machines on embedded Azure."""

    azure: EmbeddedAzure
    guests: StandInWindows
    playbooks: Any

    def boot(self, name: str, image: Any = None, extensions: tuple[dict[str, Any], ...] = ()) -> None:
        """Make a machine from the marketplace, or from an image."""
        machine = {"name": name, "group": GROUP, "image": image or WINDOWS, "os_type": "Windows"}
        self.azure.seed({"virtual_machines": [{**machine, "extensions": extensions}]})

    def id_of(self, name: str, kind: str = "virtualMachines") -> str:
        """The id of a Compute resource."""
        group = f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"
        return f"{group}/providers/Microsoft.Compute/{kind}/{name}"

    def image(self, name: str) -> dict[str, Any] | None:
        """The image of a machine, if it is there."""
        return self.azure.resources().get(self.id_of(f"golden-{name}", "images"))

    def capture(self, name: str, *arguments: str, **variables: Any) -> Any:
        """Run the playbook."""
        inventory = self.playbooks.directory / "inventory.json"
        inventory.write_text(json.dumps(stand_in.inventory(name)))
        values = {
            "target": name,
            "resource_group": GROUP,
            "image_name": f"golden-{name}",
            "generalize": True,
            "windows_sysprep_poll": 1,
            **variables,
        }
        environment = stand_in.environment(self.guests.guests)
        return self.playbooks.run(PLAYBOOK, "-i", str(inventory), "-e", json.dumps(values), *arguments, **environment)

    def kinds(self, name: str) -> list[str]:
        """The steps that reached a guest."""
        return [call["kind"] for call in self.guests.guest(name).calls if call["kind"] != "connection"]


@pytest.fixture
def guests(tmp_path: Path) -> StandInWindows:
    return StandInWindows(tmp_path / "windows", SCENARIOS)


@pytest.fixture
def azure(guests: StandInWindows) -> Iterator[EmbeddedAzure]:
    with EmbeddedAzure(guests=guests, retry_after=1) as running:
        running.seed({"groups": {GROUP: "westeurope"}})
        yield running


@pytest.fixture
def machines(azure: EmbeddedAzure, guests: StandInWindows, playbooks: Any) -> Machines:
    return Machines(azure, guests, playbooks)


def test_the_whole_way(machines: Machines, tmp_path: Path) -> None:
    machines.boot("web")
    finished = machines.capture("web", report_file=str(tmp_path / "report.json"))
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert machines.kinds("web") == ["facts", "start", "state", "state", "win_file", "shutdown"]
    assert machines.guests.guest("web").read()["facts"]["image_state"] == GENERALIZED
    image = machines.image("web")
    assert image is not None
    disk = image["properties"]["storageProfile"]["osDisk"]
    assert (disk["osType"], disk["osState"]) == ("Windows", "Generalized")
    steps = [step["action"] for step in json.loads((tmp_path / "report.json").read_text())["steps"]]
    assert steps[-3:] == ["deallocate", "generalize", "create_image"]

    for clone in ("clone-1", "clone-2"):
        machines.boot(clone, image["id"])
    identities = [machines.guests.guest(name).read()["identity"] for name in ("clone-1", "clone-2")]
    assert [identity["computer_name"] for identity in identities] == ["clone-1", "clone-2"]
    assert identities[0]["sid"] != identities[1]["sid"]
    assert machines.guests.guest("clone-1").read()["facts"]["image_state"] == COMPLETE

    again = machines.capture("web")
    assert again.returncode == 0, again.stdout[-5000:]
    assert "changed=0" in again.stdout


@pytest.mark.parametrize("arguments", [("-e", "generalize=no"), ("-e", "image_location=northeurope")])
def test_a_plan_that_is_blocked_leaves_the_guest_alone(machines: Machines, arguments: tuple[str, ...]) -> None:
    machines.boot("web")
    finished = machines.capture("web", *arguments)
    assert finished.returncode == 2
    assert machines.kinds("web") == []
    assert machines.image("web") is None


ENCRYPTION = {
    "name": "AzureDiskEncryption",
    "publisher": "Microsoft.Azure.Security",
    "type": "AzureDiskEncryption",
    "version": "2.2",
    "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"},
}
MONITOR = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorWindowsAgent"}


def test_disk_encryption_is_refused_before_the_guest_is_touched(machines: Machines) -> None:
    machines.boot("encrypted", extensions=(ENCRYPTION,))
    finished = machines.capture("encrypted")
    assert finished.returncode == 2
    assert '"code": "disk_encryption"' in finished.stdout
    assert machines.kinds("encrypted") == []


def test_disk_encryption_and_extensions_are_repaired_from_the_azure_side(machines: Machines) -> None:
    """Decryption is asked for, awaited by Azure and by the guest, and only then the extension goes."""
    machines.boot("encrypted", extensions=(ENCRYPTION, MONITOR))
    with machines.guests.guest("encrypted").change() as state:
        assert [volume["conversion_status"] for volume in state["facts"]["volumes"]] == [1]
        # Seven looks at volumes that are still being decrypted, after Azure has said that they are not encrypted.
        state["scenario"]["decryption"] = 7
    machines.azure.clear_requests()
    finished = machines.capture("encrypted", windows_sysprep_repairs=["disk_encryption", "extensions"])
    assert finished.returncode == 0, finished.stdout[-5000:]
    writes = [
        (entry.method, entry.path.rsplit("/", 1)[-1])
        for entry in machines.azure.requests
        if entry.method != "GET" and "/oauth2/" not in entry.path
    ]
    assert writes[:3] == [("PUT", "AzureDiskEncryption"), ("DELETE", "AzureDiskEncryption"), ("DELETE", "monitor")]
    kinds = machines.kinds("encrypted")
    assert kinds.count("facts") > 7
    assert kinds[-5:] == ["start", "state", "state", "win_file", "shutdown"]
    facts = machines.guests.guest("encrypted").read()["facts"]
    assert (facts["extensions"], facts["volumes"][0]["conversion_status"]) == ([], 0)
    assert machines.image("encrypted") is not None


def test_what_azure_did_not_encrypt_azure_cannot_decrypt(machines: Machines) -> None:
    machines.boot("bitlocker")
    finished = machines.capture("bitlocker", windows_sysprep_repairs=["disk_encryption", "extensions"])
    assert finished.returncode == 2
    assert "Nothing was changed" in finished.stdout
    assert "turn off BitLocker" in finished.stdout
    assert machines.kinds("bitlocker") == ["facts"]


def test_check_mode_touches_nothing(machines: Machines) -> None:
    machines.boot("web")
    machines.azure.clear_requests()
    finished = machines.capture("web", "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert "sysprep.exe" in finished.stdout
    assert "as generalized, for good" in finished.stdout
    assert machines.kinds("web") == ["facts"]
    writes = [entry for entry in machines.azure.requests if entry.method != "GET" and "/oauth2/" not in entry.path]
    assert writes == []


@pytest.mark.parametrize(("name", "said"), [("packaged", "NotepadPlusPlus"), ("failing", "exit_code")])
def test_a_guest_that_is_not_generalized_is_not_captured(machines: Machines, name: str, said: str) -> None:
    machines.boot(name)
    finished = machines.capture(name)
    assert finished.returncode == 2
    assert said in finished.stdout
    assert machines.image(name) is None
    assert machines.guests.is_running(name)


def test_a_shutdown_counts_only_if_azure_agrees(machines: Machines) -> None:
    machines.boot("stubborn")
    finished = machines.capture("stubborn", shutdown_timeout=3)
    assert finished.returncode == 2
    assert "shut" in finished.stdout.split("TASK [Capture]")[1]
    assert machines.image("stubborn") is None


def test_a_sysprep_that_shuts_down_itself_is_captured_when_azure_says_so(machines: Machines) -> None:
    machines.boot("itself")
    finished = machines.capture("itself", windows_sysprep_end="shutdown", __windows_sysprep_lost_limit=2)
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert machines.image("itself") is not None


def test_nothing_named(machines: Machines) -> None:
    finished = machines.playbooks.run(PLAYBOOK)
    assert finished.returncode == 2
    assert "Name the machine: '-e target=HOST_OR_GROUP'" in finished.stdout
