# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets of a golden image, and which of them contain images; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY, parse


@dataclass(frozen=True)
class Target:
    """A target of each refresh.

    :param source: managed or gallery, as in vm_image_info.
    :param subscription: its id; empty for the default subscription of the tasks.
    :param gallery: and definition: empty for managed images.
    """

    source: str
    resource_group: str
    subscription: str = ""
    gallery: str = ""
    definition: str = ""

    @property
    def label(self) -> str:
        """Its name in messages."""
        if self.source == "gallery":
            return f"gallery '{self.gallery}', definition '{self.definition}'"
        return f"resource group '{self.resource_group}'"

    def contains(self, image: Mapping[str, Any]) -> bool:
        """Whether an image, as returned by vm_image_info, is in this target; names are compared as in Azure."""
        return all(
            not wanted or str(image.get(name) or "").lower() == wanted.lower()
            for name, wanted in (
                ("source", self.source),
                ("resource_group", self.resource_group),
                ("subscription_id", self.subscription),
                ("gallery", self.gallery),
                ("definition", self.definition),
            )
        )


def targets_of(gallery_versions: Iterable[Mapping[str, Any]], resource_group: str, managed: bool) -> list[Target]:
    """The targets of a golden image.

    :param gallery_versions: as in vm_image_capture; a gallery is a name, or a full resource id.
    :param resource_group: of the managed image, and of galleries that are specified by name.
    """
    targets = [Target("managed", resource_group)] if managed else []
    for version in gallery_versions:
        gallery = parse(str(version["gallery"]))
        if gallery and gallery.resource_type == GALLERY:
            place = (gallery.resource_group, gallery.subscription_id, gallery.name)
        else:
            place = (resource_group, "", str(version["gallery"]))
        targets.append(Target("gallery", *place, str(version["definition"])))
    return targets
