# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of other users on the guest; reads only."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator

from deprovision_guest import Guest

#: Terminals of interactive sessions. Sessions without one only run programs, as Ansible does.
TERMINAL = r"pts/\d+|tty[\w/]*|console|hvc\d+|xvc\d+|:\d+(\.\d+)?"
LOGGED_IN_STATES = ("active", "online")


def session_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for other logins: on a terminal, or sessions of other users than the user of the connection."""
    reported = set()
    for name, terminal in [*terminals_of_who(guest), *sessions_of_logind(guest)]:
        if (name, terminal) not in reported and is_terminal_in_use(guest, terminal):
            reported.add((name, terminal))
            yield {"code": "user_logged_in", "message": f"{name} is logged in on {terminal}: end this session first."}


def terminals_of_who(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield users and their terminals.

    If `who` reads systemd-logind instead of utmp (Debian 13), it also lists the session of the run, with the service (sshd) instead of a
    terminal, or before one.
    """
    status, output = guest.command(["who", "-u"])
    for line in output.splitlines() if status == 0 else ():
        fields = line.split()
        terminal = next((field for field in fields[1:3] if re.fullmatch(TERMINAL, field)), "")
        numbers = [field for field in fields[2:] if field.isdigit()]
        if terminal and numbers and guest.exists("/proc/" + numbers[-1]):
            yield fields[0], terminal


def sessions_of_logind(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield users and their terminals. Sessions without a terminal are included for other users than the user of the connection."""
    own = {"root", os.environ.get("SUDO_USER"), guest.config["login_user"]}
    own_session = re.search(r"session-(\w+)\.scope", guest.read("/proc/self/cgroup"))
    status, output = guest.command(["loginctl", "list-sessions", "--no-legend"])
    for line in output.splitlines() if status == 0 else ():
        session = line.split()[0]
        wanted = ["-pName", "-pState", "-pClass", "-pTTY"]
        properties = guest.command(["loginctl", "show-session", session, *wanted])[1]
        shown = dict(field.partition("=")[::2] for field in properties.split())
        name, terminal = shown.get("Name", ""), shown.get("TTY", "")
        if shown.get("Class") != "user" or shown.get("State") not in LOGGED_IN_STATES or not user_exists(name):
            continue
        if own_session and session == own_session.group(1):
            continue
        if re.fullmatch(TERMINAL, terminal):
            yield name, terminal
        elif name not in own:
            yield name, f"session {session}"


def is_terminal_in_use(guest: Guest, terminal: str) -> bool:
    """Return whether a process other than those of this run uses a terminal.

    While Ansible keeps a connection open, systemd-logind (and, on Debian 13, `who`) reports a terminal for it if any earlier task was run
    with a terminal.
    """
    match = re.fullmatch(r"pts/(\d+)", terminal)
    if not match:
        return True
    # Source: proc_pid_stat(5) (tty_nr), and Documentation/admin-guide/devices.txt of Linux (136 and the following are Unix98 terminals).
    major, minor = 136 + int(match.group(1)) // 256, int(match.group(1)) % 256
    own, process = set(), os.getpid()
    while process > 1 and process not in own:
        own.add(process)
        parent = re.search(r"^PPid:\s*(\d+)", guest.read(f"/proc/{process}/status"), re.MULTILINE)
        process = int(parent.group(1)) if parent else 0
    for path in guest.find("/proc/[0-9]*/stat", anywhere=True):
        fields = guest.read(path).rpartition(")")[2].split()
        if len(fields) > 4 and fields[4] == str(major << 8 | minor) and int(path.split("/")[2]) not in own:
            return True
    return False


def user_exists(name: str) -> bool:
    """Return whether a user still exists: the session of a removed user remains listed."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
