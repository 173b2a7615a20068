# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retention: what the rules promise, for any images and any rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import (
    Candidate,
    Code,
    RetentionAction,
    Rules,
    decide,
    reason_to_keep,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
YEAR = timedelta(days=365)

ages = st.timedeltas(min_value=timedelta(0), max_value=YEAR)
moments = ages.map(lambda age: NOW - age)
candidates = st.builds(
    Candidate,
    identity=st.uuids().map(str),
    family=st.sampled_from([("web",), ("database",), ("",)]),
    created=st.none() | moments,
    number=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    state=st.sampled_from(["Succeeded", "Succeeded", "Succeeded", "Failed", "Updating", "Deleting"]),
    current=st.booleans(),
    pending=st.booleans(),
    latest=st.booleans(),
    protected=st.booleans(),
    tagged=st.booleans(),
    users=st.none() | st.lists(st.sampled_from(["scale set 'a'", "virtual machine 'b'"]), max_size=2).map(tuple),
    end_of_life=st.none() | st.timedeltas(-YEAR, YEAR).map(lambda span: NOW + span),
    deprecated_since=st.none() | moments,
)
fleets = st.lists(candidates, max_size=25, unique_by=lambda candidate: candidate.identity)
rule_sets = st.builds(
    Rules,
    keep_newest=st.integers(1, 4),
    older_than=st.none() | ages,
    grace=st.none() | ages,
    deprecate_only=st.booleans(),
    max_removals=st.none() | st.integers(0, 10),
    force=st.booleans(),
    include_untagged=st.booleans(),
)


def removed(decisions):
    return [decision.candidate for decision in decisions if decision.action is RetentionAction.REMOVE]


def good_ones(fleet, family):
    """Newest first, by a way of its own."""
    good = [one for one in fleet if one.family == family and one.created and one.state == "Succeeded" and one.current]
    return sorted(good, key=lambda one: (one.created, one.number, one.identity), reverse=True)


@given(fleets, rule_sets)
def test_kept_and_removed_are_everything_each_with_a_reason(fleet, rules):
    decisions = decide(fleet, rules, NOW)
    assert sorted(decision.candidate.identity for decision in decisions) == sorted(one.identity for one in fleet)
    assert all(decision.reason.text for decision in decisions)


@given(fleets, rule_sets)
def test_nothing_that_must_stay_goes(fleet, rules):
    touched = [
        decision.candidate for decision in decide(fleet, rules, NOW) if decision.action is not RetentionAction.KEEP
    ]
    for one in touched:
        assert not one.protected
        assert not one.latest
        assert one.created is not None
        assert rules.force or one.users == ()
        assert rules.include_untagged or one.tagged
        assert one.end_of_life is None or one.end_of_life <= NOW
        assert one.state in ("Succeeded", "Failed")
        assert rules.older_than is None or NOW - one.created > rules.older_than
        assert one not in good_ones(fleet, one.family)[: rules.keep_newest]


@given(fleets, rule_sets)
def test_no_family_loses_its_last(fleet, rules):
    gone = {one.identity for one in removed(decide(fleet, rules, NOW))}
    for family in {one.family for one in fleet}:
        members = [one for one in fleet if one.family == family]
        assert any(one.identity not in gone for one in members)
        good = good_ones(fleet, family)
        assert not good or good[0].identity not in gone


@given(fleets, rule_sets)
def test_the_oldest_go_first_and_not_too_many(fleet, rules):
    without_limit = removed(decide(fleet, replace(rules, max_removals=None), NOW))
    with_limit = removed(decide(fleet, rules, NOW))
    limit = len(fleet) if rules.max_removals is None else rules.max_removals
    assert with_limit == without_limit[:limit]
    assert [one.created for one in without_limit] == sorted(one.created for one in without_limit)


@given(fleets, st.integers(1, 3), st.none() | ages)
def test_everything_eligible_goes(fleet, keep_newest, older_than):
    """With images that nothing speaks for, age and rank alone decide."""
    plain = [
        replace(
            one, created=one.created or NOW - YEAR, state="Succeeded", current=True, pending=False, protected=False,
            latest=False, tagged=True, users=(), end_of_life=None, deprecated_since=None,
        )
        for one in fleet
    ]  # fmt: skip
    rules = Rules(keep_newest=keep_newest, older_than=older_than)
    eligible = {
        one.identity
        for one in plain
        if one not in good_ones(plain, one.family)[:keep_newest]
        and (older_than is None or NOW - one.created > older_than)
    }
    assert {one.identity for one in removed(decide(plain, rules, NOW))} == eligible


@given(fleets, rule_sets)
def test_deciding_does_not_depend_on_the_order(fleet, rules):
    assert decide(fleet, rules, NOW) == decide(list(reversed(fleet)), rules, NOW)


@given(fleets, rule_sets)
def test_deprecation_comes_before_removal(fleet, rules):
    for decision in decide(fleet, rules, NOW):
        since = decision.candidate.deprecated_since
        if decision.action is RetentionAction.DEPRECATE:
            assert since is None
            assert rules.deprecate_only or rules.grace is not None
        if decision.action is RetentionAction.REMOVE:
            assert not rules.deprecate_only
            assert rules.grace is None or (since is not None and NOW - since >= rules.grace)


def image(name, days, **more):
    return Candidate(identity=name, family=("web",), created=NOW - timedelta(days=days), **more)


def reasons(fleet, **rules):
    decisions = decide(fleet, Rules(**rules), NOW)
    return {decision.candidate.identity: (decision.action.value, decision.reason.text) for decision in decisions}


def codes(fleet, **rules):
    decisions = decide(fleet, Rules(**rules), NOW)
    return {decision.candidate.identity: (decision.action.value, decision.reason.code.value) for decision in decisions}


def test_failed_and_untested_ones_do_not_push_out_the_last_good_one():
    fleet = [
        image("good", 90),
        image("failed", 30, state="Failed"),
        image("excluded", 20, current=False, pending=True),
        image("broken", 10, current=False),
    ]
    assert codes(fleet, older_than=timedelta(days=5)) == {
        "good": ("keep", "newest_of_family"),
        "failed": ("remove", "not_retained"),
        "excluded": ("keep", "not_published_yet"),
        "broken": ("remove", "not_retained"),
    }


def test_reasons_are_told():
    fleet = [
        image("used", 300, users=("scale set 'web' in resource group 'shop'",)),
        image("unreadable", 290, users=None),
        image("protected", 280, protected=True),
        image("unknown", 270, tagged=False),
        image("living", 260, end_of_life=NOW + timedelta(days=3)),
        image("old", 250),
        image("next", 240),
        image("young", 5),
        image("newest", 1),
        Candidate(identity="ageless", family=("web",), created=None),
    ]
    limits = {"older_than": timedelta(days=30), "max_removals": 1}
    told = reasons(fleet, **limits)
    assert told["used"] == ("keep", "used by scale set 'web' in resource group 'shop'")
    assert told["unreadable"] == ("keep", "its usage cannot be read")
    assert told["protected"] == ("keep", "protected by its tag")
    assert told["unknown"] == ("keep", "it has no tag of this collection")
    assert told["living"] == ("keep", "its end of life is 2026-06-04 00:00 UTC")
    assert told["old"] == ("remove", "250 days old, older than 30 days, not the newest of 'web'")
    assert told["next"][0] == "keep"
    assert told["next"][1].startswith("limit of 1 removals per run reached; otherwise remove: 240 days old")
    assert told["young"] == ("keep", "5 days old, not older than 30 days")
    assert told["newest"] == ("keep", "the newest of 'web'")
    assert told["ageless"] == ("keep", "its age is unknown")
    assert {name: code for name, (_verdict, code) in codes(fleet, **limits).items()} == {
        "used": "in_use",
        "unreadable": "use_unknown",
        "protected": "protected",
        "unknown": "untagged",
        "living": "end_of_life_not_reached",
        "old": "not_retained",
        "next": "removal_limit_reached",
        "young": "not_old_enough",
        "newest": "newest_of_family",
        "ageless": "age_unknown",
    }


def test_places_are_told_with_their_families():
    fleet = [image("old", 9), image("next", 3), image("newest", 1)]
    told = [reason for _verdict, reason in reasons(fleet, keep_newest=2).values()]
    assert told == ["9 days old, not among the newest 2 of 'web'", "among the newest 2 of 'web'", "the newest of 'web'"]
    (alone,) = reasons([replace(image("alone", 1), family=())]).values()
    assert alone == ("keep", "the newest")


def test_the_latest_stays_though_a_hotfix_of_an_older_line_is_newer():
    fleet = [image("1.9.0", 60), image("2.0.0", 50, latest=True), image("1.9.1", 5)]
    assert codes(fleet, older_than=timedelta(days=30)) == {
        "1.9.0": ("remove", "not_retained"),
        "2.0.0": ("keep", "latest_version"),
        "1.9.1": ("keep", "newest_of_family"),
    }


def test_grace():
    fleet = [
        image("fresh", 100),
        image("waiting", 99, current=False, deprecated_since=NOW - timedelta(days=10)),
        image("over", 98, current=False, deprecated_since=NOW - timedelta(days=40)),
        image("newest", 1),
    ]
    assert codes(fleet, grace=timedelta(days=30)) == {
        "fresh": ("deprecate", "not_retained"),
        "waiting": ("keep", "grace_not_over"),
        "over": ("remove", "grace_over"),
        "newest": ("keep", "newest_of_family"),
    }
    told = reasons(fleet, grace=timedelta(days=30))
    assert told["waiting"][1] == "deprecated 10 days ago, to be removed after 30 days"


def test_the_newest_cannot_be_given_up():
    with pytest.raises(ValueError, match="at least 1"):
        decide([], Rules(keep_newest=0), NOW)


def test_force_is_for_uses_only():
    used = image("used", 1, users=("virtual machine 'a'",))
    assert reason_to_keep(used, True, NOW) is None
    kept = reason_to_keep(replace(used, protected=True), True, NOW)
    assert kept is not None
    assert kept.code is Code.PROTECTED
