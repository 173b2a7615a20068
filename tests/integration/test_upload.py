# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of local files: disks that qemu-img makes, uploaded to Azurite by way of embedded Azure."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from ansible_collections.golden.azure.plugins.module_utils import capture, capture_options, transport, vhd
from ansible_collections.golden.azure.plugins.module_utils.errors import DeadlineExceeded, Failure
from ansible_collections.golden.azure.plugins.module_utils.file_pages import PAGE
from conftest import ROOT, Playbooks
from driven import arm_requests, driven_azure, run_code
from relay import Relay

from embedded_azure import EmbeddedAzure
from embedded_azure.blob_storage import BlobStorage, StorageUnavailable, install

GROUP = "images"
MIB = 1024 * 1024
SEED = {"groups": {GROUP: "westeurope"}}
STATED = {
    "resource_group": GROUP,
    "image": "golden",
    "os_type": "linux",
    "os_state": "generalized",
    "location": "westeurope",
}
DISK = f"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/{GROUP}/providers/Microsoft.Compute/disks/golden-upload"
#: Format -> what qemu-img is told to make it.
FORMATS = {
    "raw": None,
    "qcow2": ["qcow2"],
    "VHDX": ["vhdx"],
    "dynamic VHD": ["vpc", "-o", "subformat=dynamic,force_size=on"],
    "fixed VHD": ["vpc", "-o", "subformat=fixed,force_size=on"],
}


@dataclass
class Cloud:
    """An embedded Azure that keeps what is uploaded, and the network on the way there."""

    azure: EmbeddedAzure
    storage: BlobStorage
    relay: Relay
    lines: list[str] = field(default_factory=list)

    def run(self, path: Path | str, check: bool = False, **options: Any) -> dict[str, Any]:
        stated = {**STATED, "source_file": str(path), **options}
        wanted = {name: value for name, value in stated.items() if value is not None}
        return run_code(self.azure, capture.execute, capture_options.OPTIONS, check, self.lines.append, **wanted)

    def writes(self) -> list[tuple[str, str]]:
        return [(entry.method, entry.path) for entry in arm_requests(self.azure) if is_write(entry)]

    def kinds(self) -> list[str]:
        return sorted(body["type"].rsplit("/", 1)[-1] for body in self.azure.resources().values())

    def verify_secrets(self, *told: Any) -> None:
        """No address is told anywhere, nor good for anything any more."""
        text = json.dumps([*told, self.lines]) + json.dumps([entry.as_line() for entry in self.azure.requests])
        for address in self.storage.addresses:
            assert address.rpartition("sig=")[2] not in text
            answer = requests.get(address, verify=str(self.azure.certificate_authority), timeout=10)
            assert answer.status_code == 403


def is_write(entry: Any) -> bool:
    return entry.method != "GET" and "/oauth2/" not in entry.path


def program() -> Path:
    try:
        return install(ROOT / ".cache" / "azurite")
    except StorageUnavailable as reason:
        pytest.fail(str(reason))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    storage = BlobStorage(program(), tmp_path_factory.mktemp("azurite"))
    with driven_azure(storage=storage) as azure, Relay(storage.port) as relay:
        storage.shown_port = relay.port
        yield Cloud(azure, storage, relay)


@pytest.fixture
def cloud(started: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """One for all tests; what the last one left is forgotten, and nothing waits for storage in real time."""
    started.azure.reset()
    started.azure.seed(SEED)
    started.azure.clear_requests()
    started.lines.clear()
    started.storage.addresses.clear()
    return started


def make_raw(path: Path, size: int = 40 * MIB, filled: int = 6 * MIB) -> Path:
    """A disk with a boot sector, with holes, with zeros that are no holes, and with something in its last sector.

    filled: up to where it holds something in each page.
    """
    with path.open("wb") as stream:
        stream.truncate(size)
        for offset, data in (
            (3 * MIB, os.urandom(filled - 3 * MIB)),
            (0, os.urandom(510) + b"\x55\xaa"),
            (filled + 3 * MIB, bytes(5 * MIB)),
            (size - 512, os.urandom(512)),
        ):
            stream.seek(offset)
            stream.write(data)
    return path


def make(directory: Path, kind: str, size: int = 40 * MIB, filled: int = 6 * MIB) -> tuple[Path, Path]:
    """A disk in a format, and as it is."""
    raw = make_raw(directory / "plain.img", size, filled)
    if FORMATS[kind] is None:
        return raw, raw
    if not shutil.which("qemu-img"):
        pytest.fail("These tests need qemu-img: install the Debian package qemu-utils (make guests does so as root).")
    made = directory / ("disk.vhd" if "VHD" in kind and kind != "VHDX" else f"disk.{kind.lower()}")
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", *FORMATS[kind], raw, made], check=True, timeout=60)
    return made, raw


def compare(storage: BlobStorage, raw: Path) -> None:
    """The disk that was last uploaded holds what the file does, zeros up to whole MiB, and a footer."""
    size = vhd.whole_mebibytes(raw.stat().st_size)
    with raw.open("rb") as stream:
        wanted = iter(lambda: stream.read(PAGE), b"")
        last = b""
        for number, (page, there) in enumerate(zip_longest(wanted, storage.content(storage.containers[-1], PAGE))):
            expected = (page or b"").ljust(min(PAGE, size - number * PAGE), b"\0")
            assert there[: len(expected)] == expected, f"page {number} differs"
            last = there[len(expected) :]
    assert vhd.read_footer(last) == vhd.Footer(size, vhd.FIXED)


@pytest.mark.parametrize("size", [40 * MIB, 40 * MIB + 1536], ids=["whole MiB", "odd"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format(cloud: Cloud, tmp_path: Path, kind: str, size: int) -> None:
    if kind == "fixed VHD" and size % MIB:
        size += MIB - 1536  # Those are refused, see below.
    path, raw = make(tmp_path, kind, size)
    before = sorted(tmp_path.iterdir())
    foretold = cloud.run(path, check=True)
    assert foretold["changed"] and cloud.writes() == [] and not cloud.storage.addresses

    result = cloud.run(path, hyper_v_generation="V2", tags={"team": "web"})
    planned = [
        (step["write"]["method"], step["write"]["path"]) for step in foretold["plan"]["steps"] if "write" in step
    ]
    assert cloud.writes() == planned
    assert [step["action"] for step in result["steps"]] == [
        "create_disk",
        "upload_file",
        "revoke_access",
        "create_image",
        "delete_disk",
    ]
    assert cloud.kinds() == ["images", "resourceGroups"]
    assert result["image"]["tags"]["golden.azure.source_unique_id"] == result["source"]["unique_id"]
    compare(cloud.storage, raw)
    # Of 40 MiB three pages hold something, and the footer does.
    assert cloud.storage.written(cloud.storage.containers[-1]) <= 3 * PAGE + 512
    assert sorted(tmp_path.iterdir()) == before
    cloud.verify_secrets(result, foretold)

    cloud.azure.clear_requests()
    again = cloud.run(path, tags={"team": "web"})
    assert again["changed"] is False and cloud.writes() == []


def test_gallery_version(cloud: Cloud, tmp_path: Path) -> None:
    gallery = DISK.replace("disks/golden-upload", "galleries/golden")
    cloud.azure.seed({"resources": [{"id": gallery, "location": "westeurope"}]})
    definition = {"publisher": "Example", "offer": "web", "sku": "debian"}
    version = {"gallery": "golden", "definition": "web", "create_definition": definition}
    options = {"image": None, "gallery_versions": [version], "os_state": "specialized", "architecture": "Arm64"}
    path, raw = make(tmp_path, "raw")
    result = cloud.run(path, hyper_v_generation="V2", **options)
    (made,) = result["gallery_versions"]
    assert made["name"] == "1.0.0"
    properties = cloud.azure.resources()[f"{gallery}/images/web"]["properties"]
    assert (properties["architecture"], properties["osState"]) == ("Arm64", "Specialized")
    compare(cloud.storage, raw)
    assert cloud.kinds() == ["galleries", "images", "resourceGroups", "versions"]
    assert cloud.run(path, hyper_v_generation="V2", **options)["changed"] is False


def test_into_a_group_that_is_not_there(cloud: Cloud, tmp_path: Path) -> None:
    path, raw = make(tmp_path, "raw")
    cloud.azure.reset()
    result = cloud.run(path, create_resource_group=True)
    assert [step["action"] for step in result["steps"]][:2] == ["create_group", "create_disk"]
    assert cloud.kinds() == ["images", "resourceGroups"]
    compare(cloud.storage, raw)


# -- what is refused ----------------------------------------------------------------------------------------------


def spoil(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        stream.write(data)


def truncated(directory: Path) -> Path:
    path, _raw = make(directory, "fixed VHD")
    os.truncate(path, path.stat().st_size - 100)
    return path


def wrong_checksum(directory: Path) -> Path:
    path, _raw = make(directory, "fixed VHD")
    spoil(path, -300, b"x")
    return path


def odd_size(directory: Path) -> Path:
    path, _raw = make(directory, "fixed VHD", 40 * MIB + 512)
    return path


def with_backing_file(directory: Path) -> Path:
    raw, path = make_raw(directory / "plain.img"), directory / "thin.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", raw, path], check=True, timeout=60)
    return path


def differencing(directory: Path) -> Path:
    path, _raw = make(directory, "dynamic VHD")
    footer = bytearray(path.read_bytes()[-512:])
    footer[60:64] = (4).to_bytes(4, "big")
    footer[64:68] = vhd.checksum_of(footer).to_bytes(4, "big")
    spoil(path, -512, bytes(footer))
    return path


def compressed(directory: Path) -> Path:
    path = directory / "disk.img.gz"
    path.write_bytes(b"\x1f\x8b" + bytes(1022))
    return path


def no_disk(directory: Path) -> Path:
    path = directory / "notes"
    path.write_bytes(b"x" * 1024)
    return path


REFUSED = {
    truncated: "its footer, the last 512 bytes, is missing",
    wrong_checksum: "has a wrong checksum",
    odd_size: "which is no whole number of MiB as Azure wants it",
    with_backing_file: "not whole without another file",
    differencing: "is a differencing VHD",
    compressed: "compressed by gzip; unpack it first",
    no_disk: "is no VHD, VHDX or qcow2, nor a raw disk",
    lambda directory: directory / "absent.vhd": "There is no file",
    lambda directory: directory: "is no ordinary file",
}


@pytest.mark.parametrize(("build", "message"), REFUSED.items(), ids=lambda value: getattr(value, "__name__", "-"))
def test_what_is_no_disk_is_refused_before_anything_is_made(
    cloud: Cloud, tmp_path: Path, build: Any, message: str
) -> None:
    with pytest.raises(Failure, match=message) as caught:
        cloud.run(build(tmp_path))
    assert str(caught.value).count(". ") == 0
    assert cloud.writes() == []


@pytest.mark.parametrize("name", ["os_type", "os_state", "location"])
def test_what_no_file_tells_must_be_said(cloud: Cloud, tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure, match=f"Option '{name}' is missing"):
        cloud.run(make_raw(tmp_path / "disk.img"), **{name: None})


def test_too_small_a_disk_is_blocked(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="Azure takes 20 MiB to 32 TiB"):
        cloud.run(make_raw(tmp_path / "disk.img", 19 * MIB))
    assert cloud.writes() == []


def test_without_qemu_img(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, raw = make(tmp_path, "qcow2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match="apt-get install qemu-utils"):
        cloud.run(path)
    assert cloud.writes() == []
    assert cloud.run(raw)["changed"]
    # An image that is there needs no qemu-img.
    assert not cloud.run(raw)["changed"]


def test_without_azure_storage_blob(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_raw(tmp_path / "disk.img")
    monkeypatch.setitem(sys.modules, "azure.storage.blob", None)
    with pytest.raises(Failure, match="pip install azure-storage-blob"):
        cloud.run(path)
    assert cloud.writes() == []
    # That is known before the run.
    with pytest.raises(Failure, match="pip install azure-storage-blob"):
        cloud.run(path, check=True)


def test_a_disk_of_something_else_is_left_alone(cloud: Cloud, tmp_path: Path) -> None:
    path = make_raw(tmp_path / "disk.img")
    cloud.azure.faults.add("POST", "/beginGetAccess", status=409)
    with pytest.raises(Failure):
        cloud.run(path)
    spoil(path, 700, b"another")
    with pytest.raises(Failure, match="which is no upload of the file"):
        cloud.run(path)
    assert DISK in cloud.azure.resources()


# -- what goes wrong on the way -----------------------------------------------------------------------------------


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
        with pytest.raises(DeadlineExceeded, match="run the task again to go on from here") as caught:
            cloud.run(path, timeout=120)
    assert cloud.azure.resources()[DISK]["properties"]["diskState"] == "ActiveUpload"
    result = cloud.run(path)
    assert [step["action"] for step in result["steps"]][:2] == ["end_access", "upload_file"]
    compare(cloud.storage, raw)
    cloud.verify_secrets(result, str(caught.value), caught.value.as_result())


CHILD = """
import json, os, sys
sys.path[:0] = json.loads(os.environ["PATHS"])
from ansible_collections.golden.azure.plugins.module_utils import capture, capture_options
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation, full_specification
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
    (told,) = [line for line in cloud.lines if "from an earlier run" in line]
    sent, before = (float(size) * MIB for size in re.findall(r"([0-9.]+) MiB (?:sent|there)", told))
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

    with pytest.raises(Failure, match="the access to the disk has ended; what was sent is kept") as caught:
        replace(cloud, lines=Lines(end)).run(path)
    cloud.run(path)
    compare(cloud.storage, raw)
    assert any("from an earlier run" in line for line in cloud.lines) is readable
    cloud.verify_secrets(caught.value.as_result())


def test_the_time_limit_holds_while_a_file_is_sent(cloud: Cloud, tmp_path: Path) -> None:
    path, raw = make(tmp_path, "raw", 64 * MIB, filled=12 * PAGE)
    # Another 60 seconds are over with each line of progress.
    slow = replace(cloud, lines=Lines(lambda line: cloud.azure.clock.advance(60)))
    with pytest.raises(DeadlineExceeded, match="did not end within the time limit of 300 s; what was sent is kept"):
        slow.run(path, timeout=300)
    assert cloud.writes()[-1] == ("POST", f"{DISK}/endGetAccess")
    assert cloud.azure.resources()[DISK]["properties"]["diskState"] == "ActiveUpload"
    result = cloud.run(path)
    compare(cloud.storage, raw)
    cloud.verify_secrets(result)


def test_a_directory_that_is_not_there_is_named(cloud: Cloud, tmp_path: Path) -> None:
    path, raw = make(tmp_path, "qcow2")
    with pytest.raises(Failure, match="name another directory in 'work_directory'"):
        cloud.run(path, work_directory=str(tmp_path / "absent"))
    (tmp_path / "other").mkdir()
    cloud.run(path, work_directory=str(tmp_path / "other"))
    compare(cloud.storage, raw)
    assert list((tmp_path / "other").iterdir()) == []


def test_several_files_in_one_task(cloud: Cloud, tmp_path: Path) -> None:
    items, files = [], []
    for name, kind in (("one", "raw"), ("two", "qcow2")):
        (tmp_path / name).mkdir()
        path, raw = make(tmp_path / name, kind)
        items.append({**STATED, "source_file": str(path), "image": name})
        files.append(raw)
    options = dict.fromkeys(STATED)
    result = cloud.run("", source_file=None, captures=items, **options)
    assert [each["changed"] for each in result["results"]] == [True, True]
    assert cloud.kinds() == ["images", "images", "resourceGroups"]
    uploaded = [b"".join(cloud.storage.content(container, PAGE)) for container in cloud.storage.containers[-2:]]
    assert all(any(disk.startswith(raw.read_bytes()) for disk in uploaded) for raw in files)
    cloud.verify_secrets(result)
    assert cloud.run("", source_file=None, captures=items, **options)["changed"] is False


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
        with pytest.raises(Failure, match="was changed while it was uploaded"):
            cloud.run(path)
    assert "images" not in cloud.kinds()
    cloud.run(path)
    compare(cloud.storage, raw)


# -- by Ansible ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as module"])
def test_by_a_playbook(tmp_path: Path, in_process: bool) -> None:
    storage = BlobStorage(program(), tmp_path / "azurite")
    path, raw = make(tmp_path, "qcow2")
    task = {"golden.azure.vm_image_capture": {**STATED, "source_file": str(path)}, "register": "captured"}
    changed = {"ansible.builtin.assert": {"that": ["captured.changed", "captured.image.name == 'golden'"]}}
    unchanged = {"ansible.builtin.assert": {"that": ["not captured.changed"]}}
    play = {
        "name": "Upload",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, "golden_azure_in_process": in_process},
        "tasks": [task, changed, task, unchanged],
    }
    playbook = tmp_path / "upload.yml"
    playbook.write_text(yaml.safe_dump([play]))
    with EmbeddedAzure(SEED, retry_after=1, storage=storage) as azure:
        finished = Playbooks(tmp_path, azure.environment()).run(playbook, "-vvv", "--diff")
        assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-2000:]
        assert ("AnsiballZ" in finished.stdout) is not in_process
        assert ("empty and left out" in finished.stdout) is in_process
        for address in storage.addresses:
            assert address.rpartition("sig=")[2] not in finished.stdout + finished.stderr
        compare(storage, raw)
