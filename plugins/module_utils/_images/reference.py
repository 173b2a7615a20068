# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Options that specify one image: a managed image, or a gallery version."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    IMAGE,
    ResourceId,
    child,
    locate,
)

REFERENCE_OPTIONS: dict[str, Any] = {
    "image": {"type": "str"},
    "gallery_version_id": {"type": "str"},
    "gallery_version": {"type": "str"},
    "gallery": {"type": "str"},
    "definition": {"type": "str"},
    "resource_group": {"type": "str"},
}

REFERENCE_RULES: dict[str, Any] = {
    "mutually_exclusive": [("image", "gallery_version_id", "gallery_version")],
    "required_one_of": [("image", "gallery_version_id", "gallery_version")],
    "required_together": [("gallery", "definition")],
}


def referenced_image(options: dict[str, Any], subscription_id: str) -> ResourceId:
    """The image specified by the options.

    :raises InvalidInput: if they specify none.
    """
    group = options["resource_group"]
    if options["image"] is not None:
        return locate("image", options["image"], IMAGE, group, subscription_id)
    if options["gallery_version_id"] is not None:
        if "/" not in options["gallery_version_id"]:
            raise InvalidInput(
                f"Option 'gallery_version_id' is '{options['gallery_version_id']}': set the version's full resource "
                "id, or set 'gallery_version' to its number."
            )
        return locate("gallery_version_id", options["gallery_version_id"], GALLERY_VERSION, group, subscription_id)
    version = str(options["gallery_version"])
    if "/" in version:
        raise InvalidInput(
            f"Option 'gallery_version' is '{version}': set the version's number, or set 'gallery_version_id' to its "
            "full resource id."
        )
    if not options["gallery"] or not options["definition"]:
        raise InvalidInput(
            f"Option 'gallery_version' is '{version}': set 'gallery' and 'definition' too, or set 'gallery_version_id' "
            "to the full resource id."
        )
    gallery = locate("gallery", options["gallery"], GALLERY, group, subscription_id)
    return child(child(gallery, GALLERY_DEFINITION, options["definition"]), GALLERY_VERSION, version)
