# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the OS profile says to the guest's first boot."""

from __future__ import annotations

import base64
import binascii

from ..errors import error
from ..model import Body


def public_keys(profile: Body) -> tuple[str, ...]:
    """The SSH public keys of a Linux profile."""
    ssh = (profile.get("linuxConfiguration") or {}).get("ssh") or {}
    return tuple(key["keyData"] for key in ssh.get("publicKeys") or [] if key.get("keyData"))


def decoded(custom_data: str | None) -> bytes | None:
    """customData is base64; anything else is refused."""
    if not custom_data:
        return None
    try:
        return base64.b64decode(custom_data, validate=True)
    except binascii.Error as reason:
        raise error(
            "invalid_parameter",
            reason="Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters.",
        ) from reason
