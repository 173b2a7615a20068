# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's page in a real browser, opened from disk: what it shows, what it refuses, what the console says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils.refresh_run import build_report
from ansible_collections.golden.azure.plugins.plugin_utils.report_page import render_page
from playwright.sync_api import Browser, Page, sync_playwright

from refresh_records import failed, moment, record

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
#: Pictures are kept where this variable says, for people to look at.
PICTURES = os.environ.get("REFRESH_PAGE_PICTURES")
#: No request of the browser's own: neither the page nor the test needs a network.
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Opened:
    """A page, and what the browser said and asked for since it was opened."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, where that is wished."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as Debian packages it."""
    program = shutil.which("chromium")
    if program is None and os.geteuid() != 0:
        pytest.skip("no program 'chromium', and only root can have make install it")
    assert program, "No program 'chromium': `make browser` installs it."
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_SWITCHES, timeout=120_000)
        yield running
        running.close()


def open_page(browser: Browser, file: Path, text: str, **context: object) -> Opened:
    """Write a page to disk and open it from there."""
    file.write_text(text, encoding="utf-8")
    opened = Opened(browser.new_context(**context).new_page())
    opened.page.on("console", lambda message: opened.said.append(message.text))
    opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.page.on("request", lambda request: opened.asked.append(request.url))
    opened.page.goto(file.as_uri(), wait_until="load", timeout=60_000)
    return opened


ALL_GOOD = [record("web"), record("app", begin=40), record("database", begin=90)]
LONG_ERROR = "fatal: the package 'golden-app' could not be installed.\n" + "dpkg: error processing archive; " * 60
BROKEN = failed("broken", "customise", LONG_ERROR, warnings=["it has two data disks"], leftovers=["/subscriptions/0/x"])
STATES = {
    "all_good": ALL_GOOD,
    "one_failed": [*ALL_GOOD, BROKEN],
    "skipped": [record(name, "skipped") for name in ("web", "app")],
    "nothing": [],
    "sixty": [
        failed(f"image-{number:02}", "capture", "no capacity", number * 20)
        if number % 17 == 3
        else record(f"image-{number:02}", begin=number * 20)
        for number in range(60)
    ],
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_opens_from_disk_without_a_word_in_the_console(
    browser: Browser, tmp_path: Path, state: str, scheme: str
) -> None:
    file = tmp_path / f"{state}.html"
    opened = open_page(browser, file, render_page(build_report(STATES[state], "2026-11-21")), color_scheme=scheme)
    opened.picture(f"{state}_{scheme}")
    assert opened.said == []
    assert opened.asked == [file.as_uri()]
    assert opened.page.locator("details").count() == len(STATES[state])
    assert opened.page.locator(".picture svg rect").count() >= len(STATES[state])


def test_style_is_applied_in_spite_of_the_policy(browser: Browser, tmp_path: Path) -> None:
    opened = open_page(browser, tmp_path / "page.html", render_page(build_report(ALL_GOOD, "run")))
    left = opened.page.evaluate("document.querySelector('svg.bars rect').getBoundingClientRect().x")
    assert left > 200


def test_bars_hide_neither_names_nor_times(browser: Browser, tmp_path: Path) -> None:
    opened = open_page(browser, tmp_path / "page.html", render_page(build_report(ALL_GOOD, "run")))
    edges = "document.querySelector('.timeline .{0}').getBoundingClientRect().{1}"
    assert opened.page.evaluate(edges.format("labels", "right")) <= opened.page.evaluate(edges.format("bars", "left"))
    assert opened.page.evaluate(edges.format("bars", "right")) <= opened.page.evaluate(edges.format("amounts", "left"))


def test_a_script_in_a_tag_stays_text(browser: Browser, tmp_path: Path) -> None:
    image = record("web")
    image["images"][0]["tags"][HOSTILE] = HOSTILE
    opened = open_page(browser, tmp_path / "page.html", render_page(build_report([image], "run")))
    assert opened.page.title() == "Golden images, run"
    assert opened.page.locator("dd", has_text="<script>").inner_text() == HOSTILE
    assert opened.page.locator("script, img").count() == 0
    assert opened.said == []


def test_the_policy_stops_a_script_that_were_there(browser: Browser, tmp_path: Path) -> None:
    """Negative control: with the text unescaped, the script would be there, and the policy alone must stop it."""
    page = render_page(build_report(ALL_GOOD, "run")).replace("<h1>", f"{HOSTILE}<h1>", 1)
    opened = open_page(browser, tmp_path / "page.html", page)
    assert opened.page.title() == "Golden images, run"
    assert any("Content Security Policy" in line for line in opened.said)


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_nothing_is_cut_off_on_a_narrow_screen(browser: Browser, tmp_path: Path, width: int) -> None:
    text = render_page(build_report(STATES["one_failed"], "2026-11-21"))
    opened = open_page(browser, tmp_path / "page.html", text, viewport={"width": width, "height": 800})
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    opened.picture(f"width_{width}")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_what_is_folded_on_the_screen(browser: Browser, tmp_path: Path) -> None:
    opened = open_page(browser, tmp_path / "page.html", render_page(build_report(STATES["one_failed"], "2026-11-21")))
    folded = opened.page.locator("details:not([open]) pre").first
    assert not folded.is_visible()
    opened.page.emulate_media(media="print")
    opened.picture("print")
    assert folded.is_visible()


def test_a_name_in_the_picture_leads_to_its_image(browser: Browser, tmp_path: Path) -> None:
    many = [record(f"image-{number}", begin=number) for number in range(40)]
    opened = open_page(browser, tmp_path / "page.html", render_page(build_report(many, "run")))
    opened.page.locator(".picture svg a").nth(30).click()
    assert opened.page.url.endswith("#image-31")


def test_an_image_without_stages_has_no_picture(browser: Browser, tmp_path: Path) -> None:
    image = {"name": "web", "result": "skipped", "started": moment(0), "finished": moment(0), "stages": []}
    opened = open_page(browser, tmp_path / "page.html", render_page(build_report([image], "run")))
    assert opened.page.locator("svg").count() == 0
    assert opened.said == []
