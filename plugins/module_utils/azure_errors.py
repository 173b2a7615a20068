# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The only map from the SDK's exceptions to ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.claims_challenge import (
    challenge_in,
    challenge_of,
    mfa_failure,
)
from ansible_collections.golden.azure.plugins.module_utils.errors import (
    Failure,
    LostAnswer,
    NotFound,
    Refused,
    SignInFailed,
    Throttled,
    Unreachable,
)
from ansible_collections.golden.azure.plugins.module_utils.local_secrets import unusable
from ansible_collections.golden.azure.plugins.module_utils.sdk import exceptions

_ENTRA_CODE = re.compile(r"AADSTS\d+")

#: What to do about the codes that people meet.
_ADVICE = {
    "AuthorizationFailed": "give the signed-in identity a role that allows it",
    "LinkedAuthorizationFailed": "give the signed-in identity rights on the linked resource too",
    "ScopeLocked": "remove the lock, or choose another resource group",
    "SubscriptionNotFound": "check 'subscription_id' (AZURE_SUBSCRIPTION_ID)",
    "InvalidSubscriptionId": "check 'subscription_id' (AZURE_SUBSCRIPTION_ID)",
    "ResourceGroupNotFound": "check the name of the resource group and the subscription",
    "InvalidAuthenticationToken": "check 'cloud_environment' and the credentials",
    "QuotaExceeded": "ask for more quota, or choose another size or region",
    "SkuNotAvailable": "choose another size or region",
    "AllocationFailed": "run the task again later, or choose another size or region",
    "ZonalAllocationFailed": "run the task again later, or choose another size or region",
    "OverconstrainedAllocationRequest": "run the task again later, or choose another size or region",
    "MarketplacePurchaseEligibilityFailed": "see whether the terms of the image's offer are accepted in this subscription",
    "ResourcePurchaseValidationFailed": "see whether the terms of the image's offer are accepted in this subscription",
    "RequestDisallowedByPolicy": "meet the policy, or ask for an exemption",
    "MissingSubscriptionRegistration": "register the resource provider in the subscription first",
}


@contextmanager
def translated(doing: str, write: bool = False) -> Iterator[None]:
    """Run SDK calls, turning whatever they raise into one of our failures.

    :param doing: what is being done to which resource, as in "Reading image 'web' in resource group 'images'".
    :param write: whether a lost answer may mean that something was changed.
    :raises Failure: of the kind that fits.
    """
    try:
        yield
    except exceptions.ClientAuthenticationError as error:
        raise _sign_in_failure(doing, error) from error
    except exceptions.HttpResponseError as error:
        headers = getattr(error.response, "headers", None)
        raise refusal(doing, error.status_code or 0, _body(error), _request_id(error), headers) from error
    except exceptions.ServiceRequestError as error:
        raise Unreachable(f"{doing} failed: {_connection_problem(error)}.") from error
    except exceptions.ServiceResponseError as error:
        kind = LostAnswer if write else Unreachable
        raise kind(f"{doing} failed: the connection was lost before the answer came.") from error
    except exceptions.AzureError as error:
        raise Failure(f"{doing} failed: {_first_sentence(error.message)}") from error
    except OSError as error:
        # A file that the SDK or Python reads on the way, such as the key of Azure Arc's agent.
        if error.filename:
            raise unusable("file", str(error.filename), "", error) from None
        raise Unreachable(f"{doing} failed: {error.strerror or 'the system refused it'}.") from None
    except Throttled as error:
        raise Throttled(f"{doing} was held back: {error.message}") from error


def refusal(
    doing: str,
    status: int,
    body: dict[str, Any],
    request_id: str | None,
    headers: Mapping[str, str] | None = None,
) -> Failure:
    """Make a failure of what Resource Manager answered, or of how an operation ended.

    :param body: the answer's ``error`` object.
    :param headers: the answer's.
    """
    challenge = challenge_of(headers) if status == 401 else None
    if challenge:
        return mfa_failure(doing, challenge, request_id)
    code = str(body.get("code") or f"HTTP {status}")
    message = _reason(body)
    advice = _ADVICE.get(code)
    text = f"{doing} failed: {message.rstrip('.')}{'; ' + advice if advice else ''}."
    kind = NotFound if status == 404 else Throttled if status == 429 else SignInFailed if status == 401 else Refused
    return kind(text, code=code, request_id=request_id)


def _reason(error: dict[str, Any]) -> str:
    """Why, in a sentence; what only refers to the errors within it is followed by the first of them."""
    message = str(error.get("message") or "no reason was given")
    policies = _policies(error)
    if policies:
        return f"{_first_sentence(message).rstrip('.')} ({', '.join(policies)})"
    within = next((str(detail["message"]) for detail in error.get("details") or [] if detail.get("message")), None)
    if within is None or "inner error" not in message.lower():
        return _first_sentence(message)
    return f"{_first_sentence(message).rstrip('.')}: {_first_sentence(_unwrapped(within))}"


def _policies(error: dict[str, Any]) -> list[str]:
    """The names of the policies that refused; the message holds them as JSON, after its first sentence."""
    told = (
        item.get("info") or {} for item in error.get("additionalInfo") or [] if item.get("type") == "PolicyViolation"
    )
    names = (info.get("policyDefinitionDisplayName") or info.get("policyAssignmentName") for info in told)
    return list(dict.fromkeys(str(name) for name in names if name))


def _unwrapped(message: str) -> str:
    """The message within a message that is an error's JSON, as services behind Resource Manager answer it."""
    try:
        return str(json.loads(message)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return message


def _sign_in_failure(doing: str, error: Any) -> SignInFailed:
    text = error.message or str(error)
    # Where a credential cannot meet a challenge, it fails for its own reason, and the answer that asked is the cause.
    asked = getattr(error.__cause__, "response", None) or getattr(error, "response", None)
    challenge = challenge_of(getattr(asked, "headers", None)) or challenge_in(text)
    if challenge:
        return mfa_failure(doing, challenge, _request_id(error.__cause__ or error))
    found = _ENTRA_CODE.search(text)
    code = found.group(0) if found else None
    if getattr(error, "response", None) is not None and not found:
        body = _body(error)
        return SignInFailed(
            f"{doing} failed: Azure does not accept the token: {_first_sentence(str(body.get('message') or text)).rstrip('.')}; "
            "check 'cloud_environment', 'tenant' and 'subscription_id'.",
            code=body.get("code"),
            request_id=_request_id(error),
        )
    reason = _first_sentence(text[found.end() :].lstrip(": ") if found else text).rstrip(".")
    return SignInFailed(f"{doing} failed: {reason}.", code=code)


def _body(error: Any) -> dict[str, Any]:
    try:
        content = error.response.json()
        return dict(content["error"])
    except (AttributeError, KeyError, TypeError, ValueError, exceptions.AzureError):
        return {"code": None, "message": error.message}


def _request_id(error: Any) -> str | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    return headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id")


def _connection_problem(error: Any) -> str:
    text = str(error)
    host = re.search(r"host='([^']+)', port=(\d+)", text)
    where = f"'{host.group(1)}' (port {host.group(2)})" if host else "the endpoint"
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        return (
            f"the certificate of {where} does not verify; if it is signed by a certificate authority of your own, "
            "name that in REQUESTS_CA_BUNDLE"
        )
    if "Name or service not known" in text or "Failed to resolve" in text or "name resolution" in text:
        return f"the name of {where} cannot be resolved; check 'cloud_environment' and the network"
    if "timed out" in text:
        return f"{where} did not answer in time; check the network, the proxy (HTTPS_PROXY) and 'cloud_environment'"
    return f"{where} cannot be reached; check the network, the proxy (HTTPS_PROXY) and 'cloud_environment'"


def _first_sentence(text: str) -> str:
    """The first sentence of what may be a page; what follows is a trace id, a link or a repetition."""
    line = " ".join(text.split("\n", maxsplit=1)[0].split())
    end = re.search(r"\.\s+(?=[A-Z])", line)
    return line[: end.start() + 1] if end else line
