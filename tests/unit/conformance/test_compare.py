# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison finds what differs and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.compare import Answer, Names, compare
from conformance.traffic import Recorded

BODY = {
    "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i",
    "name": "i",
    "properties": {"provisioningState": "Succeeded", "size": 30, "disks": [{"lun": 0}, {"lun": 1}]},
}

AS_RECORDED = object()


def recorded(answer: Any, status: int = 200, method: str = "GET", **headers: str) -> Recorded:
    url = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i?api-version=2024-07-01"
    return Recorded("scenario", 0, f"{method} Compute:images/{{n}}", method, url, None, status, headers, answer)


def differences(ours: Any, theirs: Any = AS_RECORDED, requested: Any = None, **headers: str) -> list[str]:
    found = compare(
        recorded(BODY if theirs is AS_RECORDED else theirs, **headers), Answer(200, {}, ours), requested, Names()
    )
    return [str(difference) for difference in found]


def test_more_keys_and_other_casing_are_fine() -> None:
    ours = {**BODY, "id": BODY["id"].upper(), "etag": "1", "properties": {**BODY["properties"], "new": True}}
    assert differences(ours) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "j"}, "name: 'j' instead of 'i'"),
        ({"properties": {**BODY["properties"], "provisioningState": "Failed"}}, "properties.provisioningState"),
        ({"properties": {**BODY["properties"], "size": "30"}}, "properties.size: string instead of number"),
        ({"properties": {**BODY["properties"], "disks": [{"lun": 0}]}}, "properties.disks[]: no item for"),
        ({"properties": {"provisioningState": "Succeeded"}}, "properties.size: missing"),
    ],
)
def test_what_differs_is_named(change: dict[str, Any], expected: str) -> None:
    assert any(line.startswith(expected) for line in differences({**BODY, **change}))


def test_headers_of_operations_must_agree() -> None:
    assert differences(BODY, **{"azure-asyncoperation": "https://x"}) == ["headers: azure-asyncoperation missing"]


def test_what_the_request_set_must_come_back() -> None:
    other = {**BODY, "properties": {**BODY["properties"], "size": 31}}
    assert differences(other) == []
    asked = {"properties": {"size": 30}}
    assert differences(other, requested=asked) == ["properties.size: 31 instead of 30, which the request set"]


def test_power_states_are_values() -> None:
    theirs = {"statuses": [{"code": "PowerState/running"}]}
    assert differences({"statuses": [{"code": "PowerState/stopped"}]}, theirs)


def test_errors_by_code_and_shape() -> None:
    theirs = {"error": {"code": "NotFound", "message": "Disk 'a' is gone."}}
    same = {"error": {"code": "NotFound", "message": "Disk 'b' is gone."}}
    other = {"error": {"code": "NotFound", "message": "No disk 'b'."}}
    assert not compare(recorded(theirs, 404), Answer(404, {}, same), None, Names())
    assert compare(recorded(theirs, 404), Answer(404, {}, other), None, Names())
    assert compare(recorded(theirs, 404), Answer(404, {"x-ms-failure-cause": "gateway"}, same), None, Names())


def test_made_up_names_are_learnt_once() -> None:
    names = Names()
    theirs, ours = {"name": "vm_OsDisk_1_0123456789abcdef"}, {"name": "vm_OsDisk_1_ffffffffffffffff"}
    assert not compare(recorded(theirs), Answer(200, {}, ours), None, names)
    third = {"name": "vm_OsDisk_1_aaaaaaaaaaaaaaaa"}
    assert compare(recorded(theirs), Answer(200, {}, third), None, names)
    assert names.translate("/disks/vm_OsDisk_1_0123456789abcdef") == "/disks/vm_OsDisk_1_ffffffffffffffff"
