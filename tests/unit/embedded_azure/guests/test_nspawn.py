# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backend on real guests."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from guest_support import CACHE, REPOSITORY, USER, Key, boot, must_run

from embedded_azure.guests import GuestError, Machine
from embedded_azure.guests.cgroups import hierarchies, processes
from embedded_azure.guests.nspawn import NspawnGuests
from embedded_azure.guests.nspawn_machine import NspawnMachine

pytestmark = pytest.mark.guest


def ssh(guests: NspawnGuests, key: Key, name: str, command: str, user: str = USER) -> subprocess.CompletedProcess[str]:
    access = guests.ssh_access(name)
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes"]
    arguments = ["ssh", "-i", str(key.private), "-p", str(access.port), "-o", f"ProxyCommand={access.proxy_command}"]
    for option in options:
        arguments += ["-o", option]
    return subprocess.run(
        [*arguments, f"{user}@{access.host}", command], capture_output=True, text=True, timeout=60, check=False
    )


def wait_until_off(guests: NspawnGuests, name: str) -> None:
    deadline = time.monotonic() + 60
    while guests.is_running(name):
        assert time.monotonic() < deadline, f"{name} runs on"
        time.sleep(0.05)


def wait_until_said(guests: NspawnGuests, name: str, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in guests.serial_log(name):
        assert time.monotonic() < deadline, f"{name} did not say {text!r}"
        time.sleep(0.05)


def identity(guests: NspawnGuests, name: str) -> str:
    return must_run(guests, name, "cat /etc/machine-id; cat /etc/ssh/ssh_host_ed25519_key.pub; hostname")


def test_a_machine_through_its_life(guests: NspawnGuests, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = boot(guests, key, "life")
    assert guests.is_running("life")
    assert must_run(guests, "life", "systemctl is-system-running --wait || true") == "running\n"
    login = ssh(guests, key, "life", "sudo -n id -u; hostname")
    assert login.stdout.splitlines() == ["0", "life"], login
    assert "ovf-env.xml" in must_run(guests, "life", "ls /var/lib/waagent")
    before = identity(guests, "life")
    access = guests.ssh_access("life")

    guests.restart("life")
    assert identity(guests, "life") == before

    # As when it starts again while it is asked.
    with monkeypatch.context() as gone:
        gone.setattr(NspawnMachine, "leader", lambda machine: 2**22 + 1)
        with pytest.raises(GuestError, match="has ended, or started again"):
            guests.run("life", "true", 10)

    boot_id = must_run(guests, "life", "cat /proc/sys/kernel/random/boot_id; readlink /proc/1/ns/pid")
    must_run(guests, "life", "systemctl --no-block reboot")
    deadline = time.monotonic() + 60
    current = boot_id
    while current == boot_id and time.monotonic() < deadline:
        assert guests.is_running("life"), "a guest that reboots is running"
        time.sleep(0.2)
        # Between two boots there is nobody to ask.
        with contextlib.suppress(GuestError):
            answer = guests.run("life", "readlink /proc/1/ns/pid", 10)
            current = answer.stdout if answer.return_code == 0 else boot_id
    assert current != boot_id

    guests.power_off("life")
    assert not guests.is_running("life")
    guests.power_off("life")
    guests.boot(Machine(machine.vm_id, machine.disk_id, machine.hostname, None))
    assert identity(guests, "life") == before
    assert guests.ssh_access("life") == access
    # The login prompt on the console, which comes late in a boot, hangs up before it begins: what is not read until then is lost.
    must_run(guests, "life", "systemctl is-system-running --wait || true; echo said on the console >/dev/console")
    # The console is read by another process, in its own time.
    wait_until_said(guests, "life", "said on the console")

    must_run(guests, "life", "systemctl --no-block poweroff")
    wait_until_off(guests, "life")
    with pytest.raises(GuestError, match="life is not running"):
        guests.run("life", "true", 5)
    guests.delete_machine("life")
    guests.delete_machine("life")
    guests.delete_disk(machine.disk_id)
    guests.delete_disk(machine.disk_id)


@pytest.mark.sweep
def test_a_guest_has_the_id_that_azure_gave_its_machine(guests: NspawnGuests, key: Key) -> None:
    """Over reboots, and another one than that of the machine whose disk it has; the host's SMBIOS is not asked."""
    sys.path.insert(0, str(REPOSITORY / "roles/linux_deprovision/files"))
    from deprovision_identity import identity  # noqa: PLC0415 (a program of the role, which sends it to guests)

    class Inside:
        """The role's own reader, on the files of a running guest."""

        def __init__(self, name: str) -> None:
            self.name = name

        def read(self, path: str) -> str:
            return guests.run(self.name, f"cat {path} 2>/dev/null", 30).stdout

        def exists(self, path: str) -> bool:
            return guests.run(self.name, f"test -e {path}", 30).return_code == 0

    first, second = "d0df4c54-4ecb-4a4b-9954-5bdf3ed5c3b8", "7cdc1f83-c56c-4e5e-9f1f-60b0072ec8e6"
    machine = boot(guests, key, "named", uuid=first)
    assert identity(Inside("named"))["id"] == first
    guests.restart("named")
    assert identity(Inside("named"))["id"] == first
    guests.power_off("named")
    guests.boot(Machine(machine.vm_id, machine.disk_id, machine.hostname, None, first))
    assert identity(Inside("named"))["id"] == first
    guests.create_disk("disks/named-copy", "disks/named")
    guests.boot(Machine("named-copy", "disks/named-copy", "named", None, second))
    assert identity(Inside("named-copy"))["id"] == second
    for name in ("named", "named-copy"):
        guests.delete_machine(name)
        guests.delete_disk(f"disks/{name}")


def test_a_copy_of_a_disk_is_independent(guests: NspawnGuests, key: Key) -> None:
    boot(guests, key, "original")
    must_run(guests, "original", "echo one >/opt/file; rm -r /usr/share/bug /opt/gone 2>/dev/null; sync")
    boot_id = must_run(guests, "original", "cat /proc/sys/kernel/random/boot_id")
    guests.create_disk("disks/copy", "disks/original")
    assert must_run(guests, "original", "echo two >/opt/file; cat /proc/sys/kernel/random/boot_id") == boot_id
    guests.boot(Machine("copy", "disks/copy", "copy", None))
    assert must_run(guests, "copy", "cat /opt/file; ls -d /usr/share/bug || echo gone") == "one\ngone\n"
    with pytest.raises(GuestError, match="cannot be deleted while"):
        guests.delete_disk("disks/copy")
    for name in ("original", "copy"):
        guests.delete_machine(name)
        guests.delete_disk(f"disks/{name}")


def test_scripts_may_fail_name_an_interpreter_and_take_too_long(guests: NspawnGuests, key: Key) -> None:
    boot(guests, key, "scripts")
    failed = guests.run("scripts", "echo out; echo err >&2; exit 3", 10)
    assert (failed.return_code, failed.stdout, failed.stderr) == (3, "out\n", "err\n")
    assert must_run(guests, "scripts", "#!/usr/bin/python3\nprint(6 * 7)\n") == "42\n"
    assert must_run(guests, "scripts", "sleep 300 & echo done") == "done\n"
    killed = guests.run("scripts", "echo begun; sleep 298 & sleep 299", 1)
    assert (killed.return_code, killed.stdout) == (-1, "begun\n")
    assert guests.run("scripts", "pgrep -f 'sleep 29[8]'", 10).return_code == 0
    guests.delete_machine("scripts")


def test_a_script_that_is_ended_goes_with_its_process_group(guests: NspawnGuests, key: Key) -> None:
    boot(guests, key, "ended")
    runs = []
    script = "echo begun; touch /run/begun; sleep 297 & setsid sleep 296 & sleep 295"
    thread = threading.Thread(target=lambda: runs.append(guests.run_named("ended", "one", script, 60)))
    thread.start()
    while guests.run("ended", "test -e /run/begun && pgrep -f 'sleep 29[6]'", 10).return_code != 0:
        time.sleep(0.1)
    guests.end_named("ended", "one")
    thread.join(30)
    assert [(run.return_code, run.stdout) for run in runs] == [(-1, "begun\n")]
    # What has left the group goes on.
    assert must_run(guests, "ended", "pgrep -fc 'sleep 29[567]'") == "1\n"
    guests.end_named("ended", "two")
    assert guests.run_named("ended", "two", "touch /run/never", 60).return_code == -1
    assert guests.run("ended", "test -e /run/never", 10).return_code == 1
    guests.delete_machine("ended")


def test_nothing_listens_on_the_host_and_guests_do_not_see_each_other(guests: NspawnGuests, key: Key) -> None:
    boot(guests, key, "one")
    boot(guests, key, "two")
    assert must_run(guests, "one", "ip -brief link | wc -l") == "1\n"
    here = os.readlink("/proc/self/ns/net")
    namespaces = {must_run(guests, name, "readlink /proc/1/ns/net").strip() for name in ("one", "two")}
    assert len(namespaces | {here}) == 3
    # The end of one does not end the services of the other.
    guests.power_off("one")
    assert must_run(guests, "two", "systemctl is-active ssh systemd-journald") == "active\nactive\n"
    for name in ("one", "two"):
        guests.delete_machine(name)


def test_an_image_that_cannot_be_provisioned_says_so(guests: NspawnGuests, key: Key) -> None:
    boot(guests, key, "broken")
    must_run(guests, "broken", "touch /etc/cloud/cloud-init.disabled")
    guests.power_off("broken")
    with pytest.raises(GuestError, match=r"not provisioned.*did not create the user stranger"):
        boot(guests, key, "clone-of-broken", "broken", user="stranger")
    assert not guests.is_running("clone-of-broken")


def test_unknown_machines_and_disks(guests: NspawnGuests) -> None:
    with pytest.raises(GuestError, match="disks/none does not exist"):
        guests.boot(Machine("nobody", "disks/none", "nobody", None))
    with pytest.raises(GuestError, match="its source disks/none does not exist"):
        guests.create_disk("disks/x", "disks/none")
    with pytest.raises(GuestError, match="never been started"):
        guests.ssh_access("nobody")
    assert not guests.is_running("nobody")


CRASHING = """
import sys, os, signal
from pathlib import Path
from embedded_azure.guests import Machine, Provisioning
from embedded_azure.guests.nspawn import NspawnGuests
guests = NspawnGuests(Path(sys.argv[1]), Path(sys.argv[2]))
guests.create_disk("d", None)
guests.boot(Machine("vm", "d", "vm", Provisioning("u", (), "vm", None, "i")))
print(guests.ssh_access("vm").host, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_crashed_run_left_is_ended_by_the_next(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")}
    crashed = subprocess.run(
        [sys.executable, "-c", CRASHING, str(CACHE), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert crashed.returncode == -signal.SIGKILL, crashed
    name = crashed.stdout.strip()
    groups = [group / name for group in hierarchies()]
    assert processes(groups), "the guest outlived its starter"
    with NspawnGuests(CACHE, tmp_path) as guests:
        assert guests.machine_ids() == []
        assert not processes(groups)
        assert not any(group.exists() for group in groups)
        assert not Path("/run/netns", name).exists()
        with pytest.raises(GuestError, match="Another process runs guests"):
            NspawnGuests(CACHE, tmp_path)
    with pytest.raises(GuestError, match="closed"):
        guests.create_disk("d", None)
