# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Entra: token endpoints (v1 and v2), OpenID configuration, instance discovery; and the check of tokens."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import datetime, timezone
from typing import Any

import jwt

from .errors import error
from .settings import Settings

LIFETIME = 3599
_ALGORITHM = "HS256"


class EntraError(Exception):
    """An answer of the token endpoint that refuses a token; `code` is the number after AADSTS."""

    def __init__(self, status: int, kind: str, code: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.kind = kind
        self.code = code
        self.text = text

    def body(self) -> dict[str, Any]:
        """The error as Entra words it."""
        trace, correlation = uuid.uuid4(), uuid.uuid4()
        moment = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.kind,
            "error_description": f"AADSTS{self.code}: {self.text} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {moment}",
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": str(trace),
            "correlation_id": str(correlation),
        }


class Entra:
    """Issues and checks tokens for the one service principal and the one user there are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = secrets.token_bytes(32)
        self._object_id = str(uuid.uuid4())
        #: Tokens that were found good, with their claims.
        self._good: dict[str, dict[str, Any]] = {}

    def token(self, tenant: str, form: dict[str, str], *, version: int, issuer: str) -> dict[str, Any]:
        """Answer a token request; EntraError when it is refused.

        A client assertion (certificate or federated token) is taken from whoever names the right client in it: its
        signature cannot be checked without a registered key.
        """
        self.check_tenant(tenant)
        grant = form.get("grant_type", "")
        if grant == "password":
            return self._of_user(tenant, form, issuer, version)
        if grant != "client_credentials":
            raise EntraError(
                400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'."
            )
        client = form.get("client_id", "")
        if client.lower() != self._settings.client.lower():
            raise EntraError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen "
                "if the application has not been installed by the administrator of the tenant or consented to by any "
                "user in the tenant.",
            )
        self._check_client(form)
        who = (
            {**self._of_application(), "tid": tenant}
            if tenant in self._settings.other_tenants
            else self._of_application()
        )
        return self._issue(_audience(form), issuer, version, who)

    def user_token(self, audience: str) -> str:
        """A token as the Azure CLI holds it for the user that has signed in there."""
        issuer = f"https://sts.windows.net/{self._settings.tenant}/"
        return str(self._issue(audience, issuer, 2, self._of_person())["access_token"])

    def application_token(self, audience: str) -> str:
        """A token as the Azure CLI holds it for the service principal that has signed in there."""
        issuer = f"https://sts.windows.net/{self._settings.tenant}/"
        return str(self._issue(audience, issuer, 2, self._of_application())["access_token"])

    def _of_application(self) -> dict[str, Any]:
        return {"appid": self._settings.client, "idtyp": "app", "oid": self._object_id, "sub": self._object_id}

    def _of_person(self) -> dict[str, Any]:
        shown = {"amr": ["pwd", "mfa"], "acrs": ["p1"]} if self._settings.user_mfa else {"amr": ["pwd"]}
        who = {"appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "idtyp": "user", "scp": "user_impersonation"}
        return {**who, **shown, "upn": self._settings.user, "oid": self._object_id, "sub": self._object_id}

    def _of_user(self, tenant: str, form: dict[str, str], issuer: str, version: int) -> dict[str, Any]:
        """The user by name and password, who can show no more than that."""
        given = form.get("username", ""), form.get("password", "")
        if given != (self._settings.user, self._settings.user_password):
            raise EntraError(
                400, "invalid_grant", 50126, "Error validating credentials due to invalid username or password."
            )
        if form.get("claims"):
            raise EntraError(
                400,
                "interaction_required",
                50076,
                "Due to a configuration change made by your administrator, or because you moved to a new location, you "
                f"must use multi-factor authentication to access '{_audience(form)}'.",
            )
        answer = self._issue(_audience(form), issuer, version, self._of_person())
        now = int(time.time())
        identity = {
            "aud": form.get("client_id"),
            "iss": f"https://login.microsoftonline.com/{self._settings.tenant}/v2.0",
            "iat": now,
            "exp": now + LIFETIME,
            "oid": self._object_id,
            "sub": self._object_id,
            "tid": self._settings.tenant,
            "preferred_username": self._settings.user,
        }
        return {**answer, "id_token": jwt.encode(identity, self._key, algorithm=_ALGORITHM)}

    def check_tenant(self, tenant: str) -> None:
        """Refuse a tenant that is not ours; EntraError AADSTS90002."""
        own = (self._settings.tenant, *self._settings.other_tenants)
        if tenant.lower() not in (*map(str.lower, own), "organizations", "common"):
            raise EntraError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant.",
            )

    def _check_client(self, form: dict[str, str]) -> None:
        assertion = form.get("client_assertion")
        if assertion:
            try:
                claims = jwt.decode(assertion, options={"verify_signature": False})
            except jwt.InvalidTokenError as reason:
                raise EntraError(401, "invalid_client", 50027, "JWT token is invalid or malformed.") from reason
            if self._is_federated(claims):
                return
            if self._settings.client.lower() not in (str(claims.get("iss")).lower(), str(claims.get("sub")).lower()):
                raise EntraError(
                    401, "invalid_client", 700021, "Client assertion application identifier doesn't match."
                )
            return
        if not secrets.compare_digest(form.get("client_secret", ""), self._settings.secret):
            raise EntraError(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                "value, not the client secret ID, for a secret added to app "
                f"'{self._settings.client}'.",
            )

    def _is_federated(self, claims: dict[str, Any]) -> bool:
        """Whether an assertion is a token of somebody whom the client trusts by a federated credential; EntraError where it is not.

        Without federated credentials, it is another kind of assertion. Codes:
        https://learn.microsoft.com/entra/identity-platform/reference-error-codes
        """
        known = self._settings.federated_credentials
        if not known:
            return False
        issuer, subject = str(claims.get("iss")), str(claims.get("sub"))
        of_issuer = [one for one in known if one["issuer"] == issuer]
        if not of_issuer:
            words = f"No matching federated identity record found for presented assertion issuer '{issuer}'."
            raise EntraError(400, "invalid_client", 700211, words)
        if float(claims.get("exp", 0)) <= time.time():
            raise EntraError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
        of_subject = [one for one in of_issuer if one["subject"] == subject]
        if not of_subject:
            words = f"No matching federated identity record found for presented assertion subject '{subject}'."
            raise EntraError(400, "invalid_client", 700213, words)
        if not any(claims.get("aud") in one["audiences"] for one in of_subject):
            words = (
                f"No matching federated identity record found for presented assertion audience '{claims.get('aud')}'."
            )
            raise EntraError(400, "invalid_client", 700212, words)
        return True

    def _issue(self, audience: str, issuer: str, version: int, who: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "tid": self._settings.tenant,
            **who,
            "ver": "1.0",
        }
        token = jwt.encode(claims, self._key, algorithm=_ALGORITHM)
        if version == 2:
            return {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token}
        return {
            "token_type": "Bearer",
            "expires_in": str(LIFETIME),
            "ext_expires_in": str(LIFETIME),
            "expires_on": str(now + LIFETIME),
            "not_before": str(now),
            "resource": audience,
            "access_token": token,
        }

    def check(self, authorization: str | None) -> dict[str, Any]:
        """The claims of a bearer token that was issued here and has not expired; AzureError 401 otherwise."""
        if not authorization:
            raise error("no_token")
        kind, _space, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise error("bad_token")
        known = self._good.get(token)
        if known and known["exp"] > time.time():
            return known
        try:
            claims: dict[str, Any] = jwt.decode(
                token.strip(), self._key, algorithms=[_ALGORITHM], options={"verify_aud": False}
            )
        except jwt.ExpiredSignatureError as reason:
            now = datetime.now(timezone.utc)
            raise error("expired_token", expiry=now, now=now) from reason
        except jwt.InvalidTokenError as reason:
            raise error("bad_token") from reason
        self._good[token] = claims
        return claims


def _audience(form: dict[str, str]) -> str:
    wanted = (form.get("scope") or form.get("resource") or "").split(" ")
    return next((one for one in wanted if one.endswith("/.default")), wanted[0]).removesuffix("/.default")


def openid_configuration(origin: str, tenant: str, version: int) -> dict[str, Any]:
    """The discovery document of a tenant."""
    base = f"{origin}/{tenant}"
    path = f"{base}/oauth2/v2.0" if version == 2 else f"{base}/oauth2"
    return {
        "token_endpoint": f"{path}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/v2.0" if version == 2 else f"{base}/",
        "authorization_endpoint": f"{path}/authorize",
        "device_authorization_endpoint": f"{path}/devicecode",
        "end_session_endpoint": f"{path}/logout",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    }


def instance_discovery(origin: str, host: str) -> dict[str, Any]:
    """The answer of /common/discovery/instance: our own host is a known authority."""
    return {
        "tenant_discovery_endpoint": f"{origin}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {"preferred_network": host, "preferred_cache": host, "aliases": [host]},
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
            },
        ],
    }
