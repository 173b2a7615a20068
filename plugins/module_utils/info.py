# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_info: find managed images."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.facts import image_facts
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils.resource_id import IMAGE, locate

OPTIONS: dict[str, Any] = {
    "name": {"type": "str"},
    "resource_group": {"type": "str"},
    "tags": {"type": "dict"},
}


def execute(invocation: Invocation) -> dict[str, Any]:
    """Find the images that the options describe; none found is an empty list.

    :raises Failure: when they cannot be read, or the resource group is not there.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        wanted = {str(name): value for name, value in (invocation.options["tags"] or {}).items()}
        found = [image for image in _read(arm, invocation.options) if _has_tags(image, wanted)]
        return {"changed": False, "images": [image_facts(image) for image in found], "account": arm.account}
    finally:
        arm.close()


def _read(arm: Arm, options: dict[str, Any]) -> list[dict[str, Any]]:
    name, group = options["name"], options["resource_group"]
    if name:
        image = arm.get(locate("name", name, IMAGE, group, arm.subscription_id))
        return [image] if image else []
    scope = f"/subscriptions/{arm.subscription_id}"
    what = "the images of the subscription"
    if group:
        scope = f"{scope}/resourceGroups/{group}"
        what = f"the images of resource group '{group}'"
    return list(arm.list(f"{scope}/providers/Microsoft.Compute/images", "images", what))


def _has_tags(image: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether all tags are there; a wanted value of None asks for the tag with any value."""
    present = {name.lower(): value for name, value in (image.get("tags") or {}).items()}
    return all(
        name.lower() in present and (value is None or present[name.lower()] == str(value))
        for name, value in wanted.items()
    )
