# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many cores a virtual machine of a size has, and which family of quotas counts them; by the name of the size.

Names of families as recorded with api-version 2024-07-01 (Azure/azure-cli, test_vm_usage): standardDSv5Family, standardDPSv5Family,
standardDCASv5Family, standardAv2Family, standardBSFamily; from version 6 on standardDaldv6Family.
"""

from __future__ import annotations

import re

_NAME = re.compile(
    r"^standard_(?P<family>[a-z]+)(?P<number>\d+)(-\d+)?(?P<traits>[a-z]*)(_(?!v\d)[a-z0-9]+)*(_v(?P<version>\d+))?$",
    re.IGNORECASE,
)
_LOWER_CASE_FROM = 6
#: The sizes of these were numbered before they were named after their cores.
_NUMBERED = ("A", "D", "DS", "G", "GS")
_CORES_BY_NUMBER = {"1": 1, "2": 2, "3": 4, "4": 8, "5": 16, "11": 2, "12": 4, "13": 8, "14": 16, "15": 20}


def cores_of(size: str) -> int:
    """The cores of a size; one of an unknown name."""
    found = _NAME.match(size)
    if found is None:
        return 1
    family, number = found["family"].upper(), found["number"]
    if family in _NUMBERED[1:] and int(found["version"] or 1) <= 2 and "s" not in found["traits"].lower():
        return _CORES_BY_NUMBER.get(number, int(number))
    return int(number)


def family_of(size: str) -> str:
    """The name of the quota for the cores of a size."""
    found = _NAME.match(size)
    if found is None:
        return "standardUnknownFamily"
    family, traits, version = found["family"].upper(), found["traits"], found["version"] or ""
    old = int(version or 1) < _LOWER_CASE_FROM
    return f"standard{family}{traits.upper() if old else traits.lower()}{'v' + version if version else ''}Family"
