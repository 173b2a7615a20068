# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Report the progress of a long operation in human-readable lines, on changes and at a limited rate."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress, silent
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_VERSION

#: Interval in seconds for reading the replication status of a gallery version, which is a separate request.
_REGION_INTERVAL = 30.0


class ProgressReporter:
    """Processes the polling responses of one operation."""

    def __init__(self, arm: ArmClient, step: Step, deadline: Deadline, progress: Progress) -> None:
        self._arm = arm
        self._step = step
        self._deadline = deadline
        self._progress = progress
        self._reported = ""
        self._read_at = deadline.elapsed

    def __call__(self, answer: dict[str, Any]) -> None:
        """Process a response of an operation in progress."""
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
            # It is informational only; errors are reported by the operation itself.
            return
        regions = ((version.get("properties") or {}).get("replicationStatus") or {}).get("summary") or []
        shares = [f"{region.get('region')} {region.get('progress') or 0} %" for region in regions]
        if shares:
            self._report(f"replicating {', '.join(shares)}")

    def _report(self, text: str) -> None:
        if text != self._reported:
            self._reported = text
            self._progress(f"{self._step.resource.label}: {text}")
