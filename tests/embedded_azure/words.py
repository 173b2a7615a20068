# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words as Azure spells them: it takes them in any casing and answers them in its own. Pure.

azure.azcollection sends `osState: generalized`, older clients `createOption: fromImage`.
"""

from __future__ import annotations

from typing import Any

_WORDS: dict[str, tuple[str, ...]] = {
    "architecture": ("x64", "Arm64"),
    "caching": ("None", "ReadOnly", "ReadWrite"),
    "createOption": (
        *("Attach", "Copy", "CopyStart", "Empty", "FromImage", "Import", "ImportSecure", "Restore", "Upload"),
        "UploadPreparedSecure",
    ),
    "deleteOption": ("Delete", "Detach"),
    "hyperVGeneration": ("V1", "V2"),
    "osState": ("Generalized", "Specialized"),
    "osType": ("Linux", "Windows"),
    "securityType": ("Standard", "TrustedLaunch", "ConfidentialVM"),
    "storageAccountType": (
        *("Standard_LRS", "Standard_ZRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_LRS", "Premium_ZRS"),
        *("PremiumV2_LRS", "UltraSSD_LRS"),
    ),
}
_SPELLED = {key: {word.lower(): word for word in words} for key, words in _WORDS.items()}

# Below these the client's own words stand.
_FREE = frozenset({"tags"})


def spelled(node: Any) -> Any:
    """A copy of a request's body in which every known word stands in Azure's casing; unknown ones stay as they are."""
    if isinstance(node, dict):
        return {key: value if key in _FREE else _value(key, value) for key, value in node.items()}
    if isinstance(node, list):
        return [spelled(item) for item in node]
    return node


def _value(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return _SPELLED.get(key, {}).get(value.lower(), value)
    return spelled(value)
