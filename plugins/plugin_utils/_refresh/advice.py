# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Advice after a refresh; pure."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._refresh.summary_text import (
    cause,
    place_of_failure,
    stages_done,
)

#: By the stage that failed.
_ADVICE = {
    "begin": "Correct the definition of the image in the inventory.",
    "decide": "Correct the definition of the image, or the permissions of the signed-in identity, as the cause describes.",
    "build": "If Azure lacks capacity for the virtual machine, use another size or region, or request a higher quota.",
    "customise": "Correct the role or the file that contains the task.",
    "prepare": "Correct the roles that installed the software that the cause names.",
    "capture": "Remove the cause; the next run builds the image again, since a partially captured virtual machine cannot be started again.",
    "verify": "Correct the roles, or the check that failed; the image was not promoted.",
    "promote": "Remove the cause; the image is verified and can be promoted without building it again.",
    "prune": "Remove the cause; the new image is complete, and the next run prunes.",
    "clean": "Remove the cause; the next run removes the leftover resources, which it identifies by their tags.",
    "run": "Check the output of its job. If it was canceled or killed, its virtual machine is still running and incurs costs, and its "
    "lease keeps other runs from the image.",
}
#: How to take over a lease, by whether the reader uses AWX.
_LEASE_TAKEOVER = {
    False: "If no run refreshes the image any more, refresh it with golden_image_lease_stale_after_hours=0, which takes over the lease "
    "and removes the leftover resources.",
    True: "If no job refreshes the image any more, start the refresh again and answer the question 'Hours after which the lease of another "
    "run is taken over' with 0, which takes over the lease and removes the leftover resources.",
}
_LEASED = "leased"
_INSPECTION_ADVICE = (
    "To inspect the virtual machine, refresh it with golden_image_keep_failed=true, which keeps all resources."
)
_CONNECTION_ADVICE = "Check the job's output for the last task that ran, and the connection to the virtual machine: address, network, ssh."
#: Stages that connect to the virtual machine: a failure without a task means that the connection was lost.
_GUEST_STAGES = ("customise", "prepare", "verify")


@dataclass(frozen=True)
class Failure:
    """A cause, and the images that have it."""

    cause: str
    place: str
    advice: str
    images: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Command:
    """A command to continue with."""

    purpose: str
    text: str


def advice(image: Mapping[str, Any]) -> str:
    """The advice for a failed image."""
    failure = image["failure"]
    stage = str(failure.get("stage"))
    lease_takeover = _LEASE_TAKEOVER[bool(image.get("in_awx"))]
    if _LEASED in (failure.get("codes") or []):
        return lease_takeover
    if stage == "run":
        return f"{_ADVICE[stage]} {lease_takeover}"
    if stage in _GUEST_STAGES and not failure.get("task"):
        return _CONNECTION_ADVICE
    text = _ADVICE.get(stage, "Remove the cause.")
    return f"{text} {_INSPECTION_ADVICE}" if stage in _GUEST_STAGES and not image.get("leftovers") else text


def cleanup_status(image: Mapping[str, Any]) -> str:
    """The state of the resources of a failed image."""
    done = stages_done(image)
    parts = []
    if "promote" in done:
        parts.append("The new image was promoted before that.")
    elif "verify" in done:
        parts.append("The new image was verified before that, and is kept.")
    if image.get("leftovers"):
        parts.append("The resources that it created were kept for inspection.")
    elif "clean" in done:
        parts.append(
            "The other resources that it created were removed."
            if parts
            else "The resources that it created were removed."
        )
    elif any(stage["name"] == "clean" for stage in image.get("stages") or []):
        parts.append("Not all resources that it created could be removed.")
    return " ".join(parts)


def failures(report: Mapping[str, Any]) -> list[Failure]:
    """The failures, grouped by cause."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for image in report["images"]:
        if image.get("failure"):
            groups.setdefault((cause(image), place_of_failure(image), advice(image)), []).append(image)
    return [Failure(*words, images) for words, images in groups.items()]


def commands(report: Mapping[str, Any]) -> list[Command]:
    """The commands to continue with, or in AWX the job templates to start; without the inventory, a placeholder is in its place."""
    failed = [image for image in report["images"] if image["result"] == "failed"]
    published = [image for image in failed if (image.get("failure") or {}).get("stage") in ("promote", "prune")]
    verified = [image for image in report["images"] if image["result"] == "verified"]
    command = _launch if report.get("in_awx") else functools.partial(_command, report.get("inventory") or ["INVENTORY"])
    candidates = (
        ("Refresh the failed images again", "refresh", [image for image in failed if image not in published]),
        ("Continue with the existing images", "promote", published),
        ("Promote the verified images", "promote", verified),
    )
    found = [Command(purpose, command(playbook, _limit(images))) for purpose, playbook, images in candidates if images]
    if report["counts"]["planned"]:
        found.append(Command("Apply the planned changes", command("refresh", "")))
    return found


def _limit(images: list[Mapping[str, Any]]) -> str:
    # Includes the controller, so that the report is written even if all hosts are lost.
    return ",".join([*(str(image.get("host") or image["name"]) for image in images), "localhost"])


def _command(inventory: list[str], playbook: str, limit: str) -> str:
    sources = "".join(f" -i {shlex.quote(source)}" for source in inventory)
    limited = f" --limit {shlex.quote(limit)}" if limit else ""
    return f"ansible-playbook golden.azure.{playbook}{sources}{limited}"


def _launch(playbook: str, limit: str) -> str:
    limited = f" with one slice and the limit {limit}" if limit else ""
    return f"Start the job template of the playbook {playbook}{limited}."
