# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What virtual machines of a size can be, by its name; pure.

Sources: Microsoft's pages on names of sizes, on Trusted Launch, on generation 2 and on NVMe
(https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions, trusted-launch, generation-2, nvme-overview).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The sizes that the lists of every region contain.
SIZES = (
    "Standard_A2_v2",
    "Standard_B1s",
    "Standard_B2s",
    "Standard_DS1_v2",
    "Standard_D2_v3",
    "Standard_D2s_v3",
    "Standard_D2s_v5",
    "Standard_D4s_v5",
    "Standard_D4ds_v5",
    "Standard_E2bs_v5",
    "Standard_D2s_v6",
    "Standard_D4s_v6",
    "Standard_D2ps_v5",
    "Standard_D2ps_v6",
    "Standard_DC2as_v5",
)

_NAME = re.compile(
    r"^(?P<tier>basic|standard)_(?P<family>[a-z]+)(?P<number>\d+)(-\d+)?(?P<traits>[a-z]*)(_(?!v\d)[a-z0-9]+)*(_v(?P<version>\d+))?(_promo)?$",
    re.IGNORECASE,
)
_CONFIDENTIAL = ("DC", "EC", "NCC")


@dataclass(frozen=True)
class Capabilities:
    """What Microsoft.Compute/skus says of a size, as far as rules ask for it."""

    architecture: str = "x64"
    generations: tuple[str, ...] = ("V1", "V2")
    controllers: tuple[str, ...] = ("SCSI",)
    trusted_launch: bool = True
    confidential: bool = False
    encryption_at_host: bool = True
    data_disks: int = 64
    accelerated_networking: bool = True


def capabilities(size: str) -> Capabilities:
    """What a size is good for; of an unknown name, what most are."""
    found = _NAME.match(size)
    if found is None:
        return Capabilities()
    family, traits, version = found["family"].upper(), found["traits"].lower(), int(found["version"] or 1)
    arm = "p" in traits
    generations = _generations(found["tier"], family, traits, version, arm)
    return Capabilities(
        architecture="Arm64" if arm else "x64",
        generations=generations,
        controllers=_controllers(family, traits, version),
        trusted_launch="V2" in generations and family != "M" and not (arm and version < 6),
        confidential=family in _CONFIDENTIAL,
        data_disks=_data_disks(family, int(found["number"]), version),
        # Those with one processor have none of it (Azure/azure-cli#12858), nor the oldest families.
        accelerated_networking=family not in ("A", "B") and int(found["number"]) > 1,
        # Sizes without premium storage, and the oldest ones, have none of it.
        encryption_at_host=(("s" in traits or family.endswith("S")) and version > 1) or family == "B",
    )


def has_premium_storage(size: str) -> bool:
    """Whether a size takes premium disks: Microsoft Learn, premium-storage-performance and vm-naming-conventions ("s")."""
    found = _NAME.match(size)
    if found is None:
        return True
    family = found["family"].upper()
    return "s" in found["traits"].lower() or family.endswith("S") or family in ("B", "M")


def _data_disks(family: str, number: int, version: int) -> int:
    """How many data disks a size takes, as the pages of the series say."""
    if family in ("A", "D", "DS", "G", "GS") and version <= (1 if family == "A" else 2):
        # These are numbered through, 11 to 15 with more memory, and not by processors.
        step = number % 10
        return min({"A": 1, "D": 2, "DS": 2}.get(family, 4) * 2**step, 64)
    if version >= 6:
        return {1: 4, 2: 8, 4: 12, 8: 24, 16: 48}.get(number, 64)
    return min(max(2 * number, 2), 64 if family in ("M", "E") and number > 64 else 32)


def _generations(tier: str, family: str, traits: str, version: int, arm: bool) -> tuple[str, ...]:
    if arm or version >= 6:
        return ("V2",)
    if tier.lower() == "basic" or family == "A" or (family == "D" and "s" not in traits and version in (2, 3)):
        return ("V1",)
    return ("V1", "V2")


def _controllers(family: str, traits: str, version: int) -> tuple[str, ...]:
    if version >= 6 or (family == "FX" and version >= 2):
        return ("NVMe",)
    return ("SCSI", "NVMe") if family == "E" and "b" in traits and version == 5 else ("SCSI",)
