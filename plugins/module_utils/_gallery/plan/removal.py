# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the removal of a gallery; pure."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.gallery import title_of
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.sharing import reset_step
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import GalleryRequest, GalleryState
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import is_public

_MAX_NAMED = 5


def plan_removal(request: GalleryRequest, state: GalleryState) -> Plan:
    """The plan that deletes a gallery, which must be empty."""
    title = f"Removal of {request.gallery.label}"
    if state.gallery is None:
        return Plan(title_of(request))
    if machine.provisioning_state(state.gallery) == "Deleting":
        wait = f"wait until the {request.gallery.label} is deleted, which is in progress"
        return Plan(title, steps=[Step(actions.WAIT_FOR_REMOVAL, request.gallery, wait)])
    names = sorted(str(each.get("name")) for each in state.definitions)
    if names:
        shown = ", ".join(names[:_MAX_NAMED]) + (", ..." if len(names) > _MAX_NAMED else "")
        blocker = Finding(
            "gallery_not_empty",
            f"The {request.gallery.label} contains {len(names)} image definition{'s' if len(names) > 1 else ''} "
            f"({shown}); delete their versions with golden.azure.vm_image_remove, and the definitions with 'state: "
            "absent' of golden.azure.vm_image_definition, first.",
        )
        return Plan(title, [blocker])
    # Azure deletes a public gallery only after its sharing was reset:
    # https://learn.microsoft.com/azure/virtual-machines/share-gallery-community#start-sharing-publicly
    reset = [reset_step(request)] if is_public(state.gallery) else []
    return Plan(title, steps=[*reset, deletion_step(request.gallery)])
