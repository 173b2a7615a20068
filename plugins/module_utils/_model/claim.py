# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The claim of a run on a virtual machine whose guest it prepares, recorded in its tags; pure.

The claim is written with the ETag of the virtual machine, so that only one of two runs gets it. It is valid until its run has
ended, if that can be determined, or for a limited time: a run on another controller may have been killed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.tags import PREFIX, fitting, tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run

Json = dict[str, Any]

_RUN = f"{PREFIX}claimed_by_run"
_HOLDER = f"{PREFIX}claimed_on"
_PROCESS = f"{PREFIX}claimed_by_process"
_SINCE = f"{PREFIX}claimed_at"
TAGS = (_RUN, _HOLDER, _PROCESS, _SINCE)

#: Code of a wait for another run that ended, or released the virtual machine, before it captured it.
CLAIM_OVER = "claim_over"

#: The preparation of a guest takes less; afterwards its power state and its mark as generalized show its state.
CLAIM_HOURS = 2


@dataclass(frozen=True)
class Claim:
    """The run that prepares the guest of a virtual machine."""

    run: str
    holder: str
    #: See processes.identify(); empty if it cannot be determined.
    process: str
    since: str

    def is_of(self, run: Run) -> bool:
        """Whether it belongs to a run, from this task or an earlier one."""
        if self.process and self.process == run.process:
            return True
        return (self.run, self.holder) == (run.run_id, fitting(run.holder))

    def is_over(self, now: datetime, has_ended: Callable[[str], bool]) -> bool:
        """Whether it is no longer valid: its run has ended, or it is too old."""
        if self.process and has_ended(self.process):
            return True
        since = parse_timestamp(self.since)
        return since is None or now - since >= timedelta(hours=CLAIM_HOURS)


def read_claim(vm: Json | None) -> Claim | None:
    """The claim on a virtual machine; None if there is none."""
    tags = (vm or {}).get("tags")
    run, holder, process, since = (tag_value(tags, name) or "" for name in TAGS)
    return Claim(run, holder, process, since) if run else None


def claim_tags(vm: Json, run: Run) -> dict[str, str]:
    """The tags of a virtual machine that this run has claimed."""
    own = {_RUN: run.run_id, _HOLDER: fitting(run.holder), _PROCESS: run.process, _SINCE: run.moment}
    return {**unclaimed_tags(vm), **{name: value for name, value in own.items() if value}}


def unclaimed_tags(vm: Json) -> dict[str, str]:
    """The tags of a virtual machine without a claim."""
    return {name: value for name, value in (vm.get("tags") or {}).items() if name.lower() not in TAGS}
