# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Users who signed in without multi-factor authentication: they can read, and Azure refuses their writes; pure.

Azure responds to such a write with 401 and lists the missing claims in WWW-Authenticate. Service principals, managed
identities and federated workloads are not affected, nor are Azure Government and Azure in China.
Sources: https://learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication and
https://github.com/Azure/azure-cli/pull/31699
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import CredentialOptions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import SignInFailed

#: The code of such a refusal.
MFA_REQUIRED = "mfa_required"

_PARAMETER = re.compile(r'(?P<name>[A-Za-z_]+)="(?P<value>[^"]*)"')
#: The wording of azure-identity if the Azure CLI signs in.
_COMMAND = re.compile(r"--claims-challenge\s+\"?(?P<claims>[A-Za-z0-9+/=_-]+)")
_TENANT = re.compile(r"^https://[^/]+/(?P<tenant>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:/|$)")
#: Entra errors that require multi-factor authentication, or its setup:
#: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_ENTRA_CODES = ("AADSTS50072", "AADSTS50074", "AADSTS50076", "AADSTS50078", "AADSTS50079", "AADSTS50158")


@dataclass(frozen=True)
class Challenge:
    """A claims challenge of Azure.

    :param claims: in base64; None if the response contains none.
    """

    claims: str | None = None
    tenant: str | None = None

    @property
    def command(self) -> str:
        """The command that signs the user in with the required claims; Azure CLI 2.76 or later knows --claims-challenge."""
        words = ["az login"]
        if self.tenant:
            words.append(f'--tenant "{self.tenant}"')
        if self.claims:
            words.append(f'--claims-challenge "{self.claims}"')
        return " ".join(words)


def challenge_of(headers: Mapping[str, str] | None) -> Challenge | None:
    """Read a claims challenge from the headers of a 401 response."""
    text = next((value for name, value in (headers or {}).items() if name.lower() == "www-authenticate"), "")
    found = {match["name"].lower(): match["value"] for match in _PARAMETER.finditer(text or "")}
    if found.get("error") != "insufficient_claims" or not found.get("claims"):
        return None
    tenant = _TENANT.match(found.get("authorization_uri", ""))
    return Challenge(found["claims"], tenant["tenant"] if tenant else None)


def challenge_in(text: str) -> Challenge | None:
    """Read a claims challenge from an error of a credential or of Microsoft Entra."""
    command = _COMMAND.search(text)
    if command:
        return Challenge(command["claims"])
    return Challenge() if any(code in text for code in _ENTRA_CODES) else None


def mfa_failure(operation_label: str, challenge: Challenge, request_id: str | None) -> SignInFailed:
    """The failure for a user whose request was refused."""
    return SignInFailed(
        f"{operation_label} failed: Azure requires multi-factor authentication for write operations of users; run "
        f"'{challenge.command}' and use 'auth_source: cli', or sign in as a service principal or a managed identity.",
        code=MFA_REQUIRED,
        request_id=request_id,
    )


def is_user(sign_in: CredentialOptions, token: str) -> bool:
    """Whether a user has signed in.

    The Azure CLI may be logged in as a user or as a service principal, as its token shows; otherwise a
    user is assumed.
    """
    if sign_in.method != "cli":
        return sign_in.method == "password"
    claims = _claims_of(token)
    return claims is None or claims.get("idtyp") == "user" or (claims.get("idtyp") is None and "scp" in claims)


def has_used_mfa(token: str) -> bool:
    """Whether a token contains the MFA claim; it is a hint only, as tokens are opaque to clients.

    https://learn.microsoft.com/entra/identity-platform/access-tokens
    """
    claims = _claims_of(token) or {}
    return "mfa" in (claims.get("amr") or ()) or "p1" in (claims.get("acrs") or ())


def _claims_of(token: str) -> dict[str, Any] | None:
    """The claims of a token; None if it cannot be decoded. They are not used for authorization."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return None
    return claims if isinstance(claims, dict) else None
