# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Format the report of a refresh for a terminal; pure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._refresh.advice import advice, cleanup_status, commands
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.summary_text import (
    cause,
    outcome,
    place_of_failure,
    verdict,
)
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import (
    duration,
    format_time_span,
    shortened,
    visible,
    width_on_terminal,
)

#: Width of a line in columns; Ansible adds about twelve columns.
_WIDTH = 108
#: The maximum width of the column of names; longer names overflow it.
_MAX_NAME = 32
_INDENT = " " * 10
_USE = (
    "Next: create virtual machines from the promoted images, for example with golden.azure.vm_image_instance, whose 'image' or "
    "'gallery_version_id' is the id of the image."
)
#: Results of images whose ids are shown.
_USABLE = ("verified", "promoted")
#: Maximum number of characters of a cause; the page and the file contain the full text.
_MAX_CAUSE = 1200


def summary_lines(report: Mapping[str, Any], page: str = "") -> list[str]:
    """The lines of the report: the verdict, the times, each image, and cause and advice of failed ones.

    :param page: the path of the page; empty if there is none.
    """
    images = report["images"]
    lines = [verdict(report), *_times(report)]
    widest = min(max((width_on_terminal(image["name"]) for image in images), default=0), _MAX_NAME)
    for image in images:
        name = image["name"] + " " * (widest - width_on_terminal(image["name"]))
        taken = duration(image["seconds"]) if image.get("started") else ""
        head = f"{image['result']:<8}  {name}  {taken:>11}  "
        text = f"Failed {place_of_failure(image)}." if image["result"] == "failed" else outcome(image)
        lines += _wrap_beside(head, text, widest + len("promoted") + 17)
        if image.get("failure"):
            lines += _labelled("cause", shortened(cause(image), _MAX_CAUSE))
            lines += _labelled("next", " ".join([cleanup_status(image), advice(image)]).strip())
        for warning in image.get("warnings") or []:
            lines += _labelled("warning", str(warning))
        if image["result"] in _USABLE:
            lines += _labelled("verified", _checks(image))
            # Not wrapped, so that it can be copied.
            lines += [f"{'image':>{len(_INDENT) - 2}}: {made['id']}" for made in image.get("images") or []]
    if report["counts"]["promoted"]:
        lines += textwrap.wrap(_USE, _WIDTH)
    for command in commands(report):
        lines += [f"{command.purpose}:", f"    {command.text}"]
    lines += [f"Full report: {page}"] if page else []
    return [visible(line) for line in lines]


def _checks(image: Mapping[str, Any]) -> str:
    """The checks that an image has passed; empty if this run has not verified it."""
    checks = (image.get("verification") or {}).get("checks") or []
    return ", ".join(dict.fromkeys(str(check["name"]) for check in checks if check.get("result") == "passed"))


def _times(report: Mapping[str, Any]) -> list[str]:
    if not report["started"]:
        return []
    took = (
        f"Run {report['run']}: {format_time_span(report['started'], report['finished'])}, {duration(report['seconds'])}"
    )
    if len(report["images"]) < 2:
        return [took]
    longest, alone = report["longest"], sum(image["seconds"] for image in report["images"])
    return [
        took,
        f"The longest image, {longest['name']}, took {duration(longest['seconds'])}; sequentially they would have "
        f"taken {duration(alone)}.",
    ]


def _wrap_beside(head: str, text: str, column: int) -> list[str]:
    """A text next to its head, wrapped and aligned; below the head if the head is too long."""
    lines = textwrap.wrap(text, _WIDTH - column)
    beside = lines.pop(0) if lines and width_on_terminal(head) <= column else ""
    return [(head + beside).rstrip(), *(" " * column + line for line in lines)]


def _labelled(label: str, text: str) -> list[str]:
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, _WIDTH - len(_INDENT))]
    return [f"{label:>{len(_INDENT) - 2}}: {lines[0]}", *(_INDENT + line for line in lines[1:])] if lines else []
