# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write down the plan of each task that has one, in the order in which the tasks end."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: plan_recorder
type: aggregate
short_description: Records plans for tests
description: Appends a JSON line for each result with a plan to the file that C(PLAN_RECORD) names.
requirements: []
"""


class CallbackModule(CallbackBase):
    """Ansible calls it with each result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NEEDS_ENABLED = True
    CALLBACK_NAME = "plan_recorder"

    def _record(self, result: Any, failed: bool) -> None:
        found = result._result
        # The result of a loop repeats those of its items.
        if result._task.loop and "item" not in found:
            return
        # One task may carry out several plans.
        plans = [item for item in (found, *(found.get("results") or [])) if isinstance(item, dict) and "plan" in item]
        if not plans:
            return
        line = {
            "task": result._task.get_name(),
            "check_mode": bool(result._task.check_mode),
            "plans": [{"steps": item["plan"]["steps"], "done": len(item.get("steps") or [])} for item in plans],
            "failed": failed,
        }
        with open(os.environ["PLAN_RECORD"], "a", encoding="utf-8") as record:
            record.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task that succeeded."""
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task that failed."""
        self._record(result, failed=True)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """An item of a loop that succeeded."""
        self._record(
            result, failed=bool(result._result.get("failed_when_result") is False and "error" in result._result)
        )

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """An item of a loop that failed."""
        self._record(result, failed=True)
