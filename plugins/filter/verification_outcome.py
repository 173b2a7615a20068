# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distinguish a defective image from one that could not be verified; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verification_outcome
short_description: Distinguish a defective image from an image that could not be verified
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Evaluates the results of the task that failed while the role P(golden.azure.image_verify#role) verified an image.
  - Virtual machines that do not start and checks that fail in the guest are failures of the image. Errors of Azure are not.
options:
  _input:
    description: The result of the task, or of each item of a loop.
    type: list
    elements: dict
    required: true
  action:
    description: Action of the task.
    type: str
    default: ""
  booted:
    description: Whether the virtual machines had started before.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show whether the image is the cause
  ansible.builtin.debug:
    msg: "{{ [ansible_failed_result] | golden.azure.verification_outcome(ansible_failed_task.action, true) }}"
"""

RETURN = r"""
_value:
  description: V(failed) if the image is the cause, otherwise V(not_tried).
  type: str
"""

from typing import Any

#: The prefix of Azure's codes for guests that do not boot.
_PROVISIONING = "OSProvisioning"
_RUN_COMMAND = "golden.azure.vm_run_command"


def verification_outcome(results: Any, action: str = "", booted: bool = False) -> str:
    """Decide whether the image is faulty.

    :param results: the failed task's results.
    :param action: the failed task's action.
    :param booted: whether the virtual machines had booted before.
    """
    if not booted:
        image_is_at_fault = any(map(_boot_failed, results))
    elif action == _RUN_COMMAND:
        # A result of the script shows that it has run in the guest; otherwise, Azure did not run it.
        image_is_at_fault = any(result.get("execution_state") for result in results)
    else:
        image_is_at_fault = True
    return "failed" if image_is_at_fault else "not_tried"


def _boot_failed(result: dict[str, Any]) -> bool:
    code = str((result.get("error") or {}).get("code") or "")
    if code.startswith(_PROVISIONING):
        return True
    steps = (result.get("plan") or {}).get("steps") or []
    failed = steps[len(result.get("steps") or []) :][:1]
    # A virtual machine that no longer exists was deleted, such as an evicted spot instance.
    return code != "NotFound" and any(step.get("action") == "wait_for_agent" for step in failed)


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"verification_outcome": verification_outcome}
