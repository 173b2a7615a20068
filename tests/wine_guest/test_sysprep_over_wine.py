# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role on guests whose registry, files and processes are Wine's; `make deep` runs it, and installs what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from windows_runs import Outcome, Runs

from windows_guest import modules
from windows_guest.cases import UNATTEND, Case
from wine_guest.guest import PANTHER, WineGuest
from wine_guest.prefix import Prefix

REPAIRS = ["cdrom_start", "panther", "answer_files"]
NAME = "over-wine"
#: Seconds of the role's time, and in which a state may last: a machine is slow sometimes, a hang lasts two minutes.
DEADLINE, STATE_LIMIT = 60, 6


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefix]:
    made = Prefix(tmp_path_factory.mktemp("wine"))
    yield made
    made.close()


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def run(runs: Runs, prefix: Prefix, mode: str, **variables: Any) -> tuple[Outcome, WineGuest]:
    """Run the role on a guest whose sysprep behaves so."""
    guest = WineGuest(prefix, mode)
    modules.NATIVES[runs.guests.guest(NAME).folder] = guest
    limits = {
        "windows_sysprep_timeout": DEADLINE,
        "windows_sysprep_complete_limit": STATE_LIMIT,
        "windows_sysprep_undeployable_limit": STATE_LIMIT,
    }
    case = Case(variables={"windows_sysprep_actions": REPAIRS, **limits, **variables})
    return runs.run({NAME: case})[NAME], guest


@pytest.mark.parametrize(
    ("variables", "state"),
    [
        ({}, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"),
        ({"windows_sysprep_oobe": False}, "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT"),
        ({"windows_sysprep_mode_vm": False}, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"),
        ({"windows_sysprep_unattend_file": UNATTEND}, "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"),
    ],
    ids=["default", "audit", "any host", "answer file"],
)
def test_success(runs: Runs, prefix: Prefix, variables: dict[str, Any], state: str) -> None:
    outcome, guest = run(runs, prefix, "success", **variables)
    assert not outcome.failed, outcome.message
    assert guest.image_state() == state
    assert guest.cdrom_start() == 1
    assert not prefix.path(PANTHER).exists()
    assert prefix.path(UNATTEND).exists() == ("windows_sysprep_unattend_file" in variables)


@pytest.mark.parametrize(
    ("mode", "variables", "code", "said"),
    [
        ("hang", {}, "undeployable_too_long", "start again from a backup"),
        ("never", {}, "never_left_complete", "never left IMAGE_STATE_COMPLETE"),
        ("reboot", {}, "specialize_state", "reboot it"),
        ("fails", {}, "exit_code", "Example_1.0.0.0_x64__abc"),
        ("success", {"windows_sysprep_unattend_file": "C:\\absent.xml"}, "exit_code", "exit code 87"),
    ],
)
def test_failure(runs: Runs, prefix: Prefix, mode: str, variables: dict[str, Any], code: str, said: str) -> None:
    outcome, guest = run(runs, prefix, mode, **variables)
    assert outcome.failed
    assert code in outcome.message
    assert said in outcome.message
    assert "shutdown" not in outcome.kinds
    assert "GENERALIZE" not in str(guest.image_state())
