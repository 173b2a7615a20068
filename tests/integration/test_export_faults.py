# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports that go wrong on the way, and what the next run makes of them: no access stays open, and the sum is right."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import DeadlineExceeded, Failure
from ansible_collections.golden.azure.plugins.module_utils._local import export_record, partial_file
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE
from deaths import Killed
from exports import CHILD, NAMED, TRUSTED, ExportCloud, Lines, export_cloud, finish, state


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExportCloud]:
    with export_cloud(tmp_path_factory.mktemp("azurite"), filled=7) as running:
        yield running


@pytest.fixture
def cloud(started: ExportCloud) -> ExportCloud:
    started.begin()
    return started


def received_before(cloud: ExportCloud) -> float:
    """The bytes that the last run took over from an earlier one."""
    found = [re.findall(r"([0-9.]+) MiB received by an earlier run", line) for line in cloud.lines]
    return sum(float(each[0]) for each in found if each) * 1024 * 1024


# -- killed -------------------------------------------------------------------------------------------------------


def test_a_killed_export_is_continued(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    # Of the pages that hold something four at most are on their way at once.
    cloud.relay.after(6 * PAGE, "hold", received=True)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps({"resource_group": "images", **NAMED["version"], "path": str(path)})],
        env={**os.environ, "PATHS": json.dumps(sys.path)},
    )
    while not cloud.relay.held.wait(1):
        # On this clock Azure's operations end at once; those of the child wait in real time.
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    cloud.relay.release()
    assert state(cloud) == "ActiveSAS"
    assert not path.exists()

    foretold = cloud.run(path, check=True)
    assert [step["action"] for step in foretold["plan"]["steps"]][:2] == ["end_access", "export_disk"]
    assert "revoke the access of an earlier run" in foretold["plan_text"]
    assert state(cloud) == "ActiveSAS"
    cloud.lines.clear()
    result = finish(cloud, path, foretold)
    assert [step["action"] for step in result["steps"]] == [
        "end_access",
        "export_disk",
        "revoke_access",
        "verify_file",
        "delete_disk",
    ]
    assert received_before(cloud) >= PAGE


#: What the last steps do to files: the end may come between any two of them.
FILE_CALLS = [
    (export_record.os, "replace", 0),
    (export_record.os, "replace", 1),
    (export_record.os, "replace", 2),
    (partial_file.os, "unlink", 1),
    (partial_file.os, "unlink", 2),
]


@pytest.mark.parametrize(
    ("where", "call", "number"),
    [pytest.param(*each, marks=pytest.mark.sweep if each[2] else ()) for each in FILE_CALLS],
)
def test_a_run_that_dies_between_files(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, call: str, number: int
) -> None:
    cloud.begin(**TRUSTED)
    path, done, original = tmp_path / "web.vhd", 0, getattr(where, call)

    def last(*arguments: Any) -> Any:
        nonlocal done
        if done == number:
            raise Killed
        done += str(tmp_path) in str(arguments[0])
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(where, call, last)
        with pytest.raises(Killed):
            cloud.run(path)
    assert state(cloud) == "Unattached"
    finish(cloud, path)


# -- the network ----------------------------------------------------------------------------------------------


def test_a_lost_connection_is_made_up_for(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    cloud.relay.after(5 * PAGE, "cut", received=True)
    result = cloud.run(path)
    assert cloud.relay.broken == 1
    cloud.verify_file(path, result["export"])
    cloud.verify_closed(result)


def test_an_access_that_ends_on_the_way(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"

    def end(line: str) -> None:
        if "50 %" in line:
            cloud.storage.revoke(cloud.storage.containers[-1])

    with pytest.raises(Failure, match="the access to the disk has ended; downloaded data is kept") as caught:
        replace(cloud, lines=Lines(end)).run(path)
    assert "is kept for the next run, which deletes it" in caught.value.message
    assert state(cloud) == "Unattached"
    cloud.lines.clear()
    finish(cloud, path, caught.value.as_result())
    assert received_before(cloud) > 0


def test_the_time_limit_holds_while_a_disk_is_received(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    slow = replace(cloud, lines=Lines(lambda line: cloud.azure.clock.advance(60)))
    with pytest.raises(
        DeadlineExceeded, match="did not complete within the time limit of 300 s; downloaded data is kept"
    ):
        slow.run(path, timeout=300)
    assert state(cloud) == "Unattached"
    assert cloud.writes()[-1][1].endswith("/endGetAccess")
    finish(cloud, path)


# -- the host -----------------------------------------------------------------------------------------------------


def test_a_full_file_system_ends_in_a_sentence(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "web.vhd"
    writes = 0

    def full(descriptor: int, data: Any, offset: int) -> int:
        nonlocal writes
        writes += 1
        if writes > 2:
            raise OSError(28, "No space left on device")
        return len(data) if not data else os.pwrite(descriptor, data, offset)

    with monkeypatch.context() as patched:
        patched.setattr(partial_file, "pwrite", full)
        with pytest.raises(Failure, match="cannot be written: No space left on device; free space") as caught:
            cloud.run(path)
    assert caught.value.code == "export_not_written"
    assert state(cloud) == "Unattached"
    finish(cloud, path)


def test_too_little_space_is_known_before_anything_is_received(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.statvfs(tmp_path)
    with monkeypatch.context() as patched:
        small = os.statvfs_result((*found[:4], 3, *found[5:]))
        patched.setattr(os, "statvfs", lambda path: small)
        with pytest.raises(Failure, match=r"and its file system has 0\.0 MiB left") as caught:
            cloud.run(tmp_path / "web.vhd")
    assert caught.value.code == "export_not_written"
    assert not [line for line in cloud.lines if "%" in line]
    finish(cloud, tmp_path / "web.vhd")


def test_a_page_that_a_crash_has_lost_is_received_again(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "web.vhd"

    def end(line: str) -> None:
        if "80 %" in line:
            cloud.storage.revoke(cloud.storage.containers[-1])

    with pytest.raises(Failure):
        replace(cloud, lines=Lines(end)).run(path)
    part, journal = map(Path, partial_file.partial_paths(str(path)))
    with part.open("r+b") as stream:
        stream.seek(100)
        stream.write(bytes(100))
    # Nor was the last line written to its end.
    with journal.open("a") as stream:
        stream.write("4194304 41")
    finish(cloud, path)


def test_a_file_that_loses_data_is_not_named(
    cloud: ExportCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "web.vhd"

    def spoil(line: str) -> None:
        if "compare it with what was downloaded" in line:
            with open(partial_file.partial_paths(str(path))[0], "r+b") as stream:
                stream.seek(5 * PAGE)
                stream.write(b"x" * 512)

    with pytest.raises(Failure, match="differs from what was downloaded") as caught:
        replace(cloud, lines=Lines(spoil)).run(path)
    assert caught.value.code == "export_file_damaged"
    assert not path.exists() and not Path(f"{path}.json").exists()
    assert state(cloud) == "Unattached"
    finish(cloud, path)


def test_two_runs_at_once_write_one_file(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    with open(partial_file.partial_paths(str(path))[1], "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(Failure, match="is being written by another run on this host") as caught:
            cloud.run(path)
    assert caught.value.code == "export_running"
    finish(cloud, path)


@pytest.mark.sweep
def test_a_source_that_changed_since_the_run_was_killed_is_exported_anew(cloud: ExportCloud, tmp_path: Path) -> None:
    path = tmp_path / "web.vhd"
    cloud.azure.faults.add("POST", "/endGetAccess", status=409)
    with pytest.raises(Failure):
        cloud.run(path, "disk")
    cloud.azure.faults.clear()
    assert state(cloud) == "ActiveSAS"
    cloud.azure.cloud.store.get(next(id for id in cloud.azure.resources() if id.endswith("/disks/web"))).properties[
        "LastOwnershipUpdateTime"
    ] = "2026-12-01T00:00:00+00:00"
    result = finish(cloud, path, source="disk")
    assert [step["action"] for step in result["steps"]][:3] == ["end_access", "delete_disk", "create_disk"]
