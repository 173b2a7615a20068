# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which throttling policy a request counts against."""

from __future__ import annotations

from .model import Call
from .routing import Router

_WORDS = {"GET": "get", "HEAD": "get", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def policy_of(router: Router, call: Call) -> str:
    """The policy's name, or an empty string when none counts (the request may yet be refused)."""
    for method, pattern, route in router.routes:
        if method == call.method and pattern.match(call.path.id):
            return route.policy
    path = call.path
    kind = router.find(path.type)
    if kind is not None:
        word = "list" if not path.is_resource else _WORDS.get(call.method, "get")
        if word == "write" and call.method == "PATCH":
            return kind.policies.get("act", kind.policies.get("write", ""))
        return kind.policies.get(word, "")
    owner = router.find("/".join((path.namespace or "", *path.types[:-1]))) if path.names else None
    if owner is None:
        return ""
    for name, action in owner.actions.items():
        if name.lower() == path.types[-1].lower():
            return action.policy or owner.policies.get("act", "")
    return owner.policies.get("get", "")
