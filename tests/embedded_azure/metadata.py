# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cloud's own description: where login, management and the rest are (/metadata/endpoints)."""

from __future__ import annotations

from typing import Any

PUBLIC_HOSTS = frozenset({"management.azure.com", "management.core.windows.net", "login.microsoftonline.com"})


def endpoints(origin: str, host: str, tenant: str, api_version: str) -> Any:
    """The document for an api-version: 2015-01-01 knows the old names, 2022-09-01 answers one object, others a list."""
    public = host.split(":", maxsplit=1)[0] in PUBLIC_HOSTS
    login = "https://login.microsoftonline.com" if public else origin
    management = "https://management.azure.com" if public else origin
    audiences = (
        [management] if not public else ["https://management.core.windows.net/", "https://management.azure.com/"]
    )
    if api_version.startswith("2015"):
        return {
            "galleryEndpoint": f"{management}/gallery",
            "graphEndpoint": f"{origin}/graph",
            "portalEndpoint": f"{origin}/portal",
            "authentication": {"loginEndpoint": f"{login}/", "audiences": audiences},
        }
    document = {
        "portal": f"{origin}/portal",
        "authentication": {
            "loginEndpoint": login,
            "audiences": audiences,
            "tenant": "common" if public else tenant,
            "identityProvider": "AAD",
        },
        "graphAudience": "https://graph.windows.net/",
        "graph": "https://graph.windows.net/",
        "microsoftGraphResourceId": "https://graph.microsoft.com/",
        "name": "AzureCloud" if public else "EmbeddedAzure",
        "suffixes": {
            "acrLoginServer": "azurecr.io",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "keyVaultDns": "vault.azure.net",
            "sqlServerHostname": "database.windows.net",
            "storage": "core.windows.net",
        },
        "batch": "https://batch.core.windows.net/",
        "resourceManager": f"{management}/",
        "gallery": f"{management}/gallery/",
        "vmImageAliasDoc": f"{origin}/embedded/aliases.json",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "media": "https://rest.media.azure.net",
    }
    return document if api_version >= "2022-09-01" else [document]
