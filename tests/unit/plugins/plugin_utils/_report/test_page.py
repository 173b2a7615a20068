# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a refresh run: its numbers, its timeline, its page as text."""

from __future__ import annotations

import html.parser
import re

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import InvalidRecord, build_report
from ansible_collections.golden.azure.plugins.plugin_utils._report.page import render_page
from ansible_collections.golden.azure.plugins.plugin_utils._report.parts import plan_entries, sizes, tags
from ansible_collections.golden.azure.plugins.plugin_utils._report.stage_table import longest_steps, stage_table
from ansible_collections.golden.azure.plugins.plugin_utils._report.timeline import (
    STAGES,
    Axis,
    stages_of_image,
    timeline_of_run,
)
from hypothesis import given
from hypothesis import strategies as st
from refresh_records import PLAN, SHOWN_BEGIN, failed, moment, record, version
from refresh_states import STATES

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
    assert report["seconds"] == 785.0
    assert report["longest"]["seconds"] == 685.0
    assert [image["name"] for image in report["images"]] == ["app", "web", "old"]


def test_failures_come_first() -> None:
    report = build_report([record("web"), failed("app", "customise", "the package 'x' is not there")], "nightly")
    assert [image["name"] for image in report["images"]] == ["app", "web"]


def test_an_image_without_a_record_counts_as_failed() -> None:
    report = build_report([record("web")], "nightly", expected=["web", "app"])
    assert report["counts"]["failed"] == 1
    assert "no record" in report["images"][0]["failure"]["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"result": "splendid"},
        {"name": ""},
        {"started": None},
        {"finished": "yesterday"},
        {"stages": [{"name": "build", "started": "soon", "seconds": 1}]},
    ],
)
def test_a_record_of_another_hand_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidRecord):
        build_report([{**record("web"), **change}], "nightly")


# -- timeline -----------------------------------------------------------------------------------------------------


def test_stages_lie_one_after_the_other_and_steps_within_theirs() -> None:
    image = build_report([record("web")], "nightly")["images"][0]
    stages = stages_of_image(image, image["seconds"])
    bars = [stage.row.bars[0] for stage in stages]
    assert all(abs(one.left + one.width - two.left) < 0.01 for one, two in zip(bars, bars[1:], strict=False))
    capture = next(stage for stage in stages if stage.row.label == "capture")
    whole = capture.row.bars[0]
    steps = [row.bars[0] for row in capture.steps]
    assert len(steps) == 4
    assert all(
        whole.left - 0.01 <= step.left and step.left + step.width <= whole.left + whole.width + 0.41 for step in steps
    )


def test_steps_that_ran_side_by_side_begin_with_their_stage() -> None:
    image = record("web")
    image["stages"] = [{**image["stages"][1], "seconds": 10, "steps": [{"description": "x", "seconds": 9.0}] * 5}]
    (stage,) = stages_of_image(build_report([image], "nightly")["images"][0], 20)
    assert {row.bars[0].left for row in stage.steps} == {stage.row.bars[0].left}


def test_bars_of_several_images_have_one_scale() -> None:
    report = build_report([record("a"), failed("b", "build", "no")], "nightly")
    builds = [stages_of_image(image, report["longest"]["seconds"])[1].row.bars[0] for image in report["images"]]
    assert builds[0].width == builds[1].width


def test_a_failed_stage_is_marked() -> None:
    image = build_report([failed("app", "capture", "no")], "nightly")["images"][0]
    assert [stage.row.label for stage in stages_of_image(image, 60) if stage.failed] == ["capture"]


def test_a_bar_bears_its_number_where_there_is_room() -> None:
    (row,) = timeline_of_run(build_report([record("a")], "nightly")).rows
    assert [one.mark for one in row.bars] == ["", "2", "3", "4", "5", "6", "", "", ""]


@pytest.mark.parametrize(("seconds", "mark"), [(10, "✕ 5"), (5, "✕"), (1, "")])
def test_a_failed_bar_bears_a_cross(seconds: float, mark: str) -> None:
    assert Axis(moment(0), 100).place("capture", 0, seconds, True, "capture").mark == mark


def test_images_of_a_run_share_its_clock() -> None:
    report = build_report([record("a"), record("b", begin=685)], "nightly")
    timeline = timeline_of_run(report)
    first, second = (row.bars[0].left for row in timeline.rows)
    assert timeline.on_one_clock
    assert (first, second) == (0.0, 50.0)


def test_images_of_jobs_far_apart_begin_each_by_themselves() -> None:
    timeline = timeline_of_run(STATES["jobs_apart"])
    assert not timeline.on_one_clock
    assert {row.bars[0].left for row in timeline.rows} == {0.0}


def test_every_image_has_a_row_in_the_timeline() -> None:
    report = STATES["lost"]
    assert [row.label for row in timeline_of_run(report).rows] == [image["name"] for image in report["images"]]


def test_the_table_marks_what_took_longer_than_is_typical() -> None:
    slow = record("slow")
    slow["stages"][1]["seconds"] = 200
    table = stage_table(build_report([record("a"), record("b"), slow], "nightly"))
    assert table and table.stages == list(STAGES) and table.typical[1] == 95
    longest = {image["name"]: [cell.stage for cell in cells if cell.longest] for _number, image, cells in table.rows}
    assert longest == {"a": [], "b": [], "slow": ["build"]}


def test_what_takes_no_time_is_never_marked() -> None:
    slow = record("slow")
    slow["stages"][0]["seconds"] = 9
    table = stage_table(build_report([record("a"), record("b"), slow], "nightly"))
    assert table and not [cell for _number, _image, cells in table.rows for cell in cells if cell.longest]


def test_one_image_is_compared_with_nothing() -> None:
    report = build_report([record("a")], "nightly")
    assert stage_table(report) is None
    assert longest_steps(report) == []


def test_the_longest_steps_lead_to_their_images() -> None:
    report = build_report([record("a"), record("b")], "nightly")
    steps = longest_steps(report)
    assert [step.seconds for step in steps] == [101, 101, 61, 61, 31.5, 31.5, 12, 12]
    assert {report["images"][step.number - 1]["name"] == step.image for step in steps} == {True}


@given(span=st.floats(0.1, 1e7), offset=st.floats(-1e8, 1e8), seconds=st.floats(0, 1e8))
def test_no_bar_leaves_the_picture(span: float, offset: float, seconds: float) -> None:
    placed = Axis(moment(0), span).place("build", offset, seconds, False, "build")
    assert placed.left >= 0 and placed.width > 0 and placed.left + placed.width <= 100.001


@given(span=st.floats(0.1, 1e7))
def test_an_axis_has_few_marks_within_the_picture(span: float) -> None:
    marks = Axis(moment(0), span).marks()
    assert 1 <= len(marks) <= 7
    assert all(0 <= mark.left <= 100.001 for mark in marks)


# -- parts ----------------------------------------------------------------------------------------------------------


def test_a_plan_is_its_title_its_findings_and_its_steps_by_number() -> None:
    entries = plan_entries({**PLAN, "blockers": [{"code": "locked", "message": "It is locked."}]})
    assert [(entry.label, entry.title) for entry in entries] == [
        ("", True),
        ("BLOCKED", False),
        ("warning", False),
        ("1.", False),
        ("2.", False),
        ("3.", False),
    ]
    assert entries[1].text == "It is locked. [locked]"
    assert entries[3].text.endswith("in resource group 'build-web' and shut it down from within the guest")


def test_a_plan_of_nothing_says_so() -> None:
    assert [entry.text for entry in plan_entries({"title": "Capture", "steps": []})] == ["Capture", "nothing to do"]


def test_sizes_name_all_disks() -> None:
    assert sizes({"size_gb": 30}) == "30 GB"
    assert sizes(version("web", "1.0.0")) == "system disk 30 GB, data disks 64 GB and 128 GB; 222 GB in total"
    assert sizes({"size_gb": None}) == ""


def test_moments_in_our_tags_are_for_people_and_other_tags_stay_as_they_are() -> None:
    raw = "2026-11-21T05:00:00.123456Z"
    shown = tags({"tags": {"golden.azure.verified_at": raw, "built": raw, "golden.azure.promoted_at": "never"}})
    assert shown == {"golden.azure.verified_at": SHOWN_BEGIN, "built": raw, "golden.azure.promoted_at": "never"}


# -- page ---------------------------------------------------------------------------------------------------------


def test_whatever_comes_from_outside_stays_text() -> None:
    hostile = {
        **failed(HOSTILE, "build", HOSTILE),
        "failure": {"stage": HOSTILE, "task": HOSTILE, "message": HOSTILE},
        "todo": [HOSTILE],
        "host": HOSTILE,
        "reason": HOSTILE,
        "reason_code": HOSTILE,
        "plan": {
            "title": HOSTILE,
            "warnings": [{"code": HOSTILE, "message": HOSTILE}],
            "steps": [{"description": HOSTILE}],
        },
        "warnings": [HOSTILE],
        "facts": {HOSTILE: HOSTILE},
        "verification": {HOSTILE: HOSTILE},
        "leftovers": [HOSTILE],
        "pruned": [{"id": HOSTILE, "result": HOSTILE, "reason": HOSTILE, "reason_code": HOSTILE}],
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
        "222 GB in total",
        "verified",
        "web 1.0.3",
        "91 days old, not among the 3 newest",
        "because the role web has changed",
    ):
        assert expected in text, expected


def test_only_what_this_run_made_counts_as_made() -> None:
    assert "image created" in Tags(render_page(STATES["one"])).text
    earlier = record("web", "skipped", images=[version("web", "1.0.6")])
    assert "image created" not in Tags(render_page(build_report([earlier], "nightly"))).text


@pytest.mark.parametrize("state", STATES)
def test_no_moment_is_shown_as_machines_write_it(state: str) -> None:
    text = Tags(render_page(STATES[state])).text
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:|\d{6}Z", text)


@pytest.mark.parametrize("state", STATES)
def test_headings_go_down_one_level_at_a_time(state: str) -> None:
    levels = [int(name[1]) for name in Tags(render_page(STATES[state])).names if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= above + 1 for above, below in zip(levels, levels[1:], strict=False))
