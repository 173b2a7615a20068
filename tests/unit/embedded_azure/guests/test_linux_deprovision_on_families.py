# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision, at its defaults, on guests that pass for other distributions; and clones of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from guest_play import TRACES, Play, wait_until_off
from guest_support import USER, Key, boot, must_run
from spoofed_families import FAMILIES, WARNED_PATHS, script

from embedded_azure.guests.nspawn import NspawnGuests
from proof import collect_by_ssh, failed, prove

pytestmark = [pytest.mark.guest, pytest.mark.sweep]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_prepared_and_its_clones_are_machines_of_their_own(
    guests: NspawnGuests, key: Key, tmp_path: Path, name: str
) -> None:
    family = FAMILIES[name]
    boot(guests, key, name)
    must_run(guests, name, script(family))
    source = collect_by_ssh(guests.ssh_access(name), USER, key.private, name, TRACES)
    play = Play(guests, key, tmp_path, name)
    run = play.run()
    assert run.returncode == 0, run
    result = play.result()
    assert result["outcome"] == "deprovisioned"
    assert any("Failed to run" in note for note in result["notes"]) == ("Failed to run" in (family.agent or ""))
    assert not any("not installed" in note for note in result["notes"])
    said = {warning.get("identity", warning["code"]) for warning in result["warnings"]}
    assert set(family.warned) <= said
    assert ("agent_missing" in said) == (family.agent is None)
    wait_until_off(guests, name)

    found = []
    for clone in (f"{name}-a", f"{name}-b"):
        boot(guests, key, clone, name, user="newuser")
        found.append(collect_by_ssh(guests.ssh_access(clone), "newuser", key.private, clone, TRACES))
    for path in family.gone:
        assert guests.run(found[0].name, f"test -e '{path}'", 30).return_code == 1, path
    for path in [*family.stays, *(WARNED_PATHS[entry] for entry in family.warned)]:
        assert guests.run(found[0].name, f"test -e '{path}'", 30).return_code == 0, path
    rows = prove(source, found)
    assert not failed(rows), [row for row in rows if not row.ok]
