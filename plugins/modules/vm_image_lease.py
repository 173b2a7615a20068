#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lease the refresh of an image to one run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_lease
short_description: Lease the refresh of an image to one run
version_added: 0.1.0
description:
  - Sees to it that only one run refreshes an image at a time. The role P(golden.azure.golden_image#role) uses it.
  - A lease is a resource group with nothing in it, whose tags say whose it is. Of two that take it at the same moment, Azure
    says who was first.
  - A lease that is another's is an error. It counts no more when its run has ended, which can be told of a run on the same
    machine (O(process)), or when it has not been renewed for long (O(stale_after_hours)).
author:
  - golden.azure contributors (@golden-azure)
options:
  name:
    description: Name of the resource group that is the lease.
    type: str
    required: true
  image:
    description: What is leased. Kept in the tag C(golden.azure.lease).
    type: str
    required: true
  run:
    description: Name of the run that takes it.
    type: str
    required: true
  holder:
    description: Who takes it, for people to find the run by.
    type: str
    required: true
  process:
    description:
      - The process of the run, as P(golden.azure.playbook_process#lookup) says, so that a later run on the same machine can
        tell that it has ended. By default nobody can tell.
    type: str
    default: ""
  tags:
    description:
      - Tags for the lease, by which the next run can tell how far this one has come.
      - Those that begin with C(golden.azure.) are refused (C(reserved_tag)), but for those of the role
        P(golden.azure.golden_image#role).
    type: dict
  resource_group:
    description: A resource group in whose region the lease is made, if O(location) is not given.
    type: str
  location:
    description: Region to make the lease in.
    type: str
  stale_after_hours:
    description: Hours after which another's lease counts no more that was not renewed. V(0) takes it over at once.
    type: float
    default: 12.0
  state:
    description:
      - V(present) takes it. This run's own lease stays; one that counts no more is taken over.
      - V(renewed) says that this run still goes on, and is an error if the lease is not this run's any more.
      - V(ended) says that the run has ended, and leaves the lease for the next one to see.
      - V(absent) gives it back. Another's lease is left alone.
    type: str
    choices: [present, renewed, ended, absent]
    default: present
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_instance
"""

EXAMPLES = r"""
- name: Take the lease of an image
  golden.azure.vm_image_lease:
    name: refresh-web
    image: web
    run: "42"
    holder: "{{ inventory_hostname }}"
    process: "{{ lookup('golden.azure.playbook_process').identity }}"
    resource_group: images

- name: Give it back
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
  description: The run, holder, leased_at and tags of the lease that was taken over (would be, in check mode).
  returned: success; empty when there was none
  type: dict
plan:
  description: Title, blockers, warnings and steps of what was to be done.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, human-readable.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: success, or when a step failed
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: The code and message, and where Azure refused the request_id for its support.
  returned: when Azure refused, or options cannot be meant
  type: dict
"""

from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._lease import run as lease


def main() -> None:
    """Run the module."""
    run_module(lease.execute, lease.OPTIONS, **lease.RULES)


if __name__ == "__main__":
    main()
