# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on the emulated distributions and releases that `make sweep` does not try."""

from __future__ import annotations

from pathlib import Path

import pytest
from family_run import prepare_family, prepare_family_with_its_agents
from family_table import hold
from guest_support import Key
from spoofed_families import FAMILIES, OTHER_FAMILIES

from embedded_azure.guests.nspawn import NspawnGuests

pytestmark = pytest.mark.guest

WITH_AGENTS = [name for name, family in {**FAMILIES, **OTHER_FAMILIES}.items() if family.warned]


@pytest.mark.parametrize("name", OTHER_FAMILIES)
def test_a_family_is_prepared_and_its_clones_are_machines_of_their_own(
    guests: NspawnGuests, key: Key, tmp_path: Path, name: str
) -> None:
    hold(prepare_family(guests, key, tmp_path, name))


@pytest.mark.parametrize("name", WITH_AGENTS)
def test_clones_share_nothing_where_registrations_are_removed(
    guests: NspawnGuests, key: Key, tmp_path: Path, name: str
) -> None:
    captured = prepare_family_with_its_agents(guests, key, tmp_path, name)
    assert set({**FAMILIES, **OTHER_FAMILIES}[name].warned) <= set(captured.had)
    assert captured.shared == {}
    assert captured.warned == []
