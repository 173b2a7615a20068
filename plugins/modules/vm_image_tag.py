#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Add tags to images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_tag
short_description: Add tags to an image
version_added: 1.0.0
description:
  - Adds tags to a managed image or a gallery image version, or changes the values of existing tags.
  - Other tags are kept, including tags that are set by someone else at the same time.
author:
  - golden.azure contributors (@golden-azure)
options:
  tags:
    description:
      - Tags to add. A tag name can have up to 512 characters without C(<>%&\?/), a tag value must be a string or a number
        of up to 256 characters. An image can have at most 50 tags, including its existing tags.
      - Tags with the prefix C(golden.azure.) are reserved for this collection and are rejected (C(reserved_tag)), except
        for C(golden.azure.protected), and for C(golden.azure.verified) and C(golden.azure.verified_at), which can be set
        after a verification.
    type: dict
    required: true
extends_documentation_fragment:
  - golden.azure.image_reference
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_promote
"""

EXAMPLES = r"""
- name: Mark an image as verified
  golden.azure.vm_image_tag:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.4.0
    tags:
      golden.azure.verified: "true"
      golden.azure.verified_at: "{{ now(utc=true).isoformat(timespec='seconds') }}Z"
"""

RETURN = r"""
id:
  description: Full resource ID of the image.
  returned: success
  type: str
tags:
  description: All tags of the image. In check mode, the tags before the task.
  returned: success
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
from ansible_collections.golden.azure.plugins.module_utils._tag import run as tagging


def main() -> None:
    """Run the module."""
    run_module(tagging.execute, tagging.OPTIONS, **tagging.RULES)


if __name__ == "__main__":
    main()
