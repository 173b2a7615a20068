# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans of captures for states that a test makes."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.derived import with_derived
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.capture import plan_capture
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import GALLERY_PROPERTIES
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget


def planned(request: CaptureRequest, state: CaptureState) -> Plan:
    """The plan of a capture, as it is made of a state that was read."""
    return plan_capture(request, with_derived(request, state))


def gallery_target(**options: Any) -> GalleryTarget:
    """A gallery target; options of its properties go into its settings."""
    names = {each.option for each in GALLERY_PROPERTIES}
    settings = {name: options.pop(name) for name in names & options.keys()}
    return GalleryTarget(settings=settings, **options)
