# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be set about an embedded Azure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
CLIENT = "33333333-3333-4333-8333-333333333333"


@dataclass
class Settings:
    """Identity, timing and limits.

    `subscription` is the one that clients are told to work in, `other_subscriptions` are further ones that they see.
    `durations` maps "METHOD type" or "action type" (such as "deallocate Microsoft.Compute/virtualMachines") or "*" to
    seconds an operation takes. `retry_after` replaces Azure's own Retry-After seconds; None keeps them.
    `page_size` is the length of a page of a list. `throttling` enforces the token buckets: all, or
    those of the policies named, such as UpdateVM (see throttling.py).
    `uncounted`: policies (see throttling.py) that have no bucket; `*` for none at all, those of ARM itself included.
    `nested_delay`: seconds for which a gallery or definition cannot be deleted after its last child has gone (Azure:
    some 10 to 20).
    `agent_delay`: seconds for which the agent of a guest that has started has told nothing of itself yet.
    `deletion_delay`: seconds for which reads of what was deleted still reach its provider, which answers in its own words.
    `rights`: the role assignments of everybody who signs in, each {scope, actions, not_actions, data_actions}; None for no
    limits.
    `policies`: assignments of Azure Policy (see policy_assignments.py); `policy_insights`: whether they can be asked for.
    `user`, `user_password`: an account whose writes are refused unless its token says that it has shown more than a
    password; `user_mfa`: whether its tokens do.
    `proxy_credentials`: USER:PASSWORD that the CONNECT proxy wants of everybody, from its start on.
    `quotas`: other limits than Azure's own, by their names (see quotas.py).
    `restricted_sizes`: by region, sizes that the subscription cannot have there, each with the zones (none: the whole region).
    `features`: those that the subscription has registered, such as Microsoft.Compute/EncryptionAtHost.
    `api_versions`: those that providers or types know, as a list or as lists by region (see known_versions.py).
    `other_tenants`: tenant -> those of the other subscriptions that are in it (see tenants.py).
    `federated_credentials`: the identity credentials of the client, each {issuer, subject, audiences}, by which Entra takes tokens of
    others; `oidc_subject`: whose tokens a CI system issues that stands beside (see ci_tokens.py), `oidc_request_token`: what its jobs
    ask for them with.
    `modified_disks`: properties that policies with the effect modify give to new disks.
    `replication_failures`: how many times in a row the replication of gallery versions fails in a region, such as northeurope.
    `accepted_terms`: purchase plans whose terms were accepted, each as publisher:product:name. `purchases`: whether the tenant may buy
    what has a plan.
    """

    subscription: str = SUBSCRIPTION
    other_subscriptions: list[str] = field(default_factory=list)
    tenant: str = TENANT
    client: str = CLIENT
    # It begins with a letter: what begins with a hyphen, a command line takes for an option.
    secret: str = field(default_factory=lambda: f"s{secrets.token_urlsafe(24)}", repr=False)
    durations: dict[str, float] = field(default_factory=dict)
    retry_after: int | None = None
    page_size: int = 100
    throttling: bool | list[str] = False
    uncounted: list[str] = field(default_factory=list)
    nested_delay: float = 0.0
    agent_delay: float = 0.0
    deletion_delay: float = 0.0
    rights: list[dict[str, Any]] | None = None
    policies: list[dict[str, Any]] = field(default_factory=list)
    policy_insights: bool = True
    user: str = "user@example.org"
    user_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    user_mfa: bool = False
    quotas: dict[str, int] = field(default_factory=dict)
    restricted_sizes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    features: list[str] = field(default_factory=list)
    api_versions: dict[str, Any] = field(default_factory=dict)
    modified_disks: dict[str, Any] = field(default_factory=dict)
    replication_failures: dict[str, int] = field(default_factory=dict)
    accepted_terms: list[str] = field(default_factory=list)
    purchases: bool = True
    other_tenants: dict[str, list[str]] = field(default_factory=dict)
    federated_credentials: list[dict[str, Any]] = field(default_factory=list)
    oidc_subject: str = "repo:example/golden:ref:refs/heads/main"
    oidc_request_token: str = field(default_factory=lambda: f"o{secrets.token_urlsafe(24)}", repr=False)
    proxy_credentials: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.durations = {key.lower(): float(value) for key, value in self.durations.items()}
        if self.retry_after is not None and self.retry_after < 1:
            raise ValueError("retry_after must be at least 1: azure-core reads Retry-After: 0 as absent.")

    @property
    def subscriptions(self) -> list[str]:
        """All that can be seen."""
        return [self.subscription, *self.other_subscriptions]

    def has_feature(self, name: str) -> bool:
        """Whether the subscription has registered a feature, by namespace and name."""
        return any(name.lower() == known.lower() for known in self.features)

    def fails_to_replicate(self, region: str) -> bool:
        """Whether the replication of a version fails in a region now; each failure is counted."""
        left = self.replication_failures.get(region, 0)
        if left:
            self.replication_failures[region] = left - 1
        return left > 0

    def throttles(self, policy: str) -> bool:
        """Whether requests beyond the limit of a policy are refused."""
        return policy in self.throttling if isinstance(self.throttling, list) else self.throttling

    def seconds(self, action: str, type: str) -> float:
        """How long an action on a type takes."""
        for key in (f"{action} {type}", type, action, "*"):
            if key.lower() in self.durations:
                return self.durations[key.lower()]
        return 0.0

    def update(self, values: dict[str, Any]) -> None:
        """Change some settings, as a seed does; an unknown one is a ValueError."""
        for key, value in values.items():
            if key not in self.__dataclass_fields__:
                raise ValueError(f"There is no setting {key}.")
            setattr(self, key, value)
        self.__post_init__()
