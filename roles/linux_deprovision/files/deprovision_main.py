# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove the identity of a Linux guest before its disk is captured.

The role linux_deprovision passes these modules to the Python interpreter of the guest on standard input, as root, so that they are never
written to the disk (see __linux_deprovision_bootstrap in its vars). Commands:

    identity return the identity of the machine; reads only
    inspect  return what would be removed, blockers and warnings; reads only
    clean    remove what the login does not require
    finish   remove everything else, in part by the agent, verify, schedule the power-off; continues if the connection is lost
    report   return the result of the last `finish`

The result is one line of JSON on standard output. The configuration is the second argument, as JSON. Requires Python 3.7 or later, and no
packages.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from typing import NoReturn

from deprovision_agent import deprovision_by_agent
from deprovision_blockers import blockers, secure_boot_warnings, warnings
from deprovision_boot import boot_warnings
from deprovision_busy import wait_while_busy
from deprovision_cleanup import cleanup_items, remove_items
from deprovision_fstab import fstab_warnings
from deprovision_guest import Guest
from deprovision_identity import identity
from deprovision_known_identities import known_identity_warnings
from deprovision_protected_paths import protected_warnings
from deprovision_provisioning_agents import provisioning_warnings
from deprovision_services import restart_timers, running_services, stop_and_mask_agents, stop_timers, unmask_agents
from deprovision_users import agent_user, users_to_remove

#: Maximum waiting time of the last step, whose connection has its own time limit.
WAIT_LIMIT_SECONDS = 60.0
STATE_DIRECTORY = "/run/golden-azure-deprovision"


class Failure(Exception):
    """An error with a message of one sentence and a code."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def inspect(guest: Guest) -> dict:
    """Return what would be removed, blockers and warnings. Waits for running operations first."""
    wait_while_busy(guest, guest.config["busy_seconds"])
    users, users_source = users_to_remove(guest)
    items = cleanup_items(guest, users)
    return {
        "users": users,
        "users_source": users_source,
        "blockers": list(blockers(guest, users, items)),
        "warnings": [
            *warnings(guest, users),
            *provisioning_warnings(guest),
            *known_identity_warnings(guest),
            *boot_warnings(guest),
            *fstab_warnings(guest),
            *protected_warnings(guest, items),
            *secure_boot_warnings(guest),
        ],
        "clean": [line for item in items if item.phase == "clean" for line in item.lines()],
        "finish": [line for item in items if item.phase != "clean" for line in item.lines()],
        "pending": sum(not item.volatile for item in items),
        "pending_clean": sum(not item.volatile and item.phase == "clean" for item in items),
    }


def verify_same_guest(guest: Guest) -> None:
    """Verify that the guest is the one that was examined, and not another one behind a load balancer.

    Raises:
        Failure: it is another machine.
    """
    examined = guest.config["guest_id"]
    reached = identity(guest)["id"] if examined else examined
    if reached != examined:
        raise Failure(
            f"This connection reached another machine ({reached or 'which does not report its identity'}) than the one that was "
            f"examined ({examined}); set an address in the inventory that always reaches the same machine.",
            "guest_is_another_machine",
        )


def clean(guest: Guest) -> dict:
    """Remove what the login does not require, and inspect the guest again."""
    verify_same_guest(guest)
    stop_timers(guest)
    items = [item for item in cleanup_items(guest, []) if item.phase == "clean"]
    lines = remove_items(guest, items)
    left = [item for item in cleanup_items(guest, []) if item.phase == "clean" and not item.volatile]
    if left:
        restart_timers(guest)
    return {"removed": lines, "remaining": [line for item in left for line in item.lines()], "notes": guest.notes}


def finish(guest: Guest) -> dict:
    """Deprovision, verify, and only then schedule the power-off."""
    stop_timers(guest)
    wait_while_busy(guest, min(guest.config["busy_seconds"], WAIT_LIMIT_SECONDS))
    users = users_to_remove(guest)[0]
    items = cleanup_items(guest, users)
    found_blockers = list(blockers(guest, users, items))
    if found_blockers:
        restart_timers(guest)
        return {
            "removed": [],
            "remaining": [],
            "blockers": found_blockers,
            "notes": [],
            "verified": False,
            "power_off": False,
        }
    guest.config["hostnames"] = [guest.read("/etc/hostname").strip()]
    stopped_services, lines = stop_and_mask_agents(guest), []
    if any(not item.volatile for item in items):
        deprovision_by_agent(guest, with_user=agent_user(guest) in ("", *users))
        lines = [line for item in items for line in item.lines()]
        # Twice, because the agent and the removals themselves write logs.
        for _dummy in range(2):
            remove_items(guest, cleanup_items(guest, users))
        if guest.config["cloud_init"]:
            run_clean_hooks(guest)
        os.sync()
    left = [line for item in cleanup_items(guest, users) if item.critical or not item.volatile for line in item.lines()]
    left += running_services(guest)
    power_off = not left and guest.config["power_off"]
    if power_off:
        schedule_power_off(guest)
    else:
        # If something remains, Run Command can be used to remove it, which requires the agent.
        unmask_agents(guest, stopped_services if left else [])
        restart_timers(guest)
    return {
        "removed": lines,
        "remaining": left,
        "blockers": [],
        "notes": guest.notes,
        "verified": not left,
        "power_off": power_off,
    }


def run_clean_hooks(guest: Guest) -> None:
    """Run the scripts that other packages provide for `cloud-init clean` (/etc/cloud/clean.d)."""
    for path in guest.find("/etc/cloud/clean.d/*"):
        if os.path.isfile(guest.local_path(path)) and os.access(guest.local_path(path), os.X_OK):
            status, _dummy = guest.command([guest.local_path(path)])
            if status != 0:
                guest.notes.append(f"{path} failed with status {status}.")


def schedule_power_off(guest: Guest) -> None:
    """Schedule the shutdown of the guest with a delay, so that the result can be returned first."""
    delay = guest.config["power_off_delay"]
    unit = [f"--on-active={delay}s", "--timer-property=AccuracySec=100ms", "--unit=golden-azure-power-off"]
    status, _dummy = guest.command(["systemd-run", "--quiet", *unit, "systemctl", "--no-block", "poweroff"])
    if status != 0:
        subprocess.Popen(
            ["/bin/sh", "-c", f"sleep {delay}; systemctl poweroff || poweroff"], start_new_session=True, cwd="/"
        )


def detached_finish(guest: Guest) -> dict:
    """Run finish() in a separate session, which continues if the connection is lost; wait for it and return its report."""
    verify_same_guest(guest)
    os.makedirs(STATE_DIRECTORY, mode=0o700, exist_ok=True)
    # The child process holds the lock, too, until it ends.
    lock = os.open(STATE_DIRECTORY + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 100).decode("ascii", "replace").strip() or "unknown"
        raise Failure(
            f"Another run is deprovisioning this guest (process {holder}): wait until it has ended, and run the role again.",
            code="already_running",
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()} since {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}".encode("ascii"))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(STATE_DIRECTORY + "/report.json")
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        run_child(guest)
    os.close(lock)
    os.waitpid(child, 0)
    return last_report(guest)


def run_child(guest: Guest) -> NoReturn:
    """Run finish() as a session leader that ignores the end of the connection."""
    os.setsid()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(os.open(STATE_DIRECTORY + "/errors.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    report = finish(guest)
    with open(STATE_DIRECTORY + "/report.new", "w", encoding="utf-8") as handle:
        json.dump(report, handle)
    os.replace(STATE_DIRECTORY + "/report.new", STATE_DIRECTORY + "/report.json")
    sys.exit(0)


def last_report(guest: Guest) -> dict:
    """Return the report of the last finish(). Waits for one that is still running."""
    try:
        with open(STATE_DIRECTORY + "/lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
        with open(STATE_DIRECTORY + "/report.json", encoding="utf-8") as handle:
            return json.load(handle)
    except FileNotFoundError:
        last = ([*guest.read(STATE_DIRECTORY + "/errors.log").splitlines(), "it was not started"])[-2:][0]
        raise Failure(f"The last step did not complete on this guest: {last}") from None


def main(arguments: list[str]) -> int:
    """Run one command. Errors are part of its result."""
    command, config = arguments[0], json.loads(arguments[1])
    guest = Guest(config)
    commands = {
        "identity": lambda: identity(guest),
        "inspect": lambda: inspect(guest),
        "clean": lambda: clean(guest),
        "finish": lambda: detached_finish(guest),
        "report": lambda: last_report(guest),
    }
    try:
        result = commands[command]()
    except Failure as failure:
        result = {"failure": str(failure), "code": failure.code}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0
