# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Watch the Ansible run of this process: after the run has ended, no more requests are sent, and the process exits.

Ansible terminates its workers when it is terminated; when it is killed, they continue, and so do the modules that they started.
Their output then has no reader, so that a worker that writes to it may block forever.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from typing import Callable

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._local.processes import children, has_ended, identify

#: Environment variable of a module: the identity of the Ansible process, as returned by processes.identify(). It is set only for
#: modules that run on the controller and that Ansible waits for.
VARIABLE = "GOLDEN_AZURE_CONTROLLER"

#: The code of a task whose run has ended; it is visible in logs only.
CONTROLLER_GONE = "controller_gone"

# Polling interval in seconds; and the grace period for cleanup.
_INTERVAL = 0.25
_GRACE = 3.0


class ControllerGone(Failure):
    """The Ansible run that started this task has ended."""

    def __init__(self) -> None:
        super().__init__(
            "The Ansible run that started this task has ended; run it again to continue.", code=CONTROLLER_GONE
        )


def _never_gone() -> bool:
    return False


#: A process belongs to one run for its whole lifetime.
_is_gone: Callable[[], bool] = _never_gone
#: The process id of the parent of this worker; empty in a module.
_parents: list[int] = []


def watch_controller(is_gone: Callable[[], bool]) -> None:
    """Watch an Ansible run until the process ends.

    :param is_gone: whether it has ended; called before each request, so it must be fast.
    """
    global _is_gone
    watched, _is_gone = _is_gone is not _never_gone, is_gone
    if not watched:
        threading.Thread(target=_watch, name="golden-azure-controller", daemon=True).start()


def controller_identity() -> str:
    """The process of the Ansible run, see processes.identify(); empty if it cannot be determined."""
    return identify(_parents[0]) if _parents else os.environ.get(VARIABLE, "")


def watch_parent(parent: int) -> None:
    """Watch the parent process, in an Ansible worker.

    :param parent: its process id, from before the fork.
    """
    _parents[:] = [parent]
    watch_controller(lambda: os.getppid() != parent)


def watch_caller() -> None:
    """Watch the caller of this process, in a module.

    That is the process named in the environment, if it is on this machine. Elsewhere, and if another user runs
    the module (become), the run has ended if the module's output has no reader.
    """
    identity = os.environ.get(VARIABLE, "")
    output = _watchable_output()
    if identity or output is not None:
        watch_controller(
            lambda: bool(identity and has_ended(identity)) or bool(output is not None and _has_no_reader(output))
        )


def check_controller() -> None:
    """Continue only if the run still exists.

    :raises ControllerGone: if it has ended.
    """
    if _is_gone():
        raise ControllerGone


def exit_if_gone() -> None:
    """Exit at once if the run has ended: writing output without a reader could block forever."""
    if _is_gone():
        _exit()


def _watchable_output() -> int | None:
    """The file descriptor of the output; None if a missing reader cannot be detected."""
    try:
        output = sys.stdout.fileno()
        return None if _has_no_reader(output) else output
    except (AttributeError, OSError, ValueError):
        return None


def _has_no_reader(output: int) -> bool:
    # A poll object per call: it cannot be shared by threads.
    poller = select.poll()
    # Without a requested event, it returns only errors and hang-ups.
    poller.register(output, 0)
    return bool(poller.poll(0))


def _watch() -> None:
    while not _is_gone():
        time.sleep(_INTERVAL)
    # Terminate child programs such as ssh and qemu-img, so that the code that waits for them can clean up.
    for number in children(os.getpid()):
        try:
            os.kill(number, signal.SIGTERM)
        except OSError:
            continue
    time.sleep(_GRACE)
    _exit()


def _exit() -> None:
    os._exit(1)
