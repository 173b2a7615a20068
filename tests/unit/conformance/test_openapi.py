# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logged exchanges against the OpenAPI files: what is checked, what is documented, and that it can fail."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT

from conformance.openapi import Finding, check, main, pair, reason_for, version_for

OPENAPI = ROOT.parent / "shared" / "azure" / "openapi"
VALIDATOR = ROOT / ".cache" / "oav" / "node_modules"
S = "/subscriptions/00000000-0000-0000-0000-000000000000"
LINE: dict[str, Any] = {
    "seq": 0,
    "op": "GET Compute:images/{n}",
    "request": {
        "method": "GET",
        "url": f"{S}/resourceGroups/g/providers/Microsoft.Compute/images/i?api-version=2026-04-01",
        "headers": {},
        "body": None,
    },
    "response": {
        "status": 200,
        "headers": {"Content-Type": "application/json; charset=utf-8"},
        "body": {
            "id": f"{S}/resourceGroups/g/providers/Microsoft.Compute/images/i",
            "name": "i",
            "type": "Microsoft.Compute/images",
            "location": "westus",
            "properties": {"hyperVGeneration": "V2", "provisioningState": "Succeeded"},
        },
    },
}


@pytest.mark.parametrize(
    ("path", "version"),
    [
        (f"{S}/resourceGroups/g/providers/Microsoft.Compute/disks/d", "2024-03-02"),
        (f"{S}/resourceGroups/g/providers/Microsoft.Compute/galleries/g/images/i", "2023-07-03"),
        (f"{S}/resourceGroups/g/providers/Microsoft.Compute/images/i", "2024-07-01"),
        (
            f"{S}/resourceGroups/g/providers/Microsoft.Compute/disks/d/providers/Microsoft.Authorization/locks/l",
            "2020-05-01",
        ),
        (f"{S}/providers/Microsoft.Compute/locations/westus/DiskOperations/x", ""),
        (f"{S}/resourceGroups/g", "2022-09-01"),
        ("/tenant/oauth2/v2.0/token", ""),
    ],
)
def test_which_file_describes_a_path(path: str, version: str) -> None:
    assert version_for(path) == version


def test_the_version_is_rewritten() -> None:
    made = pair(LINE)
    assert made is not None
    assert made["liveRequest"]["query"]["api-version"] == "2024-07-01"
    assert "api-version=2024-07-01" in made["liveRequest"]["url"]


def test_cut_connections_are_left_out() -> None:
    assert pair({**LINE, "response": {"status": None, "headers": {}, "body": None}}) is None


def test_only_documented_deviations_are_excused() -> None:
    place = f"PUT {S}/resourceGroups/g/providers/Microsoft.Compute/disks/d"
    assert reason_for(Finding(place, "response", "MISSING_RESOURCE_ID", "id is required", ""))
    assert reason_for(Finding(place, "response", "INVALID_RESPONSE_CODE", "does not define '503' response code", ""))
    extra = "OBJECT_ADDITIONAL_PROPERTIES"
    assert reason_for(Finding(place, "response", extra, "Additional properties not allowed: systemData", "/systemData"))
    assert reason_for(Finding(place, "response", extra, "Additional properties not allowed: system", "/system")) is None
    assert (
        reason_for(Finding(place, "response", "INVALID_RESPONSE_CODE", "does not define '204' response code", ""))
        is None
    )
    assert (
        reason_for(Finding(place, "response", "INVALID_TYPE", "Expected type integer", "/properties/diskSizeGB"))
        is None
    )


@pytest.mark.skipif(
    not (OPENAPI.is_dir() and VALIDATOR.is_dir()), reason="no OpenAPI files beside the checkout, or no oav"
)
def test_a_wrong_answer_is_found() -> None:
    wrong = copy.deepcopy(LINE)
    wrong["response"]["body"]["properties"]["hyperVGeneration"] = 2
    checked, _skipped, found = check([LINE, wrong], OPENAPI, VALIDATOR)
    assert checked == 2
    assert [finding.path for finding in found] == ["/properties/hyperVGeneration"]


def test_an_absent_log_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "node_modules" / "oav").mkdir(parents=True)
    assert main(["--openapi", str(tmp_path), "--cache", str(tmp_path), str(tmp_path / "absent.jsonl")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
