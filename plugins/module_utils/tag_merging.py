# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tags that are added to a resource, whatever other tags it has; pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils.image_tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils.plan import Step
from ansible_collections.golden.azure.plugins.module_utils.resource_id import ResourceId

Json = dict[str, Any]

_LONGEST_VALUE = 256


def read_tags(tags: Json | None) -> dict[str, str]:
    """Tags as Azure takes them.

    :raises InvalidInput: for a value that is too long.
    """
    read = {str(name): str(value) for name, value in (tags or {}).items()}
    for name, value in read.items():
        if len(value) > _LONGEST_VALUE:
            raise InvalidInput(f"The tag '{name}' has {len(value)} characters: Azure takes {_LONGEST_VALUE} at most.")
    return read


def merge_step(resource: ResourceId, present: Json | None, tags: dict[str, str]) -> Step | None:
    """What adds tags to a resource; None when it bears them."""
    missing = {name: value for name, value in tags.items() if tag_value(present, name) != value}
    if not missing:
        return None
    return Step(
        "merge_tags",
        resource,
        f"set the tags {', '.join(sorted(missing))} of {resource.label}",
        method="PATCH",
        path=f"{resource}/providers/Microsoft.Resources/tags/default",
        body={"tags": missing},
    )
