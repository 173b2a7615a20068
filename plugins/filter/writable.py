# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a report can be written, which is checked before anything else is done."""

from __future__ import annotations

DOCUMENTATION = r"""
name: writable
short_description: Check whether a file or directory on the controller can be written
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Checks whether the user who runs Ansible can write a file, or create files in a directory. The file does not have to exist,
    but its directory does. A directory is created with its parents, so that it does not have to exist.
  - Nothing is written.
options:
  _input:
    description: The path. Relative paths are resolved as by P(golden.azure.absolute_path#filter).
    type: str
    required: true
  kind:
    description: Whether it is the path of a file or of a directory.
    type: str
    choices: [file, directory]
    default: file
"""

EXAMPLES = r"""
- name: Fail if the report cannot be written
  ansible.builtin.assert:
    that: report_file | golden.azure.writable
"""

RETURN = r"""
_value:
  description: Whether it can be written.
  type: bool
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.module_utils._local.paths import (
    absolute_path,
    directory_can_be_written,
    file_can_be_written,
)

_CHECKS = {"file": file_can_be_written, "directory": directory_can_be_written}


def writable(path: Any, kind: str = "file") -> bool:
    """Whether it can be written.

    :raises AnsibleFilterError: for another kind.
    """
    if kind not in _CHECKS:
        raise AnsibleFilterError(f"The kind is '{kind}': specify one of {', '.join(_CHECKS)}.")
    return _CHECKS[kind](absolute_path(str(path)))


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Its name."""
        return {"writable": writable}
