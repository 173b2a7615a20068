# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page of a report shows of a verification, and that it shows everything once and in one way."""

from __future__ import annotations

import re

from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import build_report
from ansible_collections.golden.azure.plugins.plugin_utils._report.page import render_page
from ansible_collections.golden.azure.plugins.plugin_utils._report.parts import regions, warnings
from ansible_collections.golden.azure.plugins.plugin_utils._report.timeline import timeline_of_run
from ansible_collections.golden.azure.plugins.plugin_utils._report.verification import verifications
from refresh_records import PLAN, failed, record
from refresh_states import LONG_ERROR, STATES


def page_of(*records: dict[str, object], in_awx: bool = False) -> str:
    """The page of a report, without its style."""
    return re.sub(
        r"<style>.*?</style>", "", render_page(build_report(records, "nightly", in_awx=in_awx)), flags=re.DOTALL
    )


def test_a_verification_shows_its_checks_and_the_identities() -> None:
    page = page_of(record("web"))
    for expected in ("task file", "web_answers.yml", "compared with the source virtual machine", "build-web (source)"):
        assert expected in page
    (verified,) = verifications(record("web"))
    assert [check.result for check in verified.checks] == ["passed"] * 3
    assert verified.comparison is not None
    assert [one.name for one in verified.comparison.properties] == [
        "machine-id",
        "hostname",
        "boot id",
        "SSH host keys",
    ]
    assert all(one.differs for one in verified.comparison.properties)


def test_a_shared_property_is_marked() -> None:
    shared = record("web")
    for identity in shared["verification"]["identities"]:
        identity["machine_id"] = "6c1f0c2fd6a04a0d9a2b4a0a8d4c3a11"
    (verified,) = verifications(shared)
    assert verified.comparison is not None
    assert [one.name for one in verified.comparison.properties if not one.differs] == ["machine-id"]


def test_records_without_checks_show_their_outcome() -> None:
    earlier = record("web", verification={"outcome": "verified", "reason": ""})
    assert verifications(earlier) == []
    assert "<h4>Verification</h4>" in page_of(earlier)


def test_a_cause_is_shown_once_and_its_image_leads_to_it() -> None:
    page = page_of(failed("web", "build", "The quota is exhausted."), record("app"))
    assert page.count("The quota is exhausted.") == 1
    assert 'href="#failure-1"' in page and 'id="failure-1"' in page


def test_a_long_cause_can_be_unfolded() -> None:
    page = page_of(failed("web", "build", LONG_ERROR))
    assert page.count(LONG_ERROR.strip().replace("'", "&#39;")) == 1


def test_a_warning_of_the_plan_is_not_repeated() -> None:
    (planned,) = PLAN["warnings"]
    image = record("web", plan=PLAN, warnings=[planned["message"], "another", "another"])
    assert warnings(image) == ["another"]


def test_regions_have_one_spelling() -> None:
    assert regions({"regions": ["West Europe", "westeurope", "northeurope"], "location": "x"}) == [
        "westeurope",
        "northeurope",
    ]
    assert regions({"location": "West Europe"}) == ["westeurope"]
    assert "West Europe" not in page_of(record("web"))


def test_the_legend_holds_the_stages_that_ran() -> None:
    legend = re.search(r'<ul class="legend">(.*?)</ul>', render_page(STATES["skipped"]), re.DOTALL)
    assert legend and re.findall(r"</svg>\s*(\w+)</li>", legend[1]) == ["decide", "clean"]


def test_narrow_bars_keep_their_numbers_below_them() -> None:
    (row,) = timeline_of_run(build_report([record("a")], "nightly")).rows
    assert [(label.mark) for label in row.labels] == ["1", "7", "8", "9"]
    places = [label.left for label in row.labels]
    assert all(later - earlier >= 3.199 for earlier, later in zip(places, places[1:], strict=False))
    assert places[0] > 0 and places[-1] < 100
    marks = {one.mark for one in row.bars if one.mark} | {label.mark for label in row.labels}
    assert marks == set("123456789")


def test_every_number_fits_into_the_picture() -> None:
    for report in STATES.values():
        for row in timeline_of_run(report).rows:
            assert all(0 <= label.left <= 100 for label in row.labels)
            assert len(row.labels) + sum(bool(one.mark) for one in row.bars) == len(row.bars)


def test_a_command_can_be_copied_and_what_awx_starts_is_a_sentence() -> None:
    image = failed("web", "build", "no")
    assert re.search(r'<pre class="id"[^>]*>ansible-playbook golden\.azure\.refresh', page_of(image))
    in_awx = page_of(image, in_awx=True)
    assert "<pre" not in in_awx and "Start the job template of the playbook refresh" in in_awx
