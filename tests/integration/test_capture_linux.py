# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook capture_linux against real Debian guests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from guest_machines import GROUP, USER, GuestMachines
from predicted_writes import is_write, sent_writes
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements

PLAYBOOK = "golden.azure.capture_linux"

ARM_IMAGE = {
    "publisher": "Debian",
    "offer": "debian-13",
    "sku": "13-arm64",
    "version": "0.20260914.2601",
    "hyper_v_generation": "V2",
    "architecture": "Arm64",
}

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run"),
]


def sweep(*values: Any) -> Any:
    """A case for make sweep."""
    return pytest.param(*values, marks=pytest.mark.sweep)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestMachines]:
    """An embedded Azure whose machines have guests; all tests of this file share it."""
    directory = tmp_path_factory.mktemp("guests")
    guests = NspawnGuests(ROOT / ".cache" / "guests", directory / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}, "marketplace": [ARM_IMAGE]})
        yield GuestMachines(azure, guests, directory)


@pytest.fixture
def azure(machines: GuestMachines) -> EmbeddedAzure:
    """The same, for the fixture that runs playbooks."""
    return machines.azure


@pytest.fixture(scope="module")
def source(machines: GuestMachines) -> str:
    """A machine that every refusal leaves as it is."""
    machines.boot("web")
    return "web"


def capture(playbooks: Any, machines: GuestMachines, name: str, *arguments: str, **variables: Any) -> Any:
    values = {
        "target": name,
        "resource_group": GROUP,
        "capture_image_name": f"golden-{name}",
        "capture_generalize": True,
        **variables,
    }
    return playbooks.run(PLAYBOOK, "-i", str(machines.inventory(name)), "-e", json.dumps(values), *arguments)


def image_of(machines: GuestMachines, name: str) -> dict[str, Any] | None:
    return machines.azure.resources().get(machines.id_of(f"golden-{name}", "images"))


def assert_refused(
    playbooks: Any, machines: GuestMachines, name: str, code: str, *arguments: str, **variables: Any
) -> None:
    """Run the playbook and see that it stops at the blocker, with the guest as it was and nothing written."""
    before = machines.look(name)
    machines.azure.clear_requests()
    finished = capture(playbooks, machines, name, *arguments, **variables)
    assert finished.returncode == 2, finished.stdout
    assert f"({code})" in finished.stdout, finished.stdout
    assert "Read the identity of the guest" not in finished.stdout
    assert machines.look(name) == before
    writes = [entry for entry in machines.azure.requests if is_write(entry)]
    assert writes == []
    assert image_of(machines, name) is None


@pytest.mark.parametrize(
    "consent", ["capture_generalize=no", sweep("capture_generalize=false"), sweep("capture_generalize=0")]
)
def test_no_consent_given_as_a_string(playbooks, machines, source, consent):
    assert_refused(playbooks, machines, source, "generalize_not_allowed", "-e", consent)


@pytest.mark.sweep
def test_another_region(playbooks, machines, source):
    assert_refused(playbooks, machines, source, "location_differs", capture_image_location="northeurope")


def test_a_lock(playbooks, machines, source):
    lock = {"scope": machines.id_of(source), "name": "keep", "level": "ReadOnly"}
    machines.azure.seed({"locks": [lock]})
    assert_refused(playbooks, machines, source, "locked")
    machines.azure.cloud.store.remove(f"{lock['scope']}/providers/Microsoft.Authorization/locks/keep")


@pytest.mark.sweep
def test_an_image_of_another_machine(playbooks, machines, source):
    storage = {
        "osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
    }
    foreign = {
        "id": machines.id_of("taken", "images"),
        "location": "westeurope",
        "tags": {"golden.azure.source_vm_id": "another"},
        "properties": {"storageProfile": storage},
    }
    machines.azure.seed({"resources": [foreign]})
    assert_refused(playbooks, machines, source, "image_of_another_source", capture_image_name="taken")


@pytest.mark.sweep
def test_disk_encryption(playbooks, machines, source):
    extension = {
        "id": f"{machines.id_of(source)}/extensions/AzureDiskEncryptionForLinux",
        "location": "westeurope",
        "properties": {
            "publisher": "Microsoft.Azure.Security",
            "type": "AzureDiskEncryptionForLinux",
            "typeHandlerVersion": "1.1",
        },
    }
    machines.azure.seed({"resources": [extension]})
    assert_refused(playbooks, machines, source, "disk_encryption")
    machines.azure.cloud.store.remove(extension["id"])


@pytest.mark.parametrize(
    ("name", "code", "differs", "variables"),
    [
        ("trusted", "security_type_not_supported", {"securityProfile": {"securityType": "TrustedLaunch"}}, {}),
        sweep("ephemeral", "ephemeral_os_disk", {"os_disk": {"diffDiskSettings": {"option": "Local"}}}, {}),
        sweep(
            "arm",
            "architecture_not_supported",
            {"image": {"sku": "13-arm64"}, "hardwareProfile": {"vmSize": "Standard_D2ps_v5"}},
            {},
        ),
        sweep("zoneless", "no_zones_in_region", {"location": "northcentralus"}, {"capture_zone_resilient": "true"}),
    ],
)
def test_machines_that_cannot_be_captured(playbooks, machines, name, code, differs, variables):
    machines.boot(name, **differs)
    assert_refused(playbooks, machines, name, code, **variables)


def test_nothing_named(playbooks):
    finished = playbooks.run(PLAYBOOK)
    assert finished.returncode == 2
    assert "Specify the virtual machine: '-e target=HOST_OR_GROUP'" in finished.stdout


def test_check_mode_touches_nothing(playbooks, machines, source):
    before = machines.look(source)
    finished = capture(playbooks, machines, source, "--check")
    assert finished.returncode == 0, finished.stdout
    assert re.search(rf"user {USER} \(\d+\): .*/home/{USER}\b", finished.stdout), finished.stdout
    assert "as generalized (irreversible)" in finished.stdout
    assert machines.look(source) == before
    assert image_of(machines, source) is None


def test_the_whole_way_for_a_machine_named_by_variables(playbooks, machines):
    machines.boot("named")
    access = machines.guests.ssh_access(machines.id_of("named").lower())
    ssh = f'-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ProxyCommand="{access.proxy_command}"'
    values = [
        *(
            "-e",
            f"capture_source_vm={machines.id_of('named')} capture_image_name=golden-named "
            "capture_generalize=yes capture_snapshot_disks=yes",
        ),
        *("-e", f"capture_guest_address={access.host} capture_guest_user={USER} capture_image_tags={{'team':'web'}}"),
        *("--private-key", str(machines.key), "--ssh-common-args", ssh, "-vvv"),
    ]
    finished = playbooks.run(PLAYBOOK, *values)
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert machines.azure.settings.secret not in finished.stdout + finished.stderr
    image = image_of(machines, "named")
    assert image is not None
    assert image["tags"]["team"] == "web"
    # The disk was kept while the guest was whole, and stays.
    writes = [write for write in sent_writes(machines.azure.requests) if "named" in write[1]]
    kinds = [(method, path.split("/")[-2]) for method, path in writes]
    assert kinds.index(("PUT", "snapshots")) < kinds.index(("POST", "named"))
    (kept,) = [key for key in machines.azure.resources() if "/snapshots/named_" in key]
    again = playbooks.run(PLAYBOOK, *values)
    assert again.returncode == 0, again.stdout[-5000:]
    assert "changed=0" in again.stdout
    assert machines.azure.resources()[kept]["tags"]["golden.azure.backup_of"]
