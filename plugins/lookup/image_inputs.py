# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compute digests of the inputs of a golden image."""

from __future__ import annotations

DOCUMENTATION = r"""
name: image_inputs
short_description: Compute a digest of the inputs of a golden image
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Returns a digest of a definition, the version of a base image, and the specified roles and files, so that the next run
    can determine what has changed. The digest is short enough for a tag value.
  - The digest of a role includes its dependencies and the roles that its tasks include by name. Roles whose names are
    computed at run time are not included.
options:
  _terms:
    description: Not used.
    type: list
    elements: str
    default: []
  roles:
    description: Names of roles.
    type: list
    elements: str
    default: []
  files:
    description: Files and directories on the controller, absolute or relative to the playbook or to its directory C(files).
    type: list
    elements: str
    default: []
  definition:
    description: The definition.
    type: raw
    required: true
  base:
    description: The base image with its version.
    type: str
    required: true
  roles_path:
    description: Directories to search for roles, in addition to those of the playbook and of collections.
    type: pathspec
    default: "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles"
    env:
      - name: ANSIBLE_ROLES_PATH
    ini:
      - section: defaults
        key: roles_path
"""

EXAMPLES = r"""
- name: Compute the digest of the inputs
  ansible.builtin.set_fact:
    inputs: "{{ lookup('golden.azure.image_inputs', roles=['web'], definition={'size': 'small'}, base='Debian:debian-13:13-gen2:1') }}"
"""

RETURN = r"""
_raw:
  description: The digests by name (C(parts)), and all digests as a tag value (C(text)).
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
        """Compute the digests.

        :raises AnsibleLookupError: if a role or a file does not exist.
        """
        self.set_options(var_options=variables, direct=kwargs)
        try:
            parts = self._parts(variables)
        except UnreadableInput as error:
            raise AnsibleLookupError(f"Some inputs of the image do not exist: {error}") from error
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
            raise UnreadableInput(f"there is no file or directory '{name}'.")
        return Path(found)
