# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Create credentials: one factory for each authentication method."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import Cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.federated_token import (
    federated_token_source,
    token_of_file,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import CredentialOptions
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import identity
from ansible_collections.golden.azure.plugins.module_utils._core.errors import SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._local.az_cli import (
    CLI_TIMEOUT,
    check_cli_folder,
    current_account,
)
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_CONTENT_WRONG,
    FileUnusable,
    read_file,
)

#: The code if the Azure CLI is signed in to another cloud than that of the task.
CLI_IN_ANOTHER_CLOUD = "cli_in_another_cloud"

#: The code if azure-identity has dropped the sign-in with user name and password.
METHOD_DROPPED = "password_not_supported"

_INSTEAD = "sign in as a service principal, with a managed identity or a federated token, or with 'az login' and 'auth_source: cli'"

#: The tenants that azure-identity accepts: an id or a domain.
_TENANT = re.compile(r"[0-9A-Za-z.-]+")


def create_credential(sign_in: CredentialOptions, cloud: Cloud, transport: Any) -> Any:
    """Create the azure-identity credential; no request is sent yet.

    :param transport: the transport of its token requests.
    :raises SignInFailed: for an invalid certificate or token file.
    """
    options = {
        "authority": (sign_in.adfs_authority_url or cloud.authority).rstrip("/"),
        # Instance discovery queries the public cloud about the authority, which does not know private clouds.
        "disable_instance_discovery": sign_in.disable_instance_discovery or not cloud.known,
        "transport": transport,
    }
    try:
        if sign_in.tenant and not _TENANT.fullmatch(sign_in.tenant):
            raise ValueError("tenant")
        if sign_in.method == "workload_identity":
            return _workload_identity(sign_in, options, cloud)
        return _FACTORIES[sign_in.method](sign_in, options)
    except ValueError:
        # Errors of azure-identity: invalid characters in the tenant, an authority without https.
        raise SignInFailed(
            f"Signing in {sign_in.description} failed: azure-identity rejects this tenant or this authority; check "
            "'tenant' and 'adfs_authority_url'."
        ) from None


def _client_secret(sign_in: CredentialOptions, options: dict[str, Any]) -> Any:
    return identity.ClientSecretCredential(sign_in.tenant, sign_in.client_id, sign_in.secret, **options)


def _certificate(sign_in: CredentialOptions, options: dict[str, Any]) -> Any:
    what, path, setting = "certificate", str(sign_in.x509_certificate_path), "'x509_certificate_path'"
    content = read_file(what, path, setting)
    try:
        return identity.CertificateCredential(
            sign_in.tenant, sign_in.client_id, certificate_data=content, password=sign_in.password, **options
        )
    except Exception as error:  # noqa: BLE001 - the certificate parser raises various exceptions, which may contain the content
        kind = type(error).__name__
        problem = (
            "is empty"
            if not content.strip()
            else f"is not a PEM or PKCS#12 file with a certificate and an RSA private key ({kind})"
        )
        advice = "an encrypted file requires 'password' (AZURE_PASSWORD)"
        raise FileUnusable(what, path, setting, FILE_CONTENT_WRONG, problem, advice) from None


def _workload_identity(sign_in: CredentialOptions, options: dict[str, Any], cloud: Cloud) -> Any:
    source = federated_token_source(sign_in, cloud, options["transport"])
    return identity.ClientAssertionCredential(sign_in.tenant, sign_in.client_id, source, **options)


def _password(sign_in: CredentialOptions, options: dict[str, Any]) -> Any:
    # Microsoft has deprecated it, because it does not support multi-factor authentication; the credential type of AWX still offers it.
    if not hasattr(identity, "UsernamePasswordCredential"):
        raise SignInFailed(
            f"This release of azure-identity no longer supports signing in with user name and password; {_INSTEAD}.",
            code=METHOD_DROPPED,
        )
    return identity.UsernamePasswordCredential(
        sign_in.client_id,
        sign_in.ad_user,
        sign_in.password,
        tenant_id=sign_in.tenant or "organizations",
        **options,
    )


def password_notices(sign_in: CredentialOptions, cloud: Cloud) -> list[str]:
    """The warning about a sign-in with user name and password; empty for other methods.

    Multi-factor authentication is required in the public cloud only:
    https://learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication
    """
    if sign_in.method != "password":
        return []
    reads = (
        " and can only read in the Azure public cloud, where write requests of users require multi-factor authentication"
        if cloud.name == "AzureCloud"
        else ""
    )
    return [f"Signing in with user name and password is deprecated by Microsoft{reads}; {_INSTEAD}."]


def _managed_identity(sign_in: CredentialOptions, options: dict[str, Any]) -> Any:
    on_kubernetes = os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
    if on_kubernetes and os.environ.get("AZURE_TENANT_ID") and os.environ.get("AZURE_AUTHORITY_HOST"):
        # On Kubernetes, azure-identity reads that file, and has no readable error for an unreadable one.
        token_of_file(on_kubernetes)
    return identity.ManagedIdentityCredential(client_id=sign_in.client_id, transport=options["transport"])


def _cli(sign_in: CredentialOptions, options: dict[str, Any]) -> Any:
    check_cli_folder()
    return identity.AzureCliCredential(tenant_id=sign_in.tenant or "", process_timeout=CLI_TIMEOUT)


_FACTORIES: dict[str, Callable[[CredentialOptions, dict[str, Any]], Any]] = {
    "client_secret": _client_secret,
    "certificate": _certificate,
    "password": _password,
    "managed_identity": _managed_identity,
    "cli": _cli,
}


def check_cli_cloud(cloud: Cloud, account: Mapping[str, Any]) -> None:
    """Make sure that the Azure CLI is signed in to the cloud of the task, if its login is used.

    :param account: the current account of the Azure CLI.
    :raises SignInFailed: with the other cloud.
    """
    environment = str(account.get("environmentName") or cloud.name)
    # The Azure CLI may use another name for a cloud that is specified by its URL.
    if cloud.known and environment.lower() != cloud.name.lower():
        raise SignInFailed(
            f"The Azure CLI is signed in to {environment}, and the task uses {cloud.name}: set 'cloud_environment: "
            f"{environment}' (AZURE_CLOUD_ENVIRONMENT), or sign in to {cloud.name} with the Azure CLI ('az cloud set', "
            "then 'az login').",
            code=CLI_IN_ANOTHER_CLOUD,
        )


def explained(failure: SignInFailed, sign_in: CredentialOptions, cloud: Cloud) -> SignInFailed:
    """The failure of a sign-in, with a better explanation if the Azure CLI has one."""
    if sign_in.method == "cli" and not isinstance(failure, FileUnusable):
        try:
            check_cli_cloud(cloud, current_account())
        except SignInFailed as better:
            return better if better.code == CLI_IN_ANOTHER_CLOUD else failure
    return failure


def find_subscription(sign_in: CredentialOptions, cloud: Cloud) -> str:
    """The subscription to use: the configured one, else the Azure CLI's current one if its login is used.

    :raises SignInFailed: if there is none.
    """
    if sign_in.subscription_id:
        return sign_in.subscription_id
    if sign_in.method != "cli":
        raise SignInFailed(
            "No subscription is specified: set 'subscription_id' or AZURE_SUBSCRIPTION_ID (signing in "
            f"{sign_in.description})."
        )
    check_cli_folder()
    account = current_account()
    check_cli_cloud(cloud, account)
    return str(account["id"])
