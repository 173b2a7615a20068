# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a refresh run: its numbers, its timeline, its page as text."""

from __future__ import annotations

import html.parser
import re

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils.refresh_run import BadRecord, build_report, summary_lines
from ansible_collections.golden.azure.plugins.plugin_utils.report_page import render_page
from ansible_collections.golden.azure.plugins.plugin_utils.timeline import (
    Axis,
    duration,
    timeline_of_image,
    timeline_of_run,
)
from hypothesis import given
from hypothesis import strategies as st

from refresh_records import failed, moment, record

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>\"'&\u202e\x07"


class Tags(html.parser.HTMLParser):
    """Names and attributes of all elements, and all text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


# -- numbers ------------------------------------------------------------------------------------------------------


def test_a_report_counts_and_times_its_images() -> None:
    report = build_report([record("web"), record("app", begin=100), record("old", "skipped")], "nightly")
    assert report["counts"] == {"failed": 0, "planned": 0, "verified": 0, "promoted": 2, "skipped": 1}
    assert report["seconds"] == 779.0
    assert report["longest"]["seconds"] == 679.0
    assert [image["name"] for image in report["images"]] == ["app", "web", "old"]


def test_failures_come_first_and_tell_their_cause() -> None:
    report = build_report([record("web"), failed("app", "customise", "the package 'x' is not there")], "nightly")
    assert report["images"][0]["name"] == "app"
    assert "app failed: customise: the package 'x' is not there" in summary_lines(report)


def test_an_image_without_a_record_counts_as_failed() -> None:
    report = build_report([record("web")], "nightly", expected=["web", "app"])
    assert report["counts"]["failed"] == 1
    assert "no record" in summary_lines(report)[1]


def test_no_images_at_all_is_a_report_too() -> None:
    report = build_report([], "nightly")
    assert summary_lines(report) == ["no images; 0 s in all"]
    assert "no images" in render_page(report)


@pytest.mark.parametrize("change", [{"result": "splendid"}, {"name": ""}, {"started": None}, {"finished": "yesterday"}])
def test_a_record_of_another_hand_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadRecord):
        build_report([{**record("web"), **change}], "nightly")


# -- timeline -----------------------------------------------------------------------------------------------------


def test_stages_lie_one_after_the_other_and_steps_within_theirs() -> None:
    image = build_report([record("web")], "nightly")["images"][0]
    rows = timeline_of_image(image).rows
    stages = [row for row in rows if not row.inner]
    ends = [row.bars[0].left + row.bars[0].width for row in stages]
    assert all(abs(end - row.bars[0].left) < 0.01 for end, row in zip(ends, stages[1:], strict=False))
    capture = next(row for row in stages if row.label == "capture").bars[0]
    steps = [row.bars[0] for row in rows if row.inner and row.bars[0].kind == "capture"]
    assert len(steps) == 4
    assert all(
        capture.left - 0.01 <= step.left and step.left + step.width <= capture.left + capture.width + 0.4
        for step in steps
    )


def test_a_failed_stage_is_marked() -> None:
    image = build_report([failed("app", "capture", "no")], "nightly")["images"][0]
    assert [row.bars[0].failed for row in timeline_of_image(image).rows if not row.inner][-1] is True


def test_images_of_a_run_share_its_clock() -> None:
    report = build_report([record("a"), record("b", begin=679)], "nightly")
    first, second = (row.bars[0].left for row in timeline_of_run(report).rows)
    assert (first, second) == (0.0, 50.0)


@given(span=st.floats(0.1, 1e7), offset=st.floats(-1e8, 1e8), seconds=st.floats(0, 1e8))
def test_no_bar_leaves_the_picture(span: float, offset: float, seconds: float) -> None:
    placed = Axis(moment(0), span).place("build", offset, seconds, False, "build")
    assert placed.left >= 0 and placed.width > 0 and placed.left + placed.width <= 100.001


@given(span=st.floats(0.1, 1e7))
def test_an_axis_has_few_marks_within_the_picture(span: float) -> None:
    marks = Axis(moment(0), span).marks()
    assert 1 <= len(marks) <= 9
    assert all(0 <= mark.left <= 100.001 for mark in marks)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# -- page ---------------------------------------------------------------------------------------------------------


def test_whatever_comes_from_outside_stays_text() -> None:
    hostile = {
        **failed(HOSTILE, HOSTILE, HOSTILE),
        "reason": HOSTILE,
        "plan": HOSTILE,
        "warnings": [HOSTILE],
        "facts": {HOSTILE: HOSTILE},
        "verification": {HOSTILE: HOSTILE},
        "leftovers": [HOSTILE],
        "pruned": [{"id": HOSTILE, "result": HOSTILE, "reason": HOSTILE}],
        "images": [
            {
                "id": HOSTILE,
                "name": HOSTILE,
                "source": "managed",
                "location": HOSTILE,
                "size_gb": HOSTILE,
                "tags": {HOSTILE: HOSTILE},
            }
        ],
        "stages": [
            {
                "name": HOSTILE,
                "started": moment(0),
                "seconds": 5,
                "result": HOSTILE,
                "steps": [{"description": HOSTILE, "seconds": 2}],
            }
        ],
        "finished": moment(9),
    }
    page = render_page(build_report([hostile], HOSTILE))
    tags = Tags(page)
    assert not {"script", "img", "iframe", "object", "link"} & set(tags.names)
    assert not [name for name in tags.attributes if name.startswith("on") or name == "style"]
    assert tags.text.count("<script>document.title") >= 15
    assert "\u202e" not in page and "\x07" not in page


def test_the_page_names_nothing_outside_itself_and_says_so_in_its_policy() -> None:
    page = render_page(build_report([record("web")], "nightly"))
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"'(]?\s*(?:https?:)?//", page)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy and policy[1].replace("&#39;", "'").startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_shows_plan_ids_sizes_verification_and_what_was_pruned() -> None:
    text = Tags(render_page(build_report([record("web")], "nightly"))).text
    for expected in (
        "deallocate virtual machine",
        "versions/1.0.7",
        "30 GB",
        "passed",
        "versions/1.0.3",
        "older than 90 days",
    ):
        assert expected in text, expected
