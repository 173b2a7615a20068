# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscriptions of several tenants: each takes tokens of its own, and a write those of what it refers to beside.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/authenticate-multi-tenant
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import error
from .model import Call
from .rights import referred_ids
from .settings import Settings


def tenant_of(settings: Settings, subscription: str) -> str:
    """The tenant that a subscription is in."""
    for tenant, subscriptions in settings.other_tenants.items():
        if subscription.lower() in map(str.lower, subscriptions):
            return tenant
    return settings.tenant


def check(call: Call, caller: dict[str, Any], others: Iterable[dict[str, Any]], origin: str) -> None:
    """Refuse a token of another tenant, and a write that refers to a tenant of which there is no token.

    `others` are the claims of the auxiliary tokens.
    """
    settings = call.cloud.settings
    if not settings.other_tenants or call.path.subscription is None:
        return
    own = tenant_of(settings, call.path.subscription)
    if caller.get("tid") != own:
        refusal = error("wrong_tenant", given=caller.get("tid"), wanted=own)
        refusal.headers["WWW-Authenticate"] = f'Bearer authorization_uri="{origin}/{own}", error="invalid_token"'
        raise refusal
    known = {own, *(claims.get("tid") for claims in others)}
    for id in referred_ids(call.body) if call.method in ("PUT", "PATCH") else ():
        subscription = id.split("/")[2]
        if tenant_of(settings, subscription) not in known:
            raise error("tenant_not_linked", scope=call.path.id, tenant=own, linked=subscription)
