# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a path absolute, relative to the directory in which Ansible was called."""

from __future__ import annotations

DOCUMENTATION = r"""
name: absolute_path
short_description: Convert a path to an absolute path, based on the directory in which Ansible was started
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Converts a relative path to an absolute path, based on the directory in which Ansible was started.
  - Modules that run on the controller resolve a relative path against the directory of the playbook. For a playbook of a
    collection, this is the installation directory of the collection. This filter resolves the path against the user's
    current directory instead.
options:
  _input:
    description: The path. An empty string is returned unchanged.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Write a report to the directory in which ansible-playbook was started
  ansible.builtin.copy:
    content: "{{ report | to_nice_json }}"
    dest: "{{ report_file | golden.azure.absolute_path }}"
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The absolute path.
  type: str
"""

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._local.paths import absolute_path


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"absolute_path": lambda path: absolute_path(str(path))}
