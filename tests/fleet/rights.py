# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which right each request to Azure takes.

Source: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

from __future__ import annotations

import re

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_SUBSCRIPTION = re.compile(r"^/subscriptions/[^/]+(?P<rest>.*)$", re.IGNORECASE)


def right_of(method: str, path: str) -> str | None:
    """The action of a role definition that a request takes; None for what is no request to Resource Manager.

    :param path: without the query.
    """
    found = _SUBSCRIPTION.match(path)
    if found is None:
        return "Microsoft.ResourceGraph/resources/read" if path.lower().endswith("resourcegraph/resources") else None
    prefix, provider, below = path.rpartition("/providers/")
    if prefix and provider:
        return _of_resource(method, below)
    # Of subscriptions and groups, types and names take turns, too.
    types = found["rest"].split("/")[1::2]
    named = ["resourceGroups" if one.lower() == "resourcegroups" else one for one in types]
    return "/".join(["Microsoft.Resources/subscriptions", *named, _VERBS[method]])


def _of_resource(method: str, below: str) -> str:
    namespace, *words = below.split("/")
    # Types and names take turns; what is asked of a resource (POST) comes where the next type would.
    return "/".join([namespace, *words[::2], "action" if method == "POST" else _VERBS[method]])
