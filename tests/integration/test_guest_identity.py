# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guest that is prepared is the virtual machine that is captured: real Debian guests, and addresses that lead elsewhere."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from guest_machines import GROUP, USER, GuestMachines
from predicted_writes import is_write
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements

PLAYBOOK = "golden.azure.capture_linux"
ANOTHER = '"code": "guest_is_another_machine"'
UNKNOWN = '"code": "guest_identity_unknown"'
CONSENT = "linux_deprovision_allow_unknown_identity"
CHECK = pytest.mark.parametrize("arguments", [("--check",), ()], ids=["check", "run"])

pytestmark = [
    pytest.mark.guest,
    pytest.mark.sweep,
    pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run"),
]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestMachines]:
    """An embedded Azure with two machines that every refusal leaves as they are, and a copy of one of them."""
    directory = tmp_path_factory.mktemp("guests")
    guests = NspawnGuests(ROOT / ".cache" / "guests", directory / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        machines = GuestMachines(azure, guests, directory)
        for name in ("web", "other"):
            machines.boot(name)
        yield machines


@pytest.fixture
def azure(machines: GuestMachines) -> EmbeddedAzure:
    """The same, for the fixture that runs playbooks."""
    return machines.azure


def vm_id(machines: GuestMachines, name: str) -> str:
    return str(machines.azure.resources()[machines.id_of(name)]["properties"]["vmId"])


def capture(playbooks: Any, inventory: Path, *arguments: str, **variables: Any) -> Any:
    """Capture the machine web."""
    values = {
        "target": "web",
        "resource_group": GROUP,
        "capture_image_name": "golden",
        "capture_generalize": True,
        **variables,
    }
    return playbooks.run(PLAYBOOK, "-i", str(inventory), "-e", json.dumps(values), *arguments)


def state(machines: GuestMachines) -> dict[str, Any]:
    """Everything that a refusal leaves alone: identities, keys, users, files and power of the guests, and all of Azure."""
    script = (
        "cat /proc/sys/kernel/random/boot_id /etc/machine-id /etc/passwd /etc/shadow /etc/hostname /etc/ssh/ssh_host_*; "
        "find /home /root /etc /var/lib/waagent /var/lib/cloud -newer /proc/1/cmdline -prune -o -print | sort"
    )
    seen = {}
    for name in ("web", "other"):
        assert machines.guests.is_running(machines.id_of(name).lower())
        completed = machines.guests.run(machines.id_of(name).lower(), script, 60)
        assert completed.return_code == 0, completed.stderr
        seen[name] = completed.stdout
    return {**seen, "azure": machines.azure.resources()}


def writes(machines: GuestMachines) -> list[str]:
    return [entry.path for entry in machines.azure.requests if is_write(entry)]


def assert_refused(machines: GuestMachines, finished: Any, code: str, before: dict[str, Any]) -> None:
    assert finished.returncode == 2, finished.stdout[-5000:]
    assert code in finished.stdout, finished.stdout[-5000:]
    assert writes(machines) == []
    assert state(machines) == before
    assert machines.id_of("golden", "images") not in machines.azure.resources()


def run_role(playbooks: Any, inventory: Path, *arguments: str, host: str = "web", **variables: Any) -> Any:
    """Run the role alone on a host of the inventory."""
    include = {"name": "golden.azure.linux_deprovision"}
    task = {"name": "Prepare", "ansible.builtin.include_role": include, "vars": variables}
    play = {"name": "Prepare", "hosts": host, "gather_facts": False, "tasks": [task]}
    path = playbooks.directory / "role.yml"
    path.write_text(yaml.safe_dump([play]))
    return playbooks.run(path, "-i", str(inventory), *arguments)


@CHECK
def test_an_address_of_another_machine(playbooks, machines, arguments):
    before = state(machines)
    machines.azure.clear_requests()
    finished = capture(playbooks, machines.inventory(web="other"), *arguments, **{CONSENT: True})
    assert_refused(machines, finished, ANOTHER, before)
    assert vm_id(machines, "web") in finished.stdout
    assert vm_id(machines, "other") in finished.stdout


def test_disks_are_not_kept_of_another_machine(playbooks, machines):
    before = state(machines)
    machines.azure.clear_requests()
    assert_refused(
        machines, capture(playbooks, machines.inventory(web="other"), capture_snapshot_disks=True), ANOTHER, before
    )


def test_an_address_of_the_machine(playbooks, machines):
    before = state(machines)
    finished = capture(playbooks, machines.inventory("web"), "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert f"; users: {USER} (known from" in finished.stdout
    assert state(machines) == before


@CHECK
def test_the_role_alone_with_the_id_of_another_machine(playbooks, machines, arguments):
    before = state(machines)
    machines.azure.clear_requests()
    given = {"linux_deprovision_vm_id": vm_id(machines, "other")}
    assert_refused(machines, run_role(playbooks, machines.inventory("web"), *arguments, **given), ANOTHER, before)


@pytest.mark.parametrize("generation", [1, 2])
def test_the_role_alone_with_the_right_id_in_either_order(playbooks, machines, generation):
    """Generation 1 shows the first three fields with their bytes swapped."""
    azures = uuid.UUID(vm_id(machines, "web"))
    given = str(uuid.UUID(bytes=azures.bytes_le)) if generation == 1 else str(azures)
    before = state(machines)
    finished = run_role(playbooks, machines.inventory("web"), "--check", linux_deprovision_vm_id=given)
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert "would be removed" in finished.stdout
    assert state(machines) == before


def test_the_role_alone_without_an_id_compares_nothing(playbooks, machines):
    finished = run_role(playbooks, machines.inventory("web"), "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    asked = finished.stdout.split("Read the identity of the guest]", 1)[1].splitlines()[1]
    assert asked.startswith("skipping: [web]")


@pytest.mark.parametrize("nonsense", ["web", "123"])
def test_an_id_that_is_none(playbooks, machines, nonsense):
    before = state(machines)
    machines.azure.clear_requests()
    finished = run_role(playbooks, machines.inventory("web"), linux_deprovision_vm_id=nonsense)
    assert_refused(machines, finished, '"code": "vm_id_invalid"', before)


@pytest.fixture
def azure_without_vm_id(machines: GuestMachines) -> Iterator[None]:
    """Azure returns no vmId."""
    properties = machines.azure.cloud.store.get(machines.id_of("web")).properties
    kept = properties.pop("vmId")
    yield
    properties["vmId"] = kept


@CHECK
@pytest.mark.usefixtures("azure_without_vm_id")
def test_azure_that_returns_no_id(playbooks, machines, arguments):
    before = state(machines)
    machines.azure.clear_requests()
    assert_refused(machines, capture(playbooks, machines.inventory("web"), *arguments), UNKNOWN, before)


@pytest.mark.usefixtures("azure_without_vm_id")
def test_azure_that_returns_no_id_with_consent(playbooks, machines):
    before = state(machines)
    finished = capture(playbooks, machines.inventory("web"), "--check", **{CONSENT: True})
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert UNKNOWN in finished.stdout
    assert state(machines) == before


def in_guest(machines: GuestMachines, name: str, script: str) -> None:
    completed = machines.guests.run(machines.id_of(name).lower(), script, 60)
    assert completed.return_code == 0, completed


@pytest.fixture
def silent_guest(machines: GuestMachines) -> Iterator[None]:
    """The guest does not say who it is: a container without an id of its own."""
    in_guest(machines, "web", "mount --bind /dev/null /proc/1/environ")
    yield
    in_guest(machines, "web", "umount /proc/1/environ")


@CHECK
@pytest.mark.usefixtures("silent_guest")
def test_a_guest_that_does_not_say_who_it_is(playbooks, machines, arguments):
    before = state(machines)
    machines.azure.clear_requests()
    assert_refused(machines, capture(playbooks, machines.inventory("web"), *arguments), UNKNOWN, before)


@pytest.mark.usefixtures("silent_guest")
def test_a_guest_that_does_not_say_who_it_is_with_consent(playbooks, machines):
    before = state(machines)
    finished = capture(playbooks, machines.inventory("web"), "--check", **{CONSENT: True})
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert UNKNOWN in finished.stdout
    assert "would be removed" in finished.stdout
    assert state(machines) == before


METADATA = """
cat >/run/metadata.py <<'END'
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.path.startswith("/metadata/instance/compute/vmId?") and self.headers.get("Metadata") == "true"
        self.send_response(200 if known else 400)
        self.end_headers()
        self.wfile.write(b"VM_ID" if known else b"")
http.server.HTTPServer(("169.254.169.254", 80), Handler).serve_forever()
END
systemd-run --quiet --unit=metadata python3 /run/metadata.py
for attempt in $(seq 100); do python3 -c 'import socket; socket.create_connection(("169.254.169.254", 80))' && exit; sleep 0.1; done
exit 1
"""


@pytest.fixture
def metadata_service(machines: GuestMachines, request: pytest.FixtureRequest) -> Iterator[None]:
    """The guest has no SMBIOS, nor is it seen to be a container, but it has an instance metadata service; its proxy is dead."""
    namespace = machines.guests.ssh_access(machines.id_of("web").lower()).host
    address = ["ip", "-netns", namespace, "address"]
    subprocess.run([*address, "add", "169.254.169.254/32", "dev", "lo"], check=True, timeout=30)
    in_guest(machines, "web", METADATA.replace("VM_ID", vm_id(machines, request.param)))
    in_guest(
        machines,
        "web",
        "mount --bind /dev/null /proc/1/environ; mv /run/systemd/container /run/systemd/was; cp /etc/environment /run/before; "
        "uuid=/sys/class/dmi/id/product_uuid; [ ! -e $uuid ] || mount --bind /dev/null $uuid; "
        "echo http_proxy=http://127.0.0.1:9/ >>/etc/environment",
    )
    yield
    in_guest(
        machines,
        "web",
        "umount /proc/1/environ; mv /run/systemd/was /run/systemd/container; cp /run/before /etc/environment; "
        "uuid=/sys/class/dmi/id/product_uuid; [ ! -e $uuid ] || umount $uuid; systemctl stop metadata",
    )
    subprocess.run([*address, "delete", "169.254.169.254/32", "dev", "lo"], check=True, timeout=30)


@pytest.mark.parametrize("metadata_service", ["web"], indirect=True)
@pytest.mark.usefixtures("metadata_service")
def test_the_instance_metadata_service_says_that_it_is_the_machine(playbooks, machines):
    finished = capture(playbooks, machines.inventory("web"), "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert UNKNOWN not in finished.stdout


@pytest.mark.parametrize("metadata_service", ["other"], indirect=True)
@pytest.mark.usefixtures("metadata_service")
def test_the_instance_metadata_service_says_that_it_is_another(playbooks, machines):
    before = state(machines)
    machines.azure.clear_requests()
    assert_refused(machines, capture(playbooks, machines.inventory("web")), ANOTHER, before)


@pytest.fixture
def jump(machines: GuestMachines) -> Iterator[dict[str, str]]:
    """Variables by which a host is reached through the machine other as jump host, which alone leads to the machine web."""
    spaces = {name: machines.guests.ssh_access(machines.id_of(name).lower()) for name in ("web", "other")}
    inner, outer = spaces["web"].host, spaces["other"].host
    commands = [f"ip link add jump netns {outer} type veth peer name jump netns {inner}"]
    for space, address in ((outer, "10.77.0.1/30"), (inner, "10.77.0.2/30")):
        commands += [f"ip -netns {space} address add {address} dev jump", f"ip -netns {space} link set jump up"]
    for command in commands:
        subprocess.run(command.split(), check=True, timeout=30)
    options = f"""
Host *
    User {USER}
    IdentityFile {machines.key}
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    LogLevel ERROR
Host jump
    ProxyCommand {spaces["other"].proxy_command}
Host behind
    HostName 10.77.0.2
    ProxyJump jump
"""
    configuration = machines.directory / "ssh_config"
    configuration.write_text(options)
    yield {
        "ansible_host": "behind",
        "ansible_user": USER,
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_common_args": f"-F {configuration}",
    }
    subprocess.run(["ip", "-netns", outer, "link", "delete", "jump"], check=True, timeout=30)


def written_inventory(machines: GuestMachines, **hosts: dict[str, str]) -> Path:
    path = machines.directory / "jump.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    return path


def test_a_guest_behind_a_jump_host_is_compared_and_not_the_jump_host(playbooks, machines, jump):
    inventory = written_inventory(machines, web=jump)
    finished = capture(playbooks, inventory, "--check")
    assert finished.returncode == 0, finished.stdout[-5000:]
    # The jump host is the machine that is to be captured, and what lies behind it is not.
    before = state(machines)
    machines.azure.clear_requests()
    inventory = written_inventory(machines, other=jump)
    finished = capture(playbooks, inventory, target="other")
    assert_refused(machines, finished, ANOTHER, before)
    assert vm_id(machines, "web") in finished.stdout


def test_a_role_that_is_delegated_is_compared_where_it_runs(playbooks, machines):
    """The host of the play is another one than that which is prepared."""
    path = playbooks.directory / "delegated.yml"

    def run(expected: str) -> Any:
        include = {"name": "golden.azure.linux_deprovision", "apply": {"delegate_to": "web"}}
        given = {"linux_deprovision_vm_id": vm_id(machines, expected)}
        task = {"name": "Prepare", "ansible.builtin.include_role": include, "vars": given}
        path.write_text(yaml.safe_dump([{"hosts": "other", "gather_facts": False, "tasks": [task]}]))
        return playbooks.run(path, "-i", str(machines.inventory("web", "other")), "--check")

    before = state(machines)
    machines.azure.clear_requests()
    assert_refused(machines, run("other"), ANOTHER, before)
    finished = run("web")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert state(machines) == before


NETWORK = {
    "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
    "subnets": [{"name": "quarantine", "properties": {"addressPrefix": "10.9.1.0/24"}}],
}


def test_of_a_copy_its_own_id_counts(playbooks, machines):
    """The last test of these: the copy stays."""
    group = f"/subscriptions/{machines.azure.settings.subscription}/resourceGroups/{GROUP}"
    network = f"{group}/providers/Microsoft.Network/virtualNetworks/build"
    machines.azure.seed({"resources": [{"id": network, "location": "westeurope", "properties": NETWORK}]})
    wanted = {
        "name": "copy",
        "resource_group": GROUP,
        "source_vm": machines.id_of("web"),
        "isolated_subnet": f"{network}/subnets/quarantine",
        "for_managed_image": True,
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"name": "Copy", "golden.azure.vm_image_instance": wanted}],
    }
    path = playbooks.directory / "copy.yml"
    path.write_text(yaml.safe_dump([play]))
    made = playbooks.run(path)
    assert made.returncode == 0, made.stdout[-5000:]
    assert vm_id(machines, "copy") != vm_id(machines, "web")

    finished = capture(playbooks, machines.inventory("copy"), "--check", target="copy")
    assert finished.returncode == 0, finished.stdout[-5000:]
    before = state(machines)
    machines.azure.clear_requests()
    for target, reached in (("copy", "web"), ("web", "copy")):
        inventory = machines.inventory(**{target: reached})
        assert_refused(machines, capture(playbooks, inventory, target=target), ANOTHER, before)
    # And so it is captured.
    finished = capture(playbooks, machines.inventory("copy"), target="copy", capture_shutdown_timeout=120)
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert machines.id_of("golden", "images") in machines.azure.resources()
    assert machines.guests.is_running(machines.id_of("web").lower())
