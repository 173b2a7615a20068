# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which tags with the prefix of this collection a task may set; pure.

The collection identifies its resources by them: an image whose recorded source was overwritten blocks the next capture,
one whose date was overwritten is pruned. Names of tags are compared without regard to case, as Azure does:
https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.tags import PREFIX, PROTECTED, VERIFIED

#: Tags that users may set: they only protect an image from its removal.
USER_TAGS = (PROTECTED,)
#: Tags with the result of a verification, which are set after it.
TEST_TAGS = (VERIFIED, f"{VERIFIED}_at")
#: The tags by which the role golden_image identifies its images and virtual machines.
IMAGE_TAGS = (f"{PREFIX}golden_image", f"{PREFIX}inputs", f"{PREFIX}run")
VM_TAGS = IMAGE_TAGS[:1]
#: The tags of the lease of that role.
LEASE_TAGS = (f"{PREFIX}stage", f"{PREFIX}inputs", f"{PREFIX}images_run")

#: The code of such a refusal.
CODE = "reserved_tag"


def reserved_tags(tags: Mapping[Any, Any] | None, allowed: Iterable[str] = ()) -> list[str]:
    """The names of tags that a task may not set.

    :param allowed: names that it may set besides USER_TAGS, in lower case.
    """
    known = {*USER_TAGS, *allowed}
    folded = {str(name): str(name).strip().lower() for name in tags or {}}
    return sorted(name for name, lower in folded.items() if lower.startswith(PREFIX) and lower not in known)


def container_tags(tags: Mapping[str, str] | None) -> dict[str, dict[str, str]]:
    """The property tags for the body of a container, without the tags of this collection, which describe one image.

    :returns: an empty dictionary if there are no tags, which omits the property.
    """
    kept = {name: value for name, value in (tags or {}).items() if not name.strip().lower().startswith(PREFIX)}
    return {"tags": kept} if kept else {}


def refusal(option: str, names: Iterable[str]) -> str:
    """The message about reserved tags.

    :param option: the option or variable that contains them.
    """
    listed = ", ".join(f"'{name}'" for name in names)
    return (
        f"'{option}' sets {listed}, and tags that start with '{PREFIX}' are reserved for this collection: remove them."
    )


def refuse_reserved(option: str, tags: Mapping[Any, Any] | None, allowed: Iterable[str] = ()) -> None:
    """Refuse tags that are reserved for this collection.

    :param allowed: names that the task may set besides USER_TAGS, in lower case.
    :raises InvalidInput: naming them.
    """
    names = reserved_tags(tags, allowed)
    if names:
        raise InvalidInput(f"Option {refusal(option, names)}", code=CODE)
