# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook capture_windows on embedded Azure, from plan to clones, with stand-ins for the guests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playbook_runs import Playbooks
from predicted_writes import is_write
from repository import TESTS

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import COMPLETE, GENERALIZED, StandInWindows
from embedded_azure.seed import machine_body
from windows_guest import playbooks as stand_in
from windows_guest.facts import HEALTHY, PER_USER_PACKAGE, VM_ID

GROUP = "images"
PLAYBOOK = "golden.azure.capture_windows"
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
ENCRYPTION = {
    "name": "AzureDiskEncryption",
    "publisher": "Microsoft.Azure.Security",
    "type": "AzureDiskEncryption",
    "version": "2.2",
    "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"},
}
MONITOR = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorWindowsAgent"}
REPAIRS = ["disk_encryption", "extensions"]
#: The role's time on machines with a wait that never ends: many times what it takes to get there, on a busy machine, too.
DEADLINE = 60


@dataclass(frozen=True)
class Unhappy:
    """A machine that must not be captured."""

    #: What must be said of it.
    said: str
    #: The steps that may have reached the guest; None for any.
    kinds: tuple[str, ...] | None = None
    scenario: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    extensions: tuple[dict[str, Any], ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    connection: str = "ssh"


def endless(*repairs: str) -> dict[str, Any]:
    """Variables of a machine with a wait from the Azure side that never ends."""
    return {"windows_sysprep_actions": list(repairs), "windows_sysprep_timeout": DEADLINE}


def stubborn(connection: str | None = None) -> Unhappy:
    """A machine that does not shut down; whose answer is lost if it is reached over a connection of a kind."""
    lost = {"lose_answer": {"shutdown": -1}} if connection else {}
    return Unhappy(
        "is still running 3 s after its guest should have shut down",
        scenario={"shutdown": "never", **lost},
        variables={"capture_shutdown_timeout": 3},
        connection=connection or "ssh",
    )


UNHAPPY = {
    "packaged": Unhappy("NotepadPlusPlus", ("facts",), facts={"appx_packages": [PER_USER_PACKAGE]}),
    "failing": Unhappy("exit_code", scenario={"sysprep": "exit_1"}),
    "stubborn": stubborn(),
    # The connection is lost at the shutdown, as it is when that works; but Azure does not agree.
    **{f"stubborn-{connection}": stubborn(connection) for connection in stand_in.CONNECTIONS},
    "encrypted": Unhappy("(disk_encryption)", (), extensions=(ENCRYPTION,)),
    "bitlocker": Unhappy(
        "turn off BitLocker",
        ("facts",),
        facts={"volumes": [{**HEALTHY["volumes"][0], "conversion_status": 1}]},
        variables={"windows_sysprep_actions": REPAIRS},
    ),
}

#: Those with a wait that never ends, whose time must not go into preparing others.
ENDLESS = {
    "never-decrypted": Unhappy(
        "decryptionInProgress) did not complete within the time limit",
        extensions=(ENCRYPTION,),
        variables=endless("disk_encryption"),
    ),
    "never-removed": Unhappy("The extensions were not removed", extensions=(MONITOR,), variables=endless("extensions")),
    "never-back": Unhappy(
        "The extensions were not removed", scenario={"lose": {"win_ping": -1}}, variables=endless("extensions")
    ),
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
        """Run the playbook on a machine."""
        return self.capture_all({name: {}}, *arguments, **variables)

    def capture_all(
        self,
        machines: dict[str, dict[str, Any]],
        *arguments: str,
        connections: dict[str, str] | None = None,
        playbook: str = PLAYBOOK,
        **variables: Any,
    ) -> Any:
        """Run the playbook on machines with variables of their own, none waiting for another.

        :param connections: kinds of connections by the names of machines; ssh by default.
        """
        hosts = {}
        for name, own in machines.items():
            reached = stand_in.variables_for((connections or {}).get(name, "ssh"), self.guests.guests, name)
            hosts[name] = {**reached, **own}
        inventory = {"all": {"hosts": hosts}}
        written = self.playbooks.directory / "inventory.json"
        written.write_text(json.dumps(inventory))
        values = {
            "target": "all",
            "resource_group": GROUP,
            "capture_image_name": "golden-{{ inventory_hostname }}",
            "capture_generalize": True,
            "windows_sysprep_poll": 1,
            **variables,
        }
        environment = {
            **stand_in.environment(self.guests.guests),
            "ANSIBLE_FORKS": str(len(machines)),
        }
        return self.playbooks.run(playbook, "-i", str(written), "-e", json.dumps(values), *arguments, **environment)

    def kinds(self, name: str) -> list[str]:
        """The steps that reached a guest."""
        return [call["kind"] for call in self.guests.guest(name).calls if call["kind"] != "connection"]


@pytest.fixture
def guests(tmp_path: Path) -> StandInWindows:
    return StandInWindows(tmp_path / "windows")


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
    finished = machines.capture("web", capture_report_file=str(tmp_path / "report.json"))
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


#: How machines are reached that are not in the inventory: the kind of connection, and the guest's shell over ssh.
REACHED = {**{kind: (kind, "powershell") for kind in stand_in.CONNECTIONS}, "ssh-cmd": ("ssh", "cmd")}


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[] if way in ("ssh", "psrp") else pytest.mark.sweep) for way in REACHED]
)
def test_a_machine_that_is_not_in_the_inventory(machines: Machines, way: str) -> None:
    connection, shell = REACHED[way]
    machines.boot("web")
    with machines.guests.guest("web").change() as state:
        state["scenario"] = {"default_shell": shell}
    reached = stand_in.variables_for(connection, machines.guests.guests, "web")
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
    finished = machines.playbooks.run(
        PLAYBOOK,
        "--check",
        "-e",
        json.dumps(values),
        **stand_in.environment(machines.guests.guests),
    )
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert machines.kinds("web") == ["facts"]


@pytest.mark.parametrize("arguments", [("-e", "capture_generalize=no"), ("-e", "capture_image_location=northeurope")])
def test_a_plan_that_is_blocked_leaves_the_guest_alone(machines: Machines, arguments: tuple[str, ...]) -> None:
    machines.boot("web")
    finished = machines.capture("web", *arguments)
    assert finished.returncode == 2
    assert machines.kinds("web") == []
    assert machines.image("web") is None


@pytest.mark.sweep
def test_disk_encryption_and_extensions_are_repaired_from_the_azure_side(machines: Machines) -> None:
    """Decryption is asked for, awaited by Azure and by the guest, and only then the extension goes."""
    machines.boot("repaired", extensions=(ENCRYPTION, MONITOR))
    with machines.guests.guest("repaired").change() as state:
        assert [volume["conversion_status"] for volume in state["facts"]["volumes"]] == [1]
        # Seven looks at volumes that are still being decrypted, after Azure has said that they are not encrypted.
        state["scenario"]["decryption"] = 7
    machines.azure.clear_requests()
    finished = machines.capture("repaired", windows_sysprep_actions=REPAIRS)
    assert finished.returncode == 0, finished.stdout[-5000:]
    writes = [(entry.method, entry.path.rsplit("/", 1)[-1]) for entry in machines.azure.requests if is_write(entry)]
    assert writes[:3] == [("PUT", "AzureDiskEncryption"), ("DELETE", "AzureDiskEncryption"), ("DELETE", "monitor")]
    kinds = machines.kinds("repaired")
    assert kinds.count("facts") > 7
    assert kinds[-5:] == ["start", "state", "state", "win_file", "shutdown"]
    facts = machines.guests.guest("repaired").read()["facts"]
    assert (facts["extensions"], facts["volumes"][0]["conversion_status"]) == ([], 0)
    assert machines.image("repaired") is not None


def test_check_mode_touches_nothing(machines: Machines) -> None:
    machines.boot("web")
    machines.azure.clear_requests()
    finished = machines.capture("web", "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert "sysprep.exe" in finished.stdout
    assert "as generalized (irreversible)" in finished.stdout
    assert machines.kinds("web") == ["facts"]
    writes = [entry for entry in machines.azure.requests if is_write(entry)]
    assert writes == []


def test_check_mode_shows_what_azure_is_to_repair_and_touches_nothing(machines: Machines) -> None:
    machines.boot("web", extensions=(ENCRYPTION, MONITOR))
    machines.azure.clear_requests()
    finished = machines.capture("web", "--check", windows_sysprep_actions=REPAIRS)
    assert finished.returncode == 0, finished.stdout[-5000:]
    printed = finished.stdout + finished.stderr
    assert "decrypt all volumes through the extension 'web/AzureDiskEncryption' in resource group 'images'" in printed
    assert "remove the extension 'web/monitor'" in printed
    assert machines.kinds("web") == ["facts"]
    writes = [entry for entry in machines.azure.requests if is_write(entry)]
    assert writes == []


CHECK = pytest.mark.parametrize("arguments", [("--check",), ()], ids=["check", "run"])
SILENT = {"id": "", "source": "", "reason": "SMBIOS has no UUID"}
CONSENT = "windows_sysprep_allow_unknown_identity"


def writes(machines: Machines) -> list[str]:
    return [entry.path for entry in machines.azure.requests if is_write(entry)]


def assert_left_alone(machines: Machines, finished: Any, code: str, *looked_at: str) -> None:
    """See that a run was refused, and that machines were looked at, at most."""
    assert finished.returncode == 2, finished.stdout[-5000:]
    assert f'"code": "{code}"' in finished.stdout, finished.stdout[-5000:]
    assert writes(machines) == []
    assert machines.image("web") is None
    for name in ("web", "other"):
        assert machines.kinds(name) == ["facts"] * (name in looked_at)
        assert machines.guests.is_running(name)
        assert machines.guests.guest(name).read()["facts"]["image_state"] == COMPLETE


@CHECK
@pytest.mark.parametrize(
    ("extensions", "variables"),
    [
        pytest.param((), {}, id="plain"),
        pytest.param((), {"capture_snapshot_disks": True, CONSENT: True}, id="backup", marks=pytest.mark.sweep),
        pytest.param(
            (ENCRYPTION, MONITOR), {"windows_sysprep_actions": REPAIRS}, id="repairs", marks=pytest.mark.sweep
        ),
    ],
)
def test_an_address_of_another_machine(machines: Machines, arguments: Any, extensions: Any, variables: Any) -> None:
    machines.boot("web", extensions=extensions)
    machines.boot("other")
    machines.azure.clear_requests()
    finished = machines.capture_all({"web": {"ansible_host": "other"}}, *arguments, **variables)
    assert_left_alone(machines, finished, "guest_is_another_machine", "other")


@pytest.mark.sweep
@CHECK
def test_a_guest_that_does_not_say_who_it_is(machines: Machines, arguments: Any) -> None:
    for name in ("web", "other"):
        machines.boot(name)
    with machines.guests.guest("web").change() as state:
        state["facts"]["machine"] = SILENT
    machines.azure.clear_requests()
    assert_left_alone(machines, machines.capture("web", *arguments), "guest_identity_unknown", "web")
    finished = machines.capture("web", *arguments, **{CONSENT: True})
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert (machines.image("web") is None) == bool(arguments)


@pytest.mark.sweep
@CHECK
def test_azure_that_returns_no_id(machines: Machines, arguments: Any) -> None:
    for name in ("web", "other"):
        machines.boot(name)
    machines.azure.cloud.store.get(machines.id_of("web")).properties.pop("vmId")
    machines.azure.clear_requests()
    assert_left_alone(machines, machines.capture("web", *arguments), "guest_identity_unknown", "web")
    assert machines.capture("web", "--check", **{CONSENT: True}).returncode == 0


@pytest.mark.sweep
def test_of_a_copy_its_own_id_counts(machines: Machines) -> None:
    """Also when it is booted again; its disk has been the other machine's."""
    for name in ("web", "other"):
        machines.boot(name)
    disk = machines.azure.resources()[machines.id_of("web")]["properties"]["storageProfile"]["osDisk"]["managedDisk"]
    copied = {
        "id": machines.id_of("copied", "disks"),
        "location": "westeurope",
        "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": disk["id"]}, "osType": "Windows"},
    }
    body = machine_body({"name": "copy", "os_type": "Windows"}, "westeurope")
    del body["properties"]["osProfile"]
    attached = {"createOption": "Attach", "osType": "Windows", "managedDisk": {"id": copied["id"]}}
    body["properties"]["storageProfile"] = {"osDisk": attached}
    machines.azure.seed({"resources": [copied, {"id": machines.id_of("copy"), **body}]})
    for action in ("deallocate", "start"):
        machines.azure.act(machines.id_of("copy"), action)
    machines.azure.clear_requests()
    refused = machines.capture_all({"web": {"ansible_host": "copy"}})
    assert refused.returncode == 2
    assert '"code": "guest_is_another_machine"' in refused.stdout
    assert writes(machines) == []
    finished = machines.capture("copy")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert machines.image("copy") is not None
    assert machines.kinds("web") == []


@pytest.fixture(scope="module")
def unhappy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machines, Any]]:
    """The machines that must not be captured, and the run that tried."""
    yield from tried(tmp_path_factory.mktemp("unhappy"), UNHAPPY)


@pytest.fixture(scope="module")
def endless_waits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machines, Any]]:
    """Those with a wait that never ends."""
    yield from tried(tmp_path_factory.mktemp("endless"), ENDLESS)


def tried(directory: Path, unhappy: dict[str, Unhappy]) -> Iterator[tuple[Machines, Any]]:
    """Try to capture machines at once; decryption and removals take an hour."""
    guests = StandInWindows(
        directory / "windows", {name: (machine.scenario, machine.facts) for name, machine in unhappy.items()}
    )
    durations = {"decrypt": 3600, "DELETE Microsoft.Compute/virtualMachines/extensions": 3600}
    with EmbeddedAzure(guests=guests, retry_after=1, durations=durations) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        machines = Machines(azure, guests, Playbooks(directory, azure.environment()))
        for name, machine in unhappy.items():
            machines.boot(name, extensions=machine.extensions)
        finished = machines.capture_all(
            {name: machine.variables for name, machine in unhappy.items()},
            connections={name: machine.connection for name, machine in unhappy.items()},
        )
        yield machines, finished


@pytest.mark.sweep
@pytest.mark.parametrize("name", UNHAPPY)
def test_a_machine_that_must_not_be_captured(unhappy: tuple[Machines, Any], name: str) -> None:
    assert_not_captured(*unhappy, name, UNHAPPY[name])


@pytest.mark.sweep
@pytest.mark.parametrize("name", ENDLESS)
def test_a_machine_with_a_wait_that_never_ends(endless_waits: tuple[Machines, Any], name: str) -> None:
    assert_not_captured(*endless_waits, name, ENDLESS[name])


def assert_not_captured(machines: Machines, finished: Any, name: str, unhappy: Unhappy) -> None:
    """Make sure that it was told why a machine is not captured, and that it was not."""
    fatal = [line for line in finished.stdout.split("\nfatal: ")[1:] if line.startswith(f"[{name}")]
    assert any(unhappy.said in line for line in fatal), finished.stdout[-9000:]
    assert machines.image(name) is None
    assert machines.guests.is_running(name)
    if unhappy.kinds is not None:
        assert tuple(machines.kinds(name)) == unhappy.kinds


@pytest.mark.sweep
def test_a_shutdown_without_an_answer_counts_if_azure_agrees(machines: Machines) -> None:
    """Over each kind of connection; and when sysprep shuts down itself, so that nobody sees how it ends."""
    names = {connection: connection for connection in stand_in.CONNECTIONS}
    for name in (*names, "itself"):
        machines.boot(name)
        with machines.guests.guest(name).change() as state:
            state["scenario"] = {"looks": 2} if name == "itself" else {"lose_answer": {"shutdown": -1}}
    own: dict[str, dict[str, Any]] = {name: {} for name in names}
    itself = {"windows_sysprep_end": "shutdown", "__windows_sysprep_lost_limit": 2}
    finished = machines.capture_all({**own, "itself": itself}, connections=names)
    assert finished.returncode == 0, finished.stdout[-5000:]
    for name in (*names, "itself"):
        assert machines.image(name) is not None
        assert not machines.guests.is_running(name)
    assert finished.stdout.count("shutdown was not confirmed") >= 1


REAL = TESTS / "azure" / "windows.yml"


@pytest.mark.sweep
def test_the_playbook_for_the_real_azure(machines: Machines, tmp_path: Path) -> None:
    """Which nobody runs here on the real one: on embedded Azure it must go all the way, and clean up."""
    machines.boot("web")
    with machines.guests.guest("web").change() as state:
        state["facts"]["user"]["name"] = "WEB1\\somebody"
        state["facts"]["appx_packages"][0]["users"] = ["WEB1\\somebody S-1-5-21-397955417-626881126-188441444-500"]
    network = (
        f"/subscriptions/{machines.azure.settings.subscription}/resourceGroups/{GROUP}/providers/Microsoft.Network"
    )
    subnets = [{"name": "build", "properties": {"addressPrefix": "10.9.0.0/24"}}]
    properties = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets}
    wide = {"id": f"{network}/virtualNetworks/wide", "location": "westeurope", "properties": properties}
    machines.azure.seed({"resources": [wide]})
    given = {
        "real_azure": True,
        "capture_source_vm": "web",
        "capture_image_name": "golden-web",
        "capture_guest_address": "web",
        "subnet": f"{network}/virtualNetworks/wide/subnets/build",
        "clone_name": "clone-1",
        "clone_password": "not-a-secret-1A!",
        "windows_sysprep_actions": ["extensions"],
        "record": str(tmp_path / "record.json"),
    }
    finished = machines.capture_all({"web": {}}, playbook=str(REAL), **given)
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr[-2000:]
    assert "The clone is a machine of its own" in finished.stdout
    assert machines.image("web") is not None
    assert not any(identity.endswith("/clone-1") for identity in machines.azure.resources())
    recorded = json.loads((tmp_path / "record.json").read_text())
    assert recorded["recorded"]
    assert set(recorded["facts"]) == set(HEALTHY)
    assert recorded["facts"]["appx_packages"][0]["users"] == ["GUEST\\azureuser S-1-5-21-1-2-3-500"]
    text = json.dumps(recorded).lower()
    assert not [word for word in ("web1", "somebody", "397955417") if word in text]
    assert recorded["facts"]["machine"]["id"] == VM_ID


def test_the_playbook_for_the_real_azure_wants_consent(machines: Machines) -> None:
    finished = machines.capture_all(
        {"web": {}}, playbook=str(REAL), capture_source_vm="web", capture_image_name="golden-web"
    )
    assert finished.returncode == 2
    assert "-e real_azure=true" in finished.stdout


def test_nothing_named(machines: Machines) -> None:
    finished = machines.playbooks.run(PLAYBOOK)
    assert finished.returncode == 2
    assert "Specify the virtual machine: '-e target=HOST_OR_GROUP'" in finished.stdout
