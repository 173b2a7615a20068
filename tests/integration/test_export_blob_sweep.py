# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export to a blob that ends at each of its requests, and one each of whose writes fails in each way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from blob_exports import BlobCloud, blob_cloud, finish_copy
from deaths import Killed, dying
from exports import TRUSTED

pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobCloud]:
    """No whole page, and some parts of pages: everything here is repeated for each request."""
    with blob_cloud(tmp_path_factory.mktemp("azurite"), size=24 * 1024 * 1024, filled=0) as running:
        yield running


@pytest.mark.parametrize("source", ["version", "disk"])
def test_a_run_that_dies_after_any_request(cloud: BlobCloud, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    points = 0
    while True:
        cloud.begin(**TRUSTED)
        points += 1
        with monkeypatch.context() as patched:
            dying(patched, points, everywhere=True)
            try:
                cloud.copy(source=source)
                break
            except Killed:
                pass
        finish_copy(cloud, source=source)
    # Reads, writes to two services, a look at how each of them gets on, and the pages.
    assert points > 40


@pytest.mark.parametrize("source", ["version"])
def test_a_replacement_that_dies_after_any_request(
    cloud: BlobCloud, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Whoever consents to it once, consents again."""
    points = 0
    while True:
        cloud.begin()
        cloud.copy(source="disk")
        points += 1
        with monkeypatch.context() as patched:
            dying(patched, points, everywhere=True)
            try:
                cloud.copy(source=source, force=True)
                break
            except Killed:
                pass
        finish_copy(cloud, source=source, force=True)
    assert points > 30


# -- faults -------------------------------------------------------------------------------------------------------

FAULTS: dict[str, dict[str, Any]] = {
    "connection lost before": {"drop": "before"},
    "connection lost after": {"drop": "after"},
    "429": {"status": 429, "retry_after": 30},
    "500": {"status": 500},
    "refused": {"status": 403, "code": "AuthorizationPermissionMismatch"},
    "operation Failed": {"operation": "Failed"},
    "operation lost": {"operation": "lost"},
}
WRITES = (
    ("PUT", "/disks/"),
    ("POST", "/beginGetAccess"),
    ("POST", "/endGetAccess"),
    ("DELETE", "/disks/"),
    ("PUT", r"/vhds/web\.vhd$"),
    ("PUT", r"/vhds/web\.vhd\?comp=properties"),
    ("PUT", r"/vhds/web\.vhd\?comp=page"),
    ("PUT", r"/vhds/web\.vhd\.json$"),
    ("PUT", r"/vhds/web\.vhd\.json\?comp=page"),
)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_in_every_way(cloud: BlobCloud, fault: str) -> None:
    for method, where in WRITES:
        if "vhds" in where and "operation" in fault:
            continue
        cloud.begin()
        cloud.azure.faults.add(method, where, **FAULTS[fault])
        told: list[Any] = []
        try:
            told.append(cloud.copy())
        except Failure as failure:
            told.append(failure.as_result())
        cloud.azure.faults.clear()
        finish_copy(cloud, *told)
