# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stock Windows machines of the marketplace, captured by the playbook with nothing but the names that it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playbook_runs import Playbooks
from windows_captures import GROUP, Machines

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import COMPLETE, GENERALIZED, StandInWindows
from windows_guest.stock import NAMES, stock

#: Without variables of their own.
ALL: dict[str, dict[str, Any]] = {name: {} for name in NAMES}


@pytest.mark.sweep
def test_stock_machines_are_captured_with_defaults(tmp_path: Path) -> None:
    """In check mode nothing is touched; then all are captured; then nothing is left to do; and clones are machines of their own."""
    guests = StandInWindows(tmp_path / "windows", {name: ({}, stock(name)) for name in NAMES})
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        machines = Machines(azure, guests, Playbooks(tmp_path, azure.environment()))
        for name in NAMES:
            machines.boot(name)
        checked = machines.capture_all(ALL, "--check")
        assert checked.returncode == 0, checked.stdout[-5000:]
        assert all(guests.guest(name).read()["facts"]["panther"] for name in NAMES)
        captured = machines.capture_all(ALL)
        assert captured.returncode == 0, captured.stdout[-5000:]
        for name in NAMES:
            assert guests.guest(name).read()["facts"]["image_state"] == GENERALIZED
        again = machines.capture_all(ALL)
        assert again.returncode == 0, again.stdout[-5000:]
        assert again.stdout.count("changed=0") >= len(NAMES)
        for clone in ("clone-1", "clone-2"):
            machines.boot(clone, machines.id_of("golden-windows-11", "images"))
        first, second = (guests.guest(clone).read() for clone in ("clone-1", "clone-2"))
        assert first["facts"]["image_state"] == COMPLETE
        assert first["identity"]["sid"] != second["identity"]["sid"]
        # What was on the source is on none of them.
        for facts in (first["facts"], second["facts"]):
            assert (facts["panther"], facts["answer_files"], facts["leftovers"]) == (False, [], [])
