# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports to blobs that go wrong on the way, and what the next run makes of them: no access stays open, and the blob is right."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, DeadlineExceeded, Failure
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE
from blob_exports import ACCOUNT, BLOB, CONTAINER, BlobCloud, blob_cloud, finish_copy
from exports import CHILD, NAMED, TRUSTED, Lines, state


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobCloud]:
    with blob_cloud(tmp_path_factory.mktemp("azurite"), filled=7) as running:
        yield running


@pytest.fixture
def cloud(started: BlobCloud) -> BlobCloud:
    started.begin()
    return started


def copied_before(cloud: BlobCloud) -> float:
    """The bytes that the last run took over from an earlier one."""
    found = [re.findall(r"([0-9.]+) MiB copied by an earlier run", line) for line in cloud.lines]
    return sum(float(each[0]) for each in found if each) * 1024 * 1024


def container(cloud: BlobCloud) -> Any:
    return cloud.azure.cloud.accounts.get(ACCOUNT).containers[CONTAINER]


def test_a_killed_copy_is_continued(cloud: BlobCloud) -> None:
    # Of the pages that hold something four at most are on their way at once.
    cloud.relay.after(6 * PAGE, "hold", received=True)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps({"resource_group": "images", **NAMED["version"], "blob": BLOB})],
        env={**os.environ, "PATHS": json.dumps(sys.path)},
    )
    while not cloud.relay.held.wait(1):
        # On this clock Azure's operations end at once; those of the child wait in real time.
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    cloud.relay.release()
    assert state(cloud) == "ActiveSAS"
    assert not cloud.blob().read(cloud.size, 512).strip(b"\0")

    foretold = cloud.copy(check=True)
    assert [step["action"] for step in foretold["plan"]["steps"]][:2] == ["end_access", "export_disk"]
    # What was on its way, storage may still complete: it is the same content.
    assert state(cloud) == "ActiveSAS" and cloud.writes() == []
    cloud.lines.clear()
    result = finish_copy(cloud, foretold)
    assert [step["action"] for step in result["steps"]] == [
        "end_access",
        "export_disk",
        "revoke_access",
        "verify_blob",
        "delete_disk",
    ]
    assert copied_before(cloud) >= PAGE


def test_an_access_that_ends_on_the_way(cloud: BlobCloud) -> None:
    def end(line: str) -> None:
        if "50 %" in line:
            cloud.storage.revoke(cloud.storage.containers[-1])

    with pytest.raises(Failure, match=r"cannot read the disk \(HTTP 403\)") as caught:
        replace(cloud, lines=Lines(end)).copy()
    assert caught.value.code == "export_not_copied"
    assert "what was copied is kept" in caught.value.message
    assert "is kept for the next run, which deletes it; the blob 'https://" in caught.value.message
    assert state(cloud) == "Unattached"
    cloud.lines.clear()
    finish_copy(cloud, caught.value.as_result())
    assert copied_before(cloud) > 0


def test_the_time_limit_holds_while_a_disk_is_copied(cloud: BlobCloud) -> None:
    slow = replace(cloud, lines=Lines(lambda line: cloud.azure.clock.advance(60)))
    with pytest.raises(
        DeadlineExceeded, match="did not complete within the time limit of 360 s; what was copied is kept"
    ):
        slow.copy(timeout=360)
    assert state(cloud) == "Unattached"
    assert cloud.writes()[-1][1].endswith("/endGetAccess")
    finish_copy(cloud)


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize(
    ("method", "where"),
    [("PUT", "comp=page"), ("PUT", r"/vhds/web\.vhd$"), ("PUT", r"web\.vhd\.json"), ("GET", "pagelist")],
)
def test_a_lost_connection_is_made_up_for(cloud: BlobCloud, method: str, where: str, drop: str) -> None:
    cloud.azure.faults.add(method, where, drop=drop)
    result = cloud.copy()
    cloud.verify_blob(result["export"])
    cloud.verify_closed(result)


@pytest.mark.parametrize("status", [500, 503])
def test_storage_that_is_busy_is_asked_again(cloud: BlobCloud, status: int) -> None:
    cloud.azure.faults.add("PUT", "comp=page", status=status, code="ServerBusy", times=3)
    cloud.verify_blob(cloud.copy()["export"])


def test_what_is_left_is_told(cloud: BlobCloud) -> None:
    """The blob is there, and the disk is not."""
    cloud.azure.faults.add("PUT", "/disks/", status=409, code="OperationNotAllowed")
    with pytest.raises(Failure, match="is incomplete, and the next run continues it") as caught:
        cloud.copy()
    assert caught.value.details["changed"] is True and "left" not in caught.value.details
    assert cloud.names() == ["web.vhd"] and cloud.blob().size == 0
    result = finish_copy(cloud)
    assert result["steps"][0]["action"] == "create_disk"


def test_a_disk_that_storage_cannot_reach(cloud: BlobCloud) -> None:
    """Storage answers that until the time limit; the words are those of this collection."""
    cloud.azure.faults.add("PUT", "comp=page", status=404, code="CannotVerifyCopySource", times=0)
    with pytest.raises(Failure, match=r"cannot read the disk \(HTTP 404\)"):
        cloud.copy()
    assert state(cloud) == "Unattached"
    cloud.azure.faults.clear()
    finish_copy(cloud)


def test_a_role_that_is_taken_away_on_the_way(cloud: BlobCloud) -> None:
    cloud.azure.faults.add("PUT", "comp=page", status=403, code="AuthorizationPermissionMismatch", nth=3, times=0)
    with pytest.raises(Failure, match="Storage Blob Data Contributor") as caught:
        cloud.copy()
    assert caught.value.code == "export_blob_denied" and state(cloud) == "Unattached"
    cloud.azure.faults.clear()
    finish_copy(cloud)


def test_a_blob_that_somebody_replaces_on_the_way(cloud: BlobCloud) -> None:
    def replacing(line: str) -> None:
        if "create the disk" in line:
            accounts = cloud.azure.cloud.accounts
            accounts.create(accounts.get(ACCOUNT), container(cloud), "web.vhd", "PageBlob", 1024, {})

    with pytest.raises(Failure, match="was created, replaced or deleted by somebody else") as caught:
        replace(cloud, lines=Lines(replacing)).copy()
    assert caught.value.code == "export_blob_changed" and state(cloud) == "Unattached"
    with pytest.raises(Blocked, match="is not recorded as an export"):
        cloud.copy()
    finish_copy(cloud, force=True)


def test_a_blob_that_somebody_deletes_on_the_way(cloud: BlobCloud) -> None:
    def deleting(line: str) -> None:
        if "compare size" in line:
            del container(cloud).blobs["web.vhd"]

    with pytest.raises(Failure, match="deleted by somebody else"):
        replace(cloud, lines=Lines(deleting)).copy()
    finish_copy(cloud)


@pytest.mark.parametrize(
    "what", ["page", pytest.param("footer", marks=pytest.mark.sweep), pytest.param("size", marks=pytest.mark.sweep)]
)
def test_a_blob_that_somebody_writes_to_is_not_recorded(cloud: BlobCloud, what: str) -> None:
    def spoil(line: str) -> None:
        if "compare size" not in line:
            return
        accounts, blob = cloud.azure.cloud.accounts, cloud.blob()
        if what == "size":
            accounts.resize(container(cloud), blob, blob.size + 512)
            return
        at = blob.size - 512 if what == "footer" else 8 * PAGE + 512
        accounts.put_page(container(cloud), blob, at, at + 511, b"x" * 512)

    with pytest.raises(Failure, match="differs from what was copied") as caught:
        replace(cloud, lines=Lines(spoil)).copy()
    assert caught.value.code == "export_blob_damaged" and "continues it" not in caught.value.message
    assert "web.vhd.json" not in cloud.names() and state(cloud) == "Unattached"
    # What the message says.
    del container(cloud).blobs["web.vhd"]
    finish_copy(cloud)


def test_two_runs_at_once_do_not_replace_what_the_other_has_made(cloud: BlobCloud) -> None:
    """The blob appears after the plan was made."""

    def other(line: str) -> None:
        if "create the blob" in line:
            accounts = cloud.azure.cloud.accounts
            accounts.create(accounts.get(ACCOUNT), container(cloud), "web.vhd", "PageBlob", 512, {"other": "1"})

    with pytest.raises(Failure, match="was created, replaced or deleted by somebody else"):
        replace(cloud, lines=Lines(other)).copy()
    assert cloud.blob().metadata == {"other": "1"}
    assert cloud.writes() == []


@pytest.mark.sweep
def test_a_source_that_changed_since_the_run_was_killed_is_exported_with_consent(cloud: BlobCloud) -> None:
    cloud.azure.faults.add("POST", "/endGetAccess", status=409)
    with pytest.raises(Failure):
        cloud.copy(source="disk")
    cloud.azure.faults.clear()
    assert state(cloud) == "ActiveSAS"
    disk = next(id for id in cloud.azure.resources() if id.endswith("/disks/web"))
    cloud.azure.cloud.store.get(disk).properties["LastOwnershipUpdateTime"] = "2026-12-01T00:00:00+00:00"
    with pytest.raises(Blocked, match="is not recorded as an export"):
        cloud.copy(source="disk")
    result = finish_copy(cloud, source="disk", force=True)
    assert [step["action"] for step in result["steps"]][:4] == [
        "create_blob",
        "end_access",
        "delete_disk",
        "create_disk",
    ]


def test_a_disk_that_is_no_vhd_is_not_exported(cloud: BlobCloud) -> None:
    def spoil(line: str) -> None:
        if "copy the disk" in line:
            copy = cloud.storage.copy

            def without_footer(source: str | None, size: int) -> str:
                made = copy(source, size)
                cloud.storage.put(made, cloud.size, bytes(512))
                return made

            patched.setattr(cloud.storage, "copy", without_footer)

    with (
        pytest.MonkeyPatch.context() as patched,
        pytest.raises(Failure, match="is not exported as a VHD by Azure: its footer is missing"),
    ):
        replace(cloud, lines=Lines(spoil)).copy()
    assert state(cloud) == "Unattached"


def test_a_disk_without_its_guest_state(cloud: BlobCloud) -> None:
    cloud.begin(**TRUSTED)
    cloud.azure.faults.add("PUT", r"web\.vmgs", status=409, code="LeaseIdMissing")
    with pytest.raises(Failure, match="has an active lease"):
        cloud.copy()
    assert cloud.writes() == []
    finish_copy(cloud)
