# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Fit the steps of a plan to the API versions that Azure knows: before anything is written, and the plan shows the bodies as sent.

The reads that a plan is based on have chosen the versions, see _azure/version_negotiation.py.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.golden.azure.plugins.module_utils._azure.api_properties import (
    ApiProperty,
    FittedBody,
    fitted_body,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import (
    API_VERSIONS,
    PROVIDERS,
    api_version_key_of,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step


def fitted_plan(arm: ArmReader, plan: Plan) -> Plan:
    """The plan with bodies that contain only what the API versions know.

    :returns: the plan with findings; without its steps if it is blocked.
    """
    blockers: list[Finding] = []
    warnings: dict[str, Finding] = {}
    steps: list[Step] = []
    for step in plan.steps:
        key = api_version_key_of(step.resource) if step.body is not None else ""
        if not key or not arm.api_versions.is_older(key):
            steps.append(step)
            continue
        version = arm.api_versions.of(key)
        warnings[key] = _older_version_warning(key, version)
        fitted = fitted_body(step.resource.resource_type, step.body or {}, version)
        blockers += [_missing_blocker(step, row, key, version) for row in fitted.missing]
        for row in fitted.left_out:
            warnings[f"{step.resource} {row.path}"] = _left_out_warning(step, row, version)
        if not _is_empty(step, fitted):
            steps.append(replace(step, body=fitted.body))
    return replace(
        plan,
        blockers=[*plan.blockers, *blockers],
        warnings=[*plan.warnings, *warnings.values()],
        steps=[] if blockers else steps,
    )


def _is_empty(step: Step, fitted: FittedBody) -> bool:
    """Whether nothing is left of an update: it would be repeated in each run."""
    return step.method == "PATCH" and bool(step.body) and fitted.body != step.body and not fitted.body


def _older_version_warning(key: str, version: str) -> Finding:
    return Finding(
        "older_api_version",
        f"The API version {version} of {PROVIDERS[key]} is used, since Azure does not know {API_VERSIONS[key]} here.",
        {"api_version": version},
        quiet=True,
    )


def _missing_blocker(step: Step, row: ApiProperty, key: str, version: str) -> Finding:
    name = row.path.rpartition(".")[2]
    wanted = f"'{row.option}' requires" if row.option else "requires"
    advice = f"omit '{row.option}', or use" if row.option else "use"
    return Finding(
        "property_not_in_api_version",
        f"The {step.resource.label}: this step {wanted} the property {name} ({step.description}), which Azure has known since the API "
        f"version {row.since}, and {version} is the newest of {PROVIDERS[key]} here; {advice} another region or cloud.",
        {"property": row.path, "since": row.since, "api_version": version},
    )


def _left_out_warning(step: Step, row: ApiProperty, version: str) -> Finding:
    return Finding(
        "property_left_out",
        f"The {step.resource.label} {row.warning}: the property {row.path.rpartition('.')[2]} exists since the API version "
        f"{row.since}, and {version} is the newest here.",
        {"property": row.path, "since": row.since, "api_version": version},
    )
