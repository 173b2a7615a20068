# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison of a source with the clones of its image. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .identity import Identity

NO_HOSTNAMES = ("", "localhost", "localhost.localdomain")


@dataclass(frozen=True)
class Row:
    """One line of the proof: what source and clones say, whether that is as it must be, and why not."""

    check: str
    source: str
    clones: tuple[str, ...]
    ok: bool
    why: str


def prove(source: Identity, clones: Sequence[Identity]) -> list[Row]:
    """Compare a source, asked before it was prepared, with clones of its image.

    Raises:
        ValueError: there are fewer than two clones, so that they cannot be told from each other.
    """
    if len(clones) < 2:
        raise ValueError("The proof needs two clones or more.")
    return [
        _row("machine-id", source, clones, lambda machine: machine.machine_id, _unique_machine_ids),
        _row("SSH host keys", source, clones, _first_key, _unique_host_keys),
        _row("hostname", source, clones, lambda machine: machine.hostname, _unique_hostnames),
        _row("boot id", source, clones, lambda machine: machine.boot_id, _unique_boots),
        _row("old user", source, clones, lambda machine: "present" if machine.user_present else "absent", _user_gone),
        _row("file", source, clones, lambda machine: machine.file_content or "absent", _file_inherited),
        _row("package", source, clones, lambda machine: machine.package or "absent", _package_inherited),
    ]


def failed(rows: Sequence[Row]) -> bool:
    """Say whether any row failed."""
    return not all(row.ok for row in rows)


def _row(
    check: str,
    source: Identity,
    clones: Sequence[Identity],
    shown: Callable[[Identity], str],
    judge: Callable[[Identity, Sequence[Identity]], str],
) -> Row:
    why = judge(source, clones)
    return Row(check, shown(source), tuple(shown(clone) for clone in clones), not why, why)


def _first_key(machine: Identity) -> str:
    return machine.host_keys[0] if machine.host_keys else "none"


def _unique_machine_ids(source: Identity, clones: Sequence[Identity]) -> str:
    machines = [source, *clones]
    for machine in machines:
        if not re.fullmatch(r"[0-9a-f]{32}", machine.machine_id):
            return f"{machine.name} has no machine-id."
    return _shared(machines, lambda machine: {machine.machine_id}, "the machine-id")


def _unique_host_keys(source: Identity, clones: Sequence[Identity]) -> str:
    machines = [source, *clones]
    for machine in machines:
        if not machine.host_keys:
            return f"{machine.name} has no SSH host key."
    return _shared(machines, lambda machine: set(machine.host_keys), "an SSH host key")


def _unique_hostnames(source: Identity, clones: Sequence[Identity]) -> str:
    machines = [source, *clones]
    for machine in machines:
        if machine.hostname in NO_HOSTNAMES:
            return f"{machine.name} goes by the name {machine.hostname or 'of nobody'}."
    return _shared(machines, lambda machine: {machine.hostname}, "the hostname")


def _unique_boots(source: Identity, clones: Sequence[Identity]) -> str:
    machines = [source, *clones]
    for machine in machines:
        if not machine.boot_id:
            return f"{machine.name} has no boot id."
    return _shared(machines, lambda machine: {machine.boot_id}, "the boot id, so they are one machine")


def _user_gone(source: Identity, clones: Sequence[Identity]) -> str:
    if not source.user_present:
        return "The source never had the user, so this says nothing."
    kept = [clone.name for clone in clones if clone.user_present]
    return f"{' and '.join(kept)} still {'has' if len(kept) == 1 else 'have'} the user of the source." if kept else ""


def _file_inherited(source: Identity, clones: Sequence[Identity]) -> str:
    if not source.file_content:
        return "The source has no such file, so this says nothing."
    lost = [clone.name for clone in clones if clone.file_content != source.file_content]
    return f"The content of the file is not on {' and '.join(lost)}." if lost else ""


def _package_inherited(source: Identity, clones: Sequence[Identity]) -> str:
    if not source.package:
        return "The source has no such package, so this says nothing."
    lost = [clone.name for clone in clones if clone.package != source.package]
    return f"The package is not on {' and '.join(lost)}." if lost else ""


def _shared(machines: Sequence[Identity], values: Callable[[Identity], set[str]], what: str) -> str:
    """Say which machines share a value; empty when none do."""
    pairs = [
        f"{one.name} and {other.name}"
        for number, one in enumerate(machines)
        for other in machines[number + 1 :]
        if values(one) & values(other)
    ]
    return f"{'; '.join(pairs)} share {what}." if pairs else ""
