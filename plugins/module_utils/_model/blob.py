# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A VHD in a storage account, identified by its URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput, without_secrets
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId

#: Options that contain blob URLs.
_ADDRESSES = ("source_blob", "blob", "cloud_environment")


@dataclass(frozen=True)
class Blob:
    """A page blob that contains a fixed VHD."""

    #: Without a query, which may contain a signature.
    uri: str
    #: Its storage account, which galleries require.
    storage_account: ResourceId | None = None

    #: Distinguishes it from ARM ids.
    resource_type = "blob"

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"blob '{self.uri}'"

    def __str__(self) -> str:
        return self.uri


def read_blob(option: str, text: str, storage_account: ResourceId | None = None) -> Blob:
    """Read the URL of a blob.

    :param option: the option's name, for the message.
    :raises InvalidInput: for anything other than an https URL of a blob without a signature; the message does not contain it.
    """
    try:
        address = urlsplit(text.strip())
    except ValueError as error:
        # Brackets without an IPv6 address.
        raise InvalidInput(f"Option '{option}' is not a valid blob URL: check it.") from error
    if address.query or address.fragment or "@" in address.netloc:
        raise InvalidInput(
            f"Option '{option}' contains a SAS token or another query, which would expose a secret in plans and "
            "results: set the blob's URL without a query, and grant the signed-in identity read access to the blob."
        )
    if address.scheme != "https" or not address.netloc or address.path.count("/") < 2:
        raise InvalidInput(
            f"Option '{option}' is not a valid blob URL: set one such as "
            "https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME.vhd."
        )
    return Blob(text.strip(), storage_account)


def without_signatures(options: Any) -> Any:
    """Options without signatures: a URL that is refused for its signature must not be returned in the result."""
    if isinstance(options, dict):
        return {
            name: without_secrets(value.partition("?")[0])
            if name in _ADDRESSES and isinstance(value, str)
            else without_signatures(value)
            for name, value in options.items()
        }
    return [without_signatures(item) for item in options] if isinstance(options, list) else options


def account_name(uri: str) -> str:
    """The storage account in the URL of a blob: the first part of its host."""
    return (urlsplit(uri).hostname or "").split(".")[0]
