# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write down each task that failed: whose, what it said, and the code of the finding that it is about."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: failure_recorder
type: aggregate
short_description: Records failures for tests
description: Appends a JSON line for each failure to the file that C(FAILURE_RECORD) names.
requirements: []
"""


def _codes_in(message: Any) -> list[str]:
    """The codes that a message has in parentheses."""
    return re.findall(r"\(([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\)", message) if isinstance(message, str) else []


class CallbackModule(CallbackBase):
    """Ansible calls it with each result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NEEDS_ENABLED = True
    CALLBACK_NAME = "failure_recorder"

    def _record(self, result: Any) -> None:
        found = result._result
        # The result of a loop repeats those of its items.
        if result._task.loop and "ansible_loop_var" not in found:
            return
        item = found.get("item")
        code = item.get("code") if isinstance(item, dict) else (found.get("error") or {}).get("code")
        codes = [one["code"] for one in (found.get("plan") or {}).get("blockers") or []]
        line = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "message": found.get("msg"),
            "codes": [code] if code else codes or _codes_in(found.get("msg")),
            "traceback": "Traceback" in json.dumps(found, default=str),
        }
        with open(os.environ["FAILURE_RECORD"], "a", encoding="utf-8") as record:
            record.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task that failed, whether or not it is rescued."""
        self._record(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """An item of a loop that failed."""
        self._record(result)
