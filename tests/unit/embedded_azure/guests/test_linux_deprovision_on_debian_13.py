# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on Debian 13, where who lists the very login of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from family_table import hold
from guest_capture import capture
from guest_play import Play, terminal
from guest_support import CACHE, Key, boot, must_run

from embedded_azure.guests.nspawn import NspawnGuests
from proof import failed

pytestmark = [pytest.mark.guest, pytest.mark.sweep]


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NspawnGuests]:
    """Debian 13 instead of the release of the other guests."""
    with NspawnGuests(CACHE, tmp_path_factory.mktemp("guests"), suite="trixie") as backend:
        yield backend


def test_clones_of_a_prepared_disk_pass_the_proof(guests: NspawnGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "source")
    assert "VERSION_CODENAME=trixie" in must_run(guests, "source", "cat /etc/os-release")
    must_run(guests, "source", "mkdir /opt/application; echo golden >/opt/application/data")
    play = Play(guests, key, tmp_path, "source")

    with terminal(guests, key, "source"):
        refused = play.run()
    assert refused.returncode == 2, refused
    assert '"code": "user_logged_in"' in refused.stdout
    assert "azureuser is logged in on pts/" in refused.stdout

    captured = capture(guests, key, tmp_path, "source")
    assert not failed(captured.rows), [row for row in captured.rows if not row.ok]
    hold(captured.seen_of_suite("trixie"))
