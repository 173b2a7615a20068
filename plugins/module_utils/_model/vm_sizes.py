# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Determine the properties of a VM size from its name; pure.

The list of sizes in Microsoft.Compute/skus has more details, but reading it takes seconds; Azure follows these naming rules.
Sources: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions, .../trusted-launch, .../nvme-overview,
.../generation-2, .../premium-storage-performance, .../virtual-machines-create-restore-points (consistency modes)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ARM64, X64 = "Arm64", "x64"
_NAME = re.compile(
    r"^(?P<tier>basic|standard)_(?P<family>[a-z]+)\d+(-\d+)?(?P<traits>[a-z]*)(_(?!v\d)[a-z0-9]+)*(_v(?P<version>\d+))?(_promo)?$",
    re.IGNORECASE,
)
#: Families with confidential virtual machines.
_CONFIDENTIAL = ("DC", "EC", "NCC")
#: From this version on, sizes support only generation 2 and NVMe.
_MODERN = 6
#: Families that all support premium storage, although not all of their names have the letter s.
_PREMIUM = ("B", "M")
#: The first versions of sizes for which Azure does not guarantee simultaneous snapshots, with processors of Intel and of AMD.
_BOOSTED_INTEL, _BOOSTED_AMD = 6, 7


@dataclass(frozen=True)
class SizeTraits:
    """The properties that a size supports; a size with an unknown name is assumed to support all."""

    architectures: tuple[str, ...] = (X64, ARM64)
    generations: tuple[str, ...] = ("V1", "V2")
    #: Disk controllers, in lower case.
    controllers: tuple[str, ...] = ("scsi", "nvme")
    trusted_launch: bool = True
    confidential: bool = True
    #: Premium storage.
    premium_storage: bool = True
    #: Restore points whose snapshots of several data disks are of the same time: Azure Boost does not guarantee that.
    simultaneous_snapshots: bool = True


def traits_of(size: str) -> SizeTraits:
    """The properties that a size supports."""
    found = _NAME.match(size)
    if found is None:
        return SizeTraits()
    family, traits, version = found["family"].upper(), found["traits"].lower(), int(found["version"] or 1)
    arm = "p" in traits
    generations = _generations(found["tier"].lower(), family, traits, version, arm)
    return SizeTraits(
        architectures=(ARM64 if arm else X64,),
        generations=generations,
        controllers=_controllers(family, traits, version),
        trusted_launch="V2" in generations and family != "M" and not (arm and version < _MODERN),
        confidential=family in _CONFIDENTIAL,
        premium_storage="s" in traits or family in _PREMIUM or family.endswith("S"),
        simultaneous_snapshots=arm or version < (_BOOSTED_AMD if "a" in traits else _BOOSTED_INTEL),
    )


def _generations(tier: str, family: str, traits: str, version: int, arm: bool) -> tuple[str, ...]:
    if arm or version >= _MODERN:
        return ("V2",)
    first_alone = tier == "basic" or family == "A" or (family == "D" and "s" not in traits and version in (2, 3))
    return ("V1",) if first_alone else ("V1", "V2")


def _controllers(family: str, traits: str, version: int) -> tuple[str, ...]:
    if version >= _MODERN or (family == "FX" and version > 1):
        return ("nvme",)
    return ("scsi", "nvme") if family == "E" and "b" in traits and version == 5 else ("scsi",)
