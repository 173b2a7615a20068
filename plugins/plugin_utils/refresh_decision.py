# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a golden image is refreshed, and which stages that takes; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.image_tags import VERIFIED, tag_value
from ansible_collections.golden.azure.plugins.plugin_utils.image_inputs import changes
from ansible_collections.golden.azure.plugins.plugin_utils.refresh_run import seconds_between

INPUTS = "golden.azure.inputs"
RUN = "golden.azure.run"
PROMOTED = "golden.azure.promoted_at"
MAKING = ("build", "customise", "prepare", "capture", "verify")
_DAY = 86400.0


@dataclass(frozen=True)
class Wish:
    """What the run is to do.

    :param inputs: what the image is made from now, as the tag INPUTS has it.
    :param refresh_when: changed, always, or older_than.
    :param older_than: days.
    :param now: such as 2026-11-21T05:00:00Z.
    """

    inputs: str
    now: str
    refresh: bool = True
    refresh_when: str = "changed"
    older_than: int = 30
    promote: bool = True
    prune: bool = False


@dataclass(frozen=True)
class Decision:
    """What is done, and with which of the images that are there."""

    stages: list[str]
    reason: str
    #: The images that the stages go on with: those of the last refresh, if nothing is built.
    images: list[dict[str, Any]] = field(default_factory=list)
    #: Ids of images that a run has left which was ended before it could verify them, and of those that failed.
    abandoned: list[str] = field(default_factory=list)
    verified: bool = False


def decide(images: Iterable[Mapping[str, Any]], wish: Wish) -> Decision:
    """Decide.

    :param images: those of this golden image, as vm_image_info returns them.
    """
    whole = sorted((dict(image) for image in images if _is_settled(image)), key=_age_key, reverse=True)
    verified = [image for image in whole if _tag(image, VERIFIED) == "true"]
    rest = [image for image in whole if _tag(image, VERIFIED) != "true"]
    waiting = [image for image in rest if _can_be_verified(image, wish)]
    why = _why(verified, wish)
    if not wish.refresh or not why:
        return Decision(
            _after(verified[:1], wish),
            _why_not(verified, wish),
            _of_one_run(verified),
            [image["id"] for image in rest] if wish.refresh else [],
            bool(verified),
        )
    if waiting and wish.refresh_when != "always":
        current = _of_one_run(waiting)
        others = [image["id"] for image in rest if image not in current]
        return Decision(["verify", *_publish(wish)], "a run ended before it had verified it", current, others)
    return Decision([*MAKING, *_publish(wish)], why, [], [image["id"] for image in rest])


def _why(verified: list[dict[str, Any]], wish: Wish) -> str:
    """Why it is refreshed; nothing if it is not."""
    if not verified:
        return "there is no verified image of it"
    if wish.refresh_when == "always":
        return "every run refreshes it"
    newest = verified[0]
    if wish.refresh_when == "older_than":
        created = newest.get("created_at")
        if created and seconds_between(created, wish.now) < wish.older_than * _DAY:
            return ""
        return f"it is older than {wish.older_than} days" if created else "its age is unknown"
    changed = changes(_tag(newest, INPUTS), wish.inputs)
    return f"changed: {', '.join(changed)}" if changed else ""


def _why_not(verified: list[dict[str, Any]], wish: Wish) -> str:
    if not verified:
        return "there is no verified image of it, and this run makes none"
    if not wish.refresh:
        return "this run makes no images"
    return "nothing has changed" if wish.refresh_when == "changed" else f"it is not older than {wish.older_than} days"


def _publish(wish: Wish) -> list[str]:
    return [stage for stage, wanted in (("promote", wish.promote), ("prune", wish.prune)) if wanted]


def _after(newest: list[dict[str, Any]], wish: Wish) -> list[str]:
    if not newest:
        return []
    due = [] if _tag(newest[0], PROMOTED) else ["promote"]
    return [stage for stage in _publish(wish) if stage != "promote" or due]


def _can_be_verified(image: Mapping[str, Any], wish: Wish) -> bool:
    whole = image.get("provisioning_state") == "Succeeded"
    return whole and not _tag(image, VERIFIED) and _tag(image, INPUTS) == wish.inputs


def _of_one_run(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest, and what the same run made of the same machine."""
    return [
        image
        for image in images
        if image is images[0] or (_tag(image, RUN) and _tag(image, RUN) == _tag(images[0], RUN))
    ]


def _is_settled(image: Mapping[str, Any]) -> bool:
    return image.get("provisioning_state") in ("Succeeded", "Failed")


def _tag(image: Mapping[str, Any], name: str) -> str:
    return tag_value(image.get("tags"), name) or ""


def _age_key(image: Mapping[str, Any]) -> str:
    return str(image.get("created_at") or "")
