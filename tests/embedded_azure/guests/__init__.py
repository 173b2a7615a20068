# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backends that give the virtual machines of the embedded Azure something to run on."""

from __future__ import annotations

from .base import CompletedRun, GuestBackend, GuestError, Machine, NoGuests, Provisioning, SshAccess

__all__ = ["CompletedRun", "GuestBackend", "GuestError", "Machine", "NoGuests", "Provisioning", "SshAccess"]
