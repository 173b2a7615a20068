# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CI system that issues federated tokens to its jobs, as GitHub Actions does.

Source: https://docs.github.com/actions/reference/security/oidc (the request, its answer, and the claims of a token).
"""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

import jwt

from .settings import Settings

PATH = "/_apis/pipelines/idtoken"
ISSUER = "https://token.actions.githubusercontent.com"
#: Seconds; those of GitHub are valid for five minutes.
LIFETIME = 300
_KEY = secrets.token_bytes(32)


def ci_token(settings: Settings, audience: str, lifetime: float = LIFETIME) -> str:
    """A token for the job."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": settings.oidc_subject,
        "aud": audience,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "nbf": now - 5,
        "exp": now + lifetime,
    }
    return jwt.encode(claims, _KEY, algorithm="HS256")


def answer_to_job(settings: Settings, authorization: str, audience: str) -> tuple[int, Any]:
    """The answer to a request of a job: its status and its JSON."""
    kind, _space, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not secrets.compare_digest(token, settings.oidc_request_token):
        return 401, {"message": "The authorization header is invalid."}
    return 200, {"count": 1, "value": ci_token(settings, audience)}
