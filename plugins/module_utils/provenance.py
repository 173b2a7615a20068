# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an image carries about where it comes from, as tags."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import image_tags
from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine

#: Tag on every image that this collection makes: the vmId of its source. ARM ids are used again, vmIds are not.
SOURCE_TAG = "golden.azure.source_vm_id"


def recorded_source(image: dict[str, Any]) -> str | None:
    """The vmId of the machine an image was made of, in lower case; None for images that do not say."""
    value = image_tags.tag_value(image.get("tags"), SOURCE_TAG)
    return value.lower() if value else None


def origin_tags(vm: dict[str, Any], moment: str) -> dict[str, str]:
    """The tags of an image of this machine.

    :param moment: when it is made, in ISO 8601: older api-versions do not say of images when they were.
    """
    return {SOURCE_TAG: machine.identity(vm), image_tags.CREATED_AT: moment}
