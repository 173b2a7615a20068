# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One guest with a kernel of its own: a Debian in QEMU, which finds what Azure's platform gives to a machine.

It knows that it is on Azure by the asset tag of its chassis, and who it is by its SMBIOS UUID. Its user and its name come on a disc with
ovf-env.xml at the first boot and from the instance metadata service at each; it reports to the wireserver. Both servers and QEMU are in the
guest's network namespace: QEMU's user-mode network leads to them, and from 127.0.0.1:22 to sshd.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from . import machine_monitor
from .azure_platform import METADATA_SERVICE, WIRESERVER
from .base import CompletedRun, GuestError, Provisioning
from .guest_agent import GuestAgent
from .image_disks import DISK, INITIAL_RAM_DISK, KERNEL
from .network_namespaces import NAMESPACES
from .process import run_command
from .provisioning import ovf_environment
from .supervised_machine import Record, SupervisedMachine

# By which cloud-init and systemd know Azure (DataSourceAzure.py, ChassisAssetTag).
ASSET_TAG = "7783-7084-3265-9085-8269-3286-77"
MEMORY_MEGABYTES = 768
# What a kernel measures at its start of the time stamp counter of an emulated processor is wrong on a machine with load, sometimes by a
# factor of a hundred, and its time with it. The emulated HPET counts in QEMU's time, whatever the load.
KERNEL_ARGUMENTS = "root=/dev/vda rw console=ttyS0 no_timer_check notsc clocksource=hpet"
# The address that QEMU's user-mode network gives to its only guest.
ADDRESS = "10.0.2.15"

GUEST_ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")
RUN_GRACE_SECONDS = 60.0
TIMED_OUT = 128 + 9
SHUTDOWN_AGAIN_SECONDS = 20.0

# What runs a script from standard input, in memory: /run allows no programs where an initial RAM disk has mounted it. What the
# script leaves running in the background does not keep its outputs open.
RUNNER = """
directory=$(mktemp -d /dev/shm/run-command-XXXXXX) && cd "$directory" || exit 1
cat >script.sh && chmod 700 script.sh && cd / || exit 1
env -i {environment} timeout --foreground --signal=KILL {timeout:.3f} /bin/bash -c "$directory/script.sh" \
    </dev/null >"$directory/stdout" 2>"$directory/stderr"
status=$?
cat "$directory/stdout"; cat "$directory/stderr" >&2
rm -rf "$directory"
exit $status
"""

# The boot's mark, then a word for each thing that a guest which can be used has.
READINESS = """
cat /proc/sys/kernel/random/boot_id
{ [ -e /run/cloud-init/result.json ] || [ -e /run/cloud-init/disabled ]; } && echo cloud-init
[ -e /run/nologin ] || echo logins
"""


class QemuMachine(SupervisedMachine):
    """A guest below one directory. Callers serialize the calls to one machine."""

    poll_seconds = 1.0

    def __init__(self, directory: Path, record: Record | None = None) -> None:
        super().__init__(directory, record)
        self._agent = GuestAgent(self._socket("agent"))

    def start(self, disk_path: Path, provisioning: Provisioning | None) -> None:
        """Start QEMU, with a disc of provisioning if there is something to provision."""
        self._prepare()
        for address in (METADATA_SERVICE, WIRESERVER):
            run_command(
                ["ip", "-netns", self.record.name, "address", "replace", f"{address}/32", "dev", "lo"],
                f"Giving the address {address} to {self.record.name}",
            )
        mac_address = "00:22:48" + "".join(f":{byte:02X}" for byte in self.record.name.encode()[-3:])
        state = {
            "metadata": metadata(self.record.uuid, self.record.name, mac_address, provisioning),
            "container": self.record.uuid or self.record.name,
            "requests": str(self._directory / "requests.jsonl"),
        }
        (self._directory / "platform.json").write_text(json.dumps(state), encoding="utf-8")
        disc = self._make_disc(provisioning) if provisioning else None
        for name in ("agent", "monitor"):
            self._socket(name).unlink(missing_ok=True)
        sockets = {name: self._socket(name) for name in ("agent", "monitor")}
        command = qemu_command(self._directory, disk_path, self.record.uuid, mac_address, sockets)
        self._supervise(self._script(command + (disc_arguments(disc) if disc else [])))

    def power_off(self, limit: float) -> None:
        """Shut down by the agent; what still runs after the limit (seconds) is killed."""
        self._shut_down("powerdown", limit)
        self.end()

    def restart(self, limit: float, boot_limit: float) -> None:
        """Have the guest reboot by the agent."""
        before = self._readiness()[0]
        self._agent.order("guest-shutdown", {"mode": "reboot"})
        self.wait_until_ready(limit + boot_limit, after=before)

    def run(self, script: str, timeout: float, name: str = "") -> CompletedRun:
        """Run a script as the containers do, by the agent."""
        if not self.is_running():
            raise GuestError(f"The machine {self.record.vm_id} is not running.")
        runner = RUNNER.format(environment=shlex.join(GUEST_ENVIRONMENT), timeout=timeout)
        started = time.monotonic()
        ended = self._agent.run("/bin/sh", ["-c", runner], script.encode(), timeout + RUN_GRACE_SECONDS)
        is_killed = ended.status == TIMED_OUT and time.monotonic() - started >= timeout
        return CompletedRun(
            -1 if is_killed else ended.status,
            ended.stdout.decode(errors="replace"),
            ended.stderr.decode(errors="replace"),
        )

    def read_file(self, path: str) -> bytes | None:
        """Read it by the agent."""
        ended = self._agent.run("/bin/cat", [path], b"", RUN_GRACE_SECONDS)
        return ended.stdout if ended.status == 0 else None

    def paused(self) -> AbstractContextManager[None]:
        """Stop the virtual machine, which writes out its disk."""
        return machine_monitor.paused(self._socket("monitor"))

    def requests(self) -> list[dict[str, str]]:
        """Return what the guest asked of the platform, over all boots."""
        path = self._directory / "requests.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def _shut_down(self, mode: str, limit: float) -> None:
        deadline = time.monotonic() + limit
        again = 0.0
        while self.is_running() and time.monotonic() < deadline:
            if time.monotonic() >= again:
                with suppress(GuestError):  # early in its boot, or late in its shutdown, nobody answers
                    self._agent.order("guest-shutdown", {"mode": mode})
                again = time.monotonic() + SHUTDOWN_AGAIN_SECONDS
            time.sleep(self.poll_seconds)

    def _readiness(self) -> list[str]:
        ended = self._agent.run("/bin/sh", ["-c", READINESS], b"", RUN_GRACE_SECONDS)
        return ended.stdout.decode().split()

    def _missing(self, after: str) -> str:
        """Say what the guest still lacks to be ready; the mark of a boot is the kernel's id of it."""
        try:
            mark, *there = self._readiness()
        except (GuestError, ValueError):
            return "its agent"
        if mark == after:
            return "its reboot"
        for word, meaning in (("cloud-init", "cloud-init"), ("logins", "logins to be allowed")):
            if word not in there:
                return meaning
        return "" if self._sshd_answers() else "sshd"

    def _make_disc(self, provisioning: Provisioning) -> Path:
        content = self._directory / "disc"
        shutil.rmtree(content, ignore_errors=True)
        content.mkdir(mode=0o700)
        (content / "ovf-env.xml").write_text(ovf_environment(provisioning), encoding="utf-8")
        disc = self._directory / "provisioning.iso"
        run_command(
            ["genisoimage", "-quiet", "-udf", "-V", "rd_rdfe_stable", "-o", str(disc), str(content)],
            f"Making the disc of provisioning of {self.record.vm_id}",
        )
        shutil.rmtree(content)
        return disc

    def _script(self, qemu: list[str]) -> str:
        inside = ["nsenter", f"--net={NAMESPACES / self.record.name}"]
        program = Path(__file__).with_name("azure_platform.py")
        platform = [*inside, sys.executable, "-IS", str(program), str(self._directory / "platform.json")]
        lines = ["set -eu"]
        lines += [f"echo $$ > {shlex.quote(group + '/cgroup.procs')}" for group in self.record.groups]
        lines += [f"{shlex.join(platform)} &", "platform=$!", "trap 'kill $platform' EXIT"]
        return "\n".join([*lines, shlex.join([*inside, *qemu]), ""])

    def _socket(self, name: str) -> Path:
        # The path of a socket has room for 107 bytes (unix(7)), and a directory of tests may take more.
        return Path("/run") / f"{self.record.name}-{name}.sock"

    def forget(self) -> None:
        """End the guest and remove all it had but its disk."""
        super().forget()
        for name in ("agent", "monitor"):
            self._socket(name).unlink(missing_ok=True)


def metadata(vm_id: str, name: str, mac_address: str, provisioning: Provisioning | None) -> dict[str, Any]:
    """Return what the instance metadata service says of a machine. Pure."""
    profile: dict[str, Any] = {}
    keys: list[dict[str, str]] = []
    if provisioning:
        name = provisioning.hostname
        user = provisioning.admin_username
        profile = {"adminUsername": user, "computerName": name, "disablePasswordAuthentication": "true"}
        path = f"/home/{user}/.ssh/authorized_keys"
        keys = [{"keyData": key, "path": path} for key in provisioning.ssh_public_keys]
    interface = {
        "macAddress": mac_address.replace(":", ""),
        "ipv4": {
            "ipAddress": [{"privateIpAddress": ADDRESS, "publicIpAddress": ""}],
            "subnet": [{"address": "10.0.2.0", "prefix": "24"}],
        },
        "ipv6": {"ipAddress": []},
    }
    compute = {
        "azEnvironment": "AzurePublicCloud",
        "name": name,
        "osProfile": profile,
        "osType": "Linux",
        "publicKeys": keys,
        "userData": "",
        "vmId": vm_id,
    }
    return {"compute": compute, "network": {"interface": [interface]}}


def qemu_command(directory: Path, disk_path: Path, vm_id: str, mac_address: str, sockets: dict[str, Path]) -> list[str]:
    """Return the program that is the virtual machine, with its arguments.

    A disk that was made of the pristine root has no boot loader; one that was uploaded is started as Azure does.
    """
    command = machine_command(directory, disk_path, mac_address, sockets)
    command += ["-smbios", f"type=3,manufacturer=Microsoft Corporation,asset={ASSET_TAG}"]
    if (disk_path / "base").is_symlink():
        base = (disk_path / "base").readlink()
        kernel, initial_ram_disk = base / KERNEL, base / INITIAL_RAM_DISK
        command += ["-kernel", str(kernel), "-initrd", str(initial_ram_disk), "-append", KERNEL_ARGUMENTS]
    if vm_id:
        command += ["-smbios", f"type=1,manufacturer=Microsoft Corporation,product=Virtual Machine,uuid={vm_id}"]
    return command


def machine_command(directory: Path, disk_path: Path, mac_address: str, sockets: dict[str, Path]) -> list[str]:
    """Return the program with what any virtual machine has, wherever it runs."""
    return [
        *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none"),
        # There may be a /dev/kvm by which no kernel starts: software emulation works everywhere.
        *("-machine", "q35,accel=tcg", "-cpu", "Nehalem", "-smp", "2", "-m", str(MEMORY_MEGABYTES)),
        *("-drive", f"file={disk_path / DISK},format=qcow2,if=virtio,cache=unsafe"),
        *("-chardev", f"file,id=console,path={directory / 'console.log'},append=on", "-serial", "chardev:console"),
        *("-netdev", "user,id=network,hostfwd=tcp:127.0.0.1:22-:22"),
        *("-device", f"virtio-net-pci,netdev=network,mac={mac_address}"),
        *("-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
        *("-chardev", f"socket,id=agent,path={sockets['agent']},server=on,wait=off"),
        *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        *("-qmp", f"unix:{sockets['monitor']},server=on,wait=off"),
    ]


def disc_arguments(disc: Path) -> list[str]:
    """Return the arguments that add a disc."""
    return [
        *("-drive", f"file={disc},format=raw,if=none,id=disc,readonly=on"),
        *("-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=disc"),
    ]
