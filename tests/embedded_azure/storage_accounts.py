# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage accounts with their containers, page blobs and append blobs: what they hold, and the rules of their blobs; no HTTP.

The content of a page blob lies in a sparse file; which of its pages were written is kept beside it, as the file system does not tell
that to the page. Rules: https://learn.microsoft.com/rest/api/storageservices/understanding-block-blobs--append-blobs--and-page-blobs
"""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from .clock import Clock
from .storage_errors import StorageError

SUFFIX = ".blob.core.windows.net"
PAGE_BLOB, APPEND_BLOB, BLOCK_BLOB = "PageBlob", "AppendBlob", "BlockBlob"
SECTOR = 512
#: The most of one Put Page, and of one Append Block with versions before 2022-11-02.
MAX_WRITE = 4 * 1024 * 1024
_MAX_APPEND = 100 * 1024 * 1024
_NEWER_APPEND = "2022-11-02"
#: Kinds of accounts -> types of blobs that they take (azure-docs, storage-account-overview.md and Azure/azure-docs#35301).
_PREMIUM = "Premium_"


@dataclass
class Blob:
    """A blob. `metadata` has its names as they were sent."""

    kind: str
    size: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    modified: datetime | None = None
    #: Whether somebody holds a lease on it.
    leased: bool = False
    #: Ranges that were written, sorted and apart from each other.
    ranges: list[tuple[int, int]] = field(default_factory=list)
    appended_blocks: int = 0
    _file: Any = field(default_factory=tempfile.TemporaryFile, repr=False)

    def read(self, offset: int, length: int) -> bytes:
        """Some bytes; zeros where nothing was written."""
        length = max(0, min(length, self.size - offset))
        return os.pread(self._file.fileno(), length, offset).ljust(length, b"\0")

    def write(self, offset: int, data: bytes) -> None:
        """Put bytes in, and remember where."""
        os.pwrite(self._file.fileno(), data, offset)
        self.ranges = _united([*self.ranges, (offset, offset + len(data))])

    def clear(self, offset: int, length: int) -> None:
        """Forget pages."""
        os.pwrite(self._file.fileno(), bytes(length), offset)
        self.ranges = list(_without(self.ranges, offset, offset + length))

    def resize(self, size: int) -> None:
        """Give a page blob another size; what is beyond is gone."""
        os.ftruncate(self._file.fileno(), min(size, self.size))
        self.ranges = [(start, min(end, size)) for start, end in self.ranges if start < size]
        self.size = size


def _united(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(ranges: list[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    for start, end in ranges:
        if start < first:
            yield start, min(end, first)
        if end > last:
            yield max(start, last), end


@dataclass
class Container:
    """A container; `public_access` is blob or container where everybody may read without signing in."""

    public_access: str = ""
    immutability_policy: bool = False
    legal_hold: bool = False
    blobs: dict[str, Blob] = field(default_factory=dict)


@dataclass
class Account:
    """A storage account. `public_network_access`: whether its network rules admit clients."""

    id: str
    name: str
    kind: str = "StorageV2"
    sku: str = "Standard_LRS"
    public_network_access: bool = True
    containers: dict[str, Container] = field(default_factory=dict)
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(64)).decode(), repr=False)

    def takes(self, kind: str) -> bool:
        """Whether it can hold blobs of a type."""
        if self.kind in ("BlockBlobStorage", "BlobStorage"):
            return kind != PAGE_BLOB
        return kind == PAGE_BLOB or not self.sku.startswith(_PREMIUM)

    def container(self, name: str) -> Container:
        """A container; StorageError where there is none."""
        if name not in self.containers:
            raise StorageError("ContainerNotFound")
        return self.containers[name]

    def container_id(self, name: str) -> str:
        """The id by which roles are assigned on a container."""
        return f"{self.id}/blobServices/default/containers/{name}"


class StorageAccounts:
    """All accounts. Writes take turns."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accounts: dict[str, Account] = {}
        self.lock = threading.RLock()

    def __bool__(self) -> bool:
        return bool(self._accounts)

    def clear(self) -> None:
        """Forget all."""
        self._accounts.clear()

    def add(self, id: str, document: dict[str, Any]) -> Account:
        """Add an account as a seed describes it; ValueError for a word that is not known."""
        known = {"kind", "sku", "public_network_access"}
        extra = set(document) - known - {"name", "group", "containers"}
        if extra:
            raise ValueError(f"A storage account has no {', '.join(sorted(extra))}.")
        account = Account(id, str(document["name"]).lower(), **{name: document[name] for name in known & set(document)})
        for name, properties in (document.get("containers") or {}).items():
            self.add_container(account, name, properties or {})
        self._accounts[account.name] = account
        return account

    @staticmethod
    def add_container(account: Account, name: str, properties: dict[str, Any]) -> None:
        """Add a container; its properties are fields of Container."""
        account.containers[name] = Container(**properties)

    def get(self, name: str) -> Account | None:
        """An account by its name."""
        return self._accounts.get(name.lower())

    def blob(self, account: str, container: str, name: str) -> Blob:
        """A blob; StorageError where there is none."""
        found = self._accounts[account].container(container).blobs.get(name)
        if found is None:
            raise StorageError("BlobNotFound")
        return found

    def at(self, url: str) -> Blob | None:
        """The blob of a URL; None if it is not there."""
        address = urlsplit(url)
        container, _slash, name = unquote(address.path).lstrip("/").partition("/")
        account = self.get((address.hostname or "").removesuffix(SUFFIX))
        found = account.containers.get(container) if account else None
        return found.blobs.get(name) if found else None

    # -- writing ----------------------------------------------------------------------------------------------------

    def create(
        self, account: Account, container: Container, name: str, kind: str, size: int, metadata: dict[str, str]
    ) -> Blob:
        """Put Blob: a blob of a type without content, in place of one that is there."""
        if not account.takes(kind):
            words = {
                PAGE_BLOB: "",
                BLOCK_BLOB: "Block blobs are not supported.",
                APPEND_BLOB: "Append blobs are not supported.",
            }
            raise StorageError("BlobTypeNotSupported", message=words[kind])
        if size % SECTOR and kind == PAGE_BLOB:
            raise StorageError("InvalidHeaderValue")
        _check_writable(container, container.blobs.get(name))
        blob = Blob(kind, size, metadata)
        container.blobs[name] = blob
        self._touch(blob)
        return blob

    def put_page(self, container: Container, blob: Blob, first: int, last: int, data: bytes | None) -> None:
        """Put Page: write or, without data, clear whole sectors."""
        _check_writable(container, blob, changing=True)
        if blob.kind != PAGE_BLOB:
            raise StorageError("InvalidBlobType")
        length = last + 1 - first
        if first % SECTOR or length % SECTOR or length <= 0 or (data is not None and len(data) != length):
            raise StorageError("InvalidPageRange")
        if last >= blob.size:
            raise StorageError("InvalidPageRange")
        if data is not None and length > MAX_WRITE:
            raise StorageError("RequestBodyTooLarge")
        if data is None:
            blob.clear(first, length)
        else:
            blob.write(first, data)
        self._touch(blob)

    def append(self, container: Container, blob: Blob, data: bytes, version: str, position: int | None = None) -> int:
        """Append Block; return the offset at which it begins."""
        _check_writable(container, blob, changing=True)
        if blob.kind != APPEND_BLOB:
            raise StorageError("InvalidBlobType")
        if not data:
            raise StorageError("InvalidHeaderValue")
        if len(data) > (_MAX_APPEND if version >= _NEWER_APPEND else MAX_WRITE):
            raise StorageError("RequestBodyTooLarge")
        if position is not None and position != blob.size:
            raise StorageError("AppendPositionConditionNotMet")
        offset = blob.size
        blob.size += len(data)
        blob.write(offset, data)
        blob.appended_blocks += 1
        self._touch(blob)
        return offset

    def resize(self, container: Container, blob: Blob, size: int) -> None:
        """Set Blob Properties with another size."""
        _check_writable(container, blob, changing=True)
        if blob.kind != PAGE_BLOB:
            raise StorageError("InvalidBlobType")
        if size % SECTOR:
            raise StorageError("InvalidHeaderValue")
        blob.resize(size)
        self._touch(blob)

    def set_metadata(self, container: Container, blob: Blob, metadata: dict[str, str]) -> None:
        """Set Blob Metadata replaces all."""
        _check_writable(container, blob, changing=True)
        blob.metadata = metadata
        self._touch(blob)

    def delete(self, container: Container, name: str) -> None:
        """Delete Blob."""
        if name not in container.blobs:
            raise StorageError("BlobNotFound")
        _check_writable(container, container.blobs[name], changing=True)
        del container.blobs[name]

    def _touch(self, blob: Blob) -> None:
        blob.modified = self._clock.now()
        blob.etag = f'"0x8D{secrets.token_hex(6).upper()}"'

    # -- addresses --------------------------------------------------------------------------------------------------

    def sas(self, account: str, container: str, name: str, permissions: str, seconds: float) -> str:
        """The URL of a blob with a service SAS, as the owner of the account's key makes one."""
        # Imported only by those who want it, as it takes time.
        from azure.storage.blob import generate_blob_sas  # noqa: PLC0415

        expiry = self._clock.now() + timedelta(seconds=seconds)
        found = self._accounts[account]
        query = generate_blob_sas(
            account, container, name, account_key=found.key, permission=permissions, expiry=expiry, protocol="https"
        )
        return f"https://{account}{SUFFIX}/{container}/{name}?{query}"


def _check_writable(container: Container, blob: Blob | None, changing: bool = False) -> None:
    """A blob in an immutable container is created once and never changed; one with a lease is for its holder.

    Put Page, which fills a page blob, is a change (https://learn.microsoft.com/azure/storage/blobs/immutable-storage-overview).
    """
    if (container.immutability_policy or container.legal_hold) and (changing or blob is not None):
        raise StorageError("BlobImmutableDueToPolicy")
    if blob is not None and blob.leased:
        raise StorageError("LeaseIdMissing")
