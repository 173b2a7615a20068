# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the stages and steps of several images; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._report.timeline import STAGES, Axis, Bar

#: The number of shades of cells, from 0 for no time to this for the longest one.
_SHADES = 4
#: The share of the median by which the longest cell of a stage must exceed it to be marked.
_FIFTH = 0.2
#: Cells and steps shorter than this share of the longest one are neither marked nor listed.
_SHARE = 0.1
#: The number of longest steps to list.
_STEPS = 8


@dataclass(frozen=True)
class Cell:
    """The duration of a stage of an image; without seconds if the stage was not executed."""

    stage: str
    seconds: float | None
    shade: int = 0
    longest: bool = False
    failed: bool = False


@dataclass(frozen=True)
class StageTable:
    """A row for each image, a column for each stage.

    :param typical: the median of each column.
    """

    stages: list[str]
    rows: list[tuple[int, Mapping[str, Any], list[Cell]]]
    typical: list[float]


@dataclass(frozen=True)
class LongStep:
    """One of the longest steps of a run.

    :param number: of the image in the report, from 1.
    """

    number: int
    image: str
    stage: str
    description: str
    seconds: float
    drawn: Bar


def stage_table(report: Mapping[str, Any]) -> StageTable | None:
    """The stages of all images; empty if there are fewer than two images or two stages to compare."""
    taken = {
        number: {stage["name"]: stage for stage in image["stages"]}
        for number, image in enumerate(report["images"], start=1)
        if image.get("stages")
    }
    stages = [stage for stage in STAGES if any(stage in one for one in taken.values())]
    if len(taken) < 2 or len(stages) < 2:
        return None
    columns = {stage: [one[stage]["seconds"] for one in taken.values() if stage in one] for stage in stages}
    most = max(max(column) for column in columns.values())
    rows = [
        (number, report["images"][number - 1], [_cell(stage, one.get(stage), columns[stage], most) for stage in stages])
        for number, one in taken.items()
    ]
    return StageTable(stages, rows, [median(columns[stage]) for stage in stages])


def longest_steps(report: Mapping[str, Any]) -> list[LongStep]:
    """The longest steps of a run, the longest first; empty if there are fewer than two images to compare."""
    found = [
        (float(step["seconds"]), number, image, stage, step)
        for number, image in enumerate(report["images"], start=1)
        for stage in image.get("stages") or []
        for step in stage.get("steps") or []
        if step["seconds"]
    ]
    if len({number for _seconds, number, *_rest in found}) < 2:
        return []
    most = max(seconds for seconds, *_rest in found)
    longest = sorted((one for one in found if one[0] >= _SHARE * most), key=lambda one: -one[0])[:_STEPS]
    axis = Axis("", most)
    return [
        LongStep(
            number,
            image["name"],
            stage["name"],
            step["description"],
            seconds,
            axis.place(stage["name"], 0, seconds, False, step["description"]),
        )
        for seconds, number, image, stage, step in longest
    ]


def _cell(name: str, stage: Mapping[str, Any] | None, column: list[float], most: float) -> Cell:
    if stage is None:
        return Cell(name, None)
    shade = round(stage["seconds"] / most * _SHADES) if most else 0
    stands_out = stage["seconds"] - median(column) > max(_FIFTH * median(column), _SHARE * most)
    longest = stands_out and stage["seconds"] == max(column)
    return Cell(name, stage["seconds"], shade, longest, stage.get("result") == "failed")
