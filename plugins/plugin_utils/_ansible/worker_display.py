# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show a line through Ansible's own channel from a worker to its main process.

ansible-runner replaces Display.display by a function that writes to the output itself before it calls Ansible's. Releases before 2.4.2
do so in workers as well, where ansible-core 2.19 and later warn about whatever is written ("WorkerProcess ... errantly sent data
directly to stderr instead of using Display"). The main process calls the replaced function anyway, with the line that it received.
"""

from __future__ import annotations

import inspect
import multiprocessing
from collections.abc import Callable
from typing import Any

from ansible.utils.display import Display


def display_line(text: str) -> None:
    """Show a line on the standard error."""
    show: Callable[..., Any] = Display.display
    if multiprocessing.parent_process() is not None:
        show = inspect.unwrap(show, stop=_is_of_ansible)
    show(Display(), text, stderr=True)


def _is_of_ansible(function: Callable[..., Any]) -> bool:
    return getattr(function, "__globals__", {}).get("__name__") == Display.__module__
