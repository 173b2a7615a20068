# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether the subscription can have the instance in its region: availability of the size, and quotas; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.sizes import (
    size_blockers,
    size_of,
    unavailable_because,
)
from ansible_collections.golden.azure.plugins.module_utils._model.quota import core_blockers, quota_blockers, usage_key


def availability_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """A blocker if the size is not available to the subscription, or its cores exceed a quota; none if no size fits at all."""
    if state.location is None or any(size_blockers(request, state)):
        return
    size = size_of(request, state)
    reason = unavailable_because(size, state)
    if reason:
        yield Finding(
            "size_not_available",
            f"The size {size} of {request.machine.label} is not available to the subscription in {state.location} ({reason}); set "
            "'vm_size' to another one, or choose another region.",
            {"size": size, "location": state.location, "reason": reason},
        )
        return
    offer = (state.offers or {}).get(size.lower())
    if offer:
        usages = state.usages.get(usage_key(request.machine.subscription_id, state.location), ())
        yield from core_blockers(offer, state.location, request.spot, usages)


def step_blockers(state: InstanceState, steps: Sequence[Step]) -> Iterator[Finding]:
    """A blocker for each quota that the resources of the steps exceed."""
    yield from quota_blockers(steps, state.usages)
