# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Azure Resource Manager through the SDK: with storage_clients.py the only file that creates clients. Bodies are plain JSON; URLs
and operations as small objects of this collection."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import refusal, translated
from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import (
    OPERATION_GROUPS,
    PLAIN_TYPES,
    api_version_key_of,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.claims_challenge import has_used_mfa, is_user
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.cloud_metadata import metadata_reader
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import Cloud, find_cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.credentials import (
    create_credential,
    explained,
    find_subscription,
    password_notices,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import (
    CredentialOptions,
    choose_credential_options,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.token_cache import (
    CachedCredential,
    RenewableCredential,
    token_file,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.fitted_writes import fit_body
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import RateLimiter
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import (
    Accepted,
    KeepResponse,
    accepted_of,
    as_json,
    as_response,
    body_of,
    payload_of,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import (
    ARMPipelineClient,
    compute,
    require_sdk,
    rest,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.storage_clients import STORAGE_SCOPE, StorageClients
from ansible_collections.golden.azure.plugins.module_utils._azure.transport import (
    DeadlineTransport,
    SignInTransport,
    arm_policies,
    metadata_policies,
    seconds_of,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import ApiVersions, versions_file
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    NotFound,
    Refused,
    SignInFailed,
    Unreachable,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RESOURCE_GROUP, ResourceId

#: The items of one page of a listing.
Page = list[dict[str, Any]]

#: Codes for a resource that does not exist in an existing group.
ABSENT = ("ResourceNotFound", "NotFound", "ParentResourceNotFound")


class ArmClient:
    """One signed-in connection to Resource Manager.

    Create it in the process that uses it: sessions do not survive a fork.

    :param run_directory: the directory of the run's token cache, if there is one.
    :param api_versions: the API versions that earlier tasks of the run have chosen.
    """

    def __init__(
        self,
        sign_in: CredentialOptions,
        cloud: Cloud,
        deadline: Deadline,
        run_directory: str | None = None,
        api_versions: ApiVersions | None = None,
    ) -> None:
        self.sign_in = sign_in
        self.subscription_id = find_subscription(sign_in, cloud)
        self._cloud = cloud
        self._transport = DeadlineTransport(deadline, sign_in.verify_certificates)
        self._credential = _credential(sign_in, cloud, deadline, run_directory)
        self._auxiliary = {
            tenant: _credential(replace(sign_in, tenant=tenant, auxiliary_tenants=()), cloud, deadline, run_directory)
            for tenant in sign_in.auxiliary_tenants
        }
        #: The data plane of storage accounts.
        self.storage = StorageClients(
            self._unshared,
            lambda: _credential(sign_in, cloud, deadline, run_directory, STORAGE_SCOPE),
            cloud.storage_suffix,
            sign_in.description,
        )
        self._compute: dict[str, Any] = {}
        self._building = threading.Lock()
        #: The API versions that are used; a request that Azure refuses for its version chooses an older one.
        self.api_versions = api_versions or ApiVersions()
        #: The rate limits of Azure; writes wait for them.
        self.rate_limiter = RateLimiter(deadline)
        try:
            with translated(f"Signing in {sign_in.description}"):
                token = self._credential.get_token(cloud.scope).token
        except SignInFailed as failure:
            raise explained(failure, sign_in, cloud) from None
        #: Whether a user has signed in, and has used multi-factor authentication, as far as that is known.
        self.is_user, self.has_used_mfa = is_user(sign_in, token), has_used_mfa(token)
        self._pipeline = ARMPipelineClient(
            base_url=cloud.resource_manager,
            policies=self._policies(modelled=False),
            transport=self._transport,
        )

    @property
    def account(self) -> dict[str, str | None]:
        """The signed-in identity and its subscription."""
        return {
            "subscription_id": self.subscription_id,
            "client_id": self.sign_in.client_id,
            "auth_method": self.sign_in.method,
        }

    def notices(self) -> list[str]:
        """What every task says about its connection: how it has signed in, and the API versions that it has chosen."""
        versions = self.api_versions.notice()
        return [*password_notices(self.sign_in, self._cloud), *([versions] if versions else [])]

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # -- reading ------------------------------------------------------------------------------------------------

    def get(self, resource: ResourceId, **parameters: str) -> dict[str, Any] | None:
        """Read one resource.

        :returns: its JSON, or None if the group exists and the resource does not.
        :raises NotFound: if its resource group does not exist.
        :raises Failure: if it cannot be read.
        """
        try:
            return self.api_versions.negotiated(
                api_version_key_of(resource),
                lambda version: self._read(self._url_of(resource, version, **parameters), f"Reading {resource.label}"),
            )
        except NotFound as missing:
            if missing.code in ABSENT or resource.resource_type == RESOURCE_GROUP:
                return None
            raise

    def list(self, path: str, api_version_key: str, what: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """Read a listing to its last page.

        :param path: the path of the listing, starting with /subscriptions/.
        :param api_version_key: key into API_VERSIONS.
        :param what: for messages, as in "the images of resource group 'images'".
        :param parameters: further parameters of the URL, such as expand, which become $expand and so on.
        :raises Failure: if a page cannot be read; a listing is never incomplete without a failure.
        """
        extra_query = "".join(f"&${name}={value}" for name, value in parameters.items())
        for page in self.pages(path, api_version_key, what, extra_query):
            yield from page

    def pages(self, path: str, api_version_key: str, what: str, extra_query: str = "") -> Iterator[Page]:
        """Read a listing page by page, as :meth:`list` does.

        :param extra_query: further URL parameters, such as "&statusOnly=true".
        """
        operation_label = f"Listing {what}"
        place = f"{self._cloud.resource_manager}{path}"
        page = self.api_versions.negotiated(
            api_version_key,
            lambda version: self._read(f"{place}?api-version={version}{extra_query}", operation_label),
        )
        while True:
            if "value" not in page:
                raise Unreachable(f"Listing {what} failed: Azure returned a page without items; run the task again.")
            yield page["value"] or []
            if not page.get("nextLink"):
                return
            page = self._read(page["nextLink"], operation_label)

    def query(self, path: str, api_version_key: str, question: Mapping[str, Any], what: str) -> dict[str, Any]:
        """Send a POST request that changes nothing, such as a query; it can be retried like a GET request.

        :param path: starting with /providers/ or /subscriptions/.
        :param api_version_key: key into API_VERSIONS.
        :param what: for messages, as in "Listing the images of the subscription".
        """
        place = f"{self._cloud.resource_manager}{path}"

        def send(version: str) -> dict[str, Any]:
            request = rest.HttpRequest("POST", f"{place}?api-version={version}", json=dict(question))
            return body_of(self._send(request, what, retry_on_methods=["POST"]))

        return self.api_versions.negotiated(api_version_key, send)

    def once(self, question: Hashable, query: Callable[[], Any]) -> Any:
        """Send a query; if several captures are read together, identical queries are sent only once."""
        return query()

    def read(self, path: str, api_version_key: str, what: str) -> dict[str, Any]:
        """Read something that is not a resource of a group, such as a subscription.

        :param path: starting with /subscriptions/.
        :param api_version_key: key into API_VERSIONS.
        :param what: for messages, as in "Reading subscription '...'".
        """
        place = f"{self._cloud.resource_manager}{path}"
        return self.api_versions.negotiated(
            api_version_key, lambda version: self._read(f"{place}?api-version={version}", what)
        )

    def poll(self, operation_url: str, what: str) -> tuple[dict[str, Any], float | None]:
        """Poll an operation.

        :returns: the operation's JSON with its status, and the seconds until the next poll.
        :raises NotFound: if the operation is unknown to Azure.
        """
        response = self._send(rest.HttpRequest("GET", operation_url), what)
        body = body_of(response)
        if response.status_code != 202 and not body.get("status"):
            # The response of a Location URL contains no status: any status code other than 202 is the end.
            body = {"status": "Succeeded"}
        return body, seconds_of(response.headers.get("Retry-After"))

    def serial_log(self, machine: ResourceId) -> str:
        """Read the serial log of a virtual machine from boot diagnostics.

        :raises Failure: if it has no boot diagnostics, or its log cannot be read.
        """
        operation_label = f"Reading the serial log of {machine.label}"
        places = self._call("retrieve_boot_diagnostics_data", machine, operation_label, cls=as_json)
        place = str(places.get("serialConsoleLogBlobUri") or "")
        if not place:
            raise Refused(f"{operation_label} failed: boot diagnostics provides none.")
        # The URL contains a signature; the token must not be sent to a storage account.
        with ARMPipelineClient(base_url=place, policies=metadata_policies(), transport=self._unshared()) as client:
            with translated(operation_label):
                response = client.send_request(rest.HttpRequest("GET", place))
            if response.status_code != 200:
                raise Refused(f"{operation_label} failed: its storage returned HTTP {response.status_code}.")
            return response.content.decode("utf-8", errors="replace")

    def _unshared(self) -> DeadlineTransport:
        """A separate transport, which can be closed by its user."""
        return DeadlineTransport(self._transport.deadline, self.sign_in.verify_certificates)

    # -- writing ------------------------------------------------------------------------------------------------

    def put(self, resource: ResourceId, body: Mapping[str, Any]) -> Accepted:
        """Create or replace a resource."""
        operation_label = f"Creating {resource.label}"
        if resource.resource_type.lower() in PLAIN_TYPES:
            return self._write("PUT", resource, operation_label, body)
        return self._begin("begin_create_or_update", resource, operation_label, body)

    def update(self, resource: ResourceId, body: Mapping[str, Any], etag: str | None = None) -> Accepted:
        """Change some properties of a Compute resource.

        :param etag: the required ETag of the resource; Azure refuses the write if it has another one (412).
        """
        headers = {"If-Match": etag} if etag else {}
        return self._begin("begin_update", resource, f"Updating {resource.label}", body, headers=headers)

    def delete(self, resource: ResourceId, **parameters: str) -> Accepted:
        """Delete a resource; one that does not exist counts as deleted.

        :param parameters: further parameters of the URL of a Compute resource.
        """
        operation_label = f"Deleting {resource.label}"
        if resource.resource_type.lower() in PLAIN_TYPES:
            try:
                return self._write("DELETE", resource, operation_label)
            except NotFound as missing:
                # The SDK's own operations treat it as 204.
                return Accepted(None, None, missing.request_id, None)
        return self._begin("begin_delete", resource, operation_label, parameters=parameters)

    def merge_tags(self, resource: ResourceId, tags: Mapping[str, str]) -> Accepted:
        """Add tags to a resource, or change their values; its other tags are kept, even if they change in the meantime."""
        place = f"{self._cloud.resource_manager}{resource}/providers/Microsoft.Resources/tags/default"
        body = {"operation": "Merge", "properties": {"tags": dict(tags)}}
        return self.api_versions.negotiated(
            "tags",
            lambda version: self._send_write(
                "PATCH", f"{place}?api-version={version}", f"Tagging {resource.label}", body
            ),
        )

    def deallocate(self, resource: ResourceId) -> Accepted:
        """Deallocate a virtual machine."""
        return self._begin("begin_deallocate", resource, f"Deallocating {resource.label}")

    def generalize(self, resource: ResourceId) -> Accepted:
        """Mark a virtual machine as generalized; it never starts again."""
        response = self._call(
            "generalize", resource, f"Generalizing {resource.label}", write=True, cls=as_response, retry_read=0
        )
        return accepted_of(response)

    def share(self, gallery: ResourceId, body: Mapping[str, Any]) -> Accepted:
        """Change with whom a gallery is shared: https://learn.microsoft.com/rest/api/compute/gallery-sharing-profile/update."""
        place = f"{self._cloud.resource_manager}{gallery}/share"
        return self.api_versions.negotiated(
            api_version_key_of(gallery),
            lambda version: self._send_write(
                "POST", f"{place}?api-version={version}", f"Sharing {gallery.label}", body
            ),
        )

    def grant_access(self, resource: ResourceId, body: Mapping[str, Any]) -> Accepted:
        """Request a SAS URL for a disk's content; the result is a secret."""
        return self._begin("begin_grant_access", resource, f"Granting access to {resource.label}", body)

    def revoke_access(self, resource: ResourceId) -> Accepted:
        """Revoke the SAS of a disk."""
        return self._begin("begin_revoke_access", resource, f"Revoking access to {resource.label}")

    def blob_client(self, address: str) -> Any:
        """A client for the blob at a URL that contains a signature; to be closed by its user.

        :raises Failure: if azure-storage-blob is not installed.
        """
        return self.storage.signed_blob(address)

    def _begin(
        self,
        method: str,
        resource: ResourceId,
        operation_label: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Accepted:
        # A write whose response is lost is not retried blindly (retry_read=0): the caller checks its effect.
        poller = self._call(
            method,
            resource,
            operation_label,
            body,
            write=True,
            polling=KeepResponse(),
            retry_read=0,
            headers=dict(headers or {}),
            # The SDK sends them with its own ones.
            params=dict(parameters or {}),
        )
        return accepted_of(poller.polling_method().response)

    def _write(
        self, method: str, resource: ResourceId, operation_label: str, body: Mapping[str, Any] | None = None
    ) -> Accepted:
        return self.api_versions.negotiated(
            api_version_key_of(resource),
            lambda version: self._send_write(
                method, self._url_of(resource, version), operation_label, fit_body(resource, body, version)
            ),
        )

    def _send_write(self, method: str, url: str, operation_label: str, body: Mapping[str, Any] | None) -> Accepted:
        request = rest.HttpRequest(method, url, json=None if body is None else dict(body))
        with translated(operation_label, write=True):
            response = self._pipeline.send_request(request, retry_read=0)
        if response.status_code >= 400:
            error = body_of(response).get("error") or {}
            request_id = response.headers.get("x-ms-request-id")
            raise refusal(operation_label, response.status_code, error, request_id, response.headers)
        return accepted_of(response)

    # -- requests -----------------------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        resource: ResourceId,
        operation_label: str,
        body: Mapping[str, Any] | None = None,
        write: bool = False,
        **options: Any,
    ) -> Any:
        """Call the SDK's method for a resource, with the names from its id."""
        group, api_version_key = OPERATION_GROUPS[resource.resource_type.lower()]
        function = getattr(getattr(self._client(resource.subscription_id), group), method)

        def send(version: str) -> Any:
            fitted = fit_body(resource, body, version)
            payload = () if fitted is None else (payload_of(fitted),)
            with translated(operation_label, write=write):
                return function(resource.resource_group, *resource.names, *payload, api_version=version, **options)

        return self.api_versions.negotiated(api_version_key, send)

    def _url_of(self, resource: ResourceId, version: str, **parameters: str) -> str:
        extra_query = "".join(f"&${name}={value}" for name, value in parameters.items())
        return f"{self._cloud.resource_manager}{resource}?api-version={version}{extra_query}"

    def _policies(self, modelled: bool) -> Sequence[Any]:
        return arm_policies(self._credential, self._cloud.scope, self.rate_limiter, modelled, self._auxiliary)

    def _client(self, subscription_id: str) -> Any:
        with self._building:
            client = self._compute.get(subscription_id)
            if client is None:
                client = self._compute[subscription_id] = compute().ComputeManagementClient(
                    self._credential,
                    subscription_id,
                    base_url=self._cloud.resource_manager,
                    credential_scopes=[self._cloud.scope],
                    policies=self._policies(modelled=True),
                    transport=self._transport,
                )
        return client

    def _read(self, url: str, operation_label: str) -> dict[str, Any]:
        body = body_of(self._send(rest.HttpRequest("GET", url), operation_label))
        if not body:
            # A response without JSON must not be treated as a resource without properties.
            raise Unreachable(
                f"{operation_label} failed: the endpoint {self._cloud.resource_manager} is not Azure Resource Manager; "
                "check for a proxy or a login page in between."
            )
        return body

    def _send(self, request: Any, operation_label: str, **options: Any) -> Any:
        with translated(operation_label):
            response = self._pipeline.send_request(request, **options)
        if response.status_code >= 400:
            error = body_of(response).get("error") or {}
            request_id = response.headers.get("x-ms-request-id")
            raise refusal(operation_label, response.status_code, error, request_id, response.headers)
        return response


def _credential(
    sign_in: CredentialOptions, cloud: Cloud, deadline: Deadline, run_directory: str | None, scope: str = ""
) -> Any:
    def create() -> Any:
        authority = sign_in.adfs_authority_url or cloud.authority
        return create_credential(sign_in, cloud, SignInTransport(authority, deadline, sign_in.verify_certificates))

    if run_directory is None:
        return RenewableCredential(create)
    return CachedCredential(token_file(run_directory, sign_in, cloud, scope), create, deadline)


def connect(options: Mapping[str, Any], deadline: Deadline, run_directory: str | None = None) -> ArmClient:
    """Sign in with the credentials from options, environment or credentials file.

    :param run_directory: a directory that is removed at the end of the run; None if there is none.
    :raises Failure: in one sentence, if that fails.
    """
    require_sdk()
    sign_in = choose_credential_options(options, os.environ)
    cloud = find_cloud(sign_in.cloud_environment, metadata_reader(deadline, sign_in.verify_certificates))
    shares = options.get("token_cache") == "run"
    versions = ApiVersions(versions_file(run_directory, cloud.resource_manager) if run_directory else None)
    return ArmClient(sign_in, cloud, deadline, run_directory if shares else None, versions)


#: Creates a signed-in connection from the options of a task, its deadline and the run's directory.
Connector = Callable[[Mapping[str, Any], Deadline, "str | None"], ArmClient]
