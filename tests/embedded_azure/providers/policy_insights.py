# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.PolicyInsights/checkPolicyRestrictions: what policies would say of a resource.

Source: https://learn.microsoft.com/rest/api/policyinsights/policy-restrictions
"""

from __future__ import annotations

from .. import policy_assignments
from ..errors import error
from ..model import Body, Call, Provider, Response, Route
from ..resource_id import parse

_ASK = "*scope*/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"


def ask(call: Call) -> Response:
    """POST: the policies that would deny the content as it is."""
    if not call.cloud.settings.policy_insights:
        raise error("not_registered", namespace="Microsoft.PolicyInsights", subscription=call.path.subscription)
    path = parse(call.parameters["scope"])
    if path.group and call.cloud.group(path.subscription or "", path.group) is None:
        raise error("group_not_found", group=path.group)
    details = (call.body or {}).get("resourceDetails") or {}
    content = details.get("resourceContent")
    if not isinstance(content, dict):
        raise error("bad_content", reason="Required property 'resourceContent' not found in JSON")
    scope = details.get("scope") or call.parameters["scope"]
    found = [_evaluation(one) for one in policy_assignments.violated_by(call.cloud, scope, content)]
    return Response(200, {"fieldRestrictions": [], "contentEvaluationResult": {"policyEvaluations": found}})


def _evaluation(assignment: Body) -> Body:
    return {
        "policyInfo": {
            "policyDefinitionId": f"{policy_assignments.DEFINITIONS}/{assignment['name']}",
            "policyAssignmentId": policy_assignments.assignment_id(assignment),
        },
        "evaluationResult": "NonCompliant",
        "evaluationDetails": {"evaluatedExpressions": []},
    }


PROVIDER = Provider(namespace="Microsoft.PolicyInsights", routes=(Route("POST", _ASK, ask),))
