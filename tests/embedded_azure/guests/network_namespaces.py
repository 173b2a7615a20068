# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces of guests: nothing of a guest listens on the host."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from .process import run_command

NAMESPACES = Path("/run/netns")


def add_network_namespace(name: str) -> None:
    """Make a network namespace with nothing but its loopback device; an existing one is kept."""
    if not (NAMESPACES / name).exists():
        run_command(["ip", "netns", "add", name], f"Making the network namespace {name}")
    run_command(["ip", "-netns", name, "link", "set", "lo", "up"], f"Setting up the network namespace {name}")


def remove_network_namespace(name: str) -> None:
    """Remove a network namespace, ending what still runs in it; an absent one is fine."""
    if not (NAMESPACES / name).exists():
        return
    for line in run_command(["ip", "netns", "pids", name], f"Reading the network namespace {name}").split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(line), signal.SIGKILL)
    run_command(["ip", "netns", "delete", name], f"Removing the network namespace {name}")
