# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on a guest with more than thirty agents, registrations and keys, made by packages of Debian."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest
from family_run import KNOWN_AGENTS
from guest_capture import capture
from guest_play import Play
from guest_support import CACHE, Key, boot
from packaged_identities import PACKAGES, REQUESTED, WARNED, script
from role_files import known_identities

from embedded_azure.guests.nspawn import NspawnGuests
from proof import failed, known_by_backend, shared_files

pytestmark = pytest.mark.guest

#: Databases that are written at each start: their identity is in them, but their files differ.
REWRITTEN = {"etcd", "fail2ban"}
#: What their services make anew in each clone, with nothing of a machine in it: empty databases and caches. They are removed all the same.
MADE_ALIKE = ("/var/lib/fail2ban/fail2ban.sqlite3", "/var/lib/samba/*.tdb", "/var/lib/sss/*")
#: What holds the domain SID and the passwords of a machine.
SECRETS = "*/secrets.tdb"
#: Seconds that making all identities may take.
LIMIT = 400


def made_alike(path: str) -> bool:
    """Say whether a file is the same in clones although each of them has made its own."""
    return any(fnmatch.fnmatch(path, pattern) for pattern in MADE_ALIKE) and not fnmatch.fnmatch(path, SECRETS)


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NspawnGuests]:
    """Debian 12 with the packages."""
    state = tmp_path_factory.mktemp("guests")
    with NspawnGuests(CACHE, state, suite="bookworm", more_packages=PACKAGES) as backend:
        yield backend


def test_what_the_packages_make_is_warned_of_and_on_request_no_clone_shares_it(
    guests: NspawnGuests, key: Key, tmp_path: Path
) -> None:
    boot(guests, key, "full")
    made = guests.run("full", "mkdir -p /opt/application; echo golden >/opt/application/data\n" + script(), LIMIT)
    found = known_by_backend(guests, "full", known_identities(), ["full"])
    missing = set(REQUESTED) | set(WARNED)
    missing -= set(found)
    assert not missing, (missing, made.stderr)
    assert len(REQUESTED) >= 30

    # Without the consent, each of them is warned of.
    play = Play(guests, key, tmp_path, "full")
    checked = play.run("--check")
    assert checked.returncode == 0, checked.stdout[-6000:]
    warned = {warning["identity"] for warning in play.result()["warnings"] if "identity" in warning}
    assert set(REQUESTED) | set(WARNED) <= warned

    # A copy that nobody prepared shares all of them, so that this would be seen.
    boot(guests, key, "unprepared", "full")
    copied = known_by_backend(guests, "unprepared", known_identities(), ["full"])
    assert set(shared_files(found, copied)) >= (set(REQUESTED) | set(WARNED)) - REWRITTEN
    guests.delete_machine("unprepared")

    captured = capture(guests, key, tmp_path, "full", KNOWN_AGENTS)
    assert not failed(captured.rows), [row for row in captured.rows if not row.ok]
    left = {entry: paths for entry, paths in captured.shared.items() if entry in REQUESTED}
    assert {path for paths in left.values() for path in paths if not made_alike(path)} == set(), left
    removed = " ".join(captured.result["removed"])
    assert all(path in removed for paths in left.values() for path in paths), (left, removed)
    assert set(WARNED) <= set(captured.warned)
    assert set(REQUESTED) & set(captured.warned) == set()
