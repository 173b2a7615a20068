# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tags that are added to a resource, whatever other tags it has; pure."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils.image_tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils.plan import Step
from ansible_collections.golden.azure.plugins.module_utils.resource_id import ResourceId

Json = dict[str, Any]

#: Limits: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
_MOST = 50
_LONGEST_NAME = 512
_LONGEST_VALUE = 256
_IN_NO_NAME = re.compile(r"[<>%&\\?/\x00-\x1f]")


def read_tags(tags: Json | None) -> dict[str, str]:
    """Tags as Azure takes them.

    :raises InvalidInput: for such as Azure does not take.
    """
    for name, value in (tags or {}).items():
        _check(str(name), value)
    if len(tags or {}) > _MOST:
        raise InvalidInput(f"There are {len(tags or {})} tags: Azure takes {_MOST} at most.")
    return {str(name): str(value) for name, value in (tags or {}).items()}


def _check(name: str, value: Any) -> None:
    if not name.strip():
        raise InvalidInput("There is a tag without a name: give it one, or leave it out.")
    if len(name) > _LONGEST_NAME:
        raise InvalidInput(
            f"The name of the tag '{name[:20]}...' has {len(name)} characters: Azure takes {_LONGEST_NAME} at most."
        )
    if _IN_NO_NAME.search(name):
        raise InvalidInput(f"The tag '{name}' has a character that Azure takes in no tag's name: < > % & \\ ? /")
    if value is None:
        raise InvalidInput(f"The tag '{name}' has no value: give it one, or leave it out.")
    if len(str(value)) > _LONGEST_VALUE:
        raise InvalidInput(f"The tag '{name}' has {len(str(value))} characters: Azure takes {_LONGEST_VALUE} at most.")


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
