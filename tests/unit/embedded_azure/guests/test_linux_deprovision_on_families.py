# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision, at its defaults, on emulated distributions, and on clones of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from family_run import prepare_family
from family_table import hold
from guest_support import Key
from spoofed_families import FAMILIES

from embedded_azure.guests.nspawn import NspawnGuests

pytestmark = [pytest.mark.guest, pytest.mark.sweep]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_prepared_and_its_clones_are_machines_of_their_own(
    guests: NspawnGuests, key: Key, tmp_path: Path, name: str
) -> None:
    hold(prepare_family(guests, key, tmp_path, name))
