# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(d): a thousand captures within Azure's token buckets, on a clock that only the code's own waits move."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification

from clients.session import GROUP, LOCATION
from embedded_azure import EmbeddedAzure
from embedded_azure.clock import DrivenClock, DrivingClock
from embedded_azure.request_log import Exchange

from .peers import Programs, machines
from .rows import Row

_MACHINES = 1000
_DEALLOCATION, _IMAGE = 60.0, 90.0
_WRITES = 3 * _MACHINES
# ARM: 200 writes at once, then ten per second.
_BURST, _PER_SECOND = 200, 10.0
#: The last write makes an image, which takes its time.
WRITE_BUDGET = (_WRITES - _BURST) / _PER_SECOND + _IMAGE
# Answers carry these policies of Compute as well; that they exist is recorded, what they allow is documented nowhere.
_UNDOCUMENTED = ["CreateImages", "GetImages", "HighCostGetImages"]
_IMAGES_BURST, _IMAGES_PER_SECOND = 60, 20 / 60
#: Images can be made from when the first machine is deallocated.
IMAGE_BUDGET = _DEALLOCATION + (_MACHINES - _IMAGES_BURST) / _IMAGES_PER_SECOND + _IMAGE


def within_budget(_programs: Programs, _directory: Path) -> Iterator[Row]:
    """(d) with the buckets that are documented; and with those for images, too."""
    seconds, asked = _run(uncounted=_UNDOCUMENTED)
    yield Row("d", "1,000 captures, driven s", [seconds], "write budget", [WRITE_BUDGET], limit=1.1)
    throttled = float(_throttled(asked))
    yield Row("d", "requests that were answered 429", [throttled], limit=0.0, absolute=True)
    yield Row("d", "reads", [float(_reads(asked))], "one per capture", [float(_MACHINES)], 1.0 - 1 / _MACHINES)
    seconds, asked = _run(uncounted=[])
    yield Row("d", "with the buckets for images, driven s", [seconds], "image budget", [IMAGE_BUDGET], limit=1.1)
    yield Row("d", "with the buckets for images, reads", [float(_reads(asked))], "one per capture", [float(_MACHINES)])


def reads_of_many(number: int) -> int:
    """How often many captures in one task read."""
    _seconds, asked = _run(_UNDOCUMENTED, number)
    return _reads(asked)


def _run(uncounted: list[str], number: int = _MACHINES) -> tuple[float, list[Exchange]]:
    items = [
        {"resource_group": GROUP, "source_vm": f"web-{each:04d}", "image": f"golden-{each:04d}", "generalize": True}
        for each in range(number)
    ]
    clock = DrivenClock()
    durations = {"deallocate": _DEALLOCATION, "PUT Microsoft.Compute/images": _IMAGE}
    with EmbeddedAzure(clock=clock, throttling=True, durations=durations, uncounted=uncounted) as azure:
        azure.seed({"groups": {GROUP: LOCATION}, **machines(number)})
        azure.clear_requests()
        options = {"captures": items, "timeout": 36_000}
        checked = ArgumentSpecValidator(full_specification(capture_options.OPTIONS)).validate(options)
        began = clock.now()
        with mock.patch.dict(os.environ, azure.environment()):
            result = capture.execute(Invocation(checked.validated_parameters, False, clock=DrivingClock(clock)))
        seconds = (clock.now() - began).total_seconds()
        asked = [each for each in azure.requests if each.path.lower().startswith("/subscriptions/")]
    made = {each["image"]["name"] for each in result["results"]}
    if len(made) != number:
        raise AssertionError(f"{len(made)} images were made instead of {number}.")
    return seconds, asked


def _throttled(asked: list[Exchange]) -> int:
    return sum(each.status == 429 for each in asked)


def _reads(asked: list[Exchange]) -> int:
    return sum(each.method == "GET" for each in asked)
