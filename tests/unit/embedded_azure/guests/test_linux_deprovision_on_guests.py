# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on real guests, by ssh as the user who goes: its end, its refusals, and the proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from family_table import hold
from guest_capture import Capture, recognised
from guest_play import (
    FAILING_AGENT,
    SLOW_AGENT,
    SLOW_END_OF_THE_AGENT,
    TRACES,
    Play,
    cut_connection,
    replace_program,
    terminal,
    wait_until_off,
)
from guest_support import USER, Key, boot, must_run

from embedded_azure.guests import Machine
from embedded_azure.guests.mirrors import guest_suite
from embedded_azure.guests.nspawn import NspawnGuests
from proof import collect_by_ssh, failed, prove

pytestmark = pytest.mark.guest


def test_clones_of_a_prepared_disk_pass_the_proof_and_those_of_an_unprepared_one_fail_it(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    machine = boot(guests, key, "source")
    must_run(guests, "source", "mkdir /opt/application; echo golden >/opt/application/data")
    source = collect_by_ssh(guests.ssh_access("source"), USER, key.private, "source", TRACES)
    guests.power_off("source")
    guests.create_disk("disks/unprepared", "disks/source")
    guests.boot(Machine("source", machine.disk_id, "source", None))
    play = Play(guests, key, tmp_path, "source")

    checked = play.run("--check")
    assert checked.returncode == 0, checked
    assert play.result()["outcome"] == "would_deprovision"
    assert must_run(guests, "source", f"id -un {USER}") == f"{USER}\n"

    run = play.run()
    assert run.returncode == 0, run
    result = play.result()
    assert result["outcome"] == "deprovisioned"
    assert result["users"] == [USER]
    assert result["notes"] == []
    wait_until_off(guests, "source")

    def clones(of: str, names: list[str]) -> list:
        found = []
        for name in names:
            boot(guests, key, name, of, user="newuser")
            found.append(collect_by_ssh(guests.ssh_access(name), "newuser", key.private, name, TRACES))
            assert must_run(guests, name, "systemctl is-system-running || true") == "running\n"
        return found

    rows = prove(source, clones("source", ["clone-a", "clone-b"]))
    assert not failed(rows), [row for row in rows if not row.ok]
    hold(Capture(recognised(run.stdout), result, rows, [], {}).seen_of_suite(guest_suite()))
    control = prove(source, clones("unprepared", ["copy-a", "copy-b"]))
    assert [row.check for row in control if not row.ok] == ["machine-id", "old user"]


@pytest.mark.sweep
def test_an_agent_that_fails_half_way_is_made_up_for_without_a_shared_connection(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    boot(guests, key, "rhel-like")
    replace_program(guests, "rhel-like", "/usr/sbin/waagent", FAILING_AGENT)
    play = Play(guests, key, tmp_path, "rhel-like")
    run = play.run(ANSIBLE_SSH_ARGS="-o ControlMaster=no")
    assert run.returncode == 0, run
    assert play.result()["outcome"] == "deprovisioned"
    assert "IOError: ifcfg-eth0" in play.result()["notes"][0]
    wait_until_off(guests, "rhel-like")


def test_a_failed_verification_keeps_the_guest_up_and_says_what_is_left(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    boot(guests, key, "stubborn")
    replace_program(guests, "stubborn", "/usr/sbin/userdel", "exit 1")
    run = Play(guests, key, tmp_path, "stubborn").run()
    assert run.returncode == 2
    assert "The guest is not clean and was not shut down. Remaining: user azureuser: /etc/passwd (entry)" in run.stdout
    assert "Do not capture it." in run.stdout
    assert guests.run("stubborn", "systemctl is-active golden-azure-power-off.timer", 10).stdout == "inactive\n"
    assert guests.is_running("stubborn")


@pytest.mark.sweep
def test_a_connection_lost_while_the_login_is_there_is_taken_up_again(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    boot(guests, key, "cut-early")
    replace_program(guests, "cut-early", "/usr/sbin/waagent", SLOW_AGENT)
    play = Play(guests, key, tmp_path, "cut-early")
    cutter = cut_connection(guests, "cut-early", comes_back=True)
    run = play.run()
    cutter.join()
    assert run.returncode == 0, run
    assert play.result()["outcome"] == "deprovisioned"
    wait_until_off(guests, "cut-early")


@pytest.mark.sweep
def test_a_connection_lost_with_the_login_is_no_failure_and_the_power_off_tells(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    boot(guests, key, "cut-late")
    replace_program(guests, "cut-late", "/usr/sbin/waagent", SLOW_END_OF_THE_AGENT)
    play = Play(guests, key, tmp_path, "cut-late")
    cutter = cut_connection(guests, "cut-late", comes_back=False)
    run = play.run()
    cutter.join()
    assert run.returncode == 0, run
    assert play.result()["outcome"] == "unconfirmed"
    assert "This is not necessarily a failure" in run.stdout
    wait_until_off(guests, "cut-late")


@pytest.mark.sweep
def test_what_forbids_it_is_said_before_anything_is_changed(guests: NspawnGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "forbidden")
    boot_id = must_run(guests, "forbidden", "cat /proc/sys/kernel/random/boot_id")
    play = Play(guests, key, tmp_path, "forbidden")

    rules = "/etc/sudoers.d/90-cloud-init-users"
    must_run(guests, "forbidden", f"cp {rules} /root/rules; sed -i s/NOPASSWD:// {rules}")
    run = play.run()
    assert run.returncode == 2
    assert (
        "The guest cannot be examined as root (Task failed: Missing sudo password). Nothing was changed." in run.stdout
    )
    must_run(guests, "forbidden", f"cp /root/rules {rules}")

    # What the guest says itself is shown.
    must_run(guests, "forbidden", "echo 'Defaults requiretty' >/etc/sudoers.d/00-terminal")
    run = play.run()
    assert run.returncode == 2
    assert "sorry, you must have a tty to run sudo" in run.stdout
    assert "Nothing was changed. Connect as root" in run.stdout
    must_run(guests, "forbidden", "rm /etc/sudoers.d/00-terminal")

    run = play.run(ANSIBLE_KEEP_REMOTE_FILES="1")
    assert "Ansible does not use pipelining" in run.stdout, run

    must_run(
        guests,
        "forbidden",
        """
systemctl disable walinuxagent 2>/dev/null
touch /etc/cloud/cloud-init.disabled
mkdir /home/azureuser/share
mount -t tmpfs share /home/azureuser/share
cat >/run/lock.py <<END
import fcntl, time
handle = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(handle, fcntl.LOCK_EX)
open("/run/locked", "w")
time.sleep(600)
END
setsid python3 /run/lock.py >/dev/null 2>&1 &
while [ ! -e /run/locked ]; do sleep 0.1; done
""",
    )
    with terminal(guests, key, "forbidden"):
        run = play.run(
            *("-e", "linux_deprovision_users=root,builder", "-e", "linux_deprovision_power_off=false"),
            *("-e", "linux_deprovision_busy_timeout=0"),
        )
    assert run.returncode == 2
    for code in (
        "agent_not_enabled",
        "cloud_init_disabled",
        "package_manager_busy",
        "user_logged_in",
        "user_of_system",
        "mounted_inside",
    ):
        assert f'"code": "{code}"' in run.stdout
    assert must_run(guests, "forbidden", "cat /proc/sys/kernel/random/boot_id") == boot_id
    assert must_run(guests, "forbidden", f"id -un {USER}; ls /etc/ssh/ssh_host_rsa_key").startswith(USER)


@pytest.mark.sweep
def test_what_forbids_it_after_the_cleaning_does_not_say_that_nothing_was_changed(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    boot(guests, key, "too-late")
    must_run(
        guests,
        "too-late",
        """
echo secret >/root/.bash_history
cat >/run/late.sh <<'END'
while [ -e /root/.bash_history ]; do sleep 0.05; done
touch /etc/cloud/cloud-init.disabled
END
setsid sh /run/late.sh >/dev/null 2>&1 &
""",
    )
    run = Play(guests, key, tmp_path, "too-late").run()
    assert run.returncode == 2
    assert '"code": "cloud_init_disabled"' in run.stdout
    assert "Only files that the login does not require were removed." in run.stdout
    assert "Nothing was changed" not in run.stdout
    assert must_run(guests, "too-late", f"id -un {USER}; ls /etc/ssh/ssh_host_rsa_key").startswith(USER)
