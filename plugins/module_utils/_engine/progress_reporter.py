# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Report how far a long operation has come, in lines for people: when that changes, and no more often than is of use."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress, silent
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_VERSION

#: Seconds between looks at the regions that a gallery version is replicated to; each is a request of its own.
_REGION_INTERVAL = 30.0


class ProgressReporter:
    """Looks at the answers to one operation's polls."""

    def __init__(self, arm: ArmClient, step: Step, deadline: Deadline, progress: Progress) -> None:
        self._arm = arm
        self._step = step
        self._deadline = deadline
        self._progress = progress
        self._reported = ""
        self._read_at = deadline.elapsed

    def __call__(self, answer: dict[str, Any]) -> None:
        """Take an answer of an operation that is under way."""
        if self._progress is silent:
            return
        share = answer.get("percentComplete")
        if share:
            self._report(f"{float(share):.0f} %")
        elif self._step.resource.resource_type == GALLERY_VERSION:
            self._report_regions()

    def _report_regions(self) -> None:
        if self._deadline.elapsed - self._read_at < _REGION_INTERVAL:
            return
        self._read_at = self._deadline.elapsed
        try:
            version = self._arm.get(self._step.resource, expand="ReplicationStatus") or {}
        except Failure:
            # It is for people's patience only; the operation itself tells what goes wrong.
            return
        regions = ((version.get("properties") or {}).get("replicationStatus") or {}).get("summary") or []
        shares = [f"{region.get('region')} {region.get('progress') or 0} %" for region in regions]
        if shares:
            self._report(f"replicating {', '.join(shares)}")

    def _report(self, text: str) -> None:
        if text != self._reported:
            self._reported = text
            self._progress(f"{self._step.resource.label}: {text}")
