# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read a collection of restore points; not being able to is a reason to do without, not a failure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import API_VERSION_NOT_SUPPORTED
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model.restore_points import WITH_POINTS

Json = dict[str, Any]

#: Codes by which a cloud says that it does not know the type, or only versions without crash-consistent restore points.
_UNKNOWN_TYPE = (
    API_VERSION_NOT_SUPPORTED,
    "InvalidResourceType",
    "NoRegisteredProviderFound",
    "InvalidApiVersionParameter",
)


def read_restore_points(arm: ArmReader, collection: ResourceId) -> tuple[Json | None, str | None]:
    """A collection with its restore points, and the reason why restore points cannot be used here.

    :returns: the collection, or None if it does not exist or cannot be read; the reason, or None if there is none.
    :raises Failure: if it cannot be read for another reason than a missing permission or an older cloud.
    """
    try:
        return get_or_none(arm, collection, **WITH_POINTS), None
    except (NotFound, Refused) as refused:
        if refused.code == "AuthorizationFailed":
            return None, f"the {collection.label} cannot be read (permission denied)"
        if refused.code in _UNKNOWN_TYPE:
            return None, "Azure does not offer crash-consistent restore points here"
        raise
