# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Credentials: one small factory for each way to sign in."""

from __future__ import annotations

import json
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils.cloud import Cloud
from ansible_collections.golden.azure.plugins.module_utils.errors import SignInFailed
from ansible_collections.golden.azure.plugins.module_utils.programs import ProgramTimedOut, find_program, run_program
from ansible_collections.golden.azure.plugins.module_utils.sdk import identity
from ansible_collections.golden.azure.plugins.module_utils.sign_in import SignIn

# Seconds the Azure CLI may take; it starts slowly on small machines.
CLI_TIMEOUT = 60


def create_credential(sign_in: SignIn, cloud: Cloud, transport: Any) -> Any:
    """Make the azure-identity credential of a sign-in; no request is sent yet.

    :param transport: what its token requests go over.
    :raises SignInFailed: for a certificate or token file that cannot be used.
    """
    options = {
        "authority": (sign_in.adfs_authority_url or cloud.authority).rstrip("/"),
        # Instance discovery asks the public cloud about the authority, which knows nothing of private ones.
        "disable_instance_discovery": sign_in.disable_instance_discovery or not cloud.known,
        "transport": transport,
    }
    try:
        return _FACTORIES[sign_in.method](sign_in, options)
    except ValueError as error:
        # What azure-identity refuses itself: the characters of a tenant, an authority without https.
        raise SignInFailed(
            f"Signing in {sign_in.description} failed: azure-identity takes neither this tenant nor this authority; check 'tenant' "
            "and 'adfs_authority_url'."
        ) from error


def _client_secret(sign_in: SignIn, options: dict[str, Any]) -> Any:
    return identity.ClientSecretCredential(sign_in.tenant, sign_in.client_id, sign_in.secret, **options)


def _certificate(sign_in: SignIn, options: dict[str, Any]) -> Any:
    try:
        return identity.CertificateCredential(
            sign_in.tenant, sign_in.client_id, sign_in.x509_certificate_path, password=sign_in.password, **options
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no certificate with its private key"
        raise SignInFailed(
            f"The certificate '{sign_in.x509_certificate_path}' cannot be used: {reason}; "
            "'x509_certificate_path' wants a PEM or PKCS#12 file with certificate and private key."
        ) from None


def _workload_identity(sign_in: SignIn, options: dict[str, Any]) -> Any:
    return identity.WorkloadIdentityCredential(
        tenant_id=sign_in.tenant,
        client_id=sign_in.client_id,
        token_file_path=sign_in.federated_token_file,
        **options,
    )


def _password(sign_in: SignIn, options: dict[str, Any]) -> Any:
    # Microsoft has deprecated it since it cannot do multi-factor authentication; AWX's credential still offers it.
    if not hasattr(identity, "UsernamePasswordCredential"):
        raise SignInFailed(
            "This release of azure-identity does not sign users in by name and password any more; sign in as a service "
            "principal, or by 'az login' and 'auth_source: cli'."
        )
    return identity.UsernamePasswordCredential(
        sign_in.client_id,
        sign_in.ad_user,
        sign_in.password,
        tenant_id=sign_in.tenant or "organizations",
        **options,
    )


def _managed_identity(sign_in: SignIn, options: dict[str, Any]) -> Any:
    return identity.ManagedIdentityCredential(client_id=sign_in.client_id, transport=options["transport"])


def _cli(sign_in: SignIn, options: dict[str, Any]) -> Any:
    return identity.AzureCliCredential(tenant_id=sign_in.tenant or "", process_timeout=CLI_TIMEOUT)


_FACTORIES: dict[str, Callable[[SignIn, dict[str, Any]], Any]] = {
    "client_secret": _client_secret,
    "certificate": _certificate,
    "workload_identity": _workload_identity,
    "password": _password,
    "managed_identity": _managed_identity,
    "cli": _cli,
}


def find_subscription(sign_in: SignIn) -> str:
    """The subscription to work in: the configured one, else the Azure CLI's current one if that signs in.

    :raises SignInFailed: when there is none.
    """
    if sign_in.subscription_id:
        return sign_in.subscription_id
    current = _cli_subscription() if sign_in.method == "cli" else None
    if not current:
        raise SignInFailed(
            f"No subscription is named: set 'subscription_id' or AZURE_SUBSCRIPTION_ID (signing in {sign_in.description})."
        )
    return current


def _cli_subscription() -> str | None:
    program = find_program("az")
    if not program:
        raise SignInFailed(
            "No credentials were found: set AZURE_CLIENT_ID, AZURE_TENANT, AZURE_SECRET and AZURE_SUBSCRIPTION_ID, or "
            "name a 'profile' of ~/.azure/credentials, or install the Azure CLI and run 'az login'."
        )
    try:
        shown = run_program([program, "account", "show", "--output", "json"], CLI_TIMEOUT)
        return str(json.loads(shown.output)["id"])
    except (ProgramTimedOut, OSError, ValueError, KeyError, TypeError):
        raise SignInFailed(
            "The Azure CLI names no subscription: run 'az login', or set 'subscription_id' or AZURE_SUBSCRIPTION_ID."
        ) from None
