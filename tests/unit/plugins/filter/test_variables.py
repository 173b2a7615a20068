# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no number, no truth value or nobody's to give, in variables of roles and playbooks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.filter.boolean import boolean
from ansible_collections.golden.azure.plugins.filter.capture_conflicts import capture_conflicts
from ansible_collections.golden.azure.plugins.filter.integer import integer
from ansible_collections.golden.azure.plugins.filter.number import number
from ansible_collections.golden.azure.plugins.filter.variable_findings import variable_findings
from hypothesis import given
from hypothesis import strategies as st

NONSENSE = ["", " ", "900d", "1,000", "abc", None, [], {}, [1], "inf", "nan", "-"]
ID = "/subscriptions/{}/resourceGroups/g/providers/Microsoft.Compute/{}/{}"


@pytest.mark.parametrize(("value", "wanted"), [("30", 30), (30, 30), (30.0, 30), (" 7 ", 7), ("-1", -1)])
def test_an_integer(value: Any, wanted: int) -> None:
    assert integer(value) == wanted
    assert isinstance(integer(value), int)


@pytest.mark.parametrize("value", [*NONSENSE, "2.9", 2.9, True])
def test_what_is_no_integer(value: Any) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        integer(value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("value", "wanted"), [("1.5", 1.5), (2, 2.0), ("0", 0.0)])
def test_a_number(value: Any, wanted: float) -> None:
    assert number(value) == wanted


@pytest.mark.parametrize("value", [*NONSENSE, True, float("nan"), float("inf"), 10**400])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        number(value)


@pytest.mark.parametrize(("value", "wanted"), [("yes", True), ("False", False), (1, True), ("0", False), (True, True)])
def test_a_truth_value(value: Any, wanted: bool) -> None:
    assert boolean(value) is wanted


@pytest.mark.parametrize("value", ["maybe", "", " ", 2, None, [], {}, "✓"])
def test_what_is_no_truth_value(value: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        boolean(value)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.integers())))
def test_whatever_it_is_it_is_a_number_or_one_finding(value: Any) -> None:
    found = variable_findings({"a_timeout": value}, "numbers")
    assert len(found) <= 1
    if found:
        assert found[0]["code"] in ("not_a_number", "number_out_of_range")
        assert len(found[0]["message"].splitlines()) == 1
    else:
        assert integer(value) >= 1


def test_numbers_that_may_be_zero_or_broken() -> None:
    values = {"a": 0, "b": "0.5", "c": 0, "d": "0.5"}
    found = variable_findings(values, "numbers", zero=["a", "b"], decimal=["b"])
    assert [one["code"] for one in found] == ["number_out_of_range", "not_a_number"]


def test_texts_and_tags() -> None:
    assert [one["code"] for one in variable_findings({"a": "", "b": None, "c": "x", "d": 0}, "texts")] == [
        "empty_variable"
    ] * 2
    # An empty dictionary of tags means all images.
    assert len(variable_findings({"a": {}, "b": [], "c": {"team": "web"}, "d": False}, "texts")) == 2
    tags = {"a": {"Golden.Azure.Run": "1"}, "b": {"golden.azure.protected": "1"}, "c": {"team": "1"}, "d": None}
    assert [one["code"] for one in variable_findings(tags, "tags")] == ["reserved_tag"]


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ({"image": "x"}, {"image": "y"}, []),
        ({"image": "x"}, {"image": "X"}, ["same_image"]),
        ({"image": "x", "resource_group": "h"}, {"image": "x"}, []),
        ({"image": "x"}, {"image": ID.format("s", "images", "x")}, ["same_image"]),
        ({"image": ID.format("s", "images", "x")}, {"image": ID.format("t", "images", "x")}, []),
        ({"source_vm": "v", "image": "x"}, {"source_vm": "V", "image": "y"}, ["same_source_vm"]),
        (
            {"source_vm": ID.format("s", "virtualMachines", "v"), "image": "x", "resource_group": ""},
            {"source_vm": ID.format("s", "virtualMachines", "w"), "image": "x", "resource_group": ""},
            ["same_image"],
        ),
        (
            {"gallery_versions": [{"gallery": "a", "definition": "b"}]},
            {
                "gallery_versions": [
                    {"gallery": "a", "definition": "c"},
                    {"gallery": "A", "definition": "B", "version": "next"},
                ]
            },
            ["same_gallery_version"],
        ),
        (
            {"gallery_versions": [{"gallery": "a", "definition": "b", "version": "1.0.0"}]},
            {"gallery_versions": [{"gallery": "a", "definition": "b", "version": "1.0.1"}]},
            [],
        ),
        ({"name": "web"}, {"name": "WEB"}, ["same_golden_image"]),
        ({}, {}, []),
    ],
)
def test_what_two_hosts_name(first: Any, second: Any, codes: list[str]) -> None:
    every = {"resource_group": "g"}
    hosts = [{**every, "host": "one", **first}, {**every, "host": "two", **second}]
    found = capture_conflicts(hosts)
    assert [one["code"] for one in found] == codes
    assert all("one, two" in one["message"] for one in found)
    assert capture_conflicts(reversed(hosts)) == [] if not codes else capture_conflicts(reversed(hosts))


def test_a_host_does_not_stand_in_its_own_way() -> None:
    versions = [{"gallery": "a", "definition": "b"}] * 2
    assert capture_conflicts([{"host": "one", "gallery_versions": versions}]) == []
