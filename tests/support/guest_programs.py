# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of a guest whose files lie in a folder: what they do there, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable

from role_files import Tree

Answer = tuple[int, str]


class Programs:
    """Stands in for Guest.command; what was run is kept in `ran`.

    :param answers: by the program, or by the program and its first two arguments.
    """

    def __init__(self, tree: Tree, agent: Callable[[Tree], Answer] | None = None, **answers: Answer) -> None:
        self.tree = tree
        self.ran: list[list[str]] = []
        self._agent = agent
        self._answers = answers

    def __call__(self, arguments: list[str], limit: float = 0) -> Answer:
        """Run one."""
        self.ran.append(arguments)
        program = arguments[0]
        if program == "waagent" and self._agent:
            return self._agent(self.tree)
        if program in ("userdel", "groupdel"):
            return remove_entries(self.tree, arguments[-1], ("group", "gshadow") if program == "groupdel" else ())
        for answer in (self._answers.get(f"{program} {' '.join(arguments[1:3])}"), self._answers.get(program)):
            if answer is not None:
                return answer
        return 127, f"{program} is not installed"


def remove_entries(tree: Tree, name: str, files: tuple[str, ...] = ()) -> Answer:
    """Do what userdel does: the entries go, and the files are kept as they were, with a hyphen."""
    for file in files or ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"):
        path = f"/etc/{file}"
        if tree.has(path):
            text = tree.read(path)
            tree.write(path + "-", text)
            lines = [line for line in text.splitlines() if not line.startswith(name + ":")]
            lines = [re.sub(rf"([:,]){re.escape(name)}(,|$)", r"\1", line).rstrip(",") for line in lines]
            tree.write(path, "".join(line + "\n" for line in lines))
    return 0, ""


def silent_failure(tree: Tree) -> Answer:
    """Behave as the agent does where ifcfg-eth0 is missing: some is done, the rest is not, and the status is 0."""
    for name in ("ssh_host_rsa_key", "ssh_host_rsa_key.pub"):
        (tree.root / "etc/ssh" / name).unlink(missing_ok=True)
    return 0, (
        "WARNING! The waagent service will be stopped.\n"
        "2026-11-30T12:00:00.000000Z ERROR Failed to run 'deprovision+user': [Errno 2] No such file or directory: "
        "'/etc/sysconfig/network-scripts/ifcfg-eth0'\n"
    )
