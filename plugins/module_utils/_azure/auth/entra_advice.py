# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Advice for common errors of Entra; pure.

Meanings: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. The advice to check the cloud is given only
for errors that a wrong cloud can cause:

- AADSTS90002: the tenant does not exist; Entra itself names the cloud as a reason (https://github.com/Azure/azure-cli/issues/22145).
- AADSTS90038: the tenant belongs to another national cloud (https://github.com/tieto/sipe/issues/182).
- AADSTS90051: the request names an invalid national cloud (https://github.com/MicrosoftDocs/azure-docs/issues/25942).
- AADSTS900382, AADSTS900432: an application of one cloud is requested in another one
  (https://github.com/Azure/ms-rest-nodeauth/issues/110, https://github.com/psignoret/aad-sso-wordpress/issues/244).
- AADSTS900439: a client of Azure Government at the public cloud (https://devblogs.microsoft.com/azuregov/azure-government-aad-authority-endpoint-update).
- AADSTS50001, AADSTS500011: the resource of the token is unknown in the tenant, such as the Resource Manager of another cloud
  (https://github.com/Azure/migAz/issues/134).

AADSTS700016 and AADSTS50034 are not among these: the tenant exists, and the application or the user does not exist in it.
"""

from __future__ import annotations

_CLOUD = "check 'cloud_environment' and 'tenant'"
_AGAIN = "run 'az login' again, or sign in as a service principal or a managed identity"
_FEDERATION = "compare the federated credential of the application (issuer, subject, audience) with the token"

_ADVICE = {
    **dict.fromkeys(
        (
            "AADSTS90002",
            "AADSTS90038",
            "AADSTS90051",
            "AADSTS900382",
            "AADSTS900432",
            "AADSTS900439",
            "AADSTS50001",
            "AADSTS500011",
        ),
        _CLOUD,
    ),
    # The application is not in the tenant, or is disabled there.
    "AADSTS700016": "check 'client_id' and 'tenant'",
    "AADSTS7000112": "enable the application in its tenant",
    "AADSTS7000215": "check 'secret' (AZURE_SECRET): the secret's value is needed, not its id",
    "AADSTS7000222": "create a new secret for the application, or use a certificate",
    "AADSTS700024": "check that the clock of this host is correct and the token has not expired",
    "AADSTS700027": "add this certificate to the application of 'client_id', or use a registered one that has not expired",
    # No federated credential matches the token.
    "AADSTS70021": _FEDERATION,
    "AADSTS700211": _FEDERATION,
    "AADSTS700212": _FEDERATION,
    "AADSTS700213": _FEDERATION,
    # Users.
    "AADSTS50034": "check 'ad_user' and 'tenant'",
    "AADSTS50126": "check 'ad_user' and 'password'",
    "AADSTS50055": "the password has expired: change it",
    "AADSTS50053": "the account is locked: wait, or unlock it",
    "AADSTS50057": "enable the account",
    "AADSTS53003": "a Conditional Access policy blocks the sign-in: contact the tenant's administrator, or sign in as a service principal",
    # Logins that have expired or were revoked.
    "AADSTS50173": _AGAIN,
    "AADSTS70043": _AGAIN,
    "AADSTS700082": _AGAIN,
    "AADSTS700084": _AGAIN,
}


def advice_for(code: str | None) -> str:
    """The advice for an error; empty if there is none."""
    return _ADVICE.get(code or "", "")
