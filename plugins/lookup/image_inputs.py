# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compute digests of the inputs of a golden image."""

from __future__ import annotations

DOCUMENTATION = r"""
name: image_inputs
short_description: Compute digests of the inputs of a golden image
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Digests a definition, the version of a base, and the roles and files that are named, so that the next run can tell what has
    changed. It fits into a tag.
  - Of roles, their dependencies and the roles that their tasks name count too. Roles whose name is made up when they run do not.
options:
  _terms:
    description: Nothing.
    type: list
    elements: str
    default: []
  roles:
    description: Names of roles.
    type: list
    elements: str
    default: []
  files:
    description: Files and folders on the controller, absolute or relative to the playbook or its folder C(files).
    type: list
    elements: str
    default: []
  definition:
    description: The definition.
    type: raw
    required: true
  base:
    description: What the base is, with its version.
    type: str
    required: true
  roles_path:
    description: Folders where roles are looked for, besides those that belong to the playbook and to collections.
    type: pathspec
    default: "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles"
    env:
      - name: ANSIBLE_ROLES_PATH
    ini:
      - section: defaults
        key: roles_path
"""

EXAMPLES = r"""
- name: Compute the digests of the inputs
  ansible.builtin.set_fact:
    inputs: "{{ lookup('golden.azure.image_inputs', roles=['web'], definition={'size': 'small'}, base='Debian:debian-12:12-gen2:1') }}"
"""

RETURN = r"""
_raw:
  description: The digests by name (C(parts)), and all of them as the value of a tag (C(text)).
  type: list
  elements: dict
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.image_inputs import (
    UnreadableInput,
    digest_path,
    digest_text,
    digest_value,
    inputs_text,
)
from ansible_collections.golden.azure.plugins.plugin_utils._refresh.role_tree import find_roles


class LookupModule(LookupBase):
    """The lookup, for Ansible."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Digest.

        :raises AnsibleLookupError: if a role or a file does not exist.
        """
        self.set_options(var_options=variables, direct=kwargs)
        try:
            parts = self._parts(variables)
        except UnreadableInput as error:
            raise AnsibleLookupError(f"An input of the image does not exist: {error}") from error
        return [{"parts": parts, "text": inputs_text(parts)}]

    def _parts(self, variables: Any) -> dict[str, str]:
        parts = {
            "base": digest_text(self.get_option("base")),
            "definition": digest_value(self.get_option("definition")),
        }
        roles = find_roles(self.get_option("roles"), self._playbook(variables), self.get_option("roles_path"))
        for name, folder in roles.items():
            parts[f"role:{name}"] = digest_path(folder)
        files = {name: digest_path(self._file(name, variables)) for name in self.get_option("files")}
        return {**parts, "files": digest_value(files)} if files else parts

    def _playbook(self, variables: Any) -> Path:
        return Path(str(variables.get("playbook_dir", ".")))

    def _file(self, name: str, variables: Any) -> Path:
        found = self.find_file_in_search_path(variables, "files", name, ignore_missing=True)
        if not found:
            raise UnreadableInput(f"the file or directory '{name}' does not exist.")
        return Path(found)
