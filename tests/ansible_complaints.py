# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible complains of in a run: warnings and deprecations that we cause, and that a user can do nothing about."""

from __future__ import annotations

import re

from ansible_collections.golden.azure.plugins.module_utils.resource_id import KINDS

_KINDS = "|".join(map(re.escape, sorted({*KINDS.values(), "managed image", "resource group"})))
#: A warning of a module's is about a resource, by its kind and name; and the one that says that a fast path was not taken.
_FINDING = re.compile(
    rf"\b(?:{_KINDS})s? '|\bsubscription [0-9a-f-]{{36}}|golden\.azure runs its modules|A user is signed in\."
)
#: What Ansible says beside other warnings, of what a test gives it on purpose, and what awx.awx says of each secret.
_BESIDE = re.compile(
    "Deprecation warnings can be disabled|Could not match supplied host pattern|has encrypted data and may inaccurately report"
)


def complaints(output: str) -> list[str]:
    """The lines of a run's output with warnings of Ansible's own."""
    warnings = [
        line
        for line in output.splitlines()
        if line.startswith(("[WARNING]", "[DEPRECATION WARNING]", "[ERROR]: [WARNING]"))
    ]
    return [line for line in warnings if not _BESIDE.search(line) and not _FINDING.search(line)]


def refuse_complaints(output: str) -> None:
    """Fail where Ansible complains.

    :raises AssertionError: naming its warnings.
    """
    found = complaints(output)
    if found:
        raise AssertionError("Ansible complains:\n" + "\n".join(found))
