# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the variables of the capture playbooks as options of vm_image_capture; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_arguments
short_description: Convert the variables of the capture playbooks to options of vm_image_capture
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Converts the variables of the playbooks capture_linux and capture_windows to options of
    M(golden.azure.vm_image_capture). Variables without a value are omitted. The variables of a single gallery version
    become an item of C(gallery_versions).
  - Lists and dictionaries that are passed as strings on the command line are parsed as YAML, which includes JSON.
options:
  _input:
    description: The values, by variable name.
    type: dict
    required: true
  types:
    description: The types of the variables, in the format of the options in an argument specification of a role.
    type: dict
    required: true
  unset:
    description: The value of variables that are not set.
    type: str
    default: ""
  copy_name:
    description: The default name of a copy.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the options
  ansible.builtin.debug:
    msg: "{{ {'capture_image_tags': '{team: web}'} | golden.azure.capture_arguments({'capture_image_tags': {'type': 'dict'}}) }}"
"""

RETURN = r"""
_value:
  description:
    - The options (C(options)), and the errors in the variables (C(findings)), each with a code and a message.
    - Also the options of M(golden.azure.vm_image_instance) that create the copy to capture (C(instance), empty without a copy).
  type: dict
"""

from collections.abc import Mapping
from typing import Any


def capture_arguments(
    values: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]], unset: str = "", copy_name: str = ""
) -> dict[str, Any]:
    """The options, and the findings about the variables."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils.capture_arguments import (
        copy_findings,
        copy_options,
        options_of,
        structured,
        version_findings,
    )
    from ansible_collections.golden.azure.plugins.plugin_utils.findings import empty_findings, type_findings

    given = {name: value for name, value in values.items() if value != unset}
    read = {name: structured(value, str((types.get(name) or {}).get("type"))) for name, value in given.items()}
    never_empty = {name: value for name, value in read.items() if types[name].get("may_be_empty") is False}
    findings = [
        *empty_findings(never_empty),
        *type_findings(read, types),
        *version_findings(read, types),
        *copy_findings(read, types),
    ]
    return {
        "options": {} if findings else options_of(read, types),
        "instance": {} if findings else copy_options(read, types, copy_name),
        "findings": findings,
    }


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"capture_arguments": capture_arguments}
