# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of uploads stand on: an embedded Azure with Azurite, and disks that qemu-img makes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE
from ansible_collections.golden.azure.plugins.module_utils._model import vhd
from driven import arm_requests, driven_azure, run_code
from predicted_writes import is_write
from relay import Relay
from repository import ROOT

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

    def begin(self) -> None:
        """Forget what the last test has left."""
        self.relay.reset()
        self.azure.reset()
        self.azure.seed(SEED)
        self.azure.clear_requests()
        self.lines.clear()
        self.storage.addresses.clear()

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


def program() -> Path:
    try:
        return install(ROOT / ".cache" / "azurite")
    except StorageUnavailable as reason:
        pytest.fail(str(reason))


@contextmanager
def upload_cloud(directory: Path, **settings: Any) -> Iterator[Cloud]:
    """One for all tests of a file; nothing in it waits in real time.

    :param settings: of the embedded Azure besides.
    """
    storage = BlobStorage(program(), directory)
    with driven_azure(storage=storage, **settings) as azure, Relay(storage.port) as relay:
        storage.shown_port = relay.port
        yield Cloud(azure, storage, relay)


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


def spoil(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        stream.write(data)
