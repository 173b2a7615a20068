# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told to log out, by what who and loginctl say on Debian 12 and 13."""

from __future__ import annotations

import deprovision_sessions
import pytest
from deprovision_guest import Guest
from role_files import Tree, family_config

#: What `who -u` writes of utmp, and of systemd-logind (coreutils 9.7 in Debian 13).
UTMP = {
    "terminal": "azureuser pts/0        2026-11-30 11:55   .           512 (10.0.0.4)",
    "console": "root     ttyS0        2026-11-30 11:55 00:01         512",
}
LOGIND = {
    "this run": "azureuser sshd         2026-11-30 11:55   ?           512 (10.0.0.4)",
    "terminal": "azureuser sshd pts/0   2026-11-30 11:55   .           512 (10.0.0.4)",
    "console": "root     login ttyS0  2026-11-30 11:55 00:01         512",
    "terminal alone": "azureuser pts/0        2026-11-30 11:55   .           512 (10.0.0.4)",
}
SESSIONS = {
    "this run": "Name=azureuser\nState=active\nClass=user\nTTY=\n",
    "terminal": "Name=azureuser\nState=active\nClass=user\nTTY=pts/0\n",
    "somebody": "Name=daemon\nState=active\nClass=user\nTTY=\n",
    "online": "Name=daemon\nState=online\nClass=user\nTTY=\n",
    "gone": "Name=daemon\nState=closing\nClass=user\nTTY=\n",
    "removed": "Name=nobody-knows-them\nState=active\nClass=user\nTTY=\n",
    "manager": "Name=daemon\nState=active\nClass=manager\nTTY=\n",
}


def told(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, who: str = "", sessions: tuple[str, ...] = (), used: bool = True
) -> list[str]:
    guest = Guest({**family_config("Debian"), "login_user": "azureuser"}, str(tree.root))
    tree.write("/proc/512/cmdline", "sshd\n")
    if used:
        # Its terminal is pts/0.
        tree.write("/proc/600/stat", f"600 (bash) S 512 600 600 {136 << 8} 600 4194304")
    tree.write("/proc/self/cgroup", "0::/user.slice/user-1000.slice/session-c9.scope\n")

    def command(arguments: list[str]) -> tuple[int, str]:
        if arguments[0] == "who":
            return 0, who + "\n"
        if arguments[1] == "list-sessions":
            return 0, "".join(f"{number} 1000 azureuser - 512 user -\n" for number, _name in enumerate(sessions))
        return 0, SESSIONS[sessions[int(arguments[2])]]

    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(deprovision_sessions, "user_exists", lambda name: name != "nobody-knows-them")
    monkeypatch.setattr(guest, "command", command)
    found = list(deprovision_sessions.session_blockers(guest))
    assert {finding["code"] for finding in found} <= {"user_logged_in"}
    return [finding["message"].removesuffix(": end this session first.") for finding in found]


def test_the_login_of_this_run_does_not_block_it_on_debian_13(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tree, monkeypatch, LOGIND["this run"], ("this run",)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (UTMP["terminal"], "azureuser is logged in on pts/0"),
        (UTMP["console"], "root is logged in on ttyS0"),
        (LOGIND["terminal"], "azureuser is logged in on pts/0"),
        (LOGIND["terminal alone"], "azureuser is logged in on pts/0"),
        (LOGIND["console"], "root is logged in on ttyS0"),
    ],
)
def test_a_terminal_blocks_whoever_sits_at_it(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    assert told(tree, monkeypatch, line) == [said]


def test_a_terminal_whose_process_is_gone_does_not_block(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tree, monkeypatch, UTMP["terminal"].replace("512", "513")) == []


@pytest.mark.parametrize(
    ("session", "said"),
    [
        ("terminal", ["azureuser is logged in on pts/0"]),
        ("somebody", ["daemon is logged in on session 0"]),
        ("online", ["daemon is logged in on session 0"]),
        ("gone", []),
        ("removed", []),
        ("manager", []),
        ("this run", []),
    ],
)
def test_sessions_of_others_and_terminals_that_who_does_not_know(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, session: str, said: list[str]
) -> None:
    assert told(tree, monkeypatch, "", (session,)) == said


def test_a_terminal_that_both_know_is_said_once(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tree, monkeypatch, LOGIND["terminal"], ("this run", "terminal")) == ["azureuser is logged in on pts/0"]


@pytest.mark.parametrize("who", ["", LOGIND["terminal"], UTMP["terminal"]])
def test_a_terminal_that_a_connection_of_ansible_had_once_does_not_block(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    assert told(tree, monkeypatch, who, ("terminal",), used=False) == []
