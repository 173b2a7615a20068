# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data plane of storage accounts: requests to ACCOUNT.blob.core.windows.net, which the CONNECT proxy leads here.

Containers, page blobs and append blobs as far as the collection and its guests use them. A request is authorized by a token of Entra for
storage (its roles are data actions of the setting `rights`), by a service SAS of a blob, or not at all where a container is public.
Shared keys and lists are not known. Sources: https://learn.microsoft.com/rest/api/storageservices/ with the name of the operation, and
authorize-with-azure-active-directory there.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .cloud import Cloud
from .entra import Entra
from .errors import AzureError
from .rights import allowed, permissions_at
from .storage_accounts import APPEND_BLOB, BLOCK_BLOB, MAX_WRITE, PAGE_BLOB, SUFFIX, Account, Blob, Container
from .storage_errors import StorageError

_AUDIENCE = "https://storage.azure.com"
_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")
_META = "x-ms-meta-"
_SECONDS = 30
# Letters of the permissions of a SAS, one of which an operation takes.
_SAS_LETTERS = {"read": "r", "write": "wc", "add": "aw", "delete": "d"}


@dataclass(frozen=True)
class StorageRequest:
    """A request, as the rules see it."""

    method: str
    account: str
    container: str
    blob: str
    query: Mapping[str, str]
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def operation(self) -> str:
        """What it is about, such as `page` or `container`; empty for the blob itself."""
        return self.query.get("comp") or self.query.get("restype") or ""

    @property
    def version(self) -> str:
        """The version of the service."""
        return self.headers.get("x-ms-version", "")

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata that it sets."""
        return {name[len(_META) :]: value for name, value in self.headers.items() if name.startswith(_META)}


@dataclass(frozen=True)
class StorageResponse:
    """An answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def storage_request(method: str, host: str, target: str, headers: Mapping[str, str], body: bytes) -> StorageRequest:
    """Take a request apart."""
    address = urlsplit(target)
    container, _slash, blob = unquote(address.path).lstrip("/").partition("/")
    return StorageRequest(
        method,
        host.partition(":")[0].lower().removesuffix(SUFFIX),
        container,
        blob,
        dict(parse_qsl(address.query, keep_blank_values=True)),
        {name.lower(): value for name, value in headers.items()},
        body,
    )


class StorageService:
    """Answers requests to storage accounts.

    :param authority: the path of the certificate authority by which sources of copies are trusted.
    """

    def __init__(self, cloud: Cloud, entra: Entra) -> None:
        self._cloud = cloud
        self._entra = entra
        self.authority = ""

    def knows(self, host: str) -> bool:
        """Whether a host is one of the accounts."""
        name = host.partition(":")[0].lower()
        return name.endswith(SUFFIX) and self._cloud.accounts.get(name.removesuffix(SUFFIX)) is not None

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", signed_in: bool = False
    ) -> StorageResponse:
        """Send a request as a guest does, with the URL's SAS or, if it is signed in, with a token of its identity.

        StorageError where it is refused, or the account is not there.
        """
        address = urlsplit(url)
        if not self.knows(address.netloc):
            raise StorageError("NoSuchHost", 0, f"dial tcp: lookup {address.netloc}: no such host")
        token = {"Authorization": f"Bearer {self._entra.application_token(_AUDIENCE)}"} if signed_in else {}
        target = f"{address.path}?{address.query}" if address.query else address.path
        return self.answer(storage_request(method, address.netloc, target, {**headers, **token}, body))

    def answer(self, asked: StorageRequest) -> StorageResponse:
        """Answer one request; it may fetch the source of a copy, and blocks meanwhile. StorageError where it is refused."""
        account = self._cloud.accounts.get(asked.account)
        assert account is not None
        self._authorize(account, asked)
        # Fetched before the lock is taken: the source may be served by the same lock's holder.
        source = self._fetch(asked) if "x-ms-copy-source" in asked.headers else None
        with self._cloud.accounts.lock:
            if not asked.blob:
                return self._of_container(account, asked)
            container = account.container(asked.container)
            if asked.method in ("GET", "HEAD"):
                return self._read(container, asked)
            return self._write(account, container, asked, source)

    # -- who may -----------------------------------------------------------------------------------------------------

    def _authorize(self, account: Account, asked: StorageRequest) -> None:
        if not account.public_network_access:
            raise StorageError("AuthorizationFailure")
        needed = _need(asked)
        if "sig" in asked.query:
            self._check_sas(account, asked, needed)
            return
        if "authorization" not in asked.headers:
            container = account.containers.get(asked.container)
            if container and container.public_access and needed == "read" and asked.blob:
                return
            raise StorageError("NoAuthenticationInformation", **self._challenge())
        try:
            claims = self._entra.check(asked.headers["authorization"])
        except AzureError:
            raise StorageError("InvalidAuthenticationInfo", **self._challenge()) from None
        if str(claims.get("aud")).rstrip("/") not in (_AUDIENCE, f"https://{account.name}{SUFFIX}"):
            raise StorageError("InvalidAuthenticationInfo", **self._challenge())
        assignments = self._cloud.settings.rights
        if assignments is None:
            return
        permissions = permissions_at(assignments, account.container_id(asked.container))
        if not asked.blob:
            good = allowed(permissions, f"{_CONTAINERS}/{'read' if needed == 'read' else 'write'}")
        else:
            words = {"read": ["read"], "write": ["write"], "add": ["add/action", "write"], "delete": ["delete"]}[needed]
            good = any(allowed(permissions, f"{_CONTAINERS}/blobs/{word}", data=True) for word in words)
        if not good:
            raise StorageError("AuthorizationPermissionMismatch")

    def _challenge(self) -> dict[str, str]:
        tenant = self._cloud.settings.tenant
        return {
            "WWW-Authenticate": f"Bearer authorization_uri=https://login.microsoftonline.com/{tenant}/oauth2/authorize "
            f"resource_id={_AUDIENCE}"
        }

    def _check_sas(self, account: Account, asked: StorageRequest, needed: str) -> None:
        """A service SAS of this blob that has not ended and permits this; of the version that the installed SDK makes."""
        from azure.storage.blob import generate_blob_sas  # noqa: PLC0415

        query = asked.query
        again = generate_blob_sas(
            account.name,
            asked.container,
            asked.blob,
            account_key=account.key,
            permission=query.get("sp"),
            expiry=query.get("se"),
            start=query.get("st"),
            protocol=query.get("spr"),
        )
        if dict(parse_qsl(again)).get("sig") != query["sig"]:
            raise StorageError("AuthenticationFailed")
        try:
            expiry = datetime.fromisoformat(query.get("se", "").replace("Z", "+00:00"))
        except ValueError:
            raise StorageError("AuthenticationFailed") from None
        if expiry <= self._cloud.clock.now():
            raise StorageError("AuthenticationFailed")
        if not set(_SAS_LETTERS[needed]) & set(query.get("sp", "")):
            raise StorageError("AuthorizationPermissionMismatch")

    # -- containers --------------------------------------------------------------------------------------------------

    def _of_container(self, account: Account, asked: StorageRequest) -> StorageResponse:
        if asked.operation != "container":
            raise StorageError("InvalidQueryParameterValue")
        if asked.method == "PUT":
            if asked.container in account.containers:
                raise StorageError("ContainerAlreadyExists")
            account.containers[asked.container] = Container(
                public_access=asked.headers.get("x-ms-blob-public-access", "")
            )
            return StorageResponse(201)
        if asked.method not in ("GET", "HEAD"):
            raise StorageError("UnsupportedHttpVerb")
        found = account.container(asked.container)
        headers = {
            "x-ms-has-immutability-policy": str(found.immutability_policy).lower(),
            "x-ms-has-legal-hold": str(found.legal_hold).lower(),
            "x-ms-lease-status": "unlocked",
            "x-ms-lease-state": "available",
            # Only where it is public: Get Container Properties.
            **({"x-ms-blob-public-access": found.public_access} if found.public_access else {}),
        }
        return StorageResponse(200, headers)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read(self, container: Container, asked: StorageRequest) -> StorageResponse:
        blob = container.blobs.get(asked.blob)
        if blob is None:
            raise StorageError("BlobNotFound")
        if asked.operation == "pagelist":
            if blob.kind != PAGE_BLOB:
                raise StorageError("InvalidBlobType")
            ranges = "".join(
                f"<PageRange><Start>{start}</Start><End>{end - 1}</End></PageRange>" for start, end in blob.ranges
            )
            headers = {**_shown(blob), "Content-Type": "application/xml"}
            return StorageResponse(
                200, headers, f'<?xml version="1.0" encoding="utf-8"?><PageList>{ranges}</PageList>'.encode()
            )
        if asked.method == "HEAD":
            return StorageResponse(200, {**_properties(blob), "Content-Length": str(blob.size)})
        wanted = asked.headers.get("x-ms-range") or asked.headers.get("range")
        if not wanted:
            return StorageResponse(200, _properties(blob), blob.read(0, blob.size))
        first, last = _range(wanted, blob.size)
        if first >= blob.size:
            raise StorageError("InvalidRange")
        data = blob.read(first, last + 1 - first)
        headers = {**_properties(blob), "Content-Range": f"bytes {first}-{first + len(data) - 1}/{blob.size}"}
        if asked.headers.get("x-ms-range-get-content-md5", "").lower() == "true":
            if len(data) > MAX_WRITE:
                raise StorageError("InvalidHeaderValue")
            headers["Content-MD5"] = _md5(data)
        return StorageResponse(206, headers, data)

    # -- writing -----------------------------------------------------------------------------------------------------

    def _write(
        self, account: Account, container: Container, asked: StorageRequest, source: bytes | None
    ) -> StorageResponse:
        accounts, blob = self._cloud.accounts, container.blobs.get(asked.blob)
        _check_conditions(asked, blob)
        if asked.method == "DELETE":
            accounts.delete(container, asked.blob)
            return StorageResponse(202)
        if asked.method != "PUT":
            raise StorageError("UnsupportedHttpVerb")
        if asked.operation == "":
            return self._create(account, container, asked)
        if blob is None:
            raise StorageError("BlobNotFound")
        if asked.operation == "page":
            return self._page(container, blob, asked, source)
        if asked.operation == "appendblock":
            position = asked.headers.get("x-ms-blob-condition-appendpos")
            _check_md5(asked)
            offset = accounts.append(container, blob, asked.body, asked.version, int(position) if position else None)
            count = {
                "x-ms-blob-append-offset": str(offset),
                "x-ms-blob-committed-block-count": str(blob.appended_blocks),
            }
            return StorageResponse(201, {**_shown(blob), **count})
        if asked.operation == "properties":
            if "x-ms-blob-content-length" in asked.headers:
                accounts.resize(container, blob, int(asked.headers["x-ms-blob-content-length"]))
            return StorageResponse(200, _shown(blob))
        if asked.operation == "metadata":
            accounts.set_metadata(container, blob, asked.metadata)
            return StorageResponse(200, _shown(blob))
        raise StorageError("InvalidQueryParameterValue")

    def _create(self, account: Account, container: Container, asked: StorageRequest) -> StorageResponse:
        kind = asked.headers.get("x-ms-blob-type", "")
        if kind not in (PAGE_BLOB, APPEND_BLOB, BLOCK_BLOB):
            raise StorageError("MissingRequiredHeader" if not kind else "InvalidHeaderValue")
        size = asked.headers.get("x-ms-blob-content-length", "")
        if kind == PAGE_BLOB and not size.isdigit():
            raise StorageError("MissingRequiredHeader")
        if asked.body and kind != BLOCK_BLOB:
            raise StorageError("InvalidHeaderValue")
        wanted = int(size) if kind == PAGE_BLOB else len(asked.body)
        blob = self._cloud.accounts.create(account, container, asked.blob, kind, wanted, asked.metadata)
        if asked.body:
            blob.write(0, asked.body)
        return StorageResponse(201, _shown(blob))

    def _page(self, container: Container, blob: Blob, asked: StorageRequest, source: bytes | None) -> StorageResponse:
        first, last = _range(asked.headers.get("x-ms-range") or asked.headers.get("range") or "", blob.size)
        clearing = asked.headers.get("x-ms-page-write", "").lower() == "clear"
        data = None if clearing else asked.body if source is None else source
        _check_md5(asked)
        self._cloud.accounts.put_page(container, blob, first, last, data)
        return StorageResponse(201, {**_shown(blob), **({} if data is None else {"Content-MD5": _md5(data)})})

    def _fetch(self, asked: StorageRequest) -> bytes:
        """The part of a source that is copied; as storage does, with no other permission than what the URL holds."""
        source = urlsplit(asked.headers["x-ms-copy-source"])
        headers = {"Range": asked.headers.get("x-ms-source-range", ""), "x-ms-version": asked.version}
        # The certificate is checked as that of any server.
        context = ssl.create_default_context(cafile=self.authority)
        try:
            connection = http.client.HTTPSConnection(source.netloc, timeout=_SECONDS, context=context)
            try:
                connection.request("GET", f"{source.path}?{source.query}", headers=headers)
                answer = connection.getresponse()
                data = answer.read()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            raise StorageError("CannotVerifyCopySource", 500) from None
        if answer.status != 206:
            raise StorageError("CannotVerifyCopySource", answer.status)
        return data


def _need(asked: StorageRequest) -> str:
    if asked.method in ("GET", "HEAD"):
        return "read"
    if asked.method == "DELETE":
        return "delete"
    return "add" if asked.operation == "appendblock" else "write"


def _check_conditions(asked: StorageRequest, blob: Blob | None) -> None:
    """Conditional headers (specifying-conditional-headers-for-blob-service-operations)."""
    if asked.headers.get("if-none-match") == "*" and blob is not None:
        raise StorageError("BlobAlreadyExists")
    wanted = asked.headers.get("if-match")
    if wanted and (blob is None or wanted not in ("*", blob.etag)):
        raise StorageError("ConditionNotMet")


def _check_md5(asked: StorageRequest) -> None:
    wanted = asked.headers.get("content-md5")
    if wanted and wanted != _md5(asked.body):
        raise StorageError("Md5Mismatch")


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _range(text: str, size: int) -> tuple[int, int]:
    found = _RANGE.match(text)
    if found is None:
        raise StorageError("InvalidHeaderValue" if text else "MissingRequiredHeader")
    return int(found[1]), int(found[2]) if found[2] else size - 1


def _shown(blob: Blob) -> dict[str, str]:
    modified = (blob.modified or datetime.now(timezone.utc)).astimezone(timezone.utc)
    return {"ETag": blob.etag, "Last-Modified": format_datetime(modified, usegmt=True)}


def _properties(blob: Blob) -> dict[str, Any]:
    more = {"x-ms-blob-committed-block-count": str(blob.appended_blocks)} if blob.kind == APPEND_BLOB else {}
    return {
        **_shown(blob),
        **{f"{_META}{name}": value for name, value in blob.metadata.items()},
        **more,
        "x-ms-blob-type": blob.kind,
        "x-ms-lease-status": "locked" if blob.leased else "unlocked",
        "x-ms-lease-state": "leased" if blob.leased else "available",
        "Content-Type": "application/octet-stream",
        "Accept-Ranges": "bytes",
    }
