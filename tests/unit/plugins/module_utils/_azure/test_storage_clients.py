# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""To which hosts a token for storage may be sent."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import find_cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.storage_clients import StorageClients


@pytest.mark.parametrize(
    ("cloud", "host", "good"),
    [
        ("AzureCloud", "a.blob.core.windows.net", True),
        ("AzureCloud", "A.BLOB.core.windows.net", True),
        ("AzureCloud", "a.z12.blob.storage.azure.net", True),
        ("AzureCloud", "a.blob.core.windows.net.example.com", False),
        ("AzureCloud", "ablob.core.windows.net", False),
        ("AzureCloud", "a.file.core.windows.net", False),
        ("AzureCloud", "a.blob.core.chinacloudapi.cn", False),
        ("AzureChinaCloud", "a.blob.core.chinacloudapi.cn", True),
        ("AzureChinaCloud", "a.z12.blob.storage.azure.net", False),
        ("AzureUSGovernment", "a.blob.core.usgovcloudapi.net", True),
    ],
)
def test_a_token_is_for_the_accounts_of_the_cloud(cloud: str, host: str, good: bool) -> None:
    suffix = find_cloud(cloud, lambda url: None).storage_suffix
    clients = StorageClients(lambda: None, lambda: None, suffix, "the identity")
    assert clients.is_account(f"https://{host}/vhds/web.vhd") is good


@pytest.mark.parametrize(("suffixes", "good"), [({"storage": "stack.local"}, True), ({}, False), (None, False)])
def test_the_suffix_of_another_cloud_is_that_of_its_metadata(suffixes: object, good: bool) -> None:
    metadata = {
        "authentication": {"loginEndpoint": "https://login", "audiences": ["https://arm"]},
        "suffixes": suffixes,
    }
    suffix = find_cloud("https://arm.stack.local", lambda url: metadata).storage_suffix
    clients = StorageClients(lambda: None, lambda: None, suffix, "the identity")
    assert clients.is_account("https://a.blob.stack.local/vhds/web.vhd") is good
