# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Azure clouds: the public and the sovereign clouds by name, other clouds by the URL of their metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable
from urllib.parse import urlsplit

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput

METADATA_API_VERSION = "2022-09-01"


@dataclass(frozen=True)
class Cloud:
    """The endpoints of a cloud."""

    name: str
    #: Azure Resource Manager, without a slash at its end.
    resource_manager: str
    #: The identity service's authority, without a slash at its end.
    authority: str
    #: The audience of tokens for Resource Manager.
    audience: str
    #: Whether Microsoft's instance discovery knows the identity service.
    known: bool = True
    #: The audience of federated tokens:
    #: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
    federation_audience: str = "api://AzureADTokenExchange"
    #: The end of the host names of storage accounts, without a dot at its beginning; empty if it is unknown.
    storage_suffix: str = ""

    @property
    def scope(self) -> str:
        """The scope of a token for Resource Manager."""
        return self.audience.rstrip("/") + "/.default"


# Names as in the Azure CLI and in azure.azcollection; endpoints from
# https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and
# https://learn.microsoft.com/azure/china/resources-developer-guide
_CLOUDS = {
    cloud.name.lower(): cloud
    for cloud in (
        Cloud(
            "AzureCloud",
            "https://management.azure.com",
            "https://login.microsoftonline.com",
            "https://management.azure.com",
            storage_suffix="core.windows.net",
        ),
        Cloud(
            "AzureUSGovernment",
            "https://management.usgovcloudapi.net",
            "https://login.microsoftonline.us",
            "https://management.usgovcloudapi.net",
            federation_audience="api://AzureADTokenExchangeUSGov",
            storage_suffix="core.usgovcloudapi.net",
        ),
        Cloud(
            "AzureChinaCloud",
            "https://management.chinacloudapi.cn",
            "https://login.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
            federation_audience="api://AzureADTokenExchangeChina",
            storage_suffix="core.chinacloudapi.cn",
        ),
    )
}


def find_cloud(name_or_url: str, read_metadata: Callable[[str], Any]) -> Cloud:
    """Find the cloud of ``cloud_environment``.

    :param name_or_url: the name of a cloud, or the URL of its metadata endpoint.
    :param read_metadata: fetches a URL and returns its JSON; called for URLs only.
    :raises InvalidInput: for an unknown name, and for a URL without metadata of a cloud.
    """
    known = _CLOUDS.get(name_or_url.lower())
    if known:
        return known
    if "@" in urlsplit(name_or_url).netloc:
        raise InvalidInput(
            "Option 'cloud_environment' is a URL that contains a user or a password; remove them.",
            code="cloud_address_with_user",
        )
    if not name_or_url.lower().startswith("https://"):
        raise InvalidInput(
            f"Option 'cloud_environment' is '{name_or_url}': set {', '.join(cloud.name for cloud in _CLOUDS.values())} "
            "or the https:// URL of the cloud's metadata."
        )
    origin = name_or_url.split("/metadata/", maxsplit=1)[0].rstrip("/")
    return _from_metadata(origin, read_metadata(f"{origin}/metadata/endpoints?api-version={METADATA_API_VERSION}"))


def _from_metadata(origin: str, metadata: Any) -> Cloud:
    # Newer clouds return an object, older ones a list of them.
    entry = metadata[0] if isinstance(metadata, list) and metadata else metadata
    try:
        authentication = entry["authentication"]
        return Cloud(
            name=str(entry.get("name") or origin),
            resource_manager=str(entry.get("resourceManager") or origin).rstrip("/"),
            authority=str(authentication["loginEndpoint"]).rstrip("/"),
            audience=str(authentication["audiences"][0]).rstrip("/"),
            known=False,
            storage_suffix=str((entry.get("suffixes") or {}).get("storage") or "").strip("."),
        )
    except (AttributeError, IndexError, KeyError, TypeError):
        raise InvalidInput(
            f"'{origin}', set as 'cloud_environment', does not describe a cloud: its metadata lacks the login "
            "endpoint or the audience."
        ) from None
