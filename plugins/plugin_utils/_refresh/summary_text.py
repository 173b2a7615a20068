# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describe the results of golden images in sentences; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import RESULTS
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import listed

#: A result as the predicate of one image and of several.
_PREDICATES = {
    "failed": ("failed", "failed"),
    "planned": ("would be refreshed", "would be refreshed"),
    "verified": ("was verified and is pending promotion", "were verified and are pending promotion"),
    "promoted": ("was promoted", "were promoted"),
    "skipped": ("was left unchanged", "were left unchanged"),
}
#: Reasons of a decision by their codes, in past tense; {0} is the first of their parts. For others, the
#: decision's own text is used.
_REASONS = {
    "no_verified_image": "it had no verified image yet",
    "always": "it is refreshed on every run",
    "too_old": "the previous image was more than {0} days old",
    "age_unknown": "the age of the previous image is unknown",
    "verification_interrupted": "an earlier run created it, and ended before its verification",
    "unchanged": "its inputs have not changed",
}
#: Generic failure messages of Ansible, to be replaced by the program's own output.
_GENERIC_FAILURES = "non-zero return code "


def verdict(report: Mapping[str, Any]) -> str:
    """A sentence about the run."""
    counts = {result: report["counts"][result] for result in RESULTS if report["counts"][result]}
    total = sum(counts.values())
    if not total:
        return "There were no images to refresh."
    if total == 1:
        return f"The image {report['images'][0]['name']} {_PREDICATES[next(iter(counts))][0]}."
    predicates = [f"{count} {_PREDICATES[result][count > 1]}" for result, count in counts.items()]
    if len(predicates) == 1:
        return f"All {total} images {_PREDICATES[next(iter(counts))][1]}."
    return f"Of {total} images, {listed(predicates)}."


def stages_done(image: Mapping[str, Any]) -> list[str]:
    """Names of the completed stages."""
    return [stage["name"] for stage in image.get("stages") or [] if stage.get("result") != "failed"]


def stages_not_reached(image: Mapping[str, Any]) -> list[str]:
    """Names of the planned stages that a failed image did not reach."""
    begun = {stage["name"] for stage in image.get("stages") or []}
    return [stage for stage in image.get("todo") or [] if stage not in begun] if image["result"] == "failed" else []


def outcome(image: Mapping[str, Any]) -> str:
    """The result of an image and the reason, in one or two sentences."""
    because = _reason_clause(image)
    said = {"failed": _failed, "planned": _planned, "skipped": _skipped}.get(image["result"], _created)(image, because)
    gone = len(image.get("pruned") or [])
    return f"{said} {gone} old image{'s' if gone > 1 else ''} pruned." if gone else said


def cause(image: Mapping[str, Any]) -> str:
    """The error message of a failed image; empty if it did not fail."""
    message = str((image.get("failure") or {}).get("message") or "").strip()
    return message[len(_GENERIC_FAILURES) :] if message.startswith(_GENERIC_FAILURES) else message


def place_of_failure(image: Mapping[str, Any]) -> str:
    """The stage in which an image failed, and the task if there is one."""
    failure = image.get("failure") or {}
    if failure.get("stage") == "run":
        return "without leaving a record"
    if failure.get("stage") in ("begin", None):
        return "before the first stage"
    task = f", at the task '{failure['task']}'" if failure.get("task") else ""
    return f"in stage {failure['stage']}{task}"


def _failed(image: Mapping[str, Any], because: str) -> str:
    return " ".join(
        [f"Failed {place_of_failure(image)}.", *([f"It was started because {because}."] if because else [])]
    )


def _planned(image: Mapping[str, Any], because: str) -> str:
    stages = listed(image.get("todo") or [])
    would = f"Would go through {stages}" if stages else "Would be refreshed"
    return f"{would}{f', because {because}' if because else ''}. Nothing was changed (check mode)."


def _skipped(image: Mapping[str, Any], because: str) -> str:
    return f"Left unchanged{f', because {because}' if because else ''}."


def _created(image: Mapping[str, Any], because: str) -> str:
    done, promoted = stages_done(image), image["result"] == "promoted"
    if "verify" not in done:
        ending = "now promoted" if promoted else "not promoted yet"
        return f"Verified before, {ending}; nothing was built{f', because {because}' if because else ''}."
    created = ["created", "verified"] if "capture" in done else ["verified"]
    made = listed([*created, "promoted"] if promoted else created).capitalize()
    # After the reason, which is why it was created, and not why it is not promoted.
    pending = "" if promoted else "; not promoted yet"
    return f"{made}{f', because {because}' if because else ''}{pending}."


def _reason_clause(image: Mapping[str, Any]) -> str:
    code, parts = image.get("reason_code"), [str(part) for part in image.get("reason_parts") or []]
    if code == "inputs_changed" and parts:
        several = len(parts) > 1 or parts == ["files"]
        return f"{listed([f'the {one}' for one in parts])} {'have' if several else 'has'} changed"
    said = _REASONS.get(str(code))
    if said is None or ("{0}" in said and not parts):
        return str(image.get("reason") or "")
    return said.format(*parts)
