# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take the identity of a Linux guest away before its disk becomes an image.

The role linux_deprovision feeds these modules to the guest's Python on standard input, as root, so that nothing of them
lies on the disk (see __linux_deprovision_bootstrap in its vars). Modes:

    identity say which machine this is; reads only
    inspect  say what would go and what forbids it; reads only
    clean    remove what does not cut the login
    finish   remove the rest with the agent's help, verify, schedule the power-off; goes on when the connection is lost
    report   say how the last `finish` ended

The answer is one line of JSON on standard output. What to look for comes as JSON in the second argument. Python 3.7 or
later, no package.
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
from deprovision_fstab import fstab_warnings
from deprovision_guest import Guest
from deprovision_identity import identity
from deprovision_known import known_warnings
from deprovision_leftovers import leftovers, removed
from deprovision_programs import program_warnings
from deprovision_protected import protected_warnings
from deprovision_services import allow_agents, hold_timers, release_timers, still_running, stop_agents
from deprovision_users import user_of_agent, users_to_remove

#: In the last step, whose connection has a time limit of its own.
WAIT_LIMIT_SECONDS = 60.0
STATE_DIRECTORY = "/run/golden-azure-deprovision"


class Failure(Exception):
    """Something the operator has to know, as one sentence; the code is for programs."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def inspect(guest: Guest) -> dict:
    """Say what would go, what forbids it and what stays; what is at work is waited for."""
    wait_while_busy(guest, guest.config["busy_seconds"])
    users, known_from = users_to_remove(guest)
    items = leftovers(guest, users)
    return {
        "users": users,
        "known_from": known_from,
        "blockers": list(blockers(guest, users, items)),
        "warnings": [
            *warnings(guest, users),
            *program_warnings(guest),
            *known_warnings(guest),
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


def refuse_another_guest(guest: Guest) -> None:
    """Refuse to change a guest that is not the one which was examined, such as the next one behind a load balancer.

    Raises:
        Failure: naming both.
    """
    examined = guest.config["guest_id"]
    reached = identity(guest)["id"] if examined else examined
    if reached != examined:
        raise Failure(
            f"This connection led to another machine ({reached or 'which does not say who it is'}) than the one that was "
            f"examined ({examined}); give the host an address in the inventory that always leads to the same machine.",
            "guest_is_another_machine",
        )


def clean(guest: Guest) -> dict:
    """Remove what does not cut the login, and look again."""
    refuse_another_guest(guest)
    hold_timers(guest)
    items = [item for item in leftovers(guest, []) if item.phase == "clean"]
    lines = removed(guest, items)
    left = [item for item in leftovers(guest, []) if item.phase == "clean" and not item.volatile]
    if left:
        release_timers(guest)
    return {"removed": lines, "left": [line for item in left for line in item.lines()], "notes": guest.notes}


def finish(guest: Guest) -> dict:
    """Deprovision, verify, and only then schedule the power-off."""
    hold_timers(guest)
    wait_while_busy(guest, min(guest.config["busy_seconds"], WAIT_LIMIT_SECONDS))
    users = users_to_remove(guest)[0]
    items = leftovers(guest, users)
    forbidden = list(blockers(guest, users, items))
    if forbidden:
        release_timers(guest)
        return {"removed": [], "left": [], "blockers": forbidden, "notes": [], "verified": False, "power_off": False}
    guest.config["hostnames"] = [guest.read("/etc/hostname").strip()]
    ran, lines = stop_agents(guest), []
    if any(not item.volatile for item in items):
        deprovision_by_agent(guest, with_user=user_of_agent(guest) in ("", *users))
        lines = [line for item in items for line in item.lines()]
        # What the agent and the removals above left, or wrote: twice, because they write logs themselves.
        for _dummy in range(2):
            removed(guest, leftovers(guest, users))
        if guest.config["cloud_init"]:
            clean_hooks(guest)
        os.sync()
    left = [line for item in leftovers(guest, users) if item.critical or not item.volatile for line in item.lines()]
    left += still_running(guest)
    power_off = not left and guest.config["power_off"]
    if power_off:
        schedule_power_off(guest)
    else:
        # Where something is left, Run Command is a way to remove it.
        allow_agents(guest, ran if left else [])
        release_timers(guest)
    return {
        "removed": lines,
        "left": left,
        "blockers": [],
        "notes": guest.notes,
        "verified": not left,
        "power_off": power_off,
    }


def clean_hooks(guest: Guest) -> None:
    """Run what other packages want done when cloud-init is cleaned (/etc/cloud/clean.d)."""
    for path in guest.find("/etc/cloud/clean.d/*"):
        if os.path.isfile(guest.at(path)) and os.access(guest.at(path), os.X_OK):
            status, _dummy = guest.command([guest.at(path)])
            if status != 0:
                guest.notes.append(f"{path} ended with status {status}.")


def schedule_power_off(guest: Guest) -> None:
    """Have the guest shut down in some seconds, so that this answer and its connection end in order."""
    delay = guest.config["power_off_delay"]
    unit = [f"--on-active={delay}s", "--timer-property=AccuracySec=100ms", "--unit=golden-azure-power-off"]
    status, _dummy = guest.command(["systemd-run", "--quiet", *unit, "systemctl", "--no-block", "poweroff"])
    if status != 0:
        subprocess.Popen(
            ["/bin/sh", "-c", f"sleep {delay}; systemctl poweroff || poweroff"], start_new_session=True, cwd="/"
        )


def detached_finish(guest: Guest) -> dict:
    """Run finish() in a session of its own, which a lost connection does not end; wait for it and return its report."""
    refuse_another_guest(guest)
    os.makedirs(STATE_DIRECTORY, mode=0o700, exist_ok=True)
    # The child holds it, too, until it ends.
    lock = os.open(STATE_DIRECTORY + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 100).decode("ascii", "replace").strip() or "unknown"
        raise Failure(
            f"Another run is deprovisioning this guest (process {holder}): wait until it ends, then run the role again.",
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
    """Run finish() as the leader of a session, deaf to the end of the connection."""
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
    """Return the report of the last finish(), waiting for one that still runs."""
    try:
        with open(STATE_DIRECTORY + "/lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
        with open(STATE_DIRECTORY + "/report.json", encoding="utf-8") as handle:
            return json.load(handle)
    except FileNotFoundError:
        last = ([*guest.read(STATE_DIRECTORY + "/errors.log").splitlines(), "it never began"])[-2:][0]
        raise Failure(f"The last step did not come to its end on this guest: {last}") from None


def main(arguments: list[str]) -> int:
    """Run one mode; what went wrong in it is part of the answer."""
    mode, config = arguments[0], json.loads(arguments[1])
    guest = Guest(config)
    modes = {
        "identity": lambda: identity(guest),
        "inspect": lambda: inspect(guest),
        "clean": lambda: clean(guest),
        "finish": lambda: detached_finish(guest),
        "report": lambda: last_report(guest),
    }
    try:
        answer = modes[mode]()
    except Failure as failure:
        answer = {"failure": str(failure), "code": failure.code}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0
