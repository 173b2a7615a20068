# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print all results as one JSON document at the end, as the callback json of ansible.posix does."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: one_document
type: stdout
short_description: Prints one JSON document
description: Whatever else is printed to the standard output makes it none.
requirements: []
"""


class CallbackModule(CallbackBase):
    """Ansible calls it with each result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "one_document"

    def __init__(self) -> None:
        super().__init__()
        self._results: list[Any] = []

    def v2_runner_on_ok(self, result: Any) -> None:
        """Keep a result."""
        self._results.append(result._result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Keep a result."""
        self._results.append(result._result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print them."""
        self._display.display(json.dumps(self._results, default=str))
