# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Linux guests for the embedded Azure: Debian in systemd-nspawn containers, up in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .base import CompletedRun
from .disks import DiskStore
from .local_guests import LocalGuests
from .nspawn_machine import NspawnMachine
from .overlay_disks import OverlayDisks
from .requirements import missing_requirements
from .rootfs import Progress, ensure_root
from .run_command_handler import HandlerCommand
from .supervised_machine import Record, SupervisedMachine

__all__ = ["NspawnGuests", "missing_requirements"]


class NspawnGuests(LocalGuests):
    """Guests without a kernel of their own."""

    keeps_commands = True

    def run_command(self, vm_id: str, command: HandlerCommand) -> CompletedRun | None:
        """Run a managed run command as Azure's handler does, unless the guest has run it before."""
        machine = self._running(vm_id)
        assert isinstance(machine, NspawnMachine)
        return machine.run_command(command)

    def forget_command(self, vm_id: str, name: str) -> None:
        """Take away what goes with a command that is deleted."""
        machine = self._running(vm_id)
        assert isinstance(machine, NspawnMachine)
        machine.forget_command(name)

    @staticmethod
    def _missing_requirements() -> list[str]:
        return missing_requirements()

    def _disk_store(
        self, directory: Path, progress: Progress | None, suite: str | None, more_packages: Sequence[str]
    ) -> DiskStore:
        return OverlayDisks(directory, lambda: ensure_root(self._cache, progress, suite, more_packages))

    def _machine(self, directory: Path, record: Record | None) -> SupervisedMachine:
        return NspawnMachine(directory, record)
