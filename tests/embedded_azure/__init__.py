# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small Azure on loopback, to try and to test the collection without a cloud."""

from __future__ import annotations

from .azure import EmbeddedAzure, StartError
from .clock import Clock, DrivenClock, RealClock
from .errors import AzureError
from .faults import Fault
from .request_log import Exchange
from .settings import Settings

__all__ = [
    "AzureError",
    "Clock",
    "DrivenClock",
    "EmbeddedAzure",
    "Exchange",
    "Fault",
    "RealClock",
    "Settings",
    "StartError",
]
