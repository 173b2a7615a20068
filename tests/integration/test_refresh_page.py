# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's page in a real browser, opened from disk: what it shows, what it refuses, what the console says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import build_report
from ansible_collections.golden.azure.plugins.plugin_utils._report.page import render_page
from page_layout import Opened, opened, running_browser
from playwright.sync_api import Browser
from refresh_records import SHOWN_BEGIN, STEPS, moment, record
from refresh_states import HOSTILE, STATES

#: Pictures are kept where this variable says, for people to look at.
PICTURES = os.environ.get("REFRESH_PAGE_PICTURES")
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}


#: In a browser, state by state; what the page holds is tested without one.
pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    program = shutil.which("chromium")
    if program is None and os.geteuid() != 0:
        pytest.skip("no program 'chromium', and only root can have make install it")
    assert program, "No program 'chromium': `make browser` installs it."
    with running_browser(program) as running:
        yield running


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Where the page lies."""
    return tmp_path / "refresh-2026-11-21.html"


def write(file: Path, state: str) -> Path:
    """Write the page of a state."""
    file.write_text(render_page(STATES[state]), encoding="utf-8")
    return file


def keep(page: Opened, name: str) -> None:
    """Keep a picture of the whole page, where that is wished."""
    if PICTURES:
        page.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


# -- layout ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_is_laid_out_well_and_the_console_has_no_word_to_say(
    browser: Browser, written: Path, state: str, size: dict[str, int]
) -> None:
    with opened(browser, write(written, state), viewport=size) as page:
        keep(page, f"{state}_{size['width']}")
        assert page.faults() == {}
        page.unfold()
        keep(page, f"{state}_{size['width']}_unfolded")
        assert page.faults() == {}
        assert page.said == []
        assert page.asked == [written.as_uri()]
        assert page.page.locator("details.image").count() == len(STATES[state]["images"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["six", "lost", "check_mode", "verified", "strange_text"])
def test_every_text_stands_out(browser: Browser, written: Path, state: str, scheme: str) -> None:
    with opened(browser, write(written, state), viewport=WIDE, color_scheme=scheme) as page:
        page.unfold()
        keep(page, f"{state}_{scheme}")
        assert page.faint_texts() == []


def test_printing_shows_what_is_folded_on_the_screen(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "many_steps"), viewport={"width": 794, "height": 1123}) as page:
        folded = page.page.locator(".name", has_text="golden/steps/1.0.299")
        assert not folded.is_visible()
        page.page.emulate_media(media="print")
        keep(page, "print")
        assert folded.is_visible()
        assert page.faults() == {}


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<div style='width: 90px; overflow: hidden; white-space: nowrap'>{0}</div>", "cut off"),
        ("<div style='width: 3000px'>{0}</div>", "wider than its place"),
        ("<div style='margin-bottom: -20px'>{0}</div><div>{0}</div>", "on top of another"),
        ("<svg width='40' height='20'><text x='0' y='15'>{0}</text></svg>", "beside its picture"),
    ],
)
def test_the_measure_finds_such_faults(browser: Browser, written: Path, markup: str, fault: str) -> None:
    """Negative control."""
    written.write_text(f"<!DOCTYPE html><body>{markup.format('a text of some length')}", encoding="utf-8")
    with opened(browser, written, viewport=NARROW) as page:
        assert fault in page.faults()


def test_the_measure_finds_faint_text(browser: Browser, written: Path) -> None:
    """Negative control."""
    written.write_text("<!DOCTYPE html><body style='background: white; color: #999'>faint", encoding="utf-8")
    with opened(browser, written) as page:
        assert [text for _contrast, text in page.faint_texts()] == ["faint"]


# -- what is there --------------------------------------------------------------------------------------------------


def test_steps_have_their_whole_names_and_times_are_for_people(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "one"), viewport=NARROW) as page:
        text = " ".join(page.page.locator("body").inner_text().split())
        for step, _seconds in (step for steps in STEPS.values() for step in steps):
            assert step in text
        assert SHOWN_BEGIN in text
        assert "11 min 25 s" in text


def test_style_is_applied_in_spite_of_the_policy(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "one"), viewport=WIDE) as page:
        assert page.page.evaluate("document.querySelector('.rows .bars').getBoundingClientRect().x") > 200


def test_a_failure_is_the_first_thing_with_its_cause_and_what_to_do(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "six"), viewport=WIDE) as page:
        first = page.page.locator("section").first
        assert first.locator("h2").inner_text() == "What failed, and what to do"
        assert "dpkg: error: cannot access archive 'app.deb'" in first.inner_text()
        assert "Next:" in first.inner_text() and "--limit broken" in first.inner_text()


def test_images_that_failed_alike_share_a_cause(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "all_failed_alike"), viewport=WIDE) as page:
        assert page.page.locator("section").first.locator(".cause").count() == 1
        assert page.page.locator("section").first.locator(".cause a").count() == 6


def test_a_click_selects_the_whole_of_an_id(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "one"), viewport=NARROW) as page:
        page.page.locator("dd code.id").first.click()
        assert page.page.evaluate("getSelection().toString()") == STATES["one"]["images"][0]["images"][0]["id"]


def test_a_name_in_the_timeline_leads_to_its_image(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "forty"), viewport=WIDE) as page:
        page.page.locator(".rows a").nth(30).click()
        assert page.page.url.endswith("#image-31")


def test_the_page_leads_to_its_data(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "one")) as page:
        assert page.page.locator("footer a").get_attribute("href") == "refresh-2026-11-21.json"


def test_pictures_are_told_to_those_who_do_not_see_them(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "six"), viewport=WIDE) as page:
        pictures = page.page.locator("svg[role=img]")
        assert pictures.count() == 6
        assert pictures.first.get_attribute("aria-label") == (
            "broken: decide: 3 s, build: 1 min 35 s, customise: 4 min (failed), clean: 6 s"
        )


def test_stages_are_told_without_their_colours(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "six"), viewport=WIDE) as page:
        rows = page.page.locator(".rows > .row")
        # Those of narrow bars are below them.
        assert rows.first.locator("svg text").all_text_contents() == ["2", "✕ 3", "1", "9"]
        assert "failed: customise" in rows.first.inner_text()
        assert rows.nth(1).locator("svg text").all_text_contents() == [*"23456", *"1789"]


def test_an_image_without_stages_has_no_picture(browser: Browser, written: Path) -> None:
    image = {"name": "web", "result": "skipped", "started": moment(0), "finished": moment(0), "stages": []}
    written.write_text(render_page(build_report([image], "run")), encoding="utf-8")
    with opened(browser, written) as page:
        assert page.page.locator(".bars").count() == 0
        assert page.said == []


# -- what it refuses ------------------------------------------------------------------------------------------------


def test_a_script_in_a_tag_stays_text(browser: Browser, written: Path) -> None:
    with opened(browser, write(written, "strange_text")) as page:
        page.unfold()
        assert page.page.title() == "Golden images, 2026-11-21"
        assert page.page.locator("dd", has_text="<script>").inner_text() == HOSTILE
        assert page.page.locator("script, img").count() == 0
        assert page.said == []


def test_the_policy_stops_a_script_that_were_there(browser: Browser, written: Path) -> None:
    """Negative control: with the text unescaped, the script would be there, and the policy alone must stop it."""
    page_text = render_page(build_report([record("web")], "run")).replace("<h1>", f"{HOSTILE}<h1>", 1)
    written.write_text(page_text, encoding="utf-8")
    with opened(browser, written) as page:
        assert page.page.title() == "Golden images, run"
        assert any("Content Security Policy" in line for line in page.said)
