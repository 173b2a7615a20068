# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closed sets of values: read from OpenAPI files, compared wherever a recorded answer has one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT

from conformance.closed_sets import TABLE, from_openapi, load, page
from conformance.compare import Answer, Names, compare
from conformance.traffic import Recorded

OPENAPI = ROOT.parent / "shared" / "azure" / "openapi"


def differences(theirs: Any, ours: Any, status: int = 200) -> list[str]:
    url = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d?api-version=2024-03-02"
    recorded = Recorded("scenario", 0, "GET Compute:disks/{n}", "GET", url, None, status, {}, theirs)
    return [str(each) for each in compare(recorded, Answer(status, {}, ours), None, Names())]


def test_enums_are_read_through_references_and_lists(tmp_path: Path) -> None:
    common = {"definitions": {"State": {"type": "string", "enum": ["On", "Off"]}, "One": {"enum": ["Only"]}}}
    reference = {"$ref": "./common/common.json#/definitions/State"}
    properties = {
        "state": reference,
        "states": {"type": "array", "items": reference},
        "single": {"$ref": "./common/common.json#/definitions/One"},
        "name": {"type": "string"},
        "vmSize": {"enum": ["a", "b"]},
    }
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "common.json").write_text(json.dumps(common))
    (tmp_path / "disk.json").write_text(json.dumps({"definitions": {"Disk": {"properties": properties}}}))
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "x.json").write_text(json.dumps({"properties": {"example": {"enum": ["1", "2"]}}}))
    assert from_openapi(tmp_path) == {"state": ["Off", "On"], "states": ["Off", "On"]}


@pytest.mark.skipif(not OPENAPI.is_dir(), reason="no OpenAPI files beside the checkout")
def test_the_table_is_what_the_files_say() -> None:
    assert TABLE.read_text("utf-8") == page(from_openapi(OPENAPI))


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("status", "InProgress", "Succeeded"),
        ("diskState", "Reserved", "Attached"),
        ("createOption", "Copy", "FromImage"),
        ("storageAccountType", "Premium_LRS", "Standard_LRS"),
        ("osState", "Generalized", "Specialized"),
        ("hyperVGeneration", "V1", "V2"),
        ("tier", "P10", "P15"),
        ("caching", "ReadOnly", "None"),
        ("securityType", "Standard", "TrustedLaunch"),
        ("code", "OSState/generalized", "OSState/specialized"),
        ("toBeDetached", True, False),
    ],
)
def test_a_wrong_value_is_a_difference(name: str, value: Any, other: Any) -> None:
    assert load().holds(name, value)
    assert differences({"properties": {name: value}}, {"properties": {name: value}}) == []
    assert differences({"properties": {name: value}}, {"properties": {name: other}}) == [
        f"properties.{name}: {other!r} instead of {value!r}"
    ]
    assert differences({name: [{name: value}]}, {name: [{name: other}]})


@pytest.mark.parametrize(
    ("name", "value"), [("uniqueId", "Reserved"), ("vmSize", "Standard_D2s_v5"), ("status", "odd")]
)
def test_other_values_are_not_held(name: str, value: str) -> None:
    assert differences({name: value}, {name: "something else"}) == []


def test_what_an_error_says_beside_its_message_must_be_there() -> None:
    theirs = {"error": {"code": "NotFound", "message": "Gone.", "target": "disk"}}
    assert differences(theirs, {"error": {"code": "NotFound", "message": "Gone."}}, 404)
