# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the bars of a timeline lie, in percent of its width; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.refresh_run import seconds_between

#: Distances between the marks of an axis, in seconds; the first is taken that gives at most _MARKS of them.
_DISTANCES = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MARKS = 8
#: A bar narrower than this cannot be seen.
_NARROWEST = 0.3


@dataclass(frozen=True)
class Bar:
    """A stage or a step.

    :param kind: name of the stage it belongs to, which gives its colour.
    :param left: percent of the width; so is ``width``.
    """

    kind: str
    left: float
    width: float
    failed: bool
    title: str


@dataclass(frozen=True)
class Row:
    """A line of a timeline."""

    label: str
    seconds: float
    bars: list[Bar]
    #: Whether it is a step within the stage above it.
    inner: bool = False
    #: Where a click leads: the number of an image, from 1; 0 for nowhere.
    leads_to: int = 0


@dataclass(frozen=True)
class Mark:
    """A moment on the axis."""

    left: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """A picture of what took how long."""

    rows: list[Row] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Axis:
    """The span of time that a timeline shows."""

    start: str
    seconds: float

    def place(self, kind: str, offset: float, seconds: float, failed: bool, title: str) -> Bar:
        """A bar that begins some seconds after the axis does; it never leaves the picture."""
        left = min(max(offset / self.seconds * 100, 0.0), 100 - _NARROWEST)
        width = min(max(seconds / self.seconds * 100, _NARROWEST), 100 - left)
        return Bar(kind, round(left, 3), round(width, 3), failed, f"{title}: {duration(seconds)}")

    def marks(self) -> list[Mark]:
        """The marks, from 0 on."""
        distance = next((one for one in _DISTANCES if self.seconds / one <= _MARKS), self.seconds / _MARKS)
        count = int(self.seconds // distance) + 1
        return [Mark(round(i * distance / self.seconds * 100, 3), duration(i * distance)) for i in range(count)]


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s" if seconds % 1 else f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def timeline_of_run(report: Mapping[str, Any]) -> Timeline:
    """All images of a run, a row each, on the clock of the run."""
    if not report["started"] or not report["seconds"]:
        return Timeline()
    axis = Axis(report["started"], report["seconds"])
    rows = []
    for number, image in enumerate(report["images"], start=1):
        bars = [_stage_bar(axis, stage) for stage in image.get("stages") or []]
        rows.append(Row(image["name"], image["seconds"], bars, leads_to=number))
    return Timeline(rows, axis.marks())


def timeline_of_image(image: Mapping[str, Any]) -> Timeline:
    """The stages of an image, a row each, and below each its steps, one after the other."""
    if not image.get("stages") or not image["seconds"]:
        return Timeline()
    axis = Axis(image["started"], image["seconds"])
    rows = []
    for stage in image["stages"]:
        rows.append(Row(stage["name"], stage["seconds"], [_stage_bar(axis, stage)]))
        offset = seconds_between(axis.start, stage["started"])
        for step in stage.get("steps") or []:
            placed = axis.place(stage["name"], offset, step["seconds"], False, step["description"])
            rows.append(Row(step["description"], step["seconds"], [placed], inner=True))
            offset += step["seconds"]
    return Timeline(rows, axis.marks())


def _stage_bar(axis: Axis, stage: Mapping[str, Any]) -> Bar:
    offset = seconds_between(axis.start, stage["started"])
    failed = stage.get("result") == "failed"
    return axis.place(stage["name"], offset, stage["seconds"], failed, stage["name"])
