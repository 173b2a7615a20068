# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Azure Resource Graph: many resources of many subscriptions in few requests, somewhat behind Resource Manager.

Facts from https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data and .../paging-results.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import (
    API_VERSION_NOT_SUPPORTED,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, NotFound, Refused

Json = dict[str, Any]

_PATH = "/providers/Microsoft.ResourceGraph/resources"
_PAGE = 1000
#: Error codes if Resource Graph is not available for this identity or in this cloud.
_NOT_ALLOWED = frozenset(
    {
        "AccessDenied",
        "AuthorizationFailed",
        "Forbidden",
        "InvalidResourceNamespace",
        "InvalidResourceType",
        "MissingSubscriptionRegistration",
        "NoRegisteredProviderFound",
        API_VERSION_NOT_SUPPORTED,
        "HTTP 403",
        "HTTP 404",
    }
)


class GraphNotAllowed(Failure):
    """The identity is not allowed to query Resource Graph, or the cloud does not provide it."""


class GraphIncomplete(Failure):
    """Resource Graph returned incomplete results."""


def query_graph(arm: ArmClient, query: str, subscriptions: Sequence[str] | None, what: str) -> list[Json]:
    """Run a query to its last page.

    :param query: in Kusto; it must return the column id, by which the pages are ordered.
    :param subscriptions: None for all that the identity can see.
    :param what: for messages, as in "Listing the images of the subscription".
    :returns: the rows.
    :raises GraphNotAllowed: if Resource Graph is not available.
    :raises GraphIncomplete: if rows are missing; results are never incomplete without it.
    :raises Failure: if it cannot be reached.
    """
    # Without an order, a row could be on several pages, and others on none.
    question: Json = {"query": f"{query} | order by id asc", "options": {"$top": _PAGE, "resultFormat": "objectArray"}}
    if subscriptions is not None:
        question["subscriptions"] = list(subscriptions)
    rows: dict[str, Json] = {}
    while True:
        answer = _ask(arm, question, what)
        for row in answer.get("data") or []:
            rows[str(row["id"]).lower()] = row
        token = answer.get("$skipToken")
        if not token:
            _check_complete(answer, len(rows), what)
            return list(rows.values())
        question["options"] = {**question["options"], "$skipToken": token}


def _ask(arm: ArmClient, question: Json, what: str) -> Json:
    try:
        return arm.query(_PATH, "resource_graph", question, what)
    except (NotFound, Refused) as refused:
        if refused.code in _NOT_ALLOWED:
            raise GraphNotAllowed(refused.message, refused.code, refused.request_id) from refused
        raise


def _check_complete(answer: Json, count: int, what: str) -> None:
    total = answer.get("totalRecords")
    truncated = str(answer.get("resultTruncated")).lower() == "true"
    if truncated or not isinstance(total, int) or count < total:
        raise GraphIncomplete(f"{what} failed: Resource Graph returned {count} of {total} rows; run the task again.")


def unanswered(rows: Iterable[Json], subscriptions: Iterable[str]) -> list[str]:
    """The subscriptions without a row: Resource Graph omits those that the identity cannot see."""
    seen = {str(row["id"]).split("/")[2].lower() for row in rows}
    return [subscription for subscription in subscriptions if subscription.lower() not in seen]
