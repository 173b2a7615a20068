# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what galleries and image definitions contain."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import listing_path

Json = dict[str, Any]


def definitions_in(arm: ArmReader, gallery: ResourceId) -> list[Json]:
    """The image definitions of a gallery.

    :raises Failure: if they cannot be read.
    """
    return list(arm.list(f"{gallery}/images", "galleries", f"the definitions of {gallery.label}"))


def versions_in(arm: ArmReader, definition: ResourceId) -> list[Json]:
    """The versions of an image definition.

    :raises Failure: if they cannot be read.
    """
    return list(arm.list(f"{definition}/versions", "galleries", f"the versions of {definition.label}"))


def soft_deleted_in(arm: ArmReader, definition: ResourceId) -> list[Json]:
    """The soft-deleted versions of an image definition, which can still be restored.

    Source: https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery

    :raises Failure: if they cannot be read.
    """
    return list(arm.list(listing_path(definition), "galleries", f"the soft-deleted versions of {definition.label}"))
