# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be in an image of Windows: what is removed, what is kept, and what stops sysprep; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

#: The folder of the extension that goes with Azure's disk encryption, in small letters.
_ENCRYPTION_EXTENSION = "microsoft.azure.security.azurediskencryption"


def panther_folder(facts: Mapping[str, Any]) -> str:
    """Where Windows Setup, and Azure when it provisions a virtual machine, leave their records.

    Every virtual machine that Azure has provisioned has it, and it is deleted before sysprep:
    https://learn.microsoft.com/azure/virtual-machines/generalize
    """
    windows = str((facts.get("system") or {}).get("windows_folder") or "C:\\Windows")
    return f"{windows}\\Panther"


def is_of_setup(facts: Mapping[str, Any], path: str) -> bool:
    """Whether an answer file is the copy that Windows Setup keeps of the one it has used, on Azure the provisioning's.

    Files in folders below Panther, and elsewhere, have been put there by somebody:
    https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview
    """
    return path.lower() == f"{panther_folder(facts)}\\unattend.xml".lower()


def removals(facts: Mapping[str, Any], actions: Sequence[str]) -> list[dict[str, str]]:
    """Everything to delete right before sysprep, with the action that it belongs to."""
    found = []
    if "answer_files" in actions:
        found += [{"action": "answer_files", "path": path} for path in facts.get("answer_files") or []]
    if facts.get("panther") and "panther" in actions:
        found.append({"action": "panther", "path": panther_folder(facts)})
    return found


def leftover_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """What would be in the image, and does harm there."""
    files = facts.get("answer_files") or []
    if facts.get("panther") and "panther" not in actions:
        copies = [path for path in files if is_of_setup(facts, path)]
        including = f" and the answer file {copies[0]}" if copies else ""
        yield finding(
            "panther_left",
            f"The directory Panther of an earlier setup exists, and its records{including} can cause errors in sysprep and on new virtual "
            "machines; delete it from the Windows directory, or add the action 'panther'.",
        )
    for path in files:
        if "answer_files" in actions or is_of_setup(facts, path):
            continue
        yield finding(
            "answer_file_left",
            f"The answer file {path} would be used by sysprep and by every virtual machine created from "
            f"the image; delete it, or add the action "
            "'answer_files'.",
        )
    own = (_ENCRYPTION_EXTENSION,) if "disk_encryption" in actions else ()
    extensions = [name for name in facts.get("extensions") or [] if name.lower() not in own]
    if extensions and "extensions" not in actions:
        yield finding(
            "extensions_installed",
            f"The guest has VM extensions ({', '.join(extensions)}), which would remain as non-functional files in the "
            "image; remove them with the action 'extensions', or accept 'extensions_installed'.",
        )


ACCEPTABLE = ("answer_file_left", "extensions_installed", "panther_left")
