# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replace Ansible's display by one that also writes by itself, as that of ansible-runner before 2.4.2 does."""

from __future__ import annotations

import functools
import multiprocessing
import sys
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.utils.display import Display

DOCUMENTATION = """
name: writing_display
type: notification
short_description: Writes beside the display
description: The class is changed for workers, too, which are forked from this process.
requirements: []
"""

_display = Display.display


@functools.wraps(_display)
def _writing(*arguments: Any, **options: Any) -> Any:
    who = "the main process" if multiprocessing.parent_process() is None else "a worker"
    sys.stderr.write(f"written by {who}\n")
    return _display(*arguments, **options)


Display.display = _writing


class CallbackModule(CallbackBase):
    """What it does is done by now."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "writing_display"
    CALLBACK_NEEDS_ENABLED = True
