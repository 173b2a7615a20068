#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Add tags to images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_tag
short_description: Add tags to an image
version_added: 0.1.0
description:
  - Adds tags to a managed image or to a version in a gallery, or changes their values.
  - Other tags stay, those too that somebody else sets at the same time.
author:
  - golden.azure contributors (@golden-azure)
options:
  tags:
    description:
      - Tags to add. Values are texts or numbers of at most 256 characters, names have at most 512, without C(<>%&\?/). With those
        that the image has, there are at most 50.
      - Those that begin with C(golden.azure.) are how this collection knows its own again, and are refused (C(reserved_tag)). It takes
        C(golden.azure.protected), and of whoever tests images C(golden.azure.verified) and C(golden.azure.verified_at).
    type: dict
    required: true
extends_documentation_fragment:
  - golden.azure.image_reference
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_promote
"""

EXAMPLES = r"""
- name: Record that an image was tried
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
  description: Full resource id of the image.
  returned: success
  type: str
tags:
  description: All tags of the image; as they are before, in check mode.
  returned: success
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
from ansible_collections.golden.azure.plugins.module_utils._tag import run as tagging


def main() -> None:
    """Run the module."""
    run_module(tagging.execute, tagging.OPTIONS, **tagging.RULES)


if __name__ == "__main__":
    main()
