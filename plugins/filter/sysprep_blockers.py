# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide from facts of a Windows guest whether sysprep may run on it; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sysprep_blockers
short_description: Check whether sysprep can run on a Windows guest
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Evaluates the facts that the role R(windows_sysprep,ansible_collections.golden.azure.windows_sysprep_role) collects, and
    returns the blockers, the warnings, and the requested actions that apply.
options:
  _input:
    description: The facts.
    type: dict
    required: true
  actions:
    description:
      - Names of the allowed actions. A condition that an allowed action resolves is not a blocker. V(agent_settled),
        V(decryption), V(servicing_idle) and V(setup_completed) wait until the condition is met. V(sign_in_packages) removes
        the AppX packages that Windows installs for each user who signs in. V(disk_encryption) and V(extensions) are
        performed through Azure.
    type: list
    elements: str
    choices:
      - agent_settled
      - answer_files
      - autologon_password
      - cdrom_start
      - cloud_credentials
      - custom_data
      - decryption
      - disk_encryption
      - dsc_agent_id
      - extension_remains
      - extensions
      - known_agents
      - panther
      - powershell_history
      - run_command
      - scheduled_tasks
      - servicing_idle
      - setup_completed
      - sign_in_packages
      - ssh_authorized_keys
      - ssh_host_keys
      - temporary_files
      - transcripts
      - winrm_listeners
    default: []
  appx_packages:
    description: Names of AppX packages that may be removed for all users.
    type: list
    elements: str
    default: []
  remove_profiles:
    description: Names of users whose profiles are to be removed.
    type: list
    elements: str
    default: []
  reboot:
    description: Whether the guest may be rebooted if a reboot is pending.
    type: bool
    default: false
  accept:
    description: Codes of blockers to ignore. They are returned as warnings, if that is possible.
    type: list
    elements: str
    default: []
  answer_file:
    description: Path of the answer file for sysprep, which is not reported as a leftover.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the blockers of sysprep
  ansible.builtin.debug:
    msg: "{{ (facts | golden.azure.sysprep_blockers(reboot=true)).blockers | map(attribute='message') }}"
"""

RETURN = r"""
_value:
  description:
    - C(blockers) and C(warnings) are lists of codes and messages.
    - C(actions) contains the actions that apply, C(appx_packages) the packages to remove.
    - C(removals) contains what the requested actions delete right before sysprep (path, action, reason, source, what the path is, and
      the services that are stopped before),
      C(late_removals) what they delete with the shutdown, and C(remains) the names of extensions of which files or registry
      keys stay in the guest.
    - C(reboot) states whether a reboot is pending and allowed, C(generalized) whether the guest is already generalized.
  type: dict
"""

from typing import Any


def sysprep_blockers(facts: Any, **options: Any) -> dict[str, Any]:
    """The decision.

    :raises AnsibleFilterError: if the facts are invalid, or an option contains unknown values.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.preflight import decide

    return decide(facts, **options)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """Name them."""
        return {"sysprep_blockers": sysprep_blockers}
