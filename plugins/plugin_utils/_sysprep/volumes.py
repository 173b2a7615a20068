# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The encryption state of the volumes of a Windows guest; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

#: Win32_EncryptableVolume.GetConversionStatus: 0 fully decrypted, 3 decryption in progress; None if it could not be read.
#: https://learn.microsoft.com/windows/win32/secprov/getconversionstatus-win32-encryptablevolume
DECRYPTED = 0
DECRYPTING = 3
_CONVERSIONS = {
    1: "fully encrypted",
    2: "being encrypted",
    3: "being decrypted",
    4: "partially encrypted (paused)",
    5: "partially decrypted (paused)",
}
#: The return value for a locked volume: FVE_E_LOCKED_VOLUME.
_LOCKED = 0x80310000


def volume_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """Volumes that are encrypted. Sysprep only requires that the volume of Windows is decrypted; data volumes can be accepted."""
    for volume in facts.get("volumes") or []:
        status = volume.get("conversion_status")
        waits = status == DECRYPTING and "decryption" in actions
        if status == DECRYPTED or waits or "disk_encryption" in actions:
            continue
        name = volume.get("mount_point") or volume.get("device")
        if _holds_windows(facts, volume):
            yield finding(
                "volume_encrypted",
                f"The volume {name} is {_state(volume)}, which causes sysprep to fail (0x80310039); {_advice(status)}.",
            )
        else:
            yield finding(
                "data_volume_encrypted",
                f"The data volume {name} is {_state(volume)}, and virtual machines created from an image with this disk cannot read it "
                f"without its key; {_advice(status)}, or accept 'data_volume_encrypted' if the disk is not captured.",
            )


def _holds_windows(facts: Mapping[str, Any], volume: Mapping[str, Any]) -> bool:
    drive = str((facts.get("system") or {}).get("windows_folder") or "C:\\Windows")[:2]
    # A volume without a drive letter may be the volume of Windows.
    return str(volume.get("mount_point") or drive)[:2].upper() == drive.upper()


def _state(volume: Mapping[str, Any]) -> str:
    status = volume.get("conversion_status")
    if status is None:
        code = (volume.get("return_value") or 0) & 0xFFFFFFFF
        reason = "it is locked" if code == _LOCKED else f"0x{code:08x}"
        return f"in an encryption state that cannot be read ({reason})"
    return f"{_CONVERSIONS.get(status, f'in the encryption state {status}')} ({volume.get('encryption_percentage')} %)"


def _advice(status: int | None) -> str:
    if status is None:
        return "unlock and decrypt it"
    if status == DECRYPTING:
        return "wait until that has ended, or add the action 'decryption' to let the role wait"
    return (
        "disable Azure Disk Encryption with the action 'disk_encryption', or turn off BitLocker if the volume is not "
        "encrypted by Azure"
    )


ACCEPTABLE = ("data_volume_encrypted",)
