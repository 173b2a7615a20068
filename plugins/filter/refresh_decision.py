# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Determine whether a golden image is refreshed; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_decision
short_description: Determine whether a golden image is refreshed
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Determines the stages of a refresh from the existing images and their inputs.
options:
  _input:
    description: The images of the golden image in all its targets, as returned by M(golden.azure.vm_image_info).
    type: list
    elements: dict
    required: true
  inputs:
    description: The current inputs of the golden image, as returned by P(golden.azure.image_inputs#lookup).
    type: str
    required: true
  now:
    description: The current time, such as V(2026-11-21T05:00:00Z).
    type: str
    required: true
  refresh:
    description: Whether the run may refresh the image.
    type: bool
    default: true
  refresh_when:
    description: Condition for a refresh.
    type: str
    choices: [changed, always, older_than]
    default: changed
  older_than:
    description: Age in days for V(older_than).
    type: int
    default: 30
  promote:
    description: Whether the run promotes images.
    type: bool
    default: true
  prune:
    description: Whether the run prunes images.
    type: bool
    default: false
  targets:
    description: All targets that receive an image of the same run, as returned by P(golden.azure.refresh_targets#filter).
    type: list
    elements: dict
    default: []
  interrupted:
    description: The run, stage and inputs of an interrupted run that was refreshing the image.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Determine the stages of the refresh
  ansible.builtin.set_fact:
    decision: "{{ found.images | golden.azure.refresh_decision(inputs=inputs.text, now='2026-11-21T05:00:00Z') }}"
"""

RETURN = r"""
_value:
  description:
    - The stages to perform, the images to continue with, the IDs of abandoned images, whether the images to continue with
      are verified (C(verified)) and which of them are (C(verified_ids)), and the run whose virtual machine is captured, if
      it is an earlier run (C(run)).
    - The reason as a sentence (C(reason)), as a code (C(reason_code)), and the values that the code refers to
      (C(reason_parts)).
    - "Codes if the image is refreshed: C(no_verified_image), C(target_missing) (the targets), C(always), C(too_old) (the
      days), C(age_unknown), C(inputs_changed) (the changed inputs), C(verification_interrupted), C(capture_interrupted)
      (the run)."
    - "Codes if the image is not refreshed: C(unchanged), C(not_old_enough) (the days), C(refresh_disabled),
      C(nothing_to_publish)."
  type: dict
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError

_WHEN = ("changed", "always", "older_than")


def refresh_decision(
    images: Iterable[Mapping[str, Any]],
    targets: Iterable[Mapping[str, Any]] = (),
    interrupted: Mapping[str, str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The decision.

    :raises AnsibleFilterError: for an invalid condition.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.decision import (
        InterruptedRun,
        RefreshOptions,
        decide,
    )
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.targets import Target

    if options.get("refresh_when", "changed") not in _WHEN:
        raise AnsibleFilterError(f"refresh_when is '{options['refresh_when']}': set one of {', '.join(_WHEN)}.")
    # Ansible's own container types do not support copying.
    plain = json.loads(json.dumps(images, default=str))
    places = [Target(**target) for target in targets]
    return asdict(
        decide(plain, RefreshOptions(**options, targets=places, interrupted=InterruptedRun(**(interrupted or {}))))
    )


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_decision": refresh_decision}
