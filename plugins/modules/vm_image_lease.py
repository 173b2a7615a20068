#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage the lease of an image."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_lease
short_description: Manage the lease of an image, so that only one run refreshes it
version_added: 1.0.0
description:
  - Ensures that only one run refreshes an image at a time. It is used by the role P(golden.azure.golden_image#role).
  - A lease is an empty resource group whose tags identify the run that holds it. If two runs acquire the lease at the same
    moment, Azure determines which one was first.
  - If another run holds the lease, the task fails. A lease is no longer valid if its run has ended, which can be detected
    for runs on the same host (O(process)), or if it was not renewed for a certain time (O(stale_after_hours)).
  - In a job of AWX, the lease also names the job. If the environment variables C(CONTROLLER_HOST) and C(CONTROLLER_OAUTH_TOKEN)
    are set, which a credential for AWX does, AWX is asked whether the job that holds the lease has ended. Only jobs of the AWX
    that runs this job (C(AWX_HOST)) are asked about.
author:
  - golden.azure contributors (@golden-azure)
options:
  name:
    description: Name of the resource group that represents the lease.
    type: str
    required: true
  image:
    description: Name of the image to lease. It is stored in the tag C(golden.azure.lease).
    type: str
    required: true
  run:
    description: Name of the run that acquires the lease.
    type: str
    required: true
  holder:
    description: Host on which the run was started. It helps users to find the run.
    type: str
    required: true
  process:
    description:
      - Process of the run, as returned by P(golden.azure.playbook_process#lookup), so that a later run on the same host can
        detect that it has ended. If it is not set, this cannot be detected.
    type: str
    default: ""
  tags:
    description:
      - Tags of the lease, which allow the next run to determine the progress of this run.
      - Tags with the prefix C(golden.azure.) are rejected (C(reserved_tag)), except for those of the role
        P(golden.azure.golden_image#role).
    type: dict
  resource_group:
    description: Resource group whose region is used for the lease if O(location) is not set.
    type: str
  location:
    description: Region of the lease.
    type: str
  stale_after_hours:
    description: Number of hours after which a lease of another run that was not renewed is no longer valid. V(0) takes over
      the lease immediately.
    type: float
    default: 12.0
  state:
    description:
      - V(present) acquires the lease. If this run already holds the lease, nothing is changed. A lease that is no longer
        valid is taken over.
      - V(renewed) renews the lease, and fails if this run no longer holds it.
      - V(ended) records that the run has ended, and keeps the lease so that the next run can read it.
      - V(absent) releases the lease. The lease of another run is not changed.
    type: str
    choices: [present, renewed, ended, absent]
    default: present
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_instance
"""

EXAMPLES = r"""
- name: Acquire the lease of an image
  golden.azure.vm_image_lease:
    name: refresh-web
    image: web
    run: "42"
    holder: "{{ inventory_hostname }}"
    process: "{{ lookup('golden.azure.playbook_process').identity }}"
    resource_group: images

- name: Release the lease
  golden.azure.vm_image_lease:
    name: refresh-web
    image: web
    run: "42"
    holder: "{{ inventory_hostname }}"
    process: "{{ lookup('golden.azure.playbook_process').identity }}"
    state: absent
"""

RETURN = r"""
id:
  description: Full resource id of the lease.
  returned: success
  type: str
previous:
  description: The run, holder, leased_at and tags of the lease that was taken over (in check mode, that would be taken
    over).
  returned: success; empty if no lease was taken over
  type: dict
plan:
  description: The plan, with title, blockers, warnings and steps.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: success, or when a step failed
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: The error code and message and, if Azure rejected a request, the request_id for Azure support.
  returned: when Azure rejected a request, or options are invalid
  type: dict
"""

from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._lease import run as lease


def main() -> None:
    """Run the module."""
    run_module(lease.execute, lease.OPTIONS, **lease.RULES)


if __name__ == "__main__":
    main()
