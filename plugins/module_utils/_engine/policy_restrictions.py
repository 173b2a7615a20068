# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check in advance whether Azure Policy denies resources that a plan creates, by a POST that writes nothing.

Source: https://learn.microsoft.com/rest/api/policyinsights/policy-restrictions/check-at-resource-group-scope
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import api_version_key_of
from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    Failure,
    NotFound,
    Refused,
    Throttled,
    Unreachable,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import SECRET_PROPERTIES, Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    PUBLIC_IP_ADDRESS,
    RESOURCE_GROUP,
    group_of,
    parent,
)
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_GROUP, PUBLISH_VERSION

Json = dict[str, Any]

_PATH = "providers/Microsoft.PolicyInsights/checkPolicyRestrictions"
#: Errors that are tolerated, since the check is optional.
_NO_ANSWER = (NotFound, Refused, Throttled, Unreachable)
#: Effects that deny a write; newer api-versions return others too, older ones only these without naming them.
_DENYING = ("", "deny")
#: The type of resource groups in Azure Policy.
_GROUP_TYPE = "Microsoft.Resources/subscriptions/resourceGroups"
#: Tags of this collection whose values differ between resources.
_OWN_TAGS = "golden.azure."


def policy_findings(arm: ArmReader, steps: Sequence[Step]) -> tuple[list[Finding], list[Finding]]:
    """Check each kind of resource that the steps create, once.

    :returns: blockers, one for each policy that denies something; and quiet warnings, if there is no response.
    """
    made = {str(step.resource).lower() for step in steps if step.action is CREATE_GROUP}
    denials: dict[str, Finding] = {}
    asked: set[tuple[str, str]] = set()
    for step, question in _questions(arm, steps, made):
        if question.key in asked:
            continue
        asked.add(question.key)
        try:
            answer = question.ask(arm)
        except _NO_ANSWER as failure:
            return list(denials.values()), [_unknown(failure)]
        for policy in _denying(answer):
            denials.setdefault(str(policy.get("policyAssignmentId")).lower(), _denied(arm, step, policy))
    return list(denials.values()), []


@dataclass(frozen=True)
class _Question:
    """The query, and its scope."""

    path: str
    details: Json
    label: str

    @property
    def key(self) -> tuple[str, str]:
        """The key of queries with the same result."""
        return self.path.lower(), _shape(self.details["resourceContent"])

    def ask(self, arm: ArmReader) -> Json:
        """Send the query, once for all identical ones."""
        what = f"Checking Azure Policy restrictions of the {self.label}"
        question = {"resourceDetails": self.details}
        return arm.once(self.key, lambda: arm.query(self.path, "policy_restrictions", question, what))


def _questions(arm: ArmReader, steps: Sequence[Step], made: set[str]) -> Iterator[tuple[Step, _Question]]:
    """The queries for the steps, and for the public addresses that Azure creates along with a virtual machine."""
    for step in steps:
        question = _question(arm, step, made)
        if question is None:
            continue
        yield step, question
        for address in _public_addresses(step):
            content = {"type": PUBLIC_IP_ADDRESS, "location": (step.body or {}).get("location"), **address}
            version = arm.api_versions.of("network")
            yield step, replace(question, details={"resourceContent": content, "apiVersion": version})


def _public_addresses(step: Step) -> Iterator[Json]:
    """The public addresses in the body of a virtual machine.

    Source: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#virtualmachinepublicipaddressconfiguration
    """
    profile = ((step.body or {}).get("properties") or {}).get("networkProfile") or {}
    for interface in profile.get("networkInterfaceConfigurations") or []:
        for configuration in (interface.get("properties") or {}).get("ipConfigurations") or []:
            address = (configuration.get("properties") or {}).get("publicIPAddressConfiguration")
            if address:
                yield address


def _question(arm: ArmReader, step: Step, made: set[str]) -> _Question | None:
    """The query for a step.

    :param made: the groups that the plan creates.
    :returns: None if it creates no resource that a policy evaluates.
    """
    resource = step.resource
    if step.method != "PUT" or not (step.action.creates or step.action is PUBLISH_VERSION):
        return None
    group = group_of(resource)
    # The check requires an existing group.
    of_group = resource.resource_type != RESOURCE_GROUP and str(group).lower() not in made
    place = str(group) if of_group else f"/subscriptions/{resource.subscription_id}"
    version = arm.api_versions.of(api_version_key_of(resource))
    details: Json = {"resourceContent": _content(step), "apiVersion": version}
    if len(resource.names) > 1:
        details["scope"] = str(parent(resource))
    return _Question(f"{place}/{_PATH}", details, resource.label)


def _content(step: Step) -> Json:
    resource = step.resource
    kind = _GROUP_TYPE if resource.resource_type == RESOURCE_GROUP else resource.resource_type
    content: Json = _without_secrets(step.body or {})
    return {"type": kind, "name": resource.name, **content}


def _without_secrets(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _without_secrets(value) for name, value in node.items() if name.lower() not in SECRET_PROPERTIES}
    return [_without_secrets(item) for item in node] if isinstance(node, list) else node


def _shape(content: Json) -> str:
    """The content of a resource without names and sources: resources with the same content have the same result."""

    def general(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: "" if name.startswith(_OWN_TAGS) else general(value) for name, value in node.items()}
        if isinstance(node, list):
            return [general(item) for item in node]
        return "" if isinstance(node, str) and node.startswith("/subscriptions/") else node

    return json.dumps(general({**content, "name": ""}), sort_keys=True)


def _denying(answer: Json) -> Iterator[Json]:
    """The policies that would deny the content."""
    for evaluation in (answer.get("contentEvaluationResult") or {}).get("policyEvaluations") or []:
        effect = str((evaluation.get("effectDetails") or {}).get("policyEffect") or "").lower()
        if str(evaluation.get("evaluationResult")).lower() == "noncompliant" and effect in _DENYING:
            yield evaluation.get("policyInfo") or {}


def _denied(arm: ArmReader, step: Step, policy: Json) -> Finding:
    assignment = str(policy.get("policyAssignmentId") or "")
    return Finding(
        "policy_denies",
        f"The policy '{_name(arm, policy)}' (assignment {assignment}) denies this step: {step.description}; comply "
        "with it, request an exemption, or choose another scope.",
        {"policy_assignment": assignment, "policy_definition": policy.get("policyDefinitionId")},
    )


def _name(arm: ArmReader, policy: Json) -> str:
    """The display name of a policy; the result of the check contains only ids."""
    definition = str(policy.get("policyDefinitionId") or "")
    name = definition.rsplit("/", 1)[-1]
    if not definition.startswith("/"):
        return name
    try:
        found = arm.read(definition, "policy_definitions", f"Reading the policy '{name}'")
    except _NO_ANSWER:
        return name
    return str((found.get("properties") or {}).get("displayName") or name)


def _unknown(failure: Failure) -> Finding:
    return Finding(
        "policy_unknown",
        "It is not known whether Azure Policy denies a step, since Policy Insights did not respond "
        f"({failure.code or 'no code'}).",
        quiet=True,
    )
