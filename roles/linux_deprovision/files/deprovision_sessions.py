# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else is logged in to the guest; reads only."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator

from deprovision_guest import Guest

#: What somebody sits at. Without one, a login runs programs only, as Ansible does.
TERMINAL = r"pts/\d+|tty[\w/]*|console|hvc\d+|xvc\d+|:\d+(\.\d+)?"
LOGGED_IN_STATES = ("active", "online")


def session_blockers(guest: Guest) -> Iterator[dict]:
    """Say who else is logged in: on a terminal, or with a session of another user than that of this run."""
    said = set()
    for name, terminal in [*terminals_of_who(guest), *sessions_of_logind(guest)]:
        if (name, terminal) not in said and in_use(guest, terminal):
            said.add((name, terminal))
            yield {"code": "user_logged_in", "message": f"{name} is logged in on {terminal}: have them log out."}


def terminals_of_who(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield users and their terminals.

    Where who reads systemd-logind instead of utmp (Debian 13), it lists this very login, too, with the service (sshd) in the place of
    a terminal, or before one.
    """
    status, output = guest.command(["who", "-u"])
    for line in output.splitlines() if status == 0 else ():
        fields = line.split()
        terminal = next((field for field in fields[1:3] if re.fullmatch(TERMINAL, field)), "")
        numbers = [field for field in fields[2:] if field.isdigit()]
        if terminal and numbers and guest.exists("/proc/" + numbers[-1]):
            yield fields[0], terminal


def sessions_of_logind(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield users and their terminals, or their sessions without one if they are not the user of this run."""
    own = {"root", os.environ.get("SUDO_USER"), guest.config["login_user"]}
    mine = re.search(r"session-(\w+)\.scope", guest.read("/proc/self/cgroup"))
    status, output = guest.command(["loginctl", "list-sessions", "--no-legend"])
    for line in output.splitlines() if status == 0 else ():
        session = line.split()[0]
        wanted = ["-pName", "-pState", "-pClass", "-pTTY"]
        properties = guest.command(["loginctl", "show-session", session, *wanted])[1]
        shown = dict(field.partition("=")[::2] for field in properties.split())
        name, terminal = shown.get("Name", ""), shown.get("TTY", "")
        if shown.get("Class") != "user" or shown.get("State") not in LOGGED_IN_STATES or not is_user(name):
            continue
        if mine and session == mine.group(1):
            continue
        if re.fullmatch(TERMINAL, terminal):
            yield name, terminal
        elif name not in own:
            yield name, f"session {session}"


def in_use(guest: Guest, terminal: str) -> bool:
    """Say whether a process has a terminal, but for those of this run.

    A connection that Ansible keeps open, and through which it once ran something with a terminal, has one in the records of
    systemd-logind (and so of who, on Debian 13) for as long as it is open.
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


def is_user(name: str) -> bool:
    """Say whether a user still is one: the connection which removed its own user leaves a session behind."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
