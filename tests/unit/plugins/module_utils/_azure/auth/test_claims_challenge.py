# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users without multi-factor authentication: what a challenge says, who is a user, and that asking again ends."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import translated
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.claims_challenge import (
    MFA_REQUIRED,
    Challenge,
    challenge_in,
    challenge_of,
    has_used_mfa,
    is_user,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import CredentialOptions
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import SignInFailed

from scripted_azure.resources import GROUP, IMAGE_ID, image

TENANT = "22222222-2222-4222-8222-222222222222"
CLAIMS = base64.b64encode(b'{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}').decode()
HEADER = (
    f'Bearer realm="", authorization_uri="https://login.microsoftonline.com/{TENANT}", error="insufficient_claims", '
    f'claims="{CLAIMS}"'
)
REFUSAL = {"error": {"code": "RequestDisallowedByPolicy", "message": "Resource 'golden' was disallowed by policy. ."}}


def token(**claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.signature"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (HEADER, Challenge(CLAIMS, TENANT)),
        (HEADER.replace(TENANT, "common/oauth2/authorize"), Challenge(CLAIMS, None)),
        (HEADER.replace("insufficient_claims", "invalid_token"), None),
        ('Bearer authorization_uri="https://login", error="invalid_token"', None),
        ("", None),
    ],
)
def test_a_challenge_is_told_from_other_refusals(header, found):
    assert challenge_of({"www-authenticate": header}) == found


def test_no_headers_hold_no_challenge():
    assert challenge_of(None) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"please run the following command: az login --claims-challenge {CLAIMS}", Challenge(CLAIMS)),
        ("AADSTS50076: you must use multi-factor authentication", Challenge()),
        ("AADSTS7000215: Invalid client secret provided.", None),
    ],
)
def test_what_credentials_and_entra_say(text, found):
    assert challenge_in(text) == found


def test_a_sign_in_that_entra_refuses_for_want_of_more_than_a_password():
    with pytest.raises(SignInFailed) as failed, translated("Signing in"):
        raise exceptions.ClientAuthenticationError("AADSTS50076: Due to a configuration change, you must use MFA.")
    assert failed.value.code == MFA_REQUIRED


@pytest.mark.parametrize(
    ("method", "shown", "user"),
    [
        ("password", "opaque", True),
        ("client_secret", token(idtyp="user"), False),
        ("managed_identity", "opaque", False),
        ("workload_identity", "opaque", False),
        ("certificate", "opaque", False),
        ("cli", token(idtyp="user"), True),
        ("cli", token(idtyp="app"), False),
        ("cli", token(scp="user_impersonation"), True),
        ("cli", token(roles=[]), False),
        # What does not tell is taken for a user's.
        ("cli", "opaque", True),
        ("cli", "a.b.c", True),
        ("cli", f"e30.{base64.urlsafe_b64encode(b'[]').decode()}.x", True),
    ],
)
def test_who_is_a_user(method, shown, user):
    assert is_user(CredentialOptions(method, "the environment"), shown) is user


@pytest.mark.parametrize(
    ("shown", "used"),
    [(token(amr=["pwd", "mfa"]), True), (token(acrs=["p1"]), True), (token(amr=["pwd"]), False), ("opaque", False)],
)
def test_whether_a_token_says_that_it_took_more_than_a_password(shown, used):
    assert has_used_mfa(shown) is used


@pytest.mark.parametrize("answers", [1, 2])
def test_a_credential_that_ignores_the_claims_is_asked_once_more_and_no_more(wire, run, answers):
    """As older releases of azure-identity do, and Entra where it has nothing more to give."""
    wire.expect("GET", IMAGE_ID, body=image(tags={"a": "b"}))
    wire.expect("GET", f"{GROUP}/providers/Microsoft.Authorization/locks", body={"value": []})
    for _each in range(answers):
        wire.expect(
            "PATCH",
            f"{IMAGE_ID}/providers/Microsoft.Resources/tags/default",
            401,
            REFUSAL,
            headers={"WWW-Authenticate": HEADER},
        )
    if answers == 1:
        wire.expect("PATCH", f"{IMAGE_ID}/providers/Microsoft.Resources/tags/default", 200, {})
        wire.expect("GET", IMAGE_ID, body=image(tags={"a": "c"}))
    result = run("vm_image_tag", image="golden", resource_group="images", tags={"a": "c"})
    assert len(wire.sent("PATCH")) == 2
    if answers == 2:
        assert (result["rc"], result["error"]["code"]) == (1, MFA_REQUIRED)
        assert result["changed"] is False
    else:
        assert result["changed"] is True
