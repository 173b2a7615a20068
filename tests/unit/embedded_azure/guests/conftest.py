# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests for the tests that boot one."""

from __future__ import annotations

import pytest
from guest_fixtures import guests, key, skip_without_guests

__all__ = ["guests", "key"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a guest where there can be none."""
    skip_without_guests(items)
