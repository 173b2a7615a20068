# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests that boot real Linux guests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from guest_support import CACHE, Key

from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements


def skip_without_guests(items: list[pytest.Item]) -> None:
    """Skip what needs a guest where there can be none, saying why."""
    if not any(item.get_closest_marker("guest") for item in items):
        return
    missing = missing_requirements()
    if missing:
        for item in items:
            if item.get_closest_marker("guest"):
                item.add_marker(pytest.mark.skip(reason=" ".join(missing)))


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """Make a key to log in with."""
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return Key(path, path.with_suffix(".pub").read_text(encoding="utf-8").strip())


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NspawnGuests]:
    """Run a backend for the tests of a module, and make sure that nothing of it is left."""
    state = tmp_path_factory.mktemp("guests")
    with NspawnGuests(CACHE, state) as backend:
        yield backend
    assert not list(state.glob("*/*"))
