# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Choose how to sign in, from the options, the environment and the credentials file; pure but for reading that file."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._local.paths import absolute_path
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_CONTENT_WRONG,
    FILE_MISSING,
    FileUnusable,
    read_text,
)

#: Option -> environment variables, of which the first that is set is used: the names of azure.azcollection, then those of the
#: Azure SDK; credential types of AWX cannot set variables that start with ANSIBLE_.
ENVIRONMENT = {
    "auth_source": ("ANSIBLE_AZURE_AUTH_SOURCE", "AZURE_AUTH_SOURCE"),
    "profile": ("AZURE_PROFILE",),
    "subscription_id": ("AZURE_SUBSCRIPTION_ID",),
    "client_id": ("AZURE_CLIENT_ID",),
    "secret": ("AZURE_SECRET", "AZURE_CLIENT_SECRET"),
    "tenant": ("AZURE_TENANT", "AZURE_TENANT_ID"),
    "ad_user": ("AZURE_AD_USER",),
    "password": ("AZURE_PASSWORD",),
    "cloud_environment": ("AZURE_CLOUD_ENVIRONMENT",),
    "cert_validation_mode": ("AZURE_CERT_VALIDATION_MODE",),
    "adfs_authority_url": ("AZURE_ADFS_AUTHORITY_URL",),
    "x509_certificate_path": ("AZURE_X509_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"),
    "thumbprint": ("AZURE_THUMBPRINT",),
    "federated_token_file": ("AZURE_FEDERATED_TOKEN_FILE",),
    "federated_token": ("AZURE_FEDERATED_TOKEN",),
    # The names of GitHub Actions, and of Forgejo and Gitea, which issue tokens in the same way.
    "oidc_request_url": ("ACTIONS_ID_TOKEN_REQUEST_URL",),
    "oidc_request_token": ("ACTIONS_ID_TOKEN_REQUEST_TOKEN",),
    "oidc_audience": ("AZURE_OIDC_AUDIENCE",),
    "disable_instance_discovery": ("AZURE_DISABLE_INSTANCE_DISCOVERY",),
    "auxiliary_tenants": ("AZURE_AUXILIARY_TENANTS",),
}

CREDENTIALS_FILE = "~/.azure/credentials"
_CREDENTIALS = "credentials file"

#: Connection options; they apply regardless of the source of the credentials.
_CONNECTION = (
    "subscription_id",
    "cloud_environment",
    "cert_validation_mode",
    "disable_instance_discovery",
    "auxiliary_tenants",
)
#: Resource Manager accepts no more tokens in addition to that of the request:
#: https://learn.microsoft.com/azure/azure-resource-manager/management/authenticate-multi-tenant
_MAX_AUXILIARY_TENANTS = 3
_TENANT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRUE = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class CredentialOptions:
    """The options for requesting a token."""

    #: client_secret, certificate, workload_identity, password, managed_identity or cli.
    method: str
    #: The source of the options, for messages: "the task's options", "the environment" ...
    origin: str
    subscription_id: str | None = None
    client_id: str | None = None
    tenant: str | None = None
    secret: str | None = None
    ad_user: str | None = None
    password: str | None = None
    x509_certificate_path: str | None = None
    thumbprint: str | None = None
    federated_token_file: str | None = None
    federated_token: str | None = None
    oidc_request_url: str | None = None
    oidc_request_token: str | None = None
    oidc_audience: str | None = None
    adfs_authority_url: str | None = None
    cloud_environment: str = "AzureCloud"
    verify_certificates: bool = True
    disable_instance_discovery: bool = False
    #: Further tenants whose resources requests refer to, in lower case.
    auxiliary_tenants: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"CredentialOptions({self.method} from {self.origin})"

    @property
    def description(self) -> str:
        """A description of the sign-in for messages, without secrets."""
        return {
            "client_secret": f"as client '{self.client_id}' of tenant '{self.tenant}' with a secret",
            "certificate": f"as client '{self.client_id}' of tenant '{self.tenant}' with a certificate",
            "workload_identity": f"as client '{self.client_id}' of tenant '{self.tenant}' with a federated token",
            "password": f"as user '{self.ad_user}' of tenant '{self.tenant}' with a password",
            "managed_identity": f"with the managed identity {self.client_id or 'of this machine'}",
            "cli": "with the login of the Azure CLI",
        }[self.method]


def choose_credential_options(options: Mapping[str, Any], environment: Mapping[str, str]) -> CredentialOptions:
    """Choose one method; there is no fallback from a configured one to another.

    Order of ``auth_source: auto``: the profile set in the task, the task's credentials, the profile set in the
    environment, the environment's credentials, the default profile of the credentials file, the Azure CLI.

    :param options: the task's options, unset ones None or absent.
    :param environment: the environment's variables.
    :raises InvalidInput: for incomplete or invalid options.
    :raises SignInFailed: if the requested method is not configured.
    """
    given = {name: value for name, value in options.items() if name in ENVIRONMENT and value not in (None, "")}
    exported = _from_environment(environment)
    source = given.get("auth_source") or exported.get("auth_source") or "auto"
    connection = {name: value for name, value in {**exported, **given}.items() if name in _CONNECTION}
    if source == "auto":
        origin, values, source = _automatic(given, exported)
    elif source == "credential_file":
        profile = given.get("profile") or exported.get("profile") or "default"
        origin, values = _profile_origin(profile), _from_file(profile)
    elif source == "env":
        origin, values = "the environment", exported
    else:
        origin, values = f"'auth_source: {source}'", {**exported, **given}
    return _complete(_method(source, origin, values), origin, {**values, **connection})


def _automatic(given: dict[str, Any], exported: dict[str, Any]) -> tuple[str, dict[str, Any], str]:
    if given.get("profile"):
        return _profile_origin(given["profile"]), _from_file(given["profile"]), "credential_file"
    if any(given.get(name) for name in _CONFIGURED):
        # Options that the task omits may be set in the environment: a secret does not belong in a playbook.
        return "the task's options", {**exported, **given}, "options"
    if exported.get("profile"):
        return _profile_origin(exported["profile"]), _from_file(exported["profile"]), "credential_file"
    if any(exported.get(name) for name in _CONFIGURED):
        return "the environment", {**exported, **given}, "env"
    if "default" in _read_file(required=False).sections():
        return _profile_origin("default"), _from_file("default"), "credential_file"
    return "the Azure CLI", {**exported, **given}, "cli"


def _method(source: str, origin: str, values: Mapping[str, Any]) -> str:
    if source in ("cli", "workload_identity"):
        return source
    if source == "msi":
        return "managed_identity"
    if values.get("secret"):
        return "client_secret"
    if values.get("x509_certificate_path"):
        return "certificate"
    if values.get("ad_user"):
        return "password"
    if any(values.get(name) for name in _TOKEN_SOURCES):
        return "workload_identity"
    raise SignInFailed(
        f"The credentials from {origin} are incomplete: in addition to 'client_id' they require 'secret' "
        "(AZURE_SECRET), 'x509_certificate_path', 'federated_token_file', or a job of a CI system that issues tokens.",
        code=CREDENTIALS_INCOMPLETE,
    )


#: Options each of which shows that credentials are configured, even if incomplete: then no other method is used.
_CONFIGURED = ("client_id", "ad_user", "secret", "x509_certificate_path", "federated_token_file", "federated_token")

#: The sources of a federated token, of which the first that is set is used. A job of a CI system may have the last one in its environment
#: without using it, so that it alone does not show that credentials are configured.
_TOKEN_SOURCES = ("federated_token", "federated_token_file", "oidc_request_url")

#: The code of incomplete credentials.
CREDENTIALS_INCOMPLETE = "credentials_incomplete"

_NEEDED = {
    "client_secret": ("client_id", "tenant", "secret"),
    "certificate": ("client_id", "tenant", "x509_certificate_path"),
    # And the source of its token.
    "workload_identity": ("client_id", "tenant"),
    "password": ("ad_user", "password"),
    "managed_identity": (),
    "cli": (),
}


def _complete(method: str, origin: str, values: Mapping[str, Any]) -> CredentialOptions:
    needed = _NEEDED[method]
    if method == "workload_identity":
        source = next((name for name in _TOKEN_SOURCES if values.get(name)), "federated_token_file")
        needed = (*needed, source, *(("oidc_request_token",) if source == "oidc_request_url" else ()))
        values = {name: value for name, value in values.items() if name == source or name not in _TOKEN_SOURCES}
    missing = [name for name in needed if not values.get(name)]
    if missing:
        names = " and ".join(f"'{name}' ({ENVIRONMENT[name][0]})" for name in missing)
        verb = "are" if len(missing) > 1 else "is"
        raise SignInFailed(
            f"The credentials from {origin} are incomplete: {names} {verb} missing.", code=CREDENTIALS_INCOMPLETE
        )
    if method == "password" and not values.get("client_id"):
        # The public client of the Azure command line tools, which is allowed to sign in users.
        values = {**values, "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"}
    validation = values.get("cert_validation_mode") or "validate"
    if validation not in ("validate", "ignore"):
        raise InvalidInput(f"Option 'cert_validation_mode' is '{validation}': set 'validate' or 'ignore'.")
    discovery = values.get("disable_instance_discovery")
    return CredentialOptions(
        method=method,
        origin=origin,
        cloud_environment=str(values.get("cloud_environment") or "AzureCloud"),
        verify_certificates=validation == "validate",
        disable_instance_discovery=str(discovery).lower() in _TRUE,
        auxiliary_tenants=_auxiliary_tenants(method, values.get("auxiliary_tenants") or []),
        **{
            name: str(values[name])
            for name in (
                "subscription_id",
                "client_id",
                "tenant",
                "secret",
                "ad_user",
                "password",
                "x509_certificate_path",
                "thumbprint",
                "federated_token_file",
                "federated_token",
                "oidc_request_url",
                "oidc_request_token",
                "oidc_audience",
                "adfs_authority_url",
            )
            if values.get(name)
        },
    )


def _auxiliary_tenants(method: str, given: Any) -> tuple[str, ...]:
    """The further tenants of the options, or of a variable, which separates them by commas.

    :raises InvalidInput: if they are no ids, too many, or the method has tokens of one tenant only.
    """
    tenants = re.split(r"[,;\s]+", given.strip()) if isinstance(given, str) else [str(one) for one in given]
    tenants = list(dict.fromkeys(one.lower() for one in tenants))
    wrong = next((one for one in tenants if not _TENANT_ID.fullmatch(one)), None)
    if wrong is not None:
        raise InvalidInput(f"Option 'auxiliary_tenants' contains '{wrong}', which is not the id of a tenant.")
    if len(tenants) > _MAX_AUXILIARY_TENANTS:
        raise InvalidInput(
            f"Option 'auxiliary_tenants' contains {len(tenants)} tenants; Azure accepts {_MAX_AUXILIARY_TENANTS} at most."
        )
    if tenants and method == "managed_identity":
        raise InvalidInput(
            "Option 'auxiliary_tenants' cannot be used with a managed identity, which has tokens of its own tenant only; sign in as a "
            "multitenant application."
        )
    return tuple(tenants)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for option, variables in ENVIRONMENT.items():
        value = next((environment[variable] for variable in variables if environment.get(variable)), None)
        if value:
            found[option] = value
    return found


def _profile_origin(profile: str) -> str:
    return f"profile '{profile}' of {CREDENTIALS_FILE}"


def _read_file(required: bool) -> configparser.ConfigParser:
    """Read the credentials file.

    :param required: whether a profile of it was requested.
    :raises FileUnusable: if it cannot be used; a missing one is empty unless required.
    """
    # No interpolation: a secret may contain a percent sign.
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_text(_CREDENTIALS, CREDENTIALS_FILE))
    except FileUnusable as unusable:
        if required or unusable.code != FILE_MISSING:
            raise
    except configparser.Error:
        # The message of the parser contains the line, which may be a secret.
        raise FileUnusable(_CREDENTIALS, CREDENTIALS_FILE, "", FILE_CONTENT_WRONG, "is not an INI file") from None
    return parser


def _from_file(profile: str) -> dict[str, Any]:
    parser = _read_file(required=True)
    if profile not in parser:
        raise SignInFailed(
            f"The profile '{profile}' does not exist in '{absolute_path(CREDENTIALS_FILE)}'.", code="profile_missing"
        )
    return {name: value for name, value in parser[profile].items() if name in ENVIRONMENT and value}
