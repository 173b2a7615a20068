# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of exports to blobs stand on: storage accounts beside the disks that hold something."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from ansible_collections.golden.azure.plugins.module_utils._export import run as export
from driven import run_code
from exports import NAMED, ExportCloud, Json, export_cloud

from embedded_azure.blob_storage import vhd_footer
from embedded_azure.storage_accounts import Blob

ACCOUNT, CONTAINER = "backups", "vhds"
BLOB = f"https://{ACCOUNT}.blob.core.windows.net/{CONTAINER}/web.vhd"
ACCOUNTS = [
    {"name": ACCOUNT, "group": "exports", "containers": {CONTAINER: {}}},
    {
        "name": "fast",
        "group": "exports",
        "kind": "BlockBlobStorage",
        "sku": "Premium_LRS",
        "containers": {CONTAINER: {}},
    },
    {"name": "pages", "group": "exports", "sku": "Premium_LRS", "containers": {CONTAINER: {}}},
    {"name": "closed", "group": "exports", "public_network_access": False, "containers": {CONTAINER: {}}},
]
CONTAINERS = {
    "open": {"public_access": "blob"},
    "worm": {"immutability_policy": True},
    "held": {"legal_hold": True},
}


class BlobCloud(ExportCloud):
    """An embedded Azure with contents and with storage accounts."""

    def begin(self, **properties: Any) -> None:
        """Forget what the last test has left."""
        super().begin(**properties)
        self.azure.seed({"storage_accounts": ACCOUNTS})
        account = self.azure.cloud.accounts.get(ACCOUNT)
        assert account is not None
        for name, container in CONTAINERS.items():
            self.azure.cloud.accounts.add_container(account, name, container)
        self.azure.clear_requests()

    def copy(self, blob: str = BLOB, source: str = "version", check: bool = False, **options: Any) -> Json:
        """Export to a blob."""
        self.azure.clear_requests()
        stated = {"resource_group": "images", **NAMED[source], "blob": blob, **options}
        return run_code(self.azure, export.execute, export.OPTIONS, check, self.lines.append, **stated)

    def blob(self, name: str = "web.vhd", account: str = ACCOUNT) -> Blob:
        """What lies in the container."""
        return self.azure.cloud.accounts.blob(account, CONTAINER, name)

    def names(self) -> list[str]:
        """The blobs in the container."""
        account = self.azure.cloud.accounts.get(ACCOUNT)
        assert account is not None
        return sorted(account.containers[CONTAINER].blobs)

    def storage_writes(self) -> list[tuple[str, str]]:
        """What was written in storage accounts."""
        return [
            (entry.method, entry.url)
            for entry in self.azure.requests
            if ".blob.core.windows.net" in entry.host and entry.method not in ("GET", "HEAD")
        ]

    def verify_blob(self, exported: Json, account: str = ACCOUNT) -> None:
        """The blob is the disk, byte by byte, and has no more ranges than are needed."""
        blob = self.blob(account=account)
        assert blob.kind == "PageBlob"
        assert blob.size == self.size + 512 == exported["size"]
        held = {**self.data, self.size: vhd_footer(self.size)}
        at = 0
        for offset, data in sorted(held.items()):
            assert not blob.read(at, offset - at).strip(b"\0")
            assert blob.read(offset, len(data)) == data, f"differs at {offset}"
            at = offset + len(data)
        assert sum(end - start for start, end in blob.ranges) <= sum(map(len, held.values())) + 8 * 1024 * 1024
        assert exported["etag"] == blob.etag
        record = json.loads(self.blob("web.vhd.json", account).read(0, 65536))
        assert record["etag"] == blob.etag and record["content"] == exported["content"]
        assert "sig=" not in json.dumps(record)


@contextmanager
def blob_cloud(directory: Path, size: int = 48 * 1024 * 1024, filled: int = 5) -> Iterator[BlobCloud]:
    """One for all tests of a file; nothing in it waits in real time."""
    with (
        export_cloud(directory, size, filled) as running,
        mock.patch.dict(os.environ, running.azure.storage_environment()),
    ):
        yield BlobCloud(running.azure, running.storage, running.relay, running.data, running.container, running.size)


def finish_copy(cloud: BlobCloud, *told: Any, **options: Any) -> Json:
    """The next run completes it, and the one after it has nothing to do."""
    result = cloud.copy(**options)
    cloud.verify_blob(result["export"])
    cloud.verify_closed(result, *told)
    again = cloud.copy(**options)
    assert (again["changed"], cloud.writes(), cloud.storage_writes()) == (False, [], [])
    return result
