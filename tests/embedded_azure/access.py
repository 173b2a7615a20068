# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a caller may do what it asks for: multi-factor authentication, role assignments and policies, in this order."""

from __future__ import annotations

import base64
import json
from typing import Any

from . import policy_assignments
from .cloud import Cloud
from .errors import AzureError, error
from .model import Call
from .rights import allowed, linked_rights, permissions_at, right_of

#: What Azure asks of a user who wants to write (Azure/azure-cli#31699).
CLAIMS = {"access_token": {"acrs": {"essential": True, "values": ["p1"]}}}
# POSTs that change nothing.
_QUESTIONS = ("/providers/microsoft.resourcegraph/", "/checkpolicyrestrictions", "/retrievebootdiagnosticsdata")


def encoded_claims() -> str:
    """The claims challenge as it stands in WWW-Authenticate and behind `az login --claims-challenge`."""
    return base64.b64encode(json.dumps(CLAIMS, separators=(",", ":")).encode()).decode()


def check(cloud: Cloud, caller: dict[str, Any], call: Call, origin: str) -> None:
    """Let a request pass, or raise AzureError.

    `caller` are the claims of its token.
    """
    if _writes(call) and caller.get("idtyp") == "user" and "p1" not in (caller.get("acrs") or []):
        raise _challenge(call, f"{origin}/{cloud.settings.tenant}")
    _check_rights(cloud, caller, call)
    if call.method in ("PUT", "PATCH"):
        policy_assignments.check(cloud, call)


def _writes(call: Call) -> bool:
    return call.method not in ("GET", "HEAD") and not any(word in call.path.id.lower() for word in _QUESTIONS)


def _challenge(call: Call, authority: str) -> AzureError:
    refusal = error("user_without_mfa", name=call.path.name or call.path.group)
    refusal.headers["WWW-Authenticate"] = (
        f'Bearer realm="", authorization_uri="{authority}", error="insufficient_claims", claims="{encoded_claims()}"'
    )
    return refusal


def _check_rights(cloud: Cloud, caller: dict[str, Any], call: Call) -> None:
    assignments = cloud.settings.rights
    action = right_of(call.method, call.path.id)
    if action is None or assignments is None:
        return
    who = {"client": caller.get("appid"), "object_id": caller.get("oid")}
    scope = call.path.scope if _extends(call) else call.path.id
    if not allowed(permissions_at(assignments, scope), action):
        raise error("no_right", action=action, scope=scope, **who)
    if call.method not in ("PUT", "PATCH") or not call.path.is_resource:
        return
    for linked, id in linked_rights("/".join(call.path.types), call.body):
        if id.lower() != call.path.id.lower() and not allowed(permissions_at(assignments, id), linked):
            raise error("no_linked_right", action=action, scope=scope, linked=linked, id=id, **who)


def _extends(call: Call) -> bool:
    """Whether the request is about something that hangs on any resource, such as its tags, locks or permissions."""
    return (call.path.namespace or "").lower() in ("microsoft.authorization", "microsoft.policyinsights") or (
        call.path.type.lower() == "microsoft.resources/tags"
    )
