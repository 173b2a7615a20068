# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export that ends at each of its requests, and one each of whose writes fails in each way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from deaths import Killed, dying
from exports import TRUSTED, ExportCloud, export_cloud, finish

pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExportCloud]:
    """No whole page, and some parts of pages: everything here is repeated for each request."""
    with export_cloud(tmp_path_factory.mktemp("azurite"), size=24 * 1024 * 1024, filled=0) as running:
        yield running


@pytest.mark.parametrize("source", ["version", "disk"])
def test_a_run_that_dies_after_any_request(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    path, points = tmp_path / "web.vhd", 0
    while True:
        cloud.begin(**TRUSTED)
        for name in os.listdir(tmp_path):
            (tmp_path / name).unlink()
        points += 1
        with monkeypatch.context() as patched:
            dying(patched, points, everywhere=True)
            try:
                cloud.run(path, source)
                break
            except Killed:
                pass
        finish(cloud, path, source=source)
    # Reads, four writes, a look at how each of them gets on, and the pages.
    assert points > 25


# -- faults -------------------------------------------------------------------------------------------------------

FAULTS: dict[str, dict[str, Any]] = {
    "connection lost before": {"drop": "before"},
    "connection lost after": {"drop": "after"},
    "429": {"status": 429, "retry_after": 30},
    "500": {"status": 500},
    "operation Failed": {"operation": "Failed"},
    "operation lost": {"operation": "lost"},
}
WRITES = (("PUT", "/disks/"), ("POST", "/beginGetAccess"), ("POST", "/endGetAccess"), ("DELETE", "/disks/"))


@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_in_every_way(cloud: ExportCloud, tmp_path: Path, fault: str) -> None:
    for number, (method, where) in enumerate(WRITES):
        path = tmp_path / str(number) / "web.vhd"
        path.parent.mkdir()
        cloud.begin()
        cloud.azure.faults.add(method, where, **FAULTS[fault])
        told: list[Any] = []
        try:
            told.append(cloud.run(path))
        except Failure as failure:
            told.append(failure.as_result())
        cloud.azure.faults.clear()
        finish(cloud, path, *told)
