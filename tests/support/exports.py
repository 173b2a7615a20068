# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of exports stand on: an embedded Azure whose disks, snapshots and versions hold something."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from ansible_collections.golden.azure.plugins.module_utils._export import run as export
from driven import arm_requests, driven_azure, run_code
from predicted_writes import is_write
from relay import Relay
from uploads import program
from version_cases import COMPUTE, DEFINITION, GALLERY, VERSION

from embedded_azure import EmbeddedAzure
from embedded_azure.blob_storage import BlobStorage, vhd_footer

Json = dict[str, Any]
MIB = 1024 * 1024
DISK, SNAPSHOT = f"{COMPUTE}/disks/web", f"{COMPUTE}/snapshots/before"
NAMED = {
    "version": {"gallery": "golden", "definition": "web", "gallery_version": "1.0.0"},
    "disk": {"disk": "web"},
    "snapshot": {"snapshot": "before"},
}
TRUSTED = {"securityProfile": {"securityType": "TrustedLaunch"}}
SOURCES = {"version": VERSION, "disk": DISK, "snapshot": SNAPSHOT}

#: A program that exports with the options of its argument.
CHILD = """
import json, os, sys
sys.path[:0] = json.loads(os.environ["PATHS"])
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification
from ansible_collections.golden.azure.plugins.module_utils._export import run as export
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
options = ArgumentSpecValidator(full_specification(export.OPTIONS)).validate(json.loads(sys.argv[1]))
export.execute(Invocation(options.validated_parameters, False))
"""


def export_seed(**properties: Any) -> Json:
    """A disk, a snapshot of it, and a version of the snapshot; properties are those of the disk."""
    copied = {"creationData": {"createOption": "Copy", "sourceResourceId": DISK}}
    empty = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 1, "osType": "Linux", "hyperVGeneration": "V2"}
    secure = properties.get("securityProfile", {}).get("securityType")
    definition = {
        "osType": "Linux",
        "osState": "Specialized" if secure else "Generalized",
        "hyperVGeneration": "V2",
        "architecture": "x64",
        "features": [{"name": "SecurityType", "value": secure}] if secure else [],
        "identifier": {"publisher": "Example", "offer": "web", "sku": "1"},
    }
    version = {
        "publishingProfile": {"targetRegions": [{"name": "westeurope"}]},
        "storageProfile": {"osDiskImage": {"source": {"id": SNAPSHOT}}},
    }
    rows = (
        (DISK, {**empty, **properties}),
        (SNAPSHOT, copied),
        (GALLERY, {}),
        (DEFINITION, definition),
        (VERSION, version),
    )
    resources = [{"id": id, "location": "westeurope", "properties": each} for id, each in rows]
    return {"groups": {"images": "westeurope", "exports": "westeurope"}, "resources": resources}


@dataclass
class ExportCloud:
    """An embedded Azure with contents, and the network on the way there."""

    azure: EmbeddedAzure
    storage: BlobStorage
    relay: Relay
    #: Offset -> what the disk holds there.
    data: dict[int, bytes]
    container: str
    size: int
    lines: list[str] = field(default_factory=list)

    def begin(self, **properties: Any) -> None:
        """Forget what the last test has left."""
        self.relay.reset()
        self.azure.reset()
        self.azure.seed(export_seed(**properties))
        for id in SOURCES.values():
            self.azure.cloud.store.get(id).private["content"] = self.container
        self.azure.clear_requests()
        self.lines.clear()
        self.storage.addresses.clear()

    def run(self, path: Path, source: str = "version", check: bool = False, **options: Any) -> Json:
        self.azure.clear_requests()
        stated = {"resource_group": "images", **NAMED[source], "path": str(path), **options}
        return run_code(self.azure, export.execute, export.OPTIONS, check, self.lines.append, **stated)

    def writes(self) -> list[tuple[str, str]]:
        return [(entry.method, entry.path) for entry in arm_requests(self.azure) if is_write(entry)]

    def temporary(self) -> list[str]:
        """The disks that an export has made and not removed."""
        return [id for id in self.azure.resources() if "-export-" in id]

    def verify_closed(self, *told: Any) -> None:
        """No disk is left, no address is told anywhere, nor good for anything any more."""
        assert self.temporary() == []
        states = {id: self.azure.resources()[id]["properties"]["diskState"] for id in (DISK, SNAPSHOT)}
        assert set(states.values()) == {"Unattached"}
        text = json.dumps([*told, self.lines]) + json.dumps([entry.as_line() for entry in self.azure.requests])
        for address in self.storage.addresses:
            assert address.rpartition("sig=")[2] not in text
            answer = requests.get(address, verify=str(self.azure.certificate_authority), timeout=10)
            assert answer.status_code == 403

    def verify_file(self, path: Path, exported: Json) -> None:
        """The file is the disk, byte by byte, with as many holes, and its sum is right."""
        assert path.stat().st_size == self.size + 512 == exported["size"]
        assert path.stat().st_blocks * 512 <= sum(len(each) for each in self.data.values()) + 8 * MIB
        assert path.stat().st_mode & 0o077 == 0
        expected = hashlib.sha256()
        with path.open("rb") as stream:
            at = 0
            for offset, data in sorted({**self.data, self.size: vhd_footer(self.size)}.items()):
                gap = stream.read(offset - at)
                assert not gap.strip(b"\0")
                assert stream.read(len(data)) == data, f"differs at {offset}"
                expected.update(gap + data)
                at = offset + len(data)
        assert exported["sha256"] == expected.hexdigest()
        assert json.loads(Path(f"{path}.json").read_text())["sha256"] == exported["sha256"]


@contextmanager
def export_cloud(directory: Path, size: int = 48 * MIB, filled: int = 5) -> Iterator[ExportCloud]:
    """One for all tests of a file; nothing in it waits in real time.

    filled: how many pages of 4 MiB hold something in all their parts.
    """
    storage = BlobStorage(program(), directory)
    with driven_azure(storage=storage) as azure, Relay(storage.port) as relay:
        container = storage.copy(None, size)
        page = 4 * MIB
        data = {number * page: os.urandom(page) for number in range(filled)}
        # Parts of pages: one of a sector, two in one page, one over the border of two pages.
        data[(filled + 1) * page + 8192] = os.urandom(512)
        data[(filled + 2) * page + 4096] = os.urandom(4096)
        data[(filled + 3) * page - 4096] = os.urandom(8192)
        for offset, content in data.items():
            storage.put(container, offset, content)
        # It was written, and holds nothing.
        storage.put(container, (filled + 4) * page, bytes(page))
        storage.shown_port = relay.port
        yield ExportCloud(azure, storage, relay, data, container, size)


class Lines(list[str]):
    """Lines of progress, with each of which something happens."""

    def __init__(self, happens: Callable[[str], None]) -> None:
        super().__init__()
        self._happens = happens

    def append(self, line: str) -> None:
        super().append(line)
        self._happens(line)


def state(cloud: ExportCloud) -> str:
    (disk,) = cloud.temporary()
    return str(cloud.azure.resources()[disk]["properties"]["diskState"])


def finish(cloud: ExportCloud, path: Path, *told: Any, **options: Any) -> Any:
    """The next run completes it, and the one after it has nothing to do."""
    result = cloud.run(path, **options)
    cloud.verify_file(path, result["export"])
    cloud.verify_closed(result, *told)
    again = cloud.run(path, **options)
    assert (again["changed"], cloud.writes()) == (False, [])
    assert not [name for name in os.listdir(path.parent) if name.startswith(".")]
    return result
