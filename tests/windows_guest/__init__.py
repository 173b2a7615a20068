# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for a Windows guest: Ansible's real shell and connection plugins talk to it, its modules are played.

What it shows: templating, arguments, order, waits and their ends, second runs, check mode. What it cannot: that the PowerShell
of the modules and of the role does on Windows what it says, and what the real sysprep does.
"""

from __future__ import annotations

from .guest import Guest, Guests

__all__ = ["Guest", "Guests"]
