# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert exceptions of the SDK to exceptions of this collection; the only file that does so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.auth.claims_challenge import (
    challenge_in,
    challenge_of,
    mfa_failure,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.entra_advice import advice_for
from ansible_collections.golden.azure.plugins.module_utils._azure.connection_problems import connection_problem
from ansible_collections.golden.azure.plugins.module_utils._azure.error_messages import first_sentence, reason_of
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import listed_versions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    Failure,
    LostResponse,
    NotFound,
    Refused,
    SignInFailed,
    Throttled,
    Unreachable,
)
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import unusable

_ENTRA_CODE = re.compile(r"AADSTS\d+")

#: Advice for common error codes.
_ADVICE = {
    "AuthorizationFailed": "assign a role that allows it to the signed-in identity",
    "LinkedAuthorizationFailed": "grant the signed-in identity permissions on the linked resource too, and if it is in another "
    "tenant, add that to 'auxiliary_tenants'",
    "ScopeLocked": "remove the lock, or choose another resource group",
    "SubscriptionNotFound": "check 'subscription_id' (AZURE_SUBSCRIPTION_ID)",
    "InvalidSubscriptionId": "check 'subscription_id' (AZURE_SUBSCRIPTION_ID)",
    "ResourceGroupNotFound": "check the name of the resource group and the subscription",
    "InvalidAuthenticationToken": "check the clock of this host, then sign in again",
    "InvalidAuthenticationTokenAudience": "check 'cloud_environment': the token is for another cloud",
    "InvalidAuthenticationTokenTenant": "check 'tenant' and 'subscription_id', or add the tenant to 'auxiliary_tenants'",
    "QuotaExceeded": "request a quota increase, or choose another size or region",
    "SkuNotAvailable": "choose another size or region",
    "AllocationFailed": "run the task again later, or choose another size or region",
    "ZonalAllocationFailed": "run the task again later, or choose another size or region",
    "OverconstrainedAllocationRequest": "run the task again later, or choose another size or region",
    "MarketplacePurchaseEligibilityFailed": "check whether the subscription may purchase the image's offer, and has accepted its terms",
    "ResourcePurchaseValidationFailed": "check whether the terms of the image's offer are accepted in this subscription",
    "RequestDisallowedByPolicy": "comply with the policy, or request an exemption",
    "MissingSubscriptionRegistration": "register the resource provider in the subscription first",
}

#: Advice for codes with several possible causes, by the property that Azure returns as the target.
_ADVICE_BY_TARGET = {
    # https://github.com/Azure/azure-cli/issues/31234; from 2025-11-01 on no feature is required:
    # https://github.com/Azure/azure-cli/issues/33280
    "securityProfile.securityType": "if Standard was requested, register the feature that it requires ('az feature register "
    "--namespace Microsoft.Compute --name UseStandardSecurityType', then 'az provider register --namespace Microsoft.Compute'), or "
    "capture into a gallery from a Trusted Launch virtual machine",
    "securityProfile.encryptionAtHost": "register it ('az feature register --namespace Microsoft.Compute --name EncryptionAtHost', "
    "then 'az provider register --namespace Microsoft.Compute'), or choose a size that supports it",
}

_DEFAULT_ADVICE = "check 'tenant' and 'subscription_id'"


@contextmanager
def translated(operation_label: str, write: bool = False) -> Iterator[None]:
    """Run SDK calls, converting their exceptions into failures of this collection.

    :param operation_label: the operation and its resource, as in "Reading image 'web' in resource group 'images'".
    :param write: whether a request may have taken effect although its response was lost.
    :raises Failure: of the matching class.
    """
    try:
        yield
    except exceptions.ClientAuthenticationError as error:
        _raise_cause(operation_label, error)
        raise _sign_in_failure(operation_label, error) from error
    except exceptions.HttpResponseError as error:
        headers = getattr(error.response, "headers", None)
        raise refusal(operation_label, error.status_code or 0, _body(error), _request_id(error), headers) from error
    except exceptions.ServiceRequestError as error:
        raise _no_connection(operation_label, error) from error
    except exceptions.ServiceResponseError as error:
        kind = LostResponse if write else Unreachable
        raise kind(f"{operation_label} failed: the connection was lost before the response arrived.") from error
    except exceptions.AzureError as error:
        raise Failure(f"{operation_label} failed: {first_sentence(error.message)}.") from error
    except OSError as error:
        # An error with a file that the SDK or Python reads, such as the key of the Azure Arc agent.
        if error.filename:
            raise unusable("file", str(error.filename), "", error) from None
        raise Unreachable(f"{operation_label} failed: {error.strerror or 'refused by the operating system'}.") from None
    except Throttled as error:
        raise Throttled(f"{operation_label} was throttled: {error.message}") from error


def refusal(
    operation_label: str,
    status: int,
    body: dict[str, Any],
    request_id: str | None,
    headers: Mapping[str, str] | None = None,
) -> Failure:
    """Convert an error response of Resource Manager, or of an operation, into a failure.

    :param body: the response's ``error`` object.
    :param headers: the headers of the response.
    """
    challenge = challenge_of(headers) if status == 401 else None
    if challenge:
        return mfa_failure(operation_label, challenge, request_id)
    code = str(body.get("code") or f"HTTP {status}")
    advice = (
        _ADVICE.get(code)
        or _ADVICE_BY_TARGET.get(str(body.get("target")))
        or ("this is a problem of Azure; run the task again later" if status >= 500 else "")
    )
    failed = f"failed with HTTP {status}" if status >= 500 else "failed"
    text = f"{operation_label} {failed}: {reason_of(body)}{'; ' + advice if advice else ''}."
    kind: type[Failure] = (
        NotFound if status == 404 else Throttled if status == 429 else SignInFailed if status == 401 else Refused
    )
    failure = kind(text, code=code, request_id=request_id)
    failure.supported_versions = listed_versions(code, str(body.get("message") or ""))
    return failure


def _no_connection(operation_label: str, error: Exception) -> Unreachable:
    problem = connection_problem(str(error))
    return Unreachable(f"{operation_label} failed: {problem.reason}.", code=problem.code)


def _raise_cause(operation_label: str, error: Exception) -> None:
    """Raise connection errors that azure-identity reports as authentication errors.

    :raises Failure: if the cause is a connection error.
    """
    cause = error.__cause__
    if isinstance(cause, Failure):
        raise cause
    if isinstance(cause, exceptions.ServiceRequestError):
        raise _no_connection(operation_label, cause) from error
    if isinstance(cause, exceptions.ServiceResponseError):
        raise Unreachable(f"{operation_label} failed: the connection was lost before the response arrived.") from error
    if isinstance(cause, OSError) and cause.filename:
        raise unusable("file", str(cause.filename), "", cause) from None
    if "authority configuration" in str(error):
        # MSAL's error for an unknown tenant, before it requests a token.
        raise SignInFailed(
            f"{operation_label} failed: the tenant does not exist in this cloud; check 'tenant' and "
            "'cloud_environment'.",
            code="tenant_not_found",
        ) from error
    if cause is not None and not isinstance(cause, exceptions.AzureError):
        # Its text could contain the unreadable response.
        raise SignInFailed(
            f"{operation_label} failed: the response of the identity service cannot be read ({type(cause).__name__}).",
            code="answer_not_read",
        ) from error


def _sign_in_failure(operation_label: str, error: Any) -> SignInFailed:
    text = error.message or str(error)
    # If a credential cannot satisfy a claims challenge, it fails with its own error, and the challenge is the cause.
    asked = getattr(error.__cause__, "response", None) or getattr(error, "response", None)
    challenge = challenge_of(getattr(asked, "headers", None)) or challenge_in(text)
    if challenge:
        return mfa_failure(operation_label, challenge, _request_id(error.__cause__ or error))
    found = _ENTRA_CODE.search(text)
    code = found.group(0) if found else None
    if getattr(error, "response", None) is not None and not found:
        body = _body(error)
        return SignInFailed(
            f"{operation_label} failed: Azure does not accept the token: "
            f"{reason_of({**body, 'message': body.get('message') or text})}; "
            f"{_ADVICE.get(str(body.get('code')), _DEFAULT_ADVICE)}.",
            code=body.get("code"),
            request_id=_request_id(error),
        )
    reason = first_sentence(text[found.end() :].lstrip(": ") if found else text)
    advice = advice_for(code)
    return SignInFailed(f"{operation_label} failed: {reason.rstrip('.')}{'; ' + advice if advice else ''}.", code=code)


def _body(error: Any) -> dict[str, Any]:
    try:
        content = error.response.json()
        return dict(content["error"])
    except (AttributeError, KeyError, TypeError, ValueError, exceptions.AzureError):
        return {"code": None, "message": error.message}


def _request_id(error: Any) -> str | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    return headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id")
