# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gallery versions that were deleted while their gallery has soft deletion on (api-version 2024-03-03 and later)."""

from __future__ import annotations

import copy
from typing import Any

from ..errors import error
from ..model import Body, Call, Response, Route, Transition

_GALLERY = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}"
_KEPT = "soft_deleted"


def keeping(call: Call, transition: Transition) -> Transition:
    """Let the gallery remember a version that goes, if it is to."""
    version = call.existing
    gallery = call.cloud.store.get(version.id.rsplit("/images/", 1)[0])
    policy = (gallery.properties.get("softDeletePolicy") or {}) if gallery else {}
    if not policy.get("isSoftDeleteEnabled"):
        return transition
    finish_removal = transition.finish

    def finish(result: Any) -> None:
        gallery.private.setdefault(_KEPT, []).append(_document(call, version.id, version.body))
        if finish_removal:
            finish_removal(result)

    transition.finish = finish
    return transition


def _document(call: Call, id: str, body: Body) -> Body:
    return {
        "id": id,
        "name": id.rsplit("/", 1)[-1],
        "type": "Microsoft.Compute/galleries/images/versions",
        "location": body.get("location"),
        "tags": copy.deepcopy(body.get("tags") or {}),
        "properties": {
            "resourceArmId": id,
            "softDeletedArtifactType": "Images",
            "softDeletedTime": call.cloud.timestamp(),
        },
    }


def versions(call: Call) -> Response:
    """The soft-deleted versions of a definition."""
    words = call.parameters
    gallery = call.cloud.store.get(_GALLERY.format(**words))
    if gallery is None:
        raise error("not_here")
    mark = f"/images/{words['image']}/versions/".lower()
    return Response(200, {"value": [item for item in gallery.private.get(_KEPT, []) if mark in item["id"].lower()]})


ROUTES = (Route("GET", f"{_GALLERY}/softDeletedArtifactTypes/Images/artifacts/{{image}}/versions", versions),)
