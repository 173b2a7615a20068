# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a refresh came to, in words: on the page, on the terminal, and what to do next."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.advice import (
    advice,
    cleanup_status,
    commands,
    failures,
)
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import build_report
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.summary_text import (
    cause,
    outcome,
    stages_not_reached,
    verdict,
)
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.terminal_summary import summary_lines
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import width_on_terminal
from refresh_records import NO_REASON, STAGES, failed, record, why
from refresh_states import STATES
from repository import ROOT

# -- sentences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("one", "The image web was promoted."),
        ("six", "Of 6 images, 1 failed and 5 were promoted."),
        ("failed_everywhere", "All 9 images failed."),
        ("skipped", "All 2 images were left unchanged."),
        ("check_mode", "Of 3 images, 2 would be refreshed and 1 was left unchanged."),
        ("verified", "All 2 images were verified and are pending promotion."),
        ("nothing", "There were no images to refresh."),
    ],
)
def test_the_verdict_is_one_sentence(state: str, sentence: str) -> None:
    assert verdict(STATES[state]) == sentence


@pytest.mark.parametrize(
    ("code", "parts", "told"),
    [
        ("no_verified_image", [], "because it had no verified image yet."),
        ("always", [], "because it is refreshed on every run."),
        ("too_old", ["30"], "because the previous image was more than 30 days old."),
        ("age_unknown", [], "because the age of the previous image is unknown."),
        ("inputs_changed", ["role web"], "because the role web has changed."),
        ("inputs_changed", ["base", "role web"], "because the base and the role web have changed."),
        ("inputs_changed", ["files"], "because the files have changed."),
        (
            "verification_interrupted",
            [],
            "because an earlier run created it, and ended before its verification.",
        ),
        ("target_missing", ["gallery 'silver'"], "because its own words."),
        ("too_old", [], "because its own words."),
        ("code_of_another_time", [], "because its own words."),
    ],
)
def test_a_result_has_its_reason_in_the_same_sentence(code: str, parts: list[str], told: str) -> None:
    reason = why(code, "its own words", *parts)
    assert outcome(record("web", pruned=[], **reason)) == f"Created, verified and promoted, {told}"


def test_a_reason_is_that_of_what_was_done_and_not_of_what_was_not() -> None:
    stages = [{"name": stage, "result": "done"} for stage in ("build", "capture", "verify")]
    reason = why("no_verified_image", "its own words")
    told = outcome(record("web", "verified", stages=stages, pruned=[], **reason))
    assert told == "Created and verified, because it had no verified image yet; not promoted yet."


def test_a_result_says_what_was_done_and_no_more() -> None:
    promotion = [{"name": stage, "result": "done"} for stage in ("decide", "promote", "clean")]
    again = [{"name": stage, "result": "done"} for stage in ("decide", "verify", "promote")]
    nothing = {**why("refresh_disabled", "this run creates no images"), "pruned": []}
    assert (
        outcome(record("web", stages=promotion, **nothing))
        == "Verified before, now promoted; nothing was built, because this run creates no images."
    )
    assert outcome(record("web", stages=again, pruned=[], **NO_REASON)) == "Verified and promoted."
    assert outcome(record("web", "skipped")) == "Left unchanged, because its inputs have not changed."
    assert outcome(record("web")).endswith(" 1 old image pruned.")


def test_check_mode_says_what_would_be_done_and_that_nothing_was() -> None:
    told = outcome(record("web", "planned"))
    assert told.startswith("Would go through build, customise, prepare, capture, verify, promote and prune, because")
    assert told.endswith("Nothing was changed (check mode).")


def test_a_failure_says_where_it_was_and_what_was_not_reached() -> None:
    image = failed("web", "prepare", "no")
    assert outcome(image).startswith("Failed in stage prepare, at the task 'web : Install the package'.")
    assert stages_not_reached(image) == ["capture", "verify", "promote", "prune"]
    assert stages_not_reached(record("web")) == []


def test_of_an_image_without_a_record_nobody_claims_to_know_more() -> None:
    (lost,) = build_report([], "nightly", ["web"])["images"]
    assert outcome(lost) == "Failed without leaving a record."


def test_a_cause_begins_with_what_tells_something() -> None:
    assert cause(failed("web", "customise", "non-zero return code dpkg: no such file")) == "dpkg: no such file"
    assert cause(failed("web", "customise", "non-zero return code")) == "non-zero return code"


# -- what to do -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_advice_of_its_own(stage: str) -> None:
    others = {advice(failed("web", other, "no")) for other in STAGES if other != stage}
    assert advice(failed("web", stage, "no")) not in others


def test_a_machine_that_was_lost_is_looked_for_in_another_place_than_a_task_that_failed() -> None:
    lost = failed("web", "customise", "no", failure={"stage": "customise", "task": "", "message": "lost"})
    assert "network" in advice(lost)


def test_nobody_is_told_to_keep_what_was_kept() -> None:
    assert "golden_image_keep_failed" in advice(failed("web", "verify", "no"))
    assert "golden_image_keep_failed" not in advice(failed("web", "verify", "no", leftovers=["/x"]))


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("customise", "The resources that it created were removed."),
        (
            "promote",
            "The new image was verified before that, and is kept. The other resources that it created were removed.",
        ),
        ("prune", "The new image was promoted before that. The other resources that it created were removed."),
        ("clean", "The new image was promoted before that. Not all resources that it created could be removed."),
    ],
)
def test_it_is_told_what_is_left_of_a_failure(stage: str, told: str) -> None:
    assert cleanup_status(failed("web", stage, "no")) == told


def test_images_that_failed_alike_are_told_once() -> None:
    (failure,) = failures(STATES["all_failed_alike"])
    assert len(failure.images) == 6


def test_commands_go_on_with_what_is_not_done() -> None:
    told = [command.text for command in commands(STATES["failed_everywhere"])]
    assert [text.split()[1] for text in told] == ["golden.azure.refresh", "golden.azure.promote"]
    assert told[1].endswith("--limit broken-in-promote,broken-in-prune,localhost")
    assert commands(STATES["skipped"]) == commands(STATES["one"]) == []


def test_a_command_can_be_pasted_whatever_a_host_is_called() -> None:
    report = build_report([failed("web", "build", "no", host="x; rm -r ~ #")], "nightly")
    assert commands(report)[0].text.endswith("--limit 'x; rm -r ~ #,localhost'")


def test_a_command_names_the_inventory_if_it_is_known() -> None:
    report = build_report([failed("web", "build", "no")], "nightly", inventory=["/srv/my hosts.yml", "web,"])
    assert "golden.azure.refresh -i '/srv/my hosts.yml' -i web, --limit" in commands(report)[0].text
    unknown = build_report([failed("web", "build", "no")], "nightly")
    assert " -i INVENTORY " in commands(unknown)[0].text


# -- in AWX ---------------------------------------------------------------------------------------------------------

LEASED = {"stage": "decide", "task": "Check", "message": "no", "codes": ["leased"]}


def test_who_lost_a_job_is_told_what_is_left_of_it() -> None:
    for in_awx in (False, True):
        (lost,) = build_report([], "nightly", ["web"], in_awx)["images"]
        told = advice(lost)
        assert "still running and incurs costs" in told
        # The next run cannot simply start again: the lease forbids it.
        assert ("answer the question" in told, "golden_image_lease_stale_after_hours=0" in told) == (in_awx, not in_awx)


def test_the_advice_on_a_lease_is_about_the_lease() -> None:
    record_of = failed("web", "decide", "no", failure=LEASED)
    assert "takes over the lease" in advice(record_of)
    assert "definition" not in advice(record_of)
    (in_awx,) = build_report([record_of], "nightly", (), True)["images"]
    question = re.search(r"question '(.+?)'", advice(in_awx))
    survey = json.loads((ROOT / "awx" / "configuration" / "files" / "survey.json").read_text())
    asked = {one["variable"]: one["question_name"] for one in survey["spec"]}
    assert question and question[1] == asked["golden_image_lease_stale_after_hours"]


@pytest.mark.parametrize("state", STATES)
def test_in_awx_nobody_is_given_a_command_line(state: str) -> None:
    states = STATES[state]
    report = {**states, "in_awx": True, "images": [{**image, "in_awx": True} for image in states["images"]]}
    lines = summary_lines(report)
    assert not any("ansible-playbook" in line for line in lines)
    assert len(commands(report)) == len(commands(states))
    if state == "failed_everywhere":
        assert "with one slice and the limit broken-in-promote,broken-in-prune,localhost." in " ".join(lines)


# -- on the terminal ------------------------------------------------------------------------------------------------


def test_lines_begin_below_each_other() -> None:
    lines = summary_lines(STATES["six"])
    images = [line for line in lines if line.startswith(("promoted", "failed"))]
    assert len(images) == 6
    assert len({line.index(image["name"]) for line, image in zip(images, STATES["six"]["images"], strict=True)}) == 1
    assert len({line.index(word) for line, word in zip(images, ["Failed", *["Created"] * 5], strict=True)}) == 1


def test_a_failure_is_followed_by_its_cause_and_what_to_do() -> None:
    lines = summary_lines(STATES["six"])
    at = next(index for index, line in enumerate(lines) if line.startswith("failed"))
    assert lines[at + 1] == "   cause: dpkg: error: cannot access archive 'app.deb'"
    assert lines[at + 2].startswith("    next: The resources that it created were removed. Correct the role")
    assert "    ansible-playbook golden.azure.refresh -i INVENTORY --limit broken,localhost" in lines


def test_the_last_line_says_where_the_page_is() -> None:
    assert summary_lines(STATES["one"], "reports/refresh-x.html")[-1] == "Full report: reports/refresh-x.html"
    assert summary_lines(STATES["nothing"]) == ["There were no images to refresh."]


@pytest.mark.parametrize("state", STATES)
def test_lines_fit_a_terminal_and_hold_nothing_that_drives_it(state: str) -> None:
    lines = summary_lines(STATES[state])
    assert not [line for line in lines if not all(one.isprintable() or one == "\u200d" for one in line)]
    wide = [
        line
        for line in lines
        # Commands and ids are copied as they are.
        if width_on_terminal(line) > 108 and not re.search(r"--limit|^ +image: /|a-very-long-name", line)
    ]
    assert wide == []


def test_a_run_ends_with_the_ids_of_its_images_and_what_to_do_next() -> None:
    lines = summary_lines(STATES["one"])
    made = STATES["one"]["images"][0]["images"][0]["id"]
    assert f"   image: {made}" in lines
    assert "verified: boot, identity, task file" in lines
    assert lines[-2].startswith("Next: create virtual machines from the promoted images")
    assert not [line for line in summary_lines(STATES["failed_everywhere"]) if "  image: " in line or "Next:" in line]
