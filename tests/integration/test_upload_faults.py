# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads of local files that go wrong on the way, and what the next run makes of them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure import transport
from ansible_collections.golden.azure.plugins.module_utils._core.errors import DeadlineExceeded, Failure
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE
from uploads import DISK, MIB, SEED, STATED, Cloud, compare, make, upload_cloud

#: What holds for files that are uploaded, test_upload tries; here is what can come between.
pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with upload_cloud(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture
def cloud(started: Cloud) -> Cloud:
    started.begin()
    return started


@pytest.mark.parametrize("action", ["cut", "swallow"])
def test_a_lost_connection_is_made_up_for(cloud: Cloud, tmp_path: Path, action: str) -> None:
    path, raw = make(tmp_path, "raw")
    cloud.relay.after(5 * MIB, action)
    result = cloud.run(path)
    assert cloud.relay.broken == 1
    compare(cloud.storage, raw)
    cloud.verify_secrets(result)


def test_a_network_that_stays_away_ends_in_a_sentence(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, raw = make(tmp_path, "raw")
    send = transport.DeadlineTransport.send

    def unplugged(self: Any, request: Any, **options: Any) -> Any:
        # Nobody listens on port 9.
        request.url = request.url.replace(f":{cloud.relay.port}/", ":9/") if request.method == "PUT" else request.url
        return send(self, request, **options)

    with monkeypatch.context() as patched:
        patched.setattr(transport.DeadlineTransport, "send", unplugged)
        with pytest.raises(DeadlineExceeded, match="run the task again to continue") as caught:
            cloud.run(path, timeout=120)
    assert cloud.azure.resources()[DISK]["properties"]["diskState"] == "ActiveUpload"
    result = cloud.run(path)
    assert [step["action"] for step in result["steps"]][:2] == ["end_access", "upload_file"]
    compare(cloud.storage, raw)
    cloud.verify_secrets(result, str(caught.value), caught.value.as_result())


CHILD = """
import json, os, sys
sys.path[:0] = json.loads(os.environ["PATHS"])
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
options = ArgumentSpecValidator(full_specification(capture_options.OPTIONS)).validate(json.loads(sys.argv[1]))
capture.execute(Invocation(options.validated_parameters, False))
"""


@pytest.mark.parametrize("kind", ["raw", "qcow2"])
def test_a_killed_upload_is_gone_on_with(cloud: Cloud, tmp_path: Path, kind: str) -> None:
    path, raw = make(tmp_path, kind, 64 * MIB, filled=12 * PAGE)
    # Of the twelve pages that hold something four at most are on their way at once: five have arrived by then.
    cloud.relay.after(9 * PAGE, "hold")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps({**STATED, "source_file": str(path)})],
        env={**os.environ, "PATHS": json.dumps(sys.path)},
    )
    while not cloud.relay.held.wait(1):
        # On this clock Azure's operations end at once; those of the child wait in real time.
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    cloud.relay.release()
    properties = cloud.azure.resources()[DISK]["properties"]
    assert properties["diskState"] == "ActiveUpload"
    there = cloud.storage.written(cloud.storage.containers[-1])
    assert there >= 5 * PAGE
    cloud.azure.clear_requests()
    result = cloud.run(path)
    assert [step["action"] for step in result["steps"]] == [
        "end_access",
        "upload_file",
        "revoke_access",
        "create_image",
        "delete_disk",
    ]
    (told,) = [line for line in cloud.lines if "by an earlier run" in line]
    sent, before = (float(size) * MIB for size in re.findall(r"([0-9.]+) MiB (?:sent|uploaded)", told))
    # Thirteen pages hold something; what has arrived after the look at it is not sent again either.
    assert before >= there and sent + before == 13 * PAGE
    compare(cloud.storage, raw)
    assert len(cloud.storage.addresses) == 2
    cloud.verify_secrets(result)
    assert sorted(found.name for found in tmp_path.iterdir()) == sorted({path.name, raw.name})


FAULTS: dict[str, dict[str, Any]] = {
    "connection lost before": {"drop": "before"},
    "connection lost after": {"drop": "after"},
    "429": {"status": 429, "retry_after": 30},
    "500": {"status": 500},
    "operation Failed": {"operation": "Failed"},
    "operation lost": {"operation": "lost"},
}


WRITES = (
    ("PUT", "/disks/"),
    ("POST", "/beginGetAccess"),
    ("POST", "/endGetAccess"),
    ("PUT", "/images/"),
    ("DELETE", "/disks/"),
)


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_in_every_way(cloud: Cloud, tmp_path: Path, fault: str) -> None:
    path, raw = make(tmp_path, "raw", 20 * MIB, filled=3 * MIB)
    for method, where in WRITES:
        cloud.azure.reset()
        cloud.azure.seed(SEED)
        cloud.storage.addresses.clear()
        cloud.azure.faults.add(method, where, **FAULTS[fault])
        told: list[Any] = []
        try:
            told.append(cloud.run(path))
        except Failure as failure:
            told.append(failure.as_result())
        cloud.azure.faults.clear()
        told.append(cloud.run(path))
        compare(cloud.storage, raw)
        assert cloud.kinds() == ["images", "resourceGroups"], (method, where)
        cloud.verify_secrets(*told)
        assert cloud.run(path)["changed"] is False


class Killed(BaseException):
    """The end of the process, which nothing catches."""


@pytest.mark.sweep
def test_a_run_that_dies_after_any_request_is_gone_on_with(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, raw = make(tmp_path, "raw", 20 * MIB, filled=3 * MIB)
    send = transport.DeadlineTransport.send
    left = 0

    def dying(self: Any, request: Any, **options: Any) -> Any:
        nonlocal left
        if left <= 0:
            # The dead send nothing more, at cleaning up neither.
            raise Killed
        response = send(self, request, **options)
        left -= "/subscriptions/" in request.url
        return response

    points = 0
    while True:
        cloud.azure.reset()
        cloud.azure.seed(SEED)
        cloud.storage.addresses.clear()
        points += 1
        left = points
        with monkeypatch.context() as patched:
            patched.setattr(transport.DeadlineTransport, "send", dying)
            try:
                cloud.run(path)
                break
            except Killed:
                pass
        told = cloud.run(path)
        compare(cloud.storage, raw)
        assert cloud.kinds() == ["images", "resourceGroups"], points
        cloud.verify_secrets(told)
    # Reads, five writes, and a look at how each of them gets on.
    assert points > 12


class Lines(list[str]):
    """Lines of progress, with each of which something happens."""

    def __init__(self, happens: Callable[[str], None]) -> None:
        super().__init__()
        self._happens = happens

    def append(self, line: str) -> None:
        super().append(line)
        self._happens(line)


@pytest.mark.parametrize("readable", [True, False], ids=["what is there can be read", "nobody tells what is there"])
def test_an_access_that_ends_on_the_way_is_made_up_for(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readable: bool
) -> None:
    monkeypatch.setattr(cloud.storage, "readable", readable)
    path, raw = make(tmp_path, "raw", 64 * MIB, filled=12 * PAGE)

    def end(line: str) -> None:
        if "50 %" in line:
            cloud.storage.revoke(cloud.storage.containers[-1])

    with pytest.raises(Failure, match="the access to the disk has ended; uploaded data is kept") as caught:
        replace(cloud, lines=Lines(end)).run(path)
    cloud.run(path)
    compare(cloud.storage, raw)
    assert any("by an earlier run" in line for line in cloud.lines) is readable
    cloud.verify_secrets(caught.value.as_result())


def test_the_time_limit_holds_while_a_file_is_sent(cloud: Cloud, tmp_path: Path) -> None:
    path, raw = make(tmp_path, "raw", 64 * MIB, filled=12 * PAGE)
    # Another 60 seconds are over with each line of progress.
    slow = replace(cloud, lines=Lines(lambda line: cloud.azure.clock.advance(60)))
    with pytest.raises(
        DeadlineExceeded, match="did not complete within the time limit of 300 s; uploaded data is kept"
    ):
        slow.run(path, timeout=300)
    assert cloud.writes()[-1] == ("POST", f"{DISK}/endGetAccess")
    assert cloud.azure.resources()[DISK]["properties"]["diskState"] == "ActiveUpload"
    result = cloud.run(path)
    compare(cloud.storage, raw)
    cloud.verify_secrets(result)


def test_a_file_that_changes_meanwhile_is_not_captured(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, raw = make(tmp_path, "raw")
    send = transport.DeadlineTransport.send

    def changing(self: Any, request: Any, **options: Any) -> Any:
        if "comp=page" in request.url and request.method == "PUT":
            os.utime(path)
        return send(self, request, **options)

    with monkeypatch.context() as patched:
        patched.setattr(transport.DeadlineTransport, "send", changing)
        with pytest.raises(Failure, match="was modified during its upload"):
            cloud.run(path)
    assert "images" not in cloud.kinds()
    cloud.run(path)
    compare(cloud.storage, raw)
