# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The run of Ansible that this process works for: once it is gone, nothing more is sent, and the process ends.

Ansible ends its workers when it is asked to end; when it is killed, they go on, and so do the modules that they have started.
Whoever reads what they say is gone by then, so that a worker that says anything may wait for good.
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

#: Environment variable of a module: which process it works for, as processes.identify() has it. Only modules on the machine of
#: the controller have it, those that Ansible waits for.
VARIABLE = "GOLDEN_AZURE_CONTROLLER"

#: Code of a task whose run is gone; nobody is left to read it but a log.
CONTROLLER_GONE = "controller_gone"

# Seconds between two looks; and for what the process still has to put in order.
_INTERVAL = 0.25
_GRACE = 3.0


class ControllerGone(Failure):
    """The run of Ansible that wanted this is gone."""

    def __init__(self) -> None:
        super().__init__(
            "The Ansible run that started this task has ended; run it again to continue.", code=CONTROLLER_GONE
        )


def _never_gone() -> bool:
    return False


#: A process works for one run for all of its life.
_is_gone: Callable[[], bool] = _never_gone
#: The number of the process that has forked this one; none in a module.
_parents: list[int] = []


def watch_controller(is_gone: Callable[[], bool]) -> None:
    """Work for a run of Ansible from now on, until the process ends.

    :param is_gone: tells whether it has ended; asked before each request, so it must be quick.
    """
    global _is_gone
    watched, _is_gone = _is_gone is not _never_gone, is_gone
    if not watched:
        threading.Thread(target=_watch, name="golden-azure-controller", daemon=True).start()


def controller_identity() -> str:
    """The process of the run of Ansible, as processes.identify() has it; empty where it cannot be told."""
    return identify(_parents[0]) if _parents else os.environ.get(VARIABLE, "")


def watch_parent(parent: int) -> None:
    """Work for the process that has forked this one, in a worker of Ansible's.

    :param parent: its number, as it was known before the fork.
    """
    _parents[:] = [parent]
    watch_controller(lambda: os.getppid() != parent)


def watch_caller() -> None:
    """Work for whoever has started this process, in a module.

    That is the process which the environment names, where it is on this machine. Anywhere else, and where somebody else runs
    the module (become), whoever reads what the module is going to say has gone with it.
    """
    identity = os.environ.get(VARIABLE, "")
    output = _watchable_output()
    if identity or output is not None:
        watch_controller(
            lambda: bool(identity and has_ended(identity)) or bool(output is not None and _has_no_reader(output))
        )


def check_controller() -> None:
    """Go on only if somebody still waits for it.

    :raises ControllerGone: when nobody does.
    """
    if _is_gone():
        raise ControllerGone


def exit_if_gone() -> None:
    """End the process at once, if nobody waits for what it has to say: saying it could take for good."""
    if _is_gone():
        _exit()


def _watchable_output() -> int | None:
    """The descriptor of our output; None where it does not show that nobody reads it any more."""
    try:
        output = sys.stdout.fileno()
        return None if _has_no_reader(output) else output
    except (AttributeError, OSError, ValueError):
        return None


def _has_no_reader(output: int) -> bool:
    # A poll object of its own for each look: threads look at the same time, and a shared one refuses the second.
    poller = select.poll()
    # Without any event asked for, it returns errors and ends alone.
    poller.register(output, 0)
    return bool(poller.poll(0))


def _watch() -> None:
    while not _is_gone():
        time.sleep(_INTERVAL)
    # Programs that it waits for, such as ssh and qemu-img: what waits for them ends by that, and puts things in order.
    for number in children(os.getpid()):
        try:
            os.kill(number, signal.SIGTERM)
        except OSError:
            continue
    time.sleep(_GRACE)
    _exit()


def _exit() -> None:
    os._exit(1)
