# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may come instead of an answer."""

from __future__ import annotations


class ConnectionLost(Exception):
    """The client is to get no answer at all."""


class NothingYet(Exception):
    """There is nothing to receive so far."""
