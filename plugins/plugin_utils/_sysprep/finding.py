# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of the checks of a Windows guest; pure."""

from __future__ import annotations

from typing import Any

Finding = dict[str, str]

#: Seconds after a boot during which the Azure VM agent may still be installing its services, as on a new virtual machine:
#: hashicorp/packer#5945, danielsollondon/azvmimagebuilder#71.
_SETUP_SECONDS = 900


def finding(code: str, message: str) -> Finding:
    """A finding with a code and a message of one sentence."""
    return {"code": code, "message": message}


def is_recently_booted(facts: Any) -> bool:
    """Whether the guest was booted so recently that its setup may still be running."""
    uptime = (facts.get("system") or {}).get("uptime")
    return uptime is not None and uptime < _SETUP_SECONDS
