# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The bodies of writes, fitted to the API version of their request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.api_properties import fitted_body
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Refused
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId

#: The code if an API version does not know a property that a task needs.
PROPERTY_NOT_IN_API_VERSION = "property_not_in_api_version"


def fit_body(resource: ResourceId, body: Mapping[str, Any] | None, version: str) -> Mapping[str, Any] | None:
    """The body of a write for an API version.

    The plan has fitted it already, unless Azure refuses the version of this write only: for a new resource in another region.

    :raises Refused: if the version does not know a property that the task needs.
    """
    if body is None:
        return None
    fitted = fitted_body(resource.resource_type, body, version)
    if fitted.missing:
        row = fitted.missing[0]
        raise Refused(
            f"The {resource.label} requires the property {row.path.rpartition('.')[2]}, which Azure has known since the API version "
            f"{row.since}, and {version} is the newest one here; use another region or cloud.",
            code=PROPERTY_NOT_IN_API_VERSION,
        )
    return fitted.body
