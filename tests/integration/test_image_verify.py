# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role image_verify, on real Debian guests: images that are as they should be, and such that are not."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from guest_machines import GROUP, GuestMachines
from playbook_runs import Playbooks
from predicted_writes import is_write
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements

NETWORK = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/network/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/build/subnets/verify"
SECRET = "s3cr3t-of-the-probe"

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run"),
]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestMachines]:
    """An embedded Azure whose machines have guests; all tests of this file share it."""
    directory = tmp_path_factory.mktemp("guests")
    guests = NspawnGuests(ROOT / ".cache" / "guests", directory / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        network = {
            "id": f"{NETWORK}/virtualNetworks/build",
            "location": "westeurope",
            "properties": {"subnets": [{"name": "verify", "properties": {}}]},
        }
        azure.seed({"groups": {GROUP: "westeurope", "network": "westeurope"}, "resources": [network]})
        yield GuestMachines(azure, guests, directory)


@pytest.fixture
def azure(machines: GuestMachines) -> EmbeddedAzure:
    """The same, for the fixture that runs playbooks."""
    return machines.azure


def image_of_disk(machines: GuestMachines, name: str) -> str:
    """An image of a machine's disk as it is, whatever state its system is in."""
    machines.azure.act(machines.id_of(name), "deallocate")
    disk = next(id for id in machines.azure.resources() if f"/disks/{name}_OsDisk".lower() in id.lower())
    system = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": disk}}
    image = machines.id_of(f"golden-{name}", "images")
    body = {"location": "westeurope", "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": system}}}
    machines.azure.seed({"resources": [{"id": image, **body}]})
    return image


@pytest.fixture(scope="module")
def unprepared(machines: GuestMachines) -> str:
    """An image of a machine that nothing was taken from."""
    machines.boot("raw")
    return image_of_disk(machines, "raw")


@pytest.fixture(scope="module")
def prepared(machines: GuestMachines, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An image of a machine that was prepared, and what that machine said of itself before."""
    machines.boot("web")
    playbooks = Playbooks(tmp_path_factory.mktemp("prepare"), machines.azure.environment())
    identity = playbooks.directory / "identity.json"
    playbook = playbooks.directory / "prepare.yml"
    playbook.write_text(
        yaml.safe_dump(
            [
                {
                    "name": "Prepare",
                    "hosts": "web",
                    "gather_facts": False,
                    "tasks": [
                        {
                            "name": "Keep the identity",
                            "ansible.builtin.include_role": {
                                "name": "golden.azure.image_verify",
                                "tasks_from": "identity",
                            },
                        },
                        {
                            "name": "Write it down",
                            "ansible.builtin.copy": {
                                "content": "{{ image_verify_source_identity | to_json }}",
                                "dest": str(identity),
                                "mode": "0600",
                            },
                            "delegate_to": "localhost",
                        },
                        {
                            "name": "Prepare",
                            "ansible.builtin.include_role": {"name": "golden.azure.linux_deprovision"},
                        },
                    ],
                }
            ]
        )
    )
    finished = playbooks.run(playbook, "-i", str(machines.inventory("web")))
    assert finished.returncode == 0, finished.stdout[-5000:]
    return {"image": image_of_disk(machines, "web"), "identity": json.loads(identity.read_text())}


def write_playbook(playbooks: Any, machines: GuestMachines, entry: str = "main", **variables: Any) -> Path:
    """A play for a host that is only a name, which writes the role's result beside itself."""
    values = {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "image_verify_subnet": SUBNET,
        "image_verify_ssh_common_args": through_proxy(machines),
        "image_verify_log_directory": str(playbooks.directory),
        "image_verify_connection_timeout": 60,
        **{f"image_verify_{name}": value for name, value in variables.items()},
    }
    write = {
        "name": "Write the result",
        "ansible.builtin.copy": {
            "content": "{{ image_verify_result | to_json }}",
            "dest": str(playbooks.directory / "result.json"),
            "mode": "0600",
        },
        "when": "image_verify_result is defined",
    }
    role = {
        "name": "Verify",
        "ansible.builtin.include_role": {"name": "golden.azure.image_verify", "tasks_from": entry},
    }
    play = {
        "name": "Verify",
        "hosts": "golden",
        "connection": "local",
        "gather_facts": False,
        "vars": values,
        "tasks": [{"name": "Verify and tell", "block": [role], "always": [write]}],
    }
    playbook = playbooks.directory / "verify.yml"
    playbook.write_text(yaml.safe_dump([play]))
    return playbook


def through_proxy(machines: GuestMachines) -> str:
    """The arguments of ssh by which guests are reached."""
    return f'-o ProxyCommand="nc -X 5 -x localhost:{machines.azure.socks_port} %h %p"'


def verify(
    playbooks: Any,
    machines: GuestMachines,
    *arguments: str,
    entry: str = "main",
    environment: dict[str, str] | None = None,
    **variables: Any,
) -> Any:
    """Run the role."""
    playbook = write_playbook(playbooks, machines, entry, **variables)
    result = playbooks.directory / "result.json"
    result.unlink(missing_ok=True)
    finished = playbooks.run(playbook, "-i", "golden,", *arguments, **(environment or {}))
    finished.result = json.loads(result.read_text()) if result.exists() else None
    assert machines.azure.settings.secret not in finished.stdout + finished.stderr
    return finished


def wait_for(look: Callable[[], Any]) -> Any:
    """What a look finds, once it finds something."""
    deadline = time.monotonic() + 120
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)
    return found


def tags_of(machines: GuestMachines, image: str) -> dict[str, str]:
    return machines.azure.resources()[image].get("tags") or {}


def write_tasks(playbooks: Any, *tasks: dict[str, Any]) -> str:
    path = playbooks.directory / "checks.yml"
    path.write_text(yaml.safe_dump(list(tasks)))
    return str(path)


def asked_between_two(machines: GuestMachines, method: str, part: str) -> list[str]:
    """The operations that were asked after between two writes of a kind."""
    asked = machines.azure.requests
    first, second = (
        number for number, entry in enumerate(asked) if entry.method == method and part.lower() in entry.path.lower()
    )
    return [entry.path for entry in asked[first:second] if "/operation" in entry.path.lower()]


@pytest.fixture(autouse=True)
def nothing_left(machines: GuestMachines, prepared: Any, unprepared: str) -> Iterator[None]:
    """Whatever a test verifies, how ever it ends: nothing has come and nothing has gone."""
    machines.azure.clear_requests()
    before = set(machines.azure.resources())
    yield
    machines.azure.faults.clear()
    assert set(machines.azure.resources()) == before


# -- images that are as they should be ----------------------------------------------------------------------------


def test_two_machines_of_a_prepared_image_are_their_own(playbooks, machines, prepared):
    machines.azure.change(prepared["image"], {"tags": {"team": "web"}})
    finished = verify(playbooks, machines, image=prepared["image"], absent_users=["azureuser"])
    assert finished.returncode == 0, finished.stdout[-6000:]
    assert finished.result["outcome"] == "verified"
    assert len(finished.result["identities"]) == 2
    tags = tags_of(machines, prepared["image"])
    assert (tags["golden.azure.verified"], tags["team"]) == ("true", "web")
    assert tags["golden.azure.verified_at"].endswith("Z")
    # Nothing was waited for between the two.
    assert asked_between_two(machines, "PUT", "/virtualMachines/verify-") == []
    assert asked_between_two(machines, "DELETE", "/resourceGroups/verify-") == []


@pytest.mark.sweep
def test_one_machine_is_compared_with_the_source(playbooks, machines, prepared):
    look = {"name": "Look", "ansible.builtin.command": "id --user --name", "register": "who", "changed_when": False}
    wanted = {"name": "Judge", "ansible.builtin.assert": {"that": "who.stdout == 'imageverify'"}}
    tasks = write_tasks(playbooks, look, wanted)
    # The way to guests that the environment of Ansible names is taken as well.
    configured = {"ANSIBLE_SSH_COMMON_ARGS": through_proxy(machines)}
    finished = verify(
        playbooks,
        machines,
        image=prepared["image"],
        source_identity=prepared["identity"],
        tasks=tasks,
        ssh_common_args="",
        environment=configured,
    )
    assert finished.returncode == 0, finished.stdout[-6000:]
    assert [identity["name"] for identity in finished.result["identities"]] == [
        finished.result["instances"][0]["computer_name"]
    ]


@pytest.mark.sweep
@pytest.mark.parametrize(("expected", "outcome"), [(SECRET, "verified"), ("another", "failed")])
def test_without_a_network_path_and_with_a_secret(playbooks, machines, prepared, expected, outcome):
    digest = hashlib.sha256(expected.encode()).hexdigest()
    finished = verify(
        playbooks,
        machines,
        "-vvv",
        image=prepared["image"],
        connection="run_command",
        source_identity=prepared["identity"],
        script='test "$(printf %s "$PASSWORD" | sha256sum | cut -d" " -f1)" = "$DIGEST"',
        script_parameters={"DIGEST": digest},
        script_secrets={"PASSWORD": SECRET},
    )
    assert finished.result["outcome"] == outcome, finished.stdout[-6000:]
    assert SECRET not in finished.stdout + finished.stderr + json.dumps(finished.result)
    deleted = [entry.path for entry in machines.azure.requests if entry.method == "DELETE"]
    assert len([path for path in deleted if "/runCommands/" in path]) == 2


def test_check_mode_makes_nothing(playbooks, machines, prepared):
    finished = verify(playbooks, machines, "--check", image=prepared["image"])
    assert finished.returncode == 0, finished.stdout[-6000:]
    assert "create the virtual machine 'verify-" in finished.stdout + finished.stderr
    writes = [entry for entry in machines.azure.requests if is_write(entry)]
    assert writes == []


# -- images that are not ------------------------------------------------------------------------------------------


@pytest.mark.sweep
def test_machines_of_an_unprepared_image_are_told_apart_by_nothing(playbooks, machines, unprepared):
    finished = verify(playbooks, machines, image=unprepared, absent_users=["azureuser"])
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == "failed"
    found = {(finding["code"], finding.get("identity")) for finding in finished.result["findings"]}
    assert {("clone_identity_shared", "machine_id"), ("clone_user_exists", None)} <= found
    assert "(clone_" in finished.result["reason"]
    assert tags_of(machines, unprepared)["golden.azure.verified"] == "false"
    logs = [Path(path) for path in finished.result["serial_logs"]]
    assert len(logs) == 2
    assert all(log.read_text() and log.stat().st_mode & 0o777 == 0o600 for log in logs)


@pytest.mark.sweep
def test_a_check_that_fails(playbooks, machines, prepared):
    tasks = write_tasks(playbooks, {"name": "Check", "ansible.builtin.command": "test -e /never"})
    finished = verify(playbooks, machines, image=prepared["image"], source_identity=prepared["identity"], tasks=tasks)
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == "failed"
    assert tags_of(machines, prepared["image"])["golden.azure.verified"] == "false"


@pytest.mark.sweep
def test_a_machine_that_does_not_come_up_is_the_image_s_fault(playbooks, machines, prepared):
    machines.azure.faults.add("PUT", "/virtualMachines/verify-", operation="Failed", code="OSProvisioningTimedOut")
    finished = verify(playbooks, machines, image=prepared["image"], source_identity=prepared["identity"])
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == "failed"
    assert tags_of(machines, prepared["image"])["golden.azure.verified"] == "false"


@pytest.mark.sweep
def test_a_machine_that_azure_does_not_make_is_not(playbooks, machines, prepared):
    machines.azure.change(prepared["image"], {"tags": {"golden.azure.verified": "true"}})
    machines.azure.faults.add("PUT", "/virtualMachines/verify-", status=409, code="SkuNotAvailable")
    finished = verify(playbooks, machines, image=prepared["image"], source_identity=prepared["identity"])
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == "not_tried"
    assert tags_of(machines, prepared["image"]) == {"golden.azure.verified": "true"}


@pytest.mark.sweep
def test_a_script_that_azure_does_not_run_says_nothing_of_the_image(playbooks, machines, prepared):
    machines.azure.change(prepared["image"], {"tags": {"golden.azure.verified": "true"}})
    machines.azure.faults.add("PUT", "/runCommands/", status=403, code="AuthorizationFailed")
    finished = verify(
        playbooks, machines, image=prepared["image"], source_identity=prepared["identity"], connection="run_command"
    )
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == "not_tried"
    assert tags_of(machines, prepared["image"]) == {"golden.azure.verified": "true"}


@pytest.mark.sweep
@pytest.mark.parametrize("looked", [True, False])
def test_a_guest_without_a_route_says_nothing_of_the_image_if_its_sshd_answers(playbooks, machines, prepared, looked):
    machines.azure.change(prepared["image"], {"tags": {}})
    if not looked:
        machines.azure.faults.add("PUT", "/runCommands/", status=403, code="AuthorizationFailed")
    finished = verify(
        playbooks,
        machines,
        image=prepared["image"],
        source_identity=prepared["identity"],
        ssh_common_args="-o ProxyCommand=false",
        connection_timeout=5,
    )
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == ("not_tried" if looked else "failed")
    assert ("guest_not_reached" in finished.result["reason"]) is looked
    assert ("golden.azure.verified" in tags_of(machines, prepared["image"])) is not looked


@pytest.mark.sweep
def test_a_machine_that_is_taken_away_says_nothing_of_the_image(playbooks, machines, prepared):
    """As spot machines are; here the check itself has it removed."""
    machines.azure.change(prepared["image"], {"tags": {"golden.azure.verified": "true"}})
    vm = "{{ __image_verify_instances[0] }}"
    remove = {
        "name": "Take it away",
        "golden.azure.vm_image_instance": {
            "name": "{{ vm.name }}",
            "resource_group": "{{ vm.name }}",
            "state": "absent",
        },
        "vars": {
            "vm": vm,
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        },
        "delegate_to": "localhost",
    }
    fail = {"name": "Fail", "ansible.builtin.fail": {"msg": "The service does not answer."}}
    tasks = write_tasks(playbooks, remove, fail)
    finished = verify(playbooks, machines, image=prepared["image"], source_identity=prepared["identity"], tasks=tasks)
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert finished.result["outcome"] == "not_tried"
    assert "no longer exist, or cannot be read" in finished.result["reason"]
    assert "The service does not answer." in finished.result["reason"]
    assert tags_of(machines, prepared["image"]) == {"golden.azure.verified": "true"}


def test_a_file_with_tasks_that_is_not_there_is_told_before_anything_is_made(playbooks, machines, prepared):
    finished = verify(playbooks, machines, image=prepared["image"], tasks="/nowhere/checks.yml")
    assert finished.returncode == 2, finished.stdout[-6000:]
    assert "The file /nowhere/checks.yml (image_verify_tasks) does not exist" in finished.stdout
    assert [entry.path for entry in machines.azure.requests if entry.method in ("PUT", "DELETE", "PATCH")] == []


@pytest.mark.sweep
def test_a_verification_that_is_killed_is_begun_anew(playbooks, machines, prepared):
    """The key to the machine has gone with the first run, and so the machine goes, too."""
    known = {"image": prepared["image"], "source_identity": prepared["identity"]}
    playbook = write_playbook(playbooks, machines, **known)
    with playbooks.started(playbook, "-i", "golden,") as process:
        made = wait_for(lambda: [id for id in machines.azure.resources() if "/virtualMachines/verify-" in id])
        os.killpg(process.pid, signal.SIGKILL)
    again = verify(playbooks, machines, **known)
    assert again.returncode == 0, again.stdout[-6000:]
    assert again.result["outcome"] == "verified"
    assert made == [again.result["instances"][0]["id"]]
    assert "delete the resource group 'verify-" in again.stdout + again.stderr


@pytest.mark.sweep
@pytest.mark.parametrize("entry", ["main", "remove_leftovers"])
def test_what_failed_can_be_kept_and_is_removed_later(playbooks, machines, prepared, entry):
    tasks = write_tasks(playbooks, {"name": "Check", "ansible.builtin.command": "test -e /never"})
    known = {"image": prepared["image"], "source_identity": prepared["identity"]}
    kept = verify(playbooks, machines, **known, tasks=tasks, keep_failed=True)
    assert kept.returncode == 2, kept.stdout[-6000:]
    assert kept.result["kept"] == [instance["name"] for instance in kept.result["instances"]]
    assert Path(kept.result["private_key_file"]).exists()
    assert kept.result["instances"][0]["id"] in machines.azure.resources()
    later = verify(playbooks, machines, **known, entry=entry)
    assert later.returncode == 0, later.stdout[-6000:]
