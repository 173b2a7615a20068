# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What follows from what was read for a capture: derived once, when the state is read, and used by everything after."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import find_version
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kinds import kind_of


def with_derived(request: CaptureRequest, state: CaptureState) -> CaptureState:
    """A state completed by what its source is, and by which versions the gallery targets mean."""
    source = kind_of(request.source).describe(request, state)
    identity = source.identity if source else None
    galleries = [
        replace(existing, found=find_version(target, existing, identity))
        for target, existing in zip(request.gallery_targets, state.galleries)
    ]
    return replace(state, source=source, galleries=galleries)
