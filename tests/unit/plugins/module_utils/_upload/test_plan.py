# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks in local files: footers, pages, kinds, and the plan of an upload; nothing of it needs a network."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._core.tags import MADE_FOR, image_mark
from ansible_collections.golden.azure.plugins.module_utils._local.image_file_reader import inspect
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE, digest, occupied
from ansible_collections.golden.azure.plugins.module_utils._model import provenance, vhd
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile, LocalFile
from ansible_collections.golden.azure.plugins.module_utils._upload.request import upload_disk_id
from capture_states import planned
from hypothesis import given, settings
from hypothesis import strategies as st

from scripted_azure.resources import IMAGE_ID, image, lock

MIB = vhd.MEBIBYTE
SIZES = st.integers(1, 32 * MIB).map(lambda count: count * MIB)

# -- footers ------------------------------------------------------------------------------------------------------


@given(SIZES, st.binary(min_size=16, max_size=16))
def test_a_footer_reads_as_it_was_made(size: int, unique_id: bytes) -> None:
    footer = vhd.make_footer(size, unique_id)
    assert len(footer) == vhd.FOOTER_SIZE
    assert vhd.read_footer(footer) == vhd.Footer(size, vhd.FIXED)
    assert footer == vhd.make_footer(size, unique_id)


@given(SIZES, st.integers(0, vhd.FOOTER_SIZE - 1), st.integers(1, 255))
def test_a_footer_with_one_wrong_byte_is_none(size: int, place: int, change: int) -> None:
    footer = bytearray(vhd.make_footer(size, bytes(16)))
    footer[place] ^= change
    with pytest.raises(vhd.BadFooter):
        vhd.read_footer(bytes(footer))


@given(st.binary(max_size=2 * vhd.FOOTER_SIZE))
def test_what_is_no_footer_is_told_apart(data: bytes) -> None:
    with pytest.raises(vhd.BadFooter):
        vhd.read_footer(data)


@given(SIZES)
def test_a_geometry_holds_no_more_than_the_disk(size: int) -> None:
    cylinders, heads, sectors = vhd.geometry(size)
    assert cylinders * heads * sectors * 512 <= size
    assert 0 < cylinders <= 65535 and 0 < heads <= 16 and sectors in (17, 31, 63, 255)


def test_a_footer_of_another_version_or_kind_is_none() -> None:
    for place, value, reason in ((12, 0x00020000, "unknown version 2"), (60, 7, "unknown disk type 7")):
        footer = bytearray(vhd.make_footer(MIB, bytes(16)))
        footer[place : place + 4] = struct.pack(">I", value)
        footer[64:68] = struct.pack(">I", vhd.checksum_of(footer))
        with pytest.raises(vhd.BadFooter, match=reason):
            vhd.read_footer(bytes(footer))


# -- pages --------------------------------------------------------------------------------------------------------

PIECES = st.lists(st.tuples(st.integers(0, 6 * PAGE), st.integers(1, PAGE)), max_size=4)


@settings(max_examples=25, deadline=None)
@given(PIECES, st.integers(1, 8 * PAGE))
def test_no_page_with_content_is_left_out(tmp_path_factory: pytest.TempPathFactory, pieces: list, size: int) -> None:
    path = tmp_path_factory.mktemp("sparse") / "file"
    with path.open("w+b") as stream:
        stream.truncate(size)
        for offset, length in pieces:
            stream.seek(min(offset, size - 1))
            stream.write(b"x" * min(length, size - min(offset, size - 1)))
        stream.flush()
        found = list(occupied(stream.fileno(), size))
        content = path.read_bytes()
        wanted = [at for at in range(0, size, PAGE) if content[at : at + PAGE].strip(b"\0")]
        assert set(wanted) <= set(found)
        assert found == sorted(set(found))
        # A copy without holes is the same file.
        copy = path.with_name("copy")
        copy.write_bytes(content)
        with copy.open("rb") as dense:
            assert digest(dense.fileno(), size) == digest(stream.fileno(), size)
            if content.strip(b"\0"):
                place = next(at for at, byte in enumerate(content) if byte)
                copy.write_bytes(content[:place] + b"y" + content[place + 1 :])
                assert digest(dense.fileno(), size) != digest(stream.fileno(), size)


# -- kinds --------------------------------------------------------------------------------------------------------


def qcow2(version: int = 3, backing: int = 0, encryption: int = 0, incompatible: int = 0) -> bytes:
    header = bytearray(104)
    header[:4] = b"QFI\xfb"
    struct.pack_into(">IQ", header, 4, version, backing)
    struct.pack_into(">QI", header, 24, 30 * MIB + 512, encryption)
    struct.pack_into(">Q", header, 72, incompatible)
    return bytes(header)


@pytest.mark.parametrize(
    ("name", "content", "kind", "size"),
    [
        ("a.qcow2", qcow2(), "qcow2", 31 * MIB),
        ("a.img", qcow2(version=2, incompatible=4), "qcow2", 31 * MIB),
        ("a.vhdx", b"vhdxfile" + bytes(1024), "VHDX", None),
        ("a.vhd", bytes(2 * MIB) + vhd.make_footer(2 * MIB, bytes(16)), "fixed VHD", 2 * MIB),
        ("a", bytes(2 * MIB) + vhd.make_footer(2 * MIB, bytes(16)), "fixed VHD", 2 * MIB),
        ("a.img", bytes(510) + b"\x55\xaa" + bytes(1024), "raw", MIB),
    ],
)
def test_kinds_are_recognised_by_their_content(
    tmp_path: Path, name: str, content: bytes, kind: str, size: int | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = inspect(str(path))
    assert (found.format, found.disk_size) == (kind, size)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a", qcow2(backing=1), "backing or external data file"),
        ("a", qcow2(incompatible=4), "backing or external data file"),
        ("a", qcow2(encryption=2), "encrypted qcow2"),
        ("a", qcow2()[:50], "incomplete header"),
        ("a", b"KDMV" + bytes(508), "a VMDK"),
        ("a", bytes(0x8001) + b"CD001" + bytes(600), "installation medium"),
        ("a", b"", "is neither a VHD, VHDX or qcow2"),
        ("a", bytes(510) + b"\x55\xaa" + b"x", "multiples of 512 bytes"),
        ("a.vhd", bytes(1024), "footer, the last 512 bytes, is missing"),
        ("a.vhd", bytes(MIB) + vhd.make_footer(2 * MIB, bytes(16)), "its footer requires 2097664"),
        ("a.vhd", bytes(MIB + 512) + vhd.make_footer(MIB + 512, bytes(16)), "a multiple of 1 MiB"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=message):
        inspect(str(path))


@settings(max_examples=200)
@given(st.binary(max_size=2048))
def test_any_content_is_a_disk_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    try:
        assert inspect(str(path)).disk_size is not None or content.startswith(b"vhdxfile")
    except InvalidInput as refusal:
        assert str(path) in refusal.message


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, message in (("pipe", "not a regular file"), ("loop", "cannot be opened"), ("absent", "does not exist")):
        with pytest.raises(InvalidInput, match=message):
            inspect(str(tmp_path / name))


# -- plans --------------------------------------------------------------------------------------------------------

IMAGE = parse(IMAGE_ID)
FILE = ImageFile("/images/disk.qcow2", "qcow2", "sha256:" + "ab" * 32, 64 * MIB, (1, 2, 3))
REQUEST = CaptureRequest(
    source=LocalFile("/images/disk.qcow2"),
    image=IMAGE,
    os_type="Linux",
    location="westeurope",
    upload_disk=upload_disk_id(IMAGE),
    work_directory="/images",
)
STATES = ("ReadyToUpload", "ActiveUpload", "Unattached", "ActiveSAS", "Attached", "Reserved")


def upload(state: str = "ReadyToUpload", content: str = FILE.digest, target: str = IMAGE_ID, **more: str) -> dict:
    return {
        "id": str(REQUEST.upload_disk),
        "tags": {MADE_FOR: image_mark(target), provenance.OTHER_SOURCE_TAG: content},
        "properties": {"diskState": state, "provisioningState": "Succeeded", **more},
    }


def actions(disk: dict | None, made: dict | None = None) -> list[str]:
    return [step.action.name for step in planned(REQUEST, CaptureState(disk, made, file=FILE)).steps]


@pytest.mark.parametrize(
    ("disk", "before"),
    [
        (None, ["create_disk", "upload_file", "revoke_access"]),
        (upload(provisioningState="Failed"), ["create_disk", "upload_file", "revoke_access"]),
        (upload(provisioningState="Updating"), ["wait_for_disk", "upload_file", "revoke_access"]),
        (upload("ReadyToUpload"), ["upload_file", "revoke_access"]),
        (upload("ActiveUpload"), ["end_access", "upload_file", "revoke_access"]),
        (upload("Unattached"), []),
    ],
)
def test_an_upload_goes_on_from_where_it_is(disk: dict | None, before: list[str]) -> None:
    assert actions(disk) == [*before, "create_image", "delete_disk"]


def test_what_is_left_of_an_upload_is_deleted_once_the_image_is_there() -> None:
    made = {**image(), "tags": {provenance.OTHER_SOURCE_TAG: FILE.digest}}
    assert actions(None, made) == []
    assert actions(upload("Unattached"), made) == ["delete_disk"]
    assert actions(upload("Unattached", content="sha256:other"), made) == []


@given(st.sampled_from(STATES), st.booleans(), st.booleans(), st.booleans())
def test_a_disk_of_something_else_is_never_touched(state: str, content: bool, target: bool, made: bool) -> None:
    disk = upload(state, **({} if content else {"content": "other"}), **({} if target else {"target": "other"}))
    found = {**image(), "tags": {provenance.OTHER_SOURCE_TAG: FILE.digest}} if made else None
    plan = planned(REQUEST, CaptureState(disk, found, file=FILE))
    touched = [step for step in plan.steps if step.resource == REQUEST.upload_disk]
    if not (content and target):
        assert touched == []
        assert made or [blocker.code for blocker in plan.blockers] == ["disk_of_something_else"]
    elif not made and state in STATES[3:]:
        assert [blocker.code for blocker in plan.blockers] == ["upload_disk_in_use"]
    else:
        assert touched[-1].action.name == "delete_disk"


@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_a_lock_that_keeps_the_disk_is_known_before_it_is_made(level: str) -> None:
    locks = [lock(level)]
    found = planned(REQUEST, CaptureState(None, file=FILE, locks=locks)).blockers
    assert "locked" in [blocker.code for blocker in found]
    assert any(REQUEST.upload_disk.label in blocker.message for blocker in found)
    # Where there is nothing to do there is nothing to delete.
    made = {**image(), "tags": {provenance.OTHER_SOURCE_TAG: FILE.digest}}
    assert not planned(REQUEST, CaptureState(None, made, file=FILE, locks=locks)).blockers


def test_the_plan_shows_no_duration_nor_secret() -> None:
    plan = planned(REQUEST, CaptureState(None, file=FILE)).as_dict()
    (granting,) = [step for step in plan["steps"] if step["action"] == "upload_file"]
    assert granting["write"]["body"] == {"access": "Write"}
    assert set(granting) == {"action", "resource_id", "description", "write"}


def test_what_is_in_the_way_of_uploading_counts_only_where_it_is_needed() -> None:
    state = CaptureState(None, file=FILE, file_obstacle="There is no qemu-img; install it.")
    assert [blocker.code for blocker in planned(REQUEST, state).blockers] == ["upload_not_possible"]
    made = {**image(), "tags": {provenance.OTHER_SOURCE_TAG: FILE.digest}}
    assert not planned(REQUEST, replace(state, image=made)).blockers


@pytest.mark.parametrize("size", [19 * MIB, 33 * MIB * MIB])
def test_sizes_that_azure_does_not_take_are_blocked(size: int) -> None:
    plan = planned(REQUEST, CaptureState(None, file=replace(FILE, disk_size=size)))
    assert [blocker.code for blocker in plan.blockers] == ["disk_size_not_supported"]
