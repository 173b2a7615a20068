# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible complains of in a run: warnings and deprecations that we cause, and that a user can do nothing about."""

from __future__ import annotations

import itertools
import re

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import KINDS

_KINDS = "|".join(map(re.escape, sorted({*KINDS.values(), "managed image", "resource group"})))
#: A warning of a module's is about a resource, by its kind and name; and the one that says that a fast path was not taken.
_FINDING = re.compile(
    rf"\b(?:{_KINDS})s? '|\bsubscription [0-9a-f-]{{36}}|golden\.azure runs its modules|The signed-in identity is a user"
    "|Signing in with user name and password|Azure does not know the newest API versions here"
)
#: A warning has no more lines than these.
_LINES = 12
#: What Ansible says beside other warnings, of what a test gives it on purpose, and what awx.awx says of each secret, and of a
#: controller that is not that of AWX.
_BESIDE = re.compile(
    "Deprecation warnings can be disabled|Could not match supplied host pattern|has encrypted data and may inaccurately report"
    "|You are using the awx version of this collection but connecting to Red Hat Ansible Automation Platform"
)


def complaints(output: str) -> list[str]:
    """Warnings of Ansible's own in a run's output; ansible-core before 2.19 breaks them into lines, up to an empty one."""
    lines = output.splitlines()
    warnings = []
    for number, line in enumerate(lines):
        if line.startswith(("[WARNING]", "[DEPRECATION WARNING]")):
            following = [each.strip() for each in itertools.takewhile(str.strip, lines[number:])]
            warnings.append(" ".join(following[:_LINES]))
    return [warning for warning in warnings if not _BESIDE.search(warning) and not _FINDING.search(warning)]


def refuse_complaints(output: str) -> None:
    """Fail where Ansible complains.

    :raises AssertionError: naming its warnings.
    """
    found = complaints(output)
    if found:
        raise AssertionError("Ansible complains:\n" + "\n".join(found))
