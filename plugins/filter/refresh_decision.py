# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide whether a golden image is refreshed; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_decision
short_description: Decide whether a golden image is refreshed
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description: Decides which stages a refresh goes through, from the images that are there and what they were made from.
options:
  _input:
    description: The images of this golden image in all its targets, as M(golden.azure.vm_image_info) returns them.
    type: list
    elements: dict
    required: true
  inputs:
    description: What it is made from now, as P(golden.azure.image_inputs#lookup) says.
    type: str
    required: true
  now:
    description: The present, such as V(2026-11-21T05:00:00Z).
    type: str
    required: true
  refresh:
    description: Whether it may be refreshed in this run at all.
    type: bool
    default: true
  refresh_when:
    description: When it is refreshed.
    type: str
    choices: [changed, always, older_than]
    default: changed
  older_than:
    description: Days.
    type: int
    default: 30
  promote:
    description: Whether this run promotes.
    type: bool
    default: true
  prune:
    description: Whether this run prunes.
    type: bool
    default: false
  targets:
    description: Every place that is to have an image of the same run, as P(golden.azure.refresh_targets#filter) returns them.
    type: list
    elements: dict
    default: []
  interrupted:
    description: The run, stage and inputs of a run that was ended from outside while it refreshed the image.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Decide
  ansible.builtin.set_fact:
    decision: "{{ found.images | golden.azure.refresh_decision(inputs=inputs.text, now='2026-11-21T05:00:00Z') }}"
"""

RETURN = r"""
_value:
  description:
    - The stages to go through, the images to go on with, the ids of images that were abandoned, whether those to go on with are
      verified (C(verified)) and which of them (C(verified_ids)), and the run whose machine is captured, if that is an earlier
      one (C(run)).
    - The reason as a sentence (C(reason)), as a code (C(reason_code)), and what the code is about (C(reason_parts)).
    - "Codes of what is refreshed: C(no_verified_image), C(target_missing) (the targets), C(always), C(too_old) (the days),
      C(age_unknown), C(inputs_changed) (what has changed), C(verification_interrupted), C(capture_interrupted) (the run)."
    - "Codes of what is not: C(unchanged), C(not_old_enough) (the days), C(refresh_disabled), C(nothing_to_publish)."
  type: dict
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.decision import Interrupted, RefreshOptions, decide
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.targets import Target

_WHEN = ("changed", "always", "older_than")


def refresh_decision(
    images: Iterable[Mapping[str, Any]],
    targets: Iterable[Mapping[str, Any]] = (),
    interrupted: Mapping[str, str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The decision.

    :raises AnsibleFilterError: for a time to refresh that is none.
    """
    if options.get("refresh_when", "changed") not in _WHEN:
        raise AnsibleFilterError(f"refresh_when is '{options['refresh_when']}': set one of {', '.join(_WHEN)}.")
    # Ansible's own containers cannot be copied as others can.
    plain = json.loads(json.dumps(images, default=str))
    places = [Target(**target) for target in targets]
    return asdict(
        decide(plain, RefreshOptions(**options, targets=places, interrupted=Interrupted(**(interrupted or {}))))
    )


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Its name."""
        return {"refresh_decision": refresh_decision}
