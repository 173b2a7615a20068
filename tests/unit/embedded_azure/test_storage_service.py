# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage accounts as the SDK sees them, through the proxy: what they hold, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.identity import ClientSecretCredential
from azure.storage.blob import BlobClient, ContainerClient, generate_blob_sas

from embedded_azure import DrivenClock, EmbeddedAzure

ACCOUNTS = [
    {
        "name": "store",
        "group": "golden",
        "containers": {"vhds": {}, "open": {"public_access": "blob"}, "worm": {"legal_hold": True}},
    },
    {"name": "blocks", "group": "golden", "kind": "BlockBlobStorage", "containers": {"vhds": {}}},
    {"name": "pages", "group": "golden", "sku": "Premium_LRS", "containers": {"vhds": {}}},
]
MIB = 1024 * 1024


class Storage:
    """Clients for the accounts of an embedded Azure."""

    def __init__(self, azure: EmbeddedAzure) -> None:
        self.azure = azure
        settings = azure.settings
        self.credential = ClientSecretCredential(
            settings.tenant,
            settings.client,
            settings.secret,
            authority=azure.url,
            disable_instance_discovery=True,
            connection_verify=str(azure.certificate_authority),
        )
        self.options: dict[str, Any] = {
            "connection_verify": str(azure.certificate_authority),
            "proxies": {"https": azure.proxy_url},
            "retry_total": 0,
        }

    def blob(
        self, name: str = "web", container: str = "vhds", account: str = "store", credential: Any = None
    ) -> BlobClient:
        """A client; with a token, or with a SAS."""
        url = f"https://{account}.blob.core.windows.net/{container}/{name}"
        return BlobClient.from_blob_url(url, credential=credential or self.credential, **self.options)

    def container(self, name: str) -> ContainerClient:
        """A client."""
        url = f"https://store.blob.core.windows.net/{name}"
        return ContainerClient.from_container_url(url, credential=self.credential, **self.options)


@pytest.fixture(scope="module")
def started() -> Iterator[EmbeddedAzure]:
    with EmbeddedAzure(clock=DrivenClock()) as azure:
        yield azure


@pytest.fixture
def storage(started: EmbeddedAzure) -> Storage:
    started.reset()
    started.settings.rights = None
    started.seed({"groups": {"golden": "westeurope"}, "storage_accounts": ACCOUNTS})
    return Storage(started)


def refusal(call: Any, *arguments: Any, **options: Any) -> tuple[int, str]:
    """How a request is refused: status and code."""
    with pytest.raises(HttpResponseError) as caught:
        call(*arguments, **options)
    code = caught.value.error_code
    return caught.value.status_code, getattr(code, "value", code)


def test_a_page_blob_has_the_ranges_that_were_written(storage: Storage) -> None:
    blob = storage.blob()
    blob.create_page_blob(16 * MIB, metadata={"made_of": "x"})
    blob.upload_page(b"a" * 1024, offset=4096, length=1024)
    blob.upload_page(b"b" * 512, offset=5120, length=512)
    blob.upload_page(b"c" * 512, offset=8 * MIB, length=512)
    blob.clear_page(offset=4608, length=512)
    found = [(page.start, page.end) for page in blob.list_page_ranges()]
    assert found == [(4096, 4607), (5120, 5631), (8 * MIB, 8 * MIB + 511)]
    assert blob.download_blob(4096, 2048, validate_content=True).readall() == b"a" * 512 + bytes(
        512
    ) + b"b" * 512 + bytes(512)
    before = blob.get_blob_properties()
    assert (before.size, before.metadata, before.blob_type) == (16 * MIB, {"made_of": "x"}, "PageBlob")
    blob.resize_blob(8 * MIB)
    after = blob.get_blob_properties()
    assert (after.size, after.metadata) == (8 * MIB, {"made_of": "x"})
    assert after.etag != before.etag
    assert len(list(blob.list_page_ranges())) == 2


@pytest.mark.parametrize(("offset", "length"), [(100, 512), (0, 100), (MIB, 512)])
def test_pages_are_whole_sectors_within_the_blob(storage: Storage, offset: int, length: int) -> None:
    blob = storage.blob()
    blob.create_page_blob(MIB)
    url = f"{blob.url}?comp=page"
    token = storage.credential.get_token("https://storage.azure.com/.default").token
    headers = {"Authorization": f"Bearer {token}", "x-ms-version": "2021-12-02", "x-ms-page-write": "update"}
    answer = requests.put(
        url,
        bytes(length),
        headers={**headers, "x-ms-range": f"bytes={offset}-{offset + length - 1}"},
        proxies=storage.options["proxies"],
        verify=storage.options["connection_verify"],
        timeout=10,
    )
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (416, "InvalidPageRange")
    assert "<Code>InvalidPageRange</Code>" in answer.text


def test_an_append_blob_grows_block_by_block(storage: Storage) -> None:
    blob = storage.blob("log")
    blob.create_append_blob()
    assert blob.append_block(b"one")["blob_append_offset"] == "0"
    assert blob.append_block(b"two", appendpos_condition=3)["blob_append_offset"] == "3"
    assert refusal(blob.append_block, b"x", appendpos_condition=3) == (412, "AppendPositionConditionNotMet")
    assert refusal(blob.upload_page, bytes(512), offset=0, length=512) == (409, "InvalidBlobType")
    found = blob.get_blob_properties()
    assert (found.blob_type, found.size, found.append_blob_committed_block_count) == ("AppendBlob", 6, 2)
    assert blob.download_blob().readall() == b"onetwo"
    assert blob.download_blob(2, 2).readall() == b"et"
    # Made again, it is empty.
    blob.create_append_blob()
    assert blob.get_blob_properties().size == 0


def test_a_block_is_as_large_as_its_version_allows(storage: Storage) -> None:
    storage.blob("log").create_append_blob()
    old = BlobClient.from_blob_url(
        storage.blob("log").url, credential=storage.credential, api_version="2021-12-02", **storage.options
    )
    assert refusal(old.append_block, bytes(4 * MIB + 1)) == (413, "RequestBodyTooLarge")
    storage.blob("log").append_block(bytes(4 * MIB + 1))


def test_what_is_not_there(storage: Storage) -> None:
    assert refusal(storage.blob().get_blob_properties) == (404, "BlobNotFound")
    assert refusal(storage.blob(container="absent").create_append_blob) == (404, "ContainerNotFound")
    assert refusal(storage.container("absent").get_container_properties) == (404, "ContainerNotFound")
    assert refusal(storage.blob().delete_blob) == (404, "BlobNotFound")
    with pytest.raises(ServiceRequestError):
        storage.blob(account="nowhere").get_blob_properties()


def test_kinds_of_accounts_take_their_types_of_blobs(storage: Storage) -> None:
    assert refusal(storage.blob(account="blocks").create_page_blob, 512) == (400, "BlobTypeNotSupported")
    assert refusal(storage.blob(account="pages").create_append_blob) == (400, "BlobTypeNotSupported")
    storage.blob(account="blocks").create_append_blob()
    storage.blob(account="pages").create_page_blob(512)


def test_an_immutable_container_takes_a_blob_once(storage: Storage) -> None:
    found = storage.container("worm").get_container_properties()
    assert (found.has_legal_hold, found.has_immutability_policy, found.public_access) == (True, False, None)
    blob = storage.blob(container="worm")
    blob.create_page_blob(512)
    assert refusal(blob.create_page_blob, 512) == (409, "BlobImmutableDueToPolicy")
    assert refusal(blob.upload_page, bytes(512), offset=0, length=512) == (409, "BlobImmutableDueToPolicy")
    assert refusal(blob.delete_blob) == (409, "BlobImmutableDueToPolicy")


def test_conditions(storage: Storage) -> None:
    blob = storage.blob()
    first = blob.create_page_blob(512)["etag"]
    options = {"headers": {"If-None-Match": "*"}}
    assert refusal(blob.create_page_blob, 512, **options) == (409, "BlobAlreadyExists")
    blob.set_blob_metadata({"a": "b"})
    assert refusal(blob.create_page_blob, 512, headers={"If-Match": first}) == (412, "ConditionNotMet")


# -- who may ------------------------------------------------------------------------------------------------------


def test_a_token_for_something_else_is_refused(storage: Storage) -> None:
    class Other:
        @staticmethod
        def get_token(*scopes: str, **options: Any) -> Any:
            return storage.credential.get_token(f"{storage.azure.url}/.default")

    assert refusal(storage.blob(credential=Other()).get_blob_properties)[0] == 401


def test_without_signing_in_only_what_is_public_is_read(storage: Storage) -> None:
    for name in ("open", "vhds"):
        storage.blob(container=name).upload_blob(b"text")
    proxies, verify = storage.options["proxies"], storage.options["connection_verify"]
    assert (
        requests.get(storage.blob(container="open").url, proxies=proxies, verify=verify, timeout=10).content == b"text"
    )
    answer = requests.get(storage.blob().url, proxies=proxies, verify=verify, timeout=10)
    assert answer.status_code == 401 and "storage.azure.com" in answer.headers["WWW-Authenticate"]


def test_data_actions_are_asked_for(storage: Storage) -> None:
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    scope = f"/subscriptions/{storage.azure.settings.subscription}/resourceGroups/golden"
    owner = {"scope": "/", "actions": ["*"]}
    storage.azure.settings.rights = [owner]
    assert refusal(storage.blob().create_append_blob) == (403, "AuthorizationPermissionMismatch")
    storage.azure.settings.rights = [owner, {"scope": scope, "data_actions": [f"{blobs}/read"]}]
    assert refusal(storage.blob().get_blob_properties) == (404, "BlobNotFound")
    assert refusal(storage.blob().create_append_blob) == (403, "AuthorizationPermissionMismatch")
    storage.azure.settings.rights = [owner, {"scope": scope, "data_actions": [f"{blobs}/write"]}]
    storage.blob().create_append_blob()
    assert refusal(storage.blob().delete_blob) == (403, "AuthorizationPermissionMismatch")


def test_a_sas_is_good_for_its_blob_for_a_while_and_for_what_it_permits(storage: Storage) -> None:
    accounts = storage.azure.cloud.accounts
    url = accounts.sas("store", "vhds", "log", "racw", 600)
    blob = BlobClient.from_blob_url(url, **storage.options)
    blob.create_append_blob()
    blob.append_block(b"text")
    reader = BlobClient.from_blob_url(accounts.sas("store", "vhds", "log", "r", 600), **storage.options)
    assert reader.download_blob().readall() == b"text"
    assert refusal(reader.append_block, b"more") == (403, "AuthorizationPermissionMismatch")
    other = BlobClient.from_blob_url(url.replace("/log?", "/other?"), **storage.options)
    assert refusal(other.create_append_blob) == (403, "AuthenticationFailed")
    storage.azure.clock.advance(601)
    assert refusal(blob.append_block, b"late") == (403, "AuthenticationFailed")
    told = str([entry.as_line() for entry in storage.azure.requests])
    assert url.rpartition("sig=")[2] not in told and "sig=" in told


def test_a_sas_of_the_owner_of_the_key(storage: Storage) -> None:
    account = storage.azure.cloud.accounts.get("store")
    assert account is not None
    expiry = storage.azure.clock.now() + timedelta(hours=1)
    token = generate_blob_sas("store", "vhds", "log", account_key=account.key, permission="c", expiry=expiry)
    blob = BlobClient.from_blob_url(f"{storage.blob('log').url}?{token}", **storage.options)
    blob.create_append_blob()
    wrong = generate_blob_sas("store", "vhds", "log", account_key="AAAA", permission="c", expiry=expiry)
    stranger = BlobClient.from_blob_url(f"{storage.blob('log').url}?{wrong}", **storage.options)
    assert refusal(stranger.create_append_blob) == (403, "AuthenticationFailed")


# -- copies -------------------------------------------------------------------------------------------------------


def test_a_source_that_cannot_be_read_is_told_with_its_status(storage: Storage) -> None:
    blob = storage.blob()
    blob.create_page_blob(512)
    # Resource Manager, which answers a stranger with 401.
    source = f"{storage.azure.url}/subscriptions"
    found = refusal(blob.upload_pages_from_url, source, offset=0, length=512, source_offset=0)
    assert found == (401, "CannotVerifyCopySource")
    nobody = "https://localhost:1/a/b"
    found = refusal(blob.upload_pages_from_url, nobody, offset=0, length=512, source_offset=0)
    assert found == (500, "CannotVerifyCopySource")


def test_a_seed_with_an_unknown_word(storage: Storage) -> None:
    with pytest.raises(ValueError, match="has no colour"):
        storage.azure.seed({"storage_accounts": [{"name": "x", "group": "golden", "colour": "red"}]})
