# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The positions of the bars of a timeline, in percent of its width; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import seconds_between
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import duration

#: The stages in their order. A bar shows the number of its stage, so that it can be identified without its color.
STAGES = ("decide", "build", "customise", "prepare", "capture", "verify", "promote", "prune", "clean")
#: Distances between the marks of an axis, in seconds; the first one that results in at most _MARKS is used.
_DISTANCES = (1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800)
_MARKS = 6
#: The minimum visible width of a bar.
_NARROWEST = 0.4
#: The minimum width of a bar that shows its number, also on small screens.
_ROOM_FOR_NUMBER = 3.2
#: The width of a mark below its bar.
_ROOM_FOR_LABEL = 3.2
#: The minimum width of a failed bar that shows a cross and its number.
_ROOM_FOR_BOTH = 7
#: If a run takes longer than its longest image by this factor, images on a common clock would be too small.
_TOO_SCATTERED = 4


@dataclass(frozen=True)
class Bar:
    """A stage or a step.

    :param kind: name of its stage, which determines its color.
    :param left: percent of the width; so is ``width``.
    :param mark: its text: the number of its stage, a cross if it failed; empty if it is too narrow.
    """

    kind: str
    left: float
    width: float
    failed: bool
    title: str
    mark: str = ""

    @property
    def middle(self) -> float:
        """The position of its mark."""
        return round(self.left + self.width / 2, 3)


@dataclass(frozen=True)
class Label:
    """The mark of a bar that is too narrow for it, below the bar.

    :param left: the position of its middle.
    """

    left: float
    mark: str


@dataclass(frozen=True)
class Row:
    """A line of a timeline.

    :param said: a description of the bars for screen readers.
    """

    label: str
    seconds: float
    bars: list[Bar]
    said: str = ""
    labels: list[Label] = field(default_factory=list)


@dataclass(frozen=True)
class Mark:
    """A mark on the axis."""

    left: float
    label: str

    @property
    def anchor(self) -> str:
        """The end of the label that is aligned with the mark, so that no label exceeds the picture."""
        return "start" if self.left < 4 else "end" if self.left > 92 else "middle"


@dataclass(frozen=True)
class Stage:
    """A stage of an image and its steps."""

    row: Row
    failed: bool
    steps: list[Row]


@dataclass(frozen=True)
class Timeline:
    """The durations of stages or steps as a picture.

    :param on_one_clock: whether all rows start with the run, or each with its image.
    """

    rows: list[Row] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    on_one_clock: bool = True


@dataclass(frozen=True)
class Axis:
    """The time span of a timeline."""

    start: str
    seconds: float

    def place(self, kind: str, offset: float, seconds: float, failed: bool, title: str) -> Bar:
        """A bar at an offset in seconds from the start of the axis; it never exceeds the picture."""
        left = min(max(offset / self.seconds * 100, 0.0), 100 - _NARROWEST)
        width = min(max(seconds / self.seconds * 100, _NARROWEST), 100 - left)
        mark = _mark(kind, failed, width)
        return Bar(kind, round(left, 3), round(width, 3), failed, f"{title}: {duration(seconds)}", mark)

    def marks(self) -> list[Mark]:
        """The marks, starting at 0."""
        distance = next((one for one in _DISTANCES if self.seconds / one <= _MARKS), self.seconds / _MARKS)
        count = int(self.seconds // distance) + 1
        return [Mark(round(i * distance / self.seconds * 100, 3), duration(i * distance)) for i in range(count)]


def number_of(stage: str) -> str:
    """The number of a stage in pictures; empty for an unknown stage."""
    return str(STAGES.index(stage) + 1) if stage in STAGES else ""


def _mark(kind: str, failed: bool, width: float) -> str:
    if width < _ROOM_FOR_NUMBER:
        return ""
    parts = ["✕"] if failed else []
    return " ".join([*parts, number_of(kind)] if not failed or width >= _ROOM_FOR_BOTH else parts)


def stages_run(report: Mapping[str, Any]) -> list[str]:
    """The stages that at least one image has started, in their order."""
    started = {stage["name"] for image in report["images"] for stage in image.get("stages") or []}
    return [stage for stage in STAGES if stage in started]


def _labels(bars: list[Bar]) -> list[Label]:
    """The marks of narrow bars, next to each other if they do not fit below their bars, also on small screens."""
    narrow = [each for each in bars if not each.mark and (number_of(each.kind) or each.failed)]
    lefts: list[float] = []
    for each in narrow:
        least = lefts[-1] + _ROOM_FOR_LABEL if lefts else _ROOM_FOR_LABEL / 2
        lefts.append(max(each.middle, least))
    most = 100 - _ROOM_FOR_LABEL / 2
    for index in reversed(range(len(lefts))):
        lefts[index] = min(lefts[index], most)
        most = lefts[index] - _ROOM_FOR_LABEL
    return [
        Label(round(left, 3), "✕" if each.failed else number_of(each.kind))
        for left, each in zip(lefts, narrow, strict=True)
    ]


def timeline_of_run(report: Mapping[str, Any]) -> Timeline:
    """All images of a run, one row each: on the clock of the run, if they are visible then."""
    if not report["started"] or not report["seconds"]:
        return Timeline()
    longest = report["longest"]["seconds"]
    on_one_clock = not longest or report["seconds"] <= _TOO_SCATTERED * longest
    seconds = report["seconds"] if on_one_clock else longest
    common = Axis(report["started"], seconds)
    rows = [
        _row(image, common if on_one_clock or not image.get("started") else Axis(image["started"], seconds))
        for image in report["images"]
    ]
    return Timeline(rows, common.marks(), on_one_clock)


def stages_of_image(image: Mapping[str, Any], seconds: float) -> list[Stage]:
    """The stages of an image, each with its steps.

    :param seconds: the time span of the picture, so that those of several images can be compared.
    """
    if not image.get("stages") or not seconds:
        return []
    axis = Axis(image["started"], seconds)
    return [
        Stage(
            Row(stage["name"], stage["seconds"], [_stage_bar(axis, stage)]),
            stage.get("result") == "failed",
            _steps(axis, stage),
        )
        for stage in image["stages"]
    ]


def _row(image: Mapping[str, Any], axis: Axis) -> Row:
    stages = image.get("stages") or []
    bars = [_stage_bar(axis, stage) for stage in stages]
    said = ", ".join(f"{one.title}{' (failed)' if one.failed else ''}" for one in bars) or "no stages"
    return Row(image["name"], image["seconds"], bars, said, _labels(bars))


def _steps(axis: Axis, stage: Mapping[str, Any]) -> list[Row]:
    """The steps of a stage. Their start times are not recorded: they are placed one after the other, within their stage."""
    steps = stage.get("steps") or []
    begin = seconds_between(axis.start, stage["started"])
    side_by_side = sum(step["seconds"] for step in steps) > stage["seconds"] + len(steps)
    rows, offset = [], begin
    for step in steps:
        placed = axis.place(stage["name"], offset, step["seconds"], False, step["description"])
        rows.append(Row(step["description"], step["seconds"], [placed]))
        offset += 0 if side_by_side else step["seconds"]
    return rows


def _stage_bar(axis: Axis, stage: Mapping[str, Any]) -> Bar:
    offset = seconds_between(axis.start, stage["started"])
    failed = stage.get("result") == "failed"
    return axis.place(stage["name"], offset, stage["seconds"], failed, stage["name"])
