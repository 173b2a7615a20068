# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return the hosts of a playbook's target, and fail if there are none."""

from __future__ import annotations

DOCUMENTATION = r"""
name: target_hosts
short_description: Return the hosts of a target, or fail if there are none
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Ansible skips a play whose pattern matches no host, and ends with status 0. With this lookup in C(hosts), the playbook
    fails with a one-sentence error instead, before anything is changed.
  - It takes C(--limit) into account, except for limits that are read from a file (C(@file)).
options:
  _terms:
    description: Hosts, groups and patterns, in the format of C(hosts) of a play.
    type: list
    elements: str
    required: true
  besides_controller:
    description: Whether to require at least one host other than C(localhost).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Capture virtual machines
  hosts: "{{ target if q('golden.azure.target_hosts', target) else [] }}"
"""

RETURN = r"""
_raw:
  description: Names of the hosts. Empty if the playbook is run with options that only list it or check its syntax.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.command_line import runs_nothing
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.inventory import matching_hosts
from ansible_collections.golden.azure.plugins.plugin_utils.preload import preload_filters

_CONTROLLER = {"localhost"}


class LookupModule(LookupBase):
    """The lookup, for Ansible."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[str]:
        """The hosts.

        :raises AnsibleLookupError: if there are none.
        """
        self.set_options(var_options=variables, direct=kwargs)
        # Evaluated for the hosts of a play, in Ansible's parent process.
        preload_filters()
        if runs_nothing():
            return []
        patterns = _flat(terms)
        label = ", ".join(patterns)
        if not patterns or not all(pattern.strip() for pattern in patterns):
            raise _refusal("target_empty", "The target is empty: specify hosts or groups of the inventory.")
        found = matching_hosts(self, patterns, variables or {})
        if self.get_option("besides_controller") and found and set(found) <= _CONTROLLER:
            raise _refusal(
                "target_is_controller",
                f"The target '{label}' contains only the controller, from which no image is built: specify hosts that represent images.",
            )
        if not found:
            raise _refusal(
                "target_matches_nothing",
                f"The target '{label}' matches no host: specify hosts or groups that exist in the inventory.",
            )
        limit = str((variables or {}).get("ansible_limit") or "")
        if not limit or "@" in limit:
            return found
        limited = set(matching_hosts(self, [limit], variables or {}))
        meant = set(found) - _CONTROLLER if self.get_option("besides_controller") else set(found)
        if not limited & meant:
            raise _refusal(
                "limit_leaves_nothing",
                f"The limit '{limit}' excludes all hosts of the target '{label}': include some of its hosts.",
            )
        return [name for name in found if name in limited]


def _refusal(code: str, message: str) -> AnsibleLookupError:
    return AnsibleLookupError(f"{message} [{code}]")


def _flat(terms: Any) -> list[str]:
    """Patterns, set individually or as lists."""
    found: list[str] = []
    for term in terms if isinstance(terms, (list, tuple)) else [terms]:
        found += _flat(term) if isinstance(term, (list, tuple)) else ["" if term is None else str(term)]
    return found
