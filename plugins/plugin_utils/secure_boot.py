# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check whether Secure Boot of a guest still uses Microsoft's certificates from 2011, which have expired; pure.

Such a machine boots, but no longer accepts updates of boot managers, shims and revocations. Sources:
https://support.microsoft.com/help/5085395 (Windows), https://support.microsoft.com/help/5103014 (Linux)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The value that a guest reports for its certificates.
CERTIFICATES_OF_2011 = "2011"
#: WindowsUEFICA2023Capable: the certificate is in the firmware, and Windows was booted by a boot manager from 2023.
_BOOTED_BY_2023 = 2


def is_outdated(facts: Mapping[str, Any] | None) -> bool:
    """Whether a Windows guest has not completed the update.

    :param facts: its section ``secure_boot``. NotStarted is also the status of guests that had the new certificates from the start.
    """
    if not facts or not facts.get("enabled"):
        return False
    status = str(facts.get("status") or "NotStarted").lower()
    return status != "updated" and not (status == "notstarted" and facts.get("capable") == _BOOTED_BY_2023)


def outdated_message(label: str) -> str:
    """One sentence about such a guest.

    :param label: its label.
    """
    return (
        f"Secure Boot of {label} does not use Microsoft's certificates of 2023, and those of 2011 have expired, so that virtual "
        "machines created from the image cannot update their boot components; update the certificates before the guest is generalized."
    )
