# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Policy with the effect deny: the assignments of the settings, and what they say of a resource.

An assignment is {name, display_name, scope, effect, rule}; its rule a part of the language of policies: {field, equals |
notEquals | in | notIn | exists | like}, allOf, anyOf, not. Fields are type, name, location, tags['x'] and the properties by the
path below them. Source: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator
from typing import Any

from .cloud import Cloud
from .errors import error
from .model import Call

Body = dict[str, Any]

DEFINITIONS = "/providers/Microsoft.Authorization/policyDefinitions"


def check(cloud: Cloud, call: Call) -> None:
    """Refuse a write that a policy denies (Azure/AKS and others show its words); AzureError otherwise."""
    content = content_of(call)
    if content is None:
        return
    if call.method == "PATCH":
        present = cloud.store.get(call.path.id)
        content = _merged(present.document() if present else {}, content)
    violated = list(violated_by(cloud, call.path.id, content))
    if not violated:
        return
    identifiers = [
        {
            "policyAssignment": {"name": one["display_name"], "id": assignment_id(one)},
            "policyDefinition": {"name": one["display_name"], "id": f"{DEFINITIONS}/{one['name']}"},
        }
        for one in violated
    ]
    refusal = error("denied_by_policy", name=call.path.name, identifiers=json.dumps(identifiers))
    refusal.additional = [
        {
            "type": "PolicyViolation",
            "info": {
                "policyDefinitionDisplayName": one["display_name"],
                "policyAssignmentName": one["name"],
                "policyAssignmentId": assignment_id(one),
                "policyDefinitionId": f"{DEFINITIONS}/{one['name']}",
                "policyDefinitionEffect": "deny",
            },
        }
        for one in violated
    ]
    raise refusal


def content_of(call: Call) -> Body | None:
    """What a write makes, as policies see it; None for what they do not."""
    body = call.body if isinstance(call.body, dict) else {}
    if call.path.is_resource and call.path.namespace and call.path.namespace.lower() != "microsoft.authorization":
        kind = call.path.type
        if kind.lower() == "microsoft.resources/tags":
            return None
        return {"type": kind, "name": call.path.name, **body}
    if call.path.group and not call.path.namespace:
        return {"type": "Microsoft.Resources/subscriptions/resourceGroups", "name": call.path.group, **body}
    return None


def violated_by(cloud: Cloud, scope: str, content: Body) -> Iterator[Body]:
    """The assignments that hold on a scope and deny a resource of this content."""
    for one in cloud.settings.policies:
        above = f"{one.get('scope', '').rstrip('/')}/".lower()
        if (
            f"{scope}/".lower().startswith(above)
            and one.get("effect", "deny") == "deny"
            and _holds(one["rule"], content)
        ):
            yield one


def assignment_id(assignment: Body) -> str:
    """The id of an assignment."""
    return f"{assignment.get('scope', '').rstrip('/')}/providers/Microsoft.Authorization/policyAssignments/{assignment['name']}"


def _merged(present: Body, change: Body) -> Body:
    merged = dict(present)
    for key, value in change.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _holds(rule: Body, content: Body) -> bool:
    if "allOf" in rule:
        return all(_holds(one, content) for one in rule["allOf"])
    if "anyOf" in rule:
        return any(_holds(one, content) for one in rule["anyOf"])
    if "not" in rule:
        return not _holds(rule["not"], content)
    return _is_met(rule, _field(rule["field"], content))


def _is_met(rule: Body, value: Any) -> bool:
    """Whether a field has what a condition asks of it."""
    text = str(value or "").lower()
    if "exists" in rule:
        return (value is not None) == (str(rule["exists"]).lower() == "true")
    if "like" in rule:
        return fnmatch.fnmatchcase(text, str(rule["like"]).lower())
    if "in" in rule or "notIn" in rule:
        return (text in [str(one).lower() for one in rule.get("in", rule.get("notIn"))]) == ("in" in rule)
    wanted = str(rule.get("equals", rule.get("notEquals"))).lower()
    return (text == wanted) == ("equals" in rule)


def _field(name: str, content: Body) -> Any:
    if name.startswith("tags["):
        return (content.get("tags") or {}).get(name[5:-1].strip("'\""))
    if name in ("type", "name", "location", "kind"):
        return content.get(name)
    kind = str(content.get("type"))
    # An alias is the type and a path: Microsoft.Compute/snapshots/networkAccessPolicy.
    path = name[len(kind) + 1 :] if name.lower().startswith(f"{kind}/".lower()) else name
    node: Any = content.get("properties") or {}
    if path.split(".")[0] == "sku":
        node = content
    for word in path.split("."):
        node = node.get(word) if isinstance(node, dict) else None
    return node
