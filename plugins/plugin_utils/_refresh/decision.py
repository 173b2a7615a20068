# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide whether a golden image is refreshed, and in which stages; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.tags import VERIFIED, tag_value
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.image_inputs import changes
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import seconds_between
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.targets import Target

INPUTS = "golden.azure.inputs"
RUN = "golden.azure.run"
PROMOTED = "golden.azure.promoted_at"
BUILD_STAGES = ("build", "customise", "prepare", "capture", "verify")
_DAY = 86400.0

Image = dict[str, Any]


@dataclass(frozen=True)
class InterruptedRun:
    """A run that was terminated while it refreshed the image.

    :param run: its id.
    :param stage: its last stage.
    :param inputs: the inputs of its image.
    """

    run: str = ""
    stage: str = ""
    inputs: str = ""


@dataclass(frozen=True)
class RefreshOptions:
    """The options of a refresh.

    :param inputs: the current inputs of the image, in the format of the tag INPUTS.
    :param refresh_when: changed, always, or older_than.
    :param older_than: days.
    :param now: such as 2026-11-21T05:00:00Z.
    :param targets: all targets, which must contain an image of the same run.
    """

    inputs: str
    now: str
    refresh: bool = True
    refresh_when: str = "changed"
    older_than: int = 30
    promote: bool = True
    prune: bool = False
    targets: Sequence[Target] = ()
    interrupted: InterruptedRun = InterruptedRun()


@dataclass(frozen=True)
class Reason:
    """The reason why an image is refreshed or not.

    :param code: machine-readable, as for summary_text.
    :param text: human-readable, at the time of the decision.
    :param parts: parameters of the code: changed inputs, missing targets, days, a run.
    """

    code: str
    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The stages to execute, and the existing images that they use."""

    stages: list[str]
    reason: str
    reason_code: str
    reason_parts: list[str] = field(default_factory=list)
    #: The images that the stages continue with: those of the last refresh, if nothing is built.
    images: list[Image] = field(default_factory=list)
    #: The ids of images of runs that ended before their verification, and of images that failed.
    abandoned: list[str] = field(default_factory=list)
    #: Whether all images that the stages continue with are verified.
    verified: bool = False
    #: The ids of the verified ones.
    verified_ids: list[str] = field(default_factory=list)
    #: The run whose virtual machine is captured; empty for a new one.
    run: str = ""


def decide(images: Iterable[Mapping[str, Any]], options: RefreshOptions) -> Decision:
    """Determine the stages.

    Images of the same run belong together, regardless of their target: they are verified if each image
    is, and removed if one of them has failed.

    :param images: those of this golden image in all its targets, as returned by vm_image_info.
    """
    settled = sorted((dict(image) for image in images if _is_settled(image)), key=_age_key, reverse=True)
    runs = _by_run(settled)
    verified = [run for run in runs if _is_verified(run)]
    rest = [run for run in runs if run not in verified]
    why = _reason_to_refresh(verified, options)
    if not options.refresh or not why:
        newest = verified[0] if verified else []
        abandoned = _interrupted_runs(rest) if options.refresh else []
        return _decision(
            _remaining_stages(newest, options),
            _reason_to_skip(verified, options),
            newest,
            abandoned,
            bool(newest),
            [one["id"] for one in newest],
        )
    if options.refresh_when != "always":
        waiting = [run for run in rest if _covers(run, options.targets) and _can_be_verified(run, options)]
        if waiting:
            current = waiting[0]
            return _decision(
                ["verify", *_publish(options)],
                Reason("verification_interrupted", "a run ended before the verification"),
                current,
                _interrupted_runs([run for run in rest if run is not current]),
                verified_ids=[image["id"] for image in current if _tag(image, VERIFIED) == "true"],
            )
        if _can_be_captured(rest, options):
            begun = options.interrupted.run
            others = [run for run in rest if _tag(run[0], RUN) != begun]
            reason = Reason("capture_interrupted", f"run '{begun}' ended during the capture", (begun,))
            return _decision(
                ["capture", "verify", *_publish(options)], reason, abandoned=_interrupted_runs(others), run=begun
            )
    return _decision([*BUILD_STAGES, *_publish(options)], why, abandoned=_interrupted_runs(rest))


def _decision(stages: list[str], why: Reason, *more: Any, **named: Any) -> Decision:
    return Decision(stages, why.text, why.code, list(why.parts), *more, **named)


# -- runs ---------------------------------------------------------------------------------------------------------


def _by_run(images: list[Image]) -> list[list[Image]]:
    """The images of each run, the newest run first; an image without a run is a separate group."""
    runs: dict[str, list[Image]] = {}
    for image in images:
        runs.setdefault(_tag(image, RUN) or f"/{image['id']}", []).append(image)
    return list(runs.values())


def _is_verified(run: list[Image]) -> bool:
    return all(_tag(image, VERIFIED) == "true" and _is_complete(image) for image in run)


def _covers(run: list[Image], targets: Sequence[Target]) -> bool:
    return not _missing(run, targets)


def _missing(run: list[Image], targets: Sequence[Target]) -> list[str]:
    """The targets without an image of the run."""
    return [target.label for target in targets if not any(target.contains(image) for image in run)]


def _can_be_verified(run: list[Image], options: RefreshOptions) -> bool:
    return all(
        _is_complete(image) and _tag(image, VERIFIED) in ("", "true") and _tag(image, INPUTS) == options.inputs
        for image in run
    )


def _can_be_captured(rest: list[list[Image]], options: RefreshOptions) -> bool:
    """Whether a run was terminated during its capture, which can be continued: its virtual machine is prepared and still exists."""
    found = options.interrupted
    if not found.run or found.stage != "capture" or found.inputs != options.inputs:
        return False
    return all(_can_be_verified(run, options) for run in rest if _tag(run[0], RUN) == found.run)


def _interrupted_runs(runs: list[list[Image]]) -> list[str]:
    """The runs that were interrupted; promoted images are in use, and are subject to retention instead."""
    return [image["id"] for run in runs for image in run if not _tag(image, PROMOTED)]


# -- reasons ------------------------------------------------------------------------------------------------------


def _reason_to_refresh(verified: list[list[Image]], options: RefreshOptions) -> Reason | None:
    """The reason for a refresh; None if the image is not refreshed."""
    if not verified:
        return Reason("no_verified_image", "it has no verified image")
    missing = _missing(verified[0], options.targets)
    if missing:
        return Reason("target_missing", f"it is not in {', '.join(missing)}", tuple(missing))
    if options.refresh_when == "always":
        return Reason("always", "every run refreshes it")
    newest = verified[0][0]
    if options.refresh_when == "older_than":
        return _reason_by_age(newest, options)
    changed = changes(_tag(newest, INPUTS), options.inputs)
    return Reason("inputs_changed", f"changed: {', '.join(changed)}", tuple(changed)) if changed else None


def _reason_by_age(newest: Image, options: RefreshOptions) -> Reason | None:
    created = newest.get("created_at")
    if not created:
        return Reason("age_unknown", "its age is unknown")
    if seconds_between(created, options.now) < options.older_than * _DAY:
        return None
    return Reason("too_old", f"it is older than {options.older_than} days", (str(options.older_than),))


def _reason_to_skip(verified: list[list[Image]], options: RefreshOptions) -> Reason:
    if not verified:
        return Reason("nothing_to_publish", "it has no verified image, and this run creates no images")
    if not options.refresh:
        return Reason("refresh_disabled", "this run creates no images")
    if options.refresh_when == "changed":
        return Reason("unchanged", "nothing has changed")
    return Reason("not_old_enough", f"it is not older than {options.older_than} days", (str(options.older_than),))


# -- stages -------------------------------------------------------------------------------------------------------


def _publish(options: RefreshOptions) -> list[str]:
    return [stage for stage, wanted in (("promote", options.promote), ("prune", options.prune)) if wanted]


def _remaining_stages(newest: list[Image], options: RefreshOptions) -> list[str]:
    if not newest:
        return []
    due = not all(_tag(image, PROMOTED) for image in newest)
    return [stage for stage in _publish(options) if stage != "promote" or due]


# -- an image -----------------------------------------------------------------------------------------------------


def _is_settled(image: Mapping[str, Any]) -> bool:
    return image.get("provisioning_state") == "Failed" or _is_complete(image)


def _is_complete(image: Mapping[str, Any]) -> bool:
    """Whether it can be deployed; a verified one is deployable while its promotion is in progress."""
    state = image.get("provisioning_state")
    return state == "Succeeded" or (state == "Updating" and _tag(image, VERIFIED) == "true")


def _tag(image: Mapping[str, Any], name: str) -> str:
    return tag_value(image.get("tags"), name) or ""


def _age_key(image: Mapping[str, Any]) -> str:
    return str(image.get("created_at") or "")
