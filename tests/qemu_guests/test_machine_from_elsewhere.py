# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a disk from a hypervisor to Azure: refused, repaired, prepared, uploaded, an image, and two machines of their own.

The machine boots by its own boot loader, and so do the two that are made of what was uploaded: what the repairs have generated, boot
configuration and initial RAM disk, is what starts them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._model.vhd import MEBIBYTE, read_footer
from guest_play import CHECK_PLAYBOOK, Play, wait_until_off
from guest_support import CACHE, Key
from plain_machines import DISK_BYTES, MAC_ADDRESS, NAME, USER, PlainGuests
from repository import ROOT
from uploads import program

from embedded_azure import EmbeddedAzure
from embedded_azure.blob_storage import BlobStorage
from embedded_azure.guests.base import Machine
from embedded_azure.guests.qemu import QemuGuests
from proof import Identity, Traces, collect_by_ssh, failed, prove

pytestmark = pytest.mark.guest

CLONE_USER = "newuser"
CLONES = ("first", "second")
GROUP = "images"
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/test"
TRACES = Traces(USER, "/opt/application/data", "sudo")
REPAIRS = (
    *("agent_not_enabled", "cloud_init_without_azure", "device_names", "file_system_disabled", "hyperv_drivers"),
    *(
        "interface_names",
        "network_hardware_address",
        "resource_disk",
        "serial_console",
        "swap_on_os_disk",
    ),
)
PUBLISH_LIMIT_SECONDS = 3000

PUBLISH = """
- hosts: localhost
  gather_facts: false
  tasks:
    - golden.azure.vm_image_capture:
        resource_group: images
        source_file: "{{ disk }}"
        image: golden-plain
        os_type: linux
        os_state: generalized
        hyper_v_generation: "{{ generation }}"
        location: westeurope
        timeout: 1500
    - golden.azure.vm_image_instance:
        name: "{{ item[1] }}"
        resource_group: images
        image: golden-plain
        subnet: "{{ subnet }}"
        admin_username: newuser
        ssh_public_key: "{{ public_key }}"
        timeout: 1500
        wait: "{{ item[0] }}"
      loop: "{{ [false, true] | product(['first', 'second']) }}"
"""


class Stopwatch:
    """How long each step of the way takes."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._since = time.monotonic()

    def step(self, name: str) -> None:
        """A step has ended."""
        now = time.monotonic()
        self.steps[name], self._since = round(now - self._since, 1), now

    def lines(self) -> str:
        """The steps with their seconds."""
        return "\n".join(f"{seconds:7.1f} s  {name}" for name, seconds in self.steps.items())


@pytest.fixture
def hypervisor(tmp_path: Path) -> Iterator[PlainGuests]:
    """Where the machine comes from."""
    with PlainGuests(CACHE, tmp_path / "hypervisor") as backend:
        yield backend


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[EmbeddedAzure]:
    """An Azure that keeps what is uploaded, and boots it."""
    storage = BlobStorage(program(), tmp_path / "azurite")
    network = {"subnets": [{"name": "test", "properties": {}}]}
    with EmbeddedAzure(guests=QemuGuests(CACHE, tmp_path / "azure"), storage=storage, retry_after=1) as running:
        resource = {"id": NETWORK, "location": "westeurope", "properties": network}
        running.seed({"groups": {GROUP: "westeurope"}, "resources": [resource]})
        yield running


def test_a_disk_goes_the_whole_way(hypervisor: PlainGuests, azure: EmbeddedAzure, key: Key, tmp_path: Path) -> None:
    watch = Stopwatch()
    hypervisor.create_disk("disks/plain", None)
    hypervisor.boot(Machine(NAME, "disks/plain", NAME, None))
    authorize(hypervisor, key)
    watch.step("the machine is booted on the hypervisor")
    source = collect_by_ssh(hypervisor.ssh_access(NAME), USER, key.private, NAME, TRACES)
    generation = check_and_repair(hypervisor, key, tmp_path, watch)
    disk = prepare_and_export(hypervisor, key, tmp_path, watch)

    variables = {
        "disk": str(disk),
        "generation": generation,
        "public_key": key.public,
        "subnet": f"{NETWORK}/subnets/test",
    }
    published = publish(azure, tmp_path, variables)
    assert published.returncode == 0, published.stdout + published.stderr
    watch.step("it is uploaded, an image is made, and two machines are booted")
    verify_machines(azure, key, source)
    watch.step("they are compared with the machine that they came from")
    verify_image(azure)
    print(watch.lines())


def check_and_repair(guests: PlainGuests, key: Key, directory: Path, watch: Stopwatch) -> str:
    """The check refuses the machine, check mode foretells the repairs, and after them nothing is found; return its generation."""
    before = facts(guests)
    assert "ttyS0" not in before["grub"] and "hv_storvsc" not in before["drivers"] and MAC_ADDRESS in before["network"]
    check = Play(guests, key, directory, NAME, user=USER, playbook=CHECK_PLAYBOOK)
    refused = check.run()
    assert refused.returncode == 2, refused.stdout
    assert {each["code"] for each in check.result()["blockers"]} == set(REPAIRS)
    watch.step("the check refuses it")

    named = f"linux_deprovision_vhd_upload_repairs={','.join(REPAIRS)}"
    foretold = check.run("--check", "-e", named)
    assert foretold.returncode == 0, foretold.stdout
    planned = check.result()
    assert planned["outcome"] == "would_repair" and facts(guests) == before
    watch.step("check mode lists the repairs")

    repaired = check.run("-e", named)
    assert repaired.returncode == 0, repaired.stdout
    assert check.result()["outcome"] == "repaired" and check.result()["changes"] == planned["changes"]
    verify_repairs(facts(guests))
    watch.step("it is repaired")

    again = check.run("-e", named)
    assert again.returncode == 0 and check.result()["outcome"] == "ready", again.stdout
    watch.step("the check finds nothing")
    generation = str(check.result()["hyper_v_generation"])
    assert generation == "V1"
    return generation


def verify_repairs(after: dict[str, str]) -> None:
    """What the real programs have generated."""
    assert "root=UUID=" in after["grub"] and "root=/dev/vda1" not in after["grub"] and "/dev/vda1" not in after["fstab"]
    assert all(word in after["grub"] for word in ("console=ttyS0,115200n8", "net.ifnames=0"))
    # initramfs-tools of Debian sleeps for so long, on each boot.
    assert "rootdelay" not in after["grub"]
    assert all(driver in after["drivers"] for driver in ("hv_vmbus", "hv_netvsc", "hv_storvsc"))
    assert MAC_ADDRESS not in after["network"] and "swap" not in after["fstab"] + after["swap"]


def prepare_and_export(guests: PlainGuests, key: Key, directory: Path, watch: Stopwatch) -> Path:
    """Have the role take the identity away and power the machine off; return the exported disk."""
    prepare = Play(guests, key, directory, NAME, user=USER)
    prepared = prepare.run()
    assert prepared.returncode == 0, prepared.stdout
    assert prepare.result()["outcome"] == "deprovisioned" and prepare.result()["users"] == [USER]
    wait_until_off(guests, NAME)
    watch.step("the role prepares it and powers it off")
    disk = directory / "plain.qcow2"
    guests.export("disks/plain", disk)
    watch.step("its disk is exported as qcow2")
    return disk


def verify_machines(azure: EmbeddedAzure, key: Key, source: Identity) -> None:
    """Started by what was generated on the hypervisor, provisioned by Azure, and machines of their own."""
    rows = prove(source, [collect(azure, key, name) for name in CLONES])
    assert not failed(rows), [row for row in rows if not row.ok]
    for name in CLONES:
        seen = look(azure, name)
        assert "console=ttyS0" in seen["cmdline"] and "root=UUID=" in seen["cmdline"]
        assert (seen["platform"], seen["hostname"], seen["agent"]) == ("azure", name, "active")


def verify_image(azure: EmbeddedAzure) -> None:
    """The disk had 512 bytes more than whole MiB; the uploaded one has whole ones."""
    image = azure.resources()[f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Compute/images/golden-plain"]
    assert image["properties"]["hyperVGeneration"] == "V1"
    storage = azure.cloud.storage
    assert storage is not None
    size = read_footer(storage.footer(storage.containers[0])).current_size
    assert DISK_BYTES % MEBIBYTE == 512 and size == DISK_BYTES - 512 + MEBIBYTE


def authorize(guests: PlainGuests, key: Key) -> None:
    """Let the key in, as an administrator of the hypervisor would have."""
    home = f"/home/{USER}/.ssh"
    script = f"install -d -m 700 -o {USER} -g {USER} {home} && echo '{key.public}' >{home}/authorized_keys"
    completed = guests.run(NAME, script, 120)
    assert completed.return_code == 0, completed


def facts(guests: PlainGuests) -> dict[str, str]:
    """What the repairs change, read past Ansible."""
    scripts = {
        "grub": "cat /etc/default/grub /boot/grub/grub.cfg",
        "drivers": "lsinitramfs /boot/initrd.img-*",
        "network": "cat /etc/systemd/network/*.network",
        "fstab": "cat /etc/fstab",
        "swap": "cat /proc/swaps | tail -n +2; ls /swapfile 2>/dev/null || true",
    }
    return {name: guests.run(NAME, script, 300).stdout for name, script in scripts.items()}


def publish(azure: EmbeddedAzure, directory: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the playbook that uploads the disk, and creates the image and the machines."""
    path = directory / "publish.yml"
    path.write_text(PUBLISH, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", str(path), "-e", json.dumps(variables)],
        env={
            **os.environ,
            **azure.environment(),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections"),
            "ANSIBLE_HOME": str(directory / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
        },
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PUBLISH_LIMIT_SECONDS,
        check=False,
    )


def vm_id(name: str) -> str:
    return f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}".lower()


def collect(azure: EmbeddedAzure, key: Key, name: str) -> Identity:
    return collect_by_ssh(azure.cloud.guests.ssh_access(vm_id(name)), CLONE_USER, key.private, name, TRACES)


def look(azure: EmbeddedAzure, name: str) -> dict[str, Any]:
    """What a machine says of itself, past Ansible."""
    scripts = {
        "cmdline": "cat /proc/cmdline",
        "platform": "cloud-init query platform",
        "hostname": "hostname",
        "agent": "systemctl is-active walinuxagent",
    }
    return {key: azure.cloud.guests.run(vm_id(name), script, 120).stdout.strip() for key, script in scripts.items()}
