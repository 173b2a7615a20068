# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of local files: disks that qemu-img makes, uploaded to Azurite by way of embedded Azure."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE
from ansible_collections.golden.azure.plugins.module_utils._model import vhd
from counting_guests import UploadedGuests
from playbook_runs import Playbooks
from uploads import DISK, FORMATS, MIB, SEED, STATED, Cloud, compare, make, make_raw, program, spoil, upload_cloud

from embedded_azure import EmbeddedAzure
from embedded_azure.blob_storage import BlobStorage


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with upload_cloud(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture
def cloud(started: Cloud) -> Cloud:
    started.begin()
    return started


@pytest.mark.parametrize("size", [40 * MIB, 40 * MIB + 1536], ids=["whole MiB", "odd"])
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind in ("raw", "qcow2") else pytest.mark.sweep) for kind in FORMATS]
)
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


def test_guests_are_given_what_is_uploaded(tmp_path: Path) -> None:
    guests = UploadedGuests()
    path, raw = make(tmp_path, "qcow2", 40 * MIB + 1536)
    with upload_cloud(tmp_path / "azurite", guests=guests) as cloud:
        cloud.begin()
        cloud.run(path)
    content = guests.uploads["golden-upload"]
    assert len(guests.uploads) == 1 and guests.copies == {"golden": "golden-upload"}
    assert vhd.read_footer(content[-512:]) == vhd.Footer(41 * MIB, vhd.FIXED)
    assert content[:-512].rstrip(b"\0") == raw.read_bytes().rstrip(b"\0") and len(content) == 41 * MIB + 512


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


def test_a_directory_that_is_not_there_is_named(cloud: Cloud, tmp_path: Path) -> None:
    path, raw = make(tmp_path, "qcow2")
    with pytest.raises(Failure, match="set 'work_directory' to another directory"):
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


# -- what is refused ----------------------------------------------------------------------------------------------


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
    wrong_checksum: "has an invalid checksum",
    odd_size: "Azure requires a multiple of 1 MiB",
    with_backing_file: "backing or external data file",
    differencing: "is a differencing VHD",
    compressed: "compressed with gzip; decompress it first",
    no_disk: "is neither a VHD, VHDX or qcow2 nor a bootable raw disk",
    lambda directory: directory / "absent.vhd": "does not exist on the host",
    lambda directory: directory: "is not a regular file",
}


@pytest.mark.parametrize(("build", "message"), REFUSED.items(), ids=lambda value: getattr(value, "__name__", "-"))
def test_what_is_no_disk_is_refused_before_anything_is_made(
    cloud: Cloud, tmp_path: Path, build: Any, message: str
) -> None:
    with pytest.raises(Failure, match=message) as caught:
        cloud.run(build(tmp_path))
    assert caught.value.message.count(". ") == 0
    assert cloud.writes() == []


@pytest.mark.parametrize("name", ["os_type", "os_state", "location"])
def test_what_no_file_tells_must_be_said(cloud: Cloud, tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure, match=f"Option '{name}' is missing"):
        cloud.run(make_raw(tmp_path / "disk.img"), **{name: None})


def test_too_small_a_disk_is_blocked(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="Azure supports 20 MiB to 32 TiB"):
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
    with pytest.raises(Failure, match="is not an upload of the file"):
        cloud.run(path)
    assert DISK in cloud.azure.resources()


# -- by Ansible ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "in_process",
    [pytest.param(True, id="in process"), pytest.param(False, id="as module", marks=pytest.mark.sweep)],
)
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
        assert ("empty and skipped" in finished.stderr) is in_process
        for address in storage.addresses:
            assert address.rpartition("sig=")[2] not in finished.stdout + finished.stderr
        compare(storage, raw)
