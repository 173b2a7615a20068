# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gallery versions that were deleted while their gallery has soft deletion on (api-version 2024-03-03 and later).

Two periods, and what a listing tells of them, since 2026-03-03: Azure/azure-rest-api-specs#44214 and #44434; deletions that bypass
the policy: Azure/azure-rest-api-specs#46100. Where a gallery has no periods, versions are kept for 7 days: soft-delete-gallery on
Microsoft Learn. A restoration is for the region in which the version was: Restore-AzGalleryImageVersion there. Words of refusals are
ours.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from ..clock import timestamp
from ..errors import error
from ..model import Body, Call, Response, Route, Transition
from ..store import Resource

_GALLERY = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/galleries/{gallery}"
_KEPT = "soft_deleted"
_FEATURE = "Microsoft.Compute/SIGSoftDelete"
#: The api-version that introduced the periods and the bypass.
_PERIODS = "2026-03-03"
_DAYS = 7
_PRIVATE = "private"


def keeping(call: Call, transition: Transition) -> Transition:
    """Let the gallery remember a version that goes, if it is to."""
    version = call.existing
    gallery = call.cloud.store.get(version.id.rsplit("/images/", 1)[0])
    policy = (gallery.properties.get("softDeletePolicy") or {}) if gallery else {}
    bypassed = call.api_version >= _PERIODS and call.query.get("bypassSoftDelete", "").lower() == "true"
    if not policy.get("isSoftDeleteEnabled") or bypassed:
        return transition
    finish_removal = transition.finish

    def finish(result: Any) -> None:
        gallery.private.setdefault(_KEPT, []).append(_document(call, version, policy))
        if finish_removal:
            finish_removal(result)

    # Its disk stays, too.
    transition.work, transition.finish = None, finish
    return transition


def _document(call: Call, version: Resource, policy: Body) -> Body:
    used = call.now + timedelta(days=policy.get("retentionPeriodInDays", _DAYS))
    gone = used + timedelta(days=policy.get("gracePeriodInDays", 0))
    return {
        "id": version.id,
        "name": version.name,
        "type": "Microsoft.Compute/galleries/images/versions",
        "location": version.location,
        "tags": copy.deepcopy(version.body.get("tags") or {}),
        "properties": {
            "resourceArmId": version.id,
            "softDeletedArtifactType": "Images",
            "softDeletedTime": call.cloud.timestamp(),
            "consumptionEndTime": timestamp(used),
            "hardDeletionTargetTime": timestamp(gone),
        },
        _PRIVATE: (version, gone),
    }


def _kept(call: Call, gallery: Resource) -> list[Body]:
    """What a gallery still remembers."""
    known: list[Body] = gallery.private.setdefault(_KEPT, [])
    known[:] = [item for item in known if item[_PRIVATE][1] > call.now]
    return known


def restored(call: Call) -> Transition:
    """The version that a PUT with `restore` brings back, as it was."""
    gallery = call.cloud.store.get(call.path.id.rsplit("/images/", 1)[0])
    call.require(
        call.cloud.settings.has_feature(_FEATURE),
        "bad_request",
        reason=f"The subscription is not registered for the feature {_FEATURE}.",
    )
    found = next((each for each in _kept(call, gallery) if each["id"].lower() == call.path.id.lower()), None)
    if found is None:
        raise error(
            "bad_request", reason=f"There is no soft-deleted gallery image version '{call.path.name}' to restore."
        )
    version: Resource = found[_PRIVATE][0]
    if call.desired["location"] != version.location:
        raise error(
            "invalid_parameter",
            reason=f"The gallery image version '{version.name}' can be restored in its home region '{version.location}' only.",
        )

    def finish(_result: Any) -> None:
        gallery.private[_KEPT].remove(found)

    return Transition(version, finish=finish)


def versions(call: Call) -> Response:
    """The soft-deleted versions of a definition."""
    words = call.parameters
    gallery = call.cloud.store.get(_GALLERY.format(**words))
    if gallery is None:
        raise error("not_here")
    mark = f"/images/{words['image']}/versions/".lower()
    found = [_shown(call, item) for item in _kept(call, gallery) if mark in item["id"].lower()]
    return Response(200, {"value": found})


def _shown(call: Call, item: Body) -> Body:
    shown = {key: copy.deepcopy(value) for key, value in item.items() if key != _PRIVATE}
    if call.api_version < _PERIODS:
        for key in ("consumptionEndTime", "hardDeletionTargetTime"):
            del shown["properties"][key]
    return shown


ROUTES = (Route("GET", f"{_GALLERY}/softDeletedArtifactTypes/Images/artifacts/{{image}}/versions", versions),)
