# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan which run prepares the guest of a virtual machine, and how other runs wait for it; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.claim import claim_tags, read_claim, unclaimed_tags
from ansible_collections.golden.azure.plugins.module_utils._model.tag_limits import MAX_TAGS

Json = dict[str, Any]


def is_claimed_by_another(request: CaptureRequest, state: CaptureState) -> bool:
    """Whether another run prepares the same guest."""
    return state.claim is not None and not request.guest_prepared and not request.specialized


def claim_warnings(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    """A warning with the run that has claimed the virtual machine."""
    if is_claimed_by_another(request, state) and state.claim:
        claim = state.claim
        yield Finding(
            "captured_by_another_run",
            f"The {request.source.label} is being captured by run '{claim.run}' on '{claim.holder or 'unknown'}', "
            f"which claimed it at {claim.since}; this run does not change its guest, and waits until its targets are "
            "created.",
            {"target": str(request.source), "run": claim.run, "holder": claim.holder},
        )


def waiting_steps(request: CaptureRequest, state: CaptureState) -> Iterator[Step]:
    """Steps that wait while another run captures the virtual machine."""
    targets = [(request.image, state.image)] if request.image else []
    targets += [(existing.version_id, existing.version) for existing in state.galleries]
    for target, found in targets:
        if target is not None and machine.provisioning_state(found or {}) != "Succeeded":
            yield Step(
                actions.WAIT_FOR_CAPTURE,
                target,
                f"wait until another run has created the {target.label}",
                claimed=request.resource,
            )


def claim_steps(request: CaptureRequest, vm: Json) -> Iterator[Step]:
    """The step that claims the virtual machine; none if this run has claimed it already."""
    claim = read_claim(vm)
    if claim is not None and claim.is_of(request.run):
        return
    tags = claim_tags(vm, request.run)
    if len(tags) <= MAX_TAGS:
        run = request.run
        description = f"claim the {request.source.label} for run '{run.run_id}' on '{run.holder}'"
        yield _writing(actions.CLAIM_VM, request.resource, vm, tags, description)


def plan_release(request: CaptureRequest, state: CaptureState) -> Plan:
    """Plan the release of the claim; that of another run is not changed."""
    title = f"Release of the {request.source.label}"
    claim = read_claim(state.resource) if request.of_machine else None
    # A generalized virtual machine cannot be changed, and its claim is not evaluated.
    if (
        state.resource is None
        or claim is None
        or machine.is_generalized(state.resource)
        or not claim.is_of(request.run)
    ):
        return Plan(title)
    description = f"release the claim of this run on the {request.source.label}"
    tags = unclaimed_tags(state.resource)
    return Plan(title, steps=[_writing(actions.RELEASE_VM, request.resource, state.resource, tags, description)])


def _writing(action: Action, source: ResourceId, vm: Json, tags: dict[str, str], description: str) -> Step:
    etag = str(vm.get("etag") or "") or None
    return Step(action, source, description, method="PATCH", path=str(source), body={"tags": tags}, etag=etag)
