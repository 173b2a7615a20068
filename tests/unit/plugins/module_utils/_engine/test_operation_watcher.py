# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a listing is looked at again: soon enough for who waits, not oftener than is worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import RateLimiter
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline, SystemClock
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import Listings
from ansible_collections.golden.azure.plugins.module_utils._engine.operation_watcher import OperationWatcher, Pending
from ansible_collections.golden.azure.plugins.module_utils._model import actions, effects

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers/Microsoft.Compute"
ACCEPTED = Accepted("https://management.azure.com/operations/1", None, None, None)


class Azure:
    """Images that take as long as is said, in one page or more."""

    def __init__(self, deadline: Deadline, ends: dict[str, float], pages: int = 1) -> None:
        self.rate_limiter = RateLimiter(deadline)
        self._deadline = deadline
        self._ends = ends
        self._pages = pages

    def pages(self, path: str, kind: str, what: str, more: str = "") -> Iterator[list[dict[str, Any]]]:
        states = {
            name: "Succeeded" if self._deadline.elapsed >= end else "Creating" for name, end in self._ends.items()
        }
        yield [
            {"id": f"{GROUP}/images/{name}", "properties": {"provisioningState": state}}
            for name, state in states.items()
        ]
        yield from ([] for _page in range(1, self._pages))


Looks = Callable[..., list[float]]


@pytest.fixture
def looks(clock: Any) -> Looks:
    """The moments at which images that began then and end then are looked at."""

    def moments_of(begun: dict[str, float], ends: dict[str, float], pages: int = 1) -> list[float]:
        clock.time = 0.0
        deadline = Deadline(1000, SystemClock())
        arm = Azure(deadline, ends, pages)
        watch = OperationWatcher(arm, deadline, Listings(arm))
        for name, began in begun.items():
            clock.time = began
            step = Step(actions.CREATE_IMAGE, parse(f"{GROUP}/images/{name}"), f"create {name}")
            watch.add(Pending(step, effects.created, ACCEPTED, deadline, began, pytest.fail))
        moments = []
        with ThreadPoolExecutor(1) as pool:
            while len(watch):
                clock.time = max(clock.time, watch.next_poll())
                moments.append(round(clock.time, 3))
                watch.poll(pool)
        return moments

    return moments_of


def images(apart: float) -> dict[str, float]:
    return {f"golden-{each}": each * apart for each in range(20)}


def after(begun: dict[str, float], seconds: float) -> dict[str, float]:
    return {name: moment + seconds for name, moment in begun.items()}


@pytest.mark.parametrize("seconds", [3.0, 3.02, 3.04, 3.06, 3.08])
def test_what_began_a_moment_after_one_that_has_ended_is_looked_at_when_it_is_due(looks: Looks, seconds: float) -> None:
    begun = images(0.004)
    ends = after(begun, seconds)
    moments = looks(begun, ends)
    some_but_not_all = [moment for moment in moments if min(ends.values()) <= moment < max(ends.values())]
    assert moments[-1] - max(ends.values()) <= (0.021 if some_but_not_all else 0.101)
    assert len([moment for moment in moments if moment >= min(ends.values())]) <= 2


def test_what_takes_longer_than_the_others_is_looked_at_as_ever(looks: Looks) -> None:
    begun = images(0.01)
    ends = {**after(begun, 3), "golden-0": 6.0}
    moments = looks(begun, ends)
    last_but_one = max(end for end in ends.values() if end < 6)
    assert all(later - sooner >= 0.1 for sooner, later in zip(moments, moments[1:]) if sooner > last_but_one + 0.02)


def test_what_began_long_after_one_that_has_ended_brings_no_further_looks(looks: Looks) -> None:
    begun = {"golden-0": 0.0, "golden-1": 0.0, "golden-2": 0.0, "golden-3": 0.0, "golden-4": 2.0}
    moments = looks(begun, after(begun, 3))
    assert all(later - sooner >= 0.09 for sooner, later in zip(moments, moments[1:]))


def test_a_listing_of_several_pages_is_not_read_the_oftener(looks: Looks) -> None:
    begun = images(0.01)
    moments = looks(begun, after(begun, 3), pages=3)
    assert all(later - sooner >= 3 for sooner, later in zip(moments, moments[1:]))
