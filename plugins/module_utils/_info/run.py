# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_info: options -> read the sources -> filter -> usage -> requested properties."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._images.filters import Properties, selection
from ansible_collections.golden.azure.plugins.module_utils._info.finder import Finder
from ansible_collections.golden.azure.plugins.module_utils._info.request import OPTIONS, check, is_latest, nothing_found
from ansible_collections.golden.azure.plugins.module_utils._info.targets import possible_targets_of
from ansible_collections.golden.azure.plugins.module_utils._model.families import family_of, newest

__all__ = ["OPTIONS", "execute"]

Json = dict[str, Any]


def execute(invocation: Invocation) -> Json:
    """Find what matches the options; the list may be empty.

    :raises Failure: if it cannot be read, or the resource group does not exist, or the search would need too many requests.
    """
    options = {**invocation.options, "source": list(dict.fromkeys(invocation.options["source"]))}
    check(options)
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        if options["level"] == "targets":
            return {"changed": False, **possible_targets_of(arm, options), "account": arm.account}
        return _found(arm, options, invocation)
    finally:
        arm.close()


def _found(arm: ArmClient, options: Json, invocation: Invocation) -> Json:
    # The region for the latest version is that of the deployment, not of the version.
    chosen = selection({**options, "location": None} if is_latest(options["name"]) else options)
    finder = Finder(arm, options, datetime.now(timezone.utc))
    everything = finder.find()
    rows = [row for row in everything if chosen(row) and _has_versions(row, options["has_versions"])]
    findings = list(nothing_found(options, len(everything))) if not rows else []
    for finding in findings:
        invocation.progress(finding.message)
    if options["newest_per_family"]:
        rows = newest(rows, options["newest_per_family"], options["family_tag"])
    total = len(rows)
    rows, next_page = _page(rows, options["page"], options["page_size"])
    if options["include_usage"]:
        finder.add_usage(rows)
    if options["level"] == "images":
        for image in rows:
            image["family"] = family_of(image, options["family_tag"])
    properties = Properties.of(options["properties"])
    result = {
        "changed": False,
        options["level"]: [properties.of_image(row) for row in rows],
        "total": total,
        "next_page": next_page,
        "findings": [finding.as_dict() for finding in findings],
        "account": arm.account,
    }
    if finder.budget.taken:
        result["request_count"] = finder.budget.taken
    return {**result, "warnings": finder.warnings} if finder.warnings else result


def _has_versions(row: Json, wanted: bool | None) -> bool:
    return wanted is None or bool(row["version_count"]) is wanted


def _page(rows: list[Json], page: int, size: int | None) -> tuple[list[Json], int | None]:
    """The rows of a page, and the number of the next one, if there is one."""
    if size is None:
        return rows, None
    return rows[(page - 1) * size : page * size], page + 1 if page * size < len(rows) else None
