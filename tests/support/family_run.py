# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares a guest with an emulated distribution, and examines its clones."""

from __future__ import annotations

from pathlib import Path

from family_table import SPOOFED, Seen
from guest_capture import Capture, capture
from guest_support import Key, boot, must_run
from spoofed_families import FAMILIES, OTHER_FAMILIES, WARNED_PATHS, Family, script

from embedded_azure.guests.nspawn import NspawnGuests
from proof import failed

KNOWN_AGENTS = ("-e", "linux_deprovision_known_agents=true")


def prepare_family(guests: NspawnGuests, key: Key, directory: Path, name: str) -> Seen:
    """Have a stock guest of a distribution, prepare it with defaults, and compare two clones with it."""
    family = {**FAMILIES, **OTHER_FAMILIES}[name]
    boot(guests, key, name)
    must_run(guests, name, script(family))
    captured = capture(guests, key, directory, name)
    assert not any("not installed" in note for note in captured.result["notes"])
    stay = [*family.stays, *(WARNED_PATHS[entry] for entry in family.warned)]
    look_at_clone(guests, name, family, stay, [])
    forget(guests, name)
    return captured.seen(family.title, SPOOFED.format("sweep" if name in FAMILIES else "deep"))


def prepare_family_with_its_agents(guests: NspawnGuests, key: Key, directory: Path, name: str) -> Capture:
    """The same with linux_deprovision_known_agents."""
    family = {**FAMILIES, **OTHER_FAMILIES}[name]
    boot(guests, key, name)
    must_run(guests, name, script(family))
    captured = capture(guests, key, directory, name, KNOWN_AGENTS)
    assert not failed(captured.rows), [row for row in captured.rows if not row.ok]
    look_at_clone(guests, name, family, [*family.stays], [WARNED_PATHS[entry] for entry in family.warned])
    forget(guests, name)
    return captured


def forget(guests: NspawnGuests, name: str) -> None:
    """End a guest and its clones: with all of them, a host has more inotify instances than it allows one user (128)."""
    for machine in (f"{name}-a", f"{name}-b", name):
        guests.delete_machine(machine)
        guests.delete_disk(f"disks/{machine}")


def look_at_clone(guests: NspawnGuests, name: str, family: Family, stay: list[str], also_gone: list[str]) -> None:
    """Look for files on the first clone."""
    there = [*stay, *([family.first_boot] if family.first_boot else [])]
    for path in [*family.gone, *also_gone]:
        assert guests.run(f"{name}-a", f"test -e '{path}'", 30).return_code == 1, path
    for path in there:
        assert guests.run(f"{name}-a", f"test -e '{path}'", 30).return_code == 0, path
