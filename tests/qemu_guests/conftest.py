# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests with kernels of their own, for the tests that boot one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from guest_fixtures import key
from guest_support import CACHE

from embedded_azure.guests.qemu import QemuGuests, missing_qemu_requirements

__all__ = ["key"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip them where there can be no such guest, saying why."""
    missing = missing_qemu_requirements()
    if missing:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=" ".join(missing)))


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QemuGuests]:
    """Run a backend for the tests of a module, and make sure that nothing of it is left."""
    state = tmp_path_factory.mktemp("guests")
    with QemuGuests(CACHE, state) as backend:
        yield backend
    assert not list(state.glob("*/*"))
