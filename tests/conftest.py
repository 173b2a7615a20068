# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from parts import Part

# Hypothesis by default also fails a test that takes long, as any may on a busy machine.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the part of the tests that is run."""
    parser.addoption("--part", help="run one of several parts of the tests, such as 1/3", default="1/1")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep those of the part; the tests that belong together have been marked before.

    Those that boot guests come first: each takes long, so that one of them at the end is what the whole run waits for.
    """
    try:
        part = Part.parse(config.getoption("part"))
    except ValueError as problem:
        raise pytest.UsageError(f"--part: {problem}") from problem
    others = [item for item in items if not part.has(item)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if part.has(item)]
    items.sort(key=lambda item: "guests" not in getattr(item, "fixturenames", ()))
