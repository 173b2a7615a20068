# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on Debian 13, where who lists the very login of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guest_play import TRACES, Play, terminal, wait_until_off
from guest_support import CACHE, USER, Key, boot, must_run

from embedded_azure.guests.nspawn import NspawnGuests
from proof import collect_by_ssh, failed, prove

pytestmark = pytest.mark.guest


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NspawnGuests]:
    """Debian 13 instead of the release of the other guests."""
    with NspawnGuests(CACHE, tmp_path_factory.mktemp("guests"), suite="trixie") as backend:
        yield backend


def test_clones_of_a_prepared_disk_pass_the_proof(guests: NspawnGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "source")
    assert "VERSION_CODENAME=trixie" in must_run(guests, "source", "cat /etc/os-release")
    must_run(guests, "source", "mkdir /opt/application; echo golden >/opt/application/data")
    source = collect_by_ssh(guests.ssh_access("source"), USER, key.private, "source", TRACES)
    play = Play(guests, key, tmp_path, "source")

    with terminal(guests, key, "source"):
        refused = play.run()
    assert refused.returncode == 2, refused
    assert '"code": "user_logged_in"' in refused.stdout
    assert "azureuser is logged in on pts/" in refused.stdout

    run = play.run()
    assert run.returncode == 0, run
    assert play.result()["outcome"] == "deprovisioned"
    assert play.result()["notes"] == []
    wait_until_off(guests, "source")

    found = []
    for name in ("clone-a", "clone-b"):
        boot(guests, key, name, "source", user="newuser")
        found.append(collect_by_ssh(guests.ssh_access(name), "newuser", key.private, name, TRACES))
    rows = prove(source, found)
    assert not failed(rows), [row for row in rows if not row.ok]
