# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Clients for blobs: of disks, by URLs with a signature, and of storage accounts, with a token of the signed-in identity."""

from __future__ import annotations

from typing import Any, Callable
from urllib.parse import urlsplit

from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import translated
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import storage

#: The scope of tokens for storage accounts, the same in all clouds:
#: https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
STORAGE_SCOPE = "https://storage.azure.com/.default"
# Network outages of less than ten minutes are retried while data is transferred.
_RETRY_SECONDS = 5
_RETRIES = 120
# Without data in transfer, an account that cannot be reached is reported after a few seconds.
_FEW_RETRIES = 3
_PUBLIC_SUFFIX = "core.windows.net"
#: Accounts with DNS zone endpoints: https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints
_ZONE_SUFFIX = ".blob.storage.azure.net"


class StorageClients:
    """Creates clients; each has its own transport, and is closed by its user.

    :param transport: creates a transport.
    :param credential: creates the credential for storage accounts.
    :param suffix: the end of the host names of the cloud's storage accounts; empty if it is unknown.
    :param identity: the signed-in identity, for messages.
    """

    def __init__(self, transport: Callable[[], Any], credential: Callable[[], Any], suffix: str, identity: str) -> None:
        self._transport = transport
        self._create_credential = credential
        self._credential: Any = None
        self._identity = identity
        self.suffix = suffix

    def is_account(self, url: str) -> bool:
        """Whether a URL is one of a storage account of this cloud: a token must not be sent to another host."""
        host = (urlsplit(url).hostname or "").lower()
        zone = self.suffix == _PUBLIC_SUFFIX and host.endswith(_ZONE_SUFFIX)
        return zone or (bool(self.suffix) and host.endswith(f".blob.{self.suffix}"))

    def signed_blob(self, url: str) -> Any:
        """A client for the blob at a URL that contains a signature.

        :raises Failure: if azure-storage-blob is not installed.
        """
        return storage().BlobClient.from_blob_url(url, **self._options(_RETRIES))

    def blob(self, url: str, patient: bool = False) -> Any:
        """A client for a blob of a storage account, with a token.

        :param url: of an account for which :meth:`is_account` is true.
        :param patient: whether network outages of some minutes are retried.
        :raises Failure: if azure-storage-blob is not installed, or the sign-in fails.
        """
        options = self._options(_RETRIES if patient else _FEW_RETRIES)
        return storage().BlobClient.from_blob_url(url, credential=self._signed_in(), **options)

    def container(self, url: str) -> Any:
        """A client for the container of a blob, see :meth:`blob`."""
        place = urlsplit(url)
        name = place.path.lstrip("/").partition("/")[0]
        address = f"{place.scheme}://{place.netloc}/{name}"
        return storage().ContainerClient.from_container_url(
            address, credential=self._signed_in(), **self._options(_FEW_RETRIES)
        )

    def _signed_in(self) -> Any:
        if self._credential is None:
            credential = self._create_credential()
            # In the SDK's pipeline its errors would be mixed up with those of storage.
            with translated(f"Signing in {self._identity} for storage accounts"):
                credential.get_token(STORAGE_SCOPE)
            self._credential = credential
        return self._credential

    def _options(self, attempts: int) -> dict[str, Any]:
        # The transport ends these retries at the time limit of the task.
        kinds = ("retry_total", "retry_connect", "retry_read", "retry_status")
        retries = storage().LinearRetry(backoff=_RETRY_SECONDS, **dict.fromkeys(kinds, attempts))
        return {"transport": self._transport(), "retry_policy": retries}
