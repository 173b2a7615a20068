# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a body for an older API version, and that embedded Azure dates the properties alike."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.api_properties import API_PROPERTIES, fitted_body
from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import (
    API_VERSIONS,
    OLDEST_VERSIONS,
    OPERATION_GROUPS,
    PLAIN_TYPES,
)

from embedded_azure.members import SINCE

Json = dict[str, Any]

VERSION = "Microsoft.Compute/galleries/images/versions"
MACHINE = "Microsoft.Compute/virtualMachines"
DISK = "Microsoft.Compute/disks"


def names(rows: Any) -> list[str]:
    return [row.path.rpartition(".")[2] for row in rows]


@pytest.mark.parametrize(
    ("kind", "api_version", "properties", "expected"),
    [
        (
            VERSION,
            "2022-08-03",
            {"storageProfile": {"source": {"virtualMachineId": "m"}}},
            {"storageProfile": {"source": {"id": "m"}}},
        ),
        (
            VERSION,
            "2022-01-03",
            {"storageProfile": {"dataDiskImages": [{"source": {"storageAccountId": "a", "uri": "u"}}]}},
            {"storageProfile": {"dataDiskImages": [{"source": {"id": "a", "uri": "u"}}]}},
        ),
        (VERSION, "2022-08-03", {"safetyProfile": {"blockDeletionBeforeEndOfLife": False}}, {}),
        (VERSION, "2022-08-03", {"safetyProfile": {}}, {"safetyProfile": {}}),
        (
            VERSION,
            "2022-01-03",
            {"publishingProfile": {"targetRegions": [{"name": "a", "excludeFromLatest": False}, {"name": "b"}]}},
            {"publishingProfile": {"targetRegions": [{"name": "a"}, {"name": "b"}]}},
        ),
        (MACHINE, "2024-07-01", {"securityProfile": {"securityType": "Standard"}}, {}),
        (
            MACHINE,
            "2024-07-01",
            {"securityProfile": {"securityType": "TrustedLaunch"}},
            {"securityProfile": {"securityType": "TrustedLaunch"}},
        ),
        (DISK, "2021-08-01", {"supportedCapabilities": {"architecture": "x64"}}, {}),
    ],
)
def test_what_is_sent(kind: str, api_version: str, properties: Json, expected: Json) -> None:
    body = {"location": "westeurope", "properties": properties}
    before = repr(body)
    fitted = fitted_body(kind, body, api_version)
    assert fitted.body.get("properties", {}) == expected
    assert (fitted.missing, fitted.left_out) == ((), ())
    # The plan's own body is not touched, and a second time changes nothing.
    assert repr(body) == before
    assert fitted_body(kind, fitted.body, api_version) == fitted
    newest = API_VERSIONS[OPERATION_GROUPS[kind.lower()][1]]
    assert fitted_body(kind, body, newest).body == body


@pytest.mark.parametrize(
    ("kind", "api_version", "properties", "missing"),
    [
        (
            VERSION,
            "2022-08-03",
            {"safetyProfile": {"blockDeletionBeforeEndOfLife": True}},
            "blockDeletionBeforeEndOfLife",
        ),
        (MACHINE, "2021-07-01", {"securityProfile": {"securityType": "ConfidentialVM"}}, "securityType"),
        (MACHINE, "2022-03-01", {"storageProfile": {"diskControllerType": "NVMe"}}, "diskControllerType"),
        (MACHINE, "2020-12-01", {"storageProfile": {"dataDisks": [{"deleteOption": "Delete"}]}}, "deleteOption"),
        (DISK, "2021-08-01", {"supportedCapabilities": {"architecture": "Arm64"}}, "architecture"),
    ],
)
def test_what_cannot_be_done(kind: str, api_version: str, properties: Json, missing: str) -> None:
    fitted = fitted_body(kind, {"properties": properties}, api_version)
    assert names(fitted.missing) == [missing]


def test_what_is_left_out_with_a_warning() -> None:
    closed = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
    fitted = fitted_body("Microsoft.Compute/snapshots", {"properties": closed}, "2020-12-01")
    assert fitted.body == {"properties": {"networkAccessPolicy": "DenyAll"}}
    assert names(fitted.left_out) == ["publicNetworkAccess"]
    # Nothing is left of an update.
    alone = {"properties": {"publicNetworkAccess": "Disabled"}}
    assert fitted_body("Microsoft.Compute/snapshots", alone, "2020-12-01").body == {}


def test_rows_are_between_the_oldest_and_the_newest_version() -> None:
    groups = {**{kind: key for kind, (_group, key) in OPERATION_GROUPS.items()}, **PLAIN_TYPES}
    wrong = [
        (kind, row.path)
        for kind, rows in API_PROPERTIES.items()
        for row in rows
        if not OLDEST_VERSIONS[groups[kind]] < row.since <= API_VERSIONS[groups[kind]]
    ]
    assert wrong == []


def test_embedded_azure_dates_them_alike() -> None:
    dated = {kind.lower(): members for kind, members in SINCE.items()}
    # Which values a property may have is not dated there.
    differ = [
        (kind, row.path, row.since, dated[kind][row.path])
        for kind, rows in API_PROPERTIES.items()
        for row in rows
        if row.path in dated[kind]
        and row.path != "properties.securityProfile.securityType"
        and dated[kind][row.path] != row.since
    ]
    assert differ == []
