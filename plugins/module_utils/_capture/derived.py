# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Derive values from the state of a capture: once, after the state was read, for all later uses."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import find_version
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kinds import kind_of


def with_derived(request: CaptureRequest, state: CaptureState) -> CaptureState:
    """The state with its source, and the versions that the gallery targets refer to."""
    source = kind_of(request.source).describe(request, state)
    identity = source.identity if source else None
    galleries = [
        replace(existing, found=find_version(target, existing, identity))
        for target, existing in zip(request.gallery_targets, state.galleries)
    ]
    return replace(state, source=source, galleries=galleries)
