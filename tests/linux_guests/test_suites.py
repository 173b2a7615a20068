# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on releases of Debian other than those of `make test`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from family_table import SUITES, hold
from guest_capture import capture
from guest_support import CACHE, Key, boot, must_run

from embedded_azure.guests.nspawn import NspawnGuests

pytestmark = pytest.mark.guest

OTHERS = [suite for suite, (_title, command) in SUITES.items() if command == "deep"]


@pytest.fixture(params=OTHERS)
def suite(request: pytest.FixtureRequest) -> str:
    """A release."""
    return request.param


@pytest.fixture
def guests(tmp_path_factory: pytest.TempPathFactory, suite: str) -> Iterator[NspawnGuests]:
    """Guests of that release."""
    with NspawnGuests(CACHE, tmp_path_factory.mktemp("guests"), suite=suite) as backend:
        yield backend


def test_clones_of_a_prepared_disk_pass_the_proof(guests: NspawnGuests, key: Key, tmp_path: Path, suite: str) -> None:
    boot(guests, key, suite)
    must_run(guests, suite, "mkdir /opt/application; echo golden >/opt/application/data")
    hold(capture(guests, key, tmp_path, suite).seen_of_suite(suite))
