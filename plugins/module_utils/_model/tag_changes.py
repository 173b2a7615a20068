# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Add tags to a resource, and keep its other tags; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model.tag_limits import tag_blockers, tag_count_blockers

Json = dict[str, Any]


def read_tags(tags: Json | None) -> dict[str, str]:
    """Validated tags.

    :raises InvalidInput: for invalid tags.
    """
    for finding in tag_blockers(tags):
        raise InvalidInput(finding.message, code=finding.code)
    return {str(name): str(value) for name, value in (tags or {}).items()}


def merge_blockers(resource: ResourceId, present: Json | None, tags: dict[str, str]) -> Iterator[Finding]:
    """A blocker if a resource would have more tags than Azure supports, once these are added."""
    if merge_step(resource, present, tags):
        yield from tag_count_blockers(resource, {**(present or {}), **tags})


def merge_step(resource: ResourceId, present: Json | None, tags: dict[str, str]) -> Step | None:
    """The step that adds tags to a resource; None if it already has them."""
    missing = {name: value for name, value in tags.items() if tag_value(present, name) != value}
    if not missing:
        return None
    return Step(
        actions.MERGE_TAGS,
        resource,
        f"set the tags {', '.join(sorted(missing))} of {resource.label}",
        method="PATCH",
        path=f"{resource}/providers/Microsoft.Resources/tags/default",
        body={"tags": missing},
    )
