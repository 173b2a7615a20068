#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a script in a guest through Azure Run Command."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_run_command
short_description: Run a script on a virtual machine through Azure Run Command
version_added: 1.0.0
description:
  - Runs a script in a guest that cannot be reached over the network, through the VM agent (managed Run Command).
  - Each run creates a separate run command with the name C(golden-azure-<time>-<random>), because the Azure Linux agent
    does not run a command with the same name again.
  - The run command is deleted afterwards, even if the script failed or exceeded its time limit. Run commands that were left
    behind by killed runs are deleted by later runs, up to ten at a time, as soon as no run can be waiting for them, which
    is ten minutes after the script has ended or its time limit was exceeded. Run commands with other names are never
    changed.
  - The same script does not run concurrently on the same virtual machine. A virtual machine can have at most 25 run
    commands of any origin.
  - The script runs as root, or as the system account on Windows. Azure keeps only the last 4,096 bytes of its output.
author:
  - golden.azure contributors (@golden-azure)
options:
  vm_name:
    description: Name of the virtual machine in O(resource_group), or its full resource ID. The virtual machine must be
      running.
    type: str
    required: true
  resource_group:
    description: Resource group of the virtual machine, if it is specified by name.
    type: str
  script:
    description: Script to run. A shell script for Linux, a PowerShell script for Windows. Everyone with read access to the
      virtual machine can read the script.
    type: str
    required: true
  parameters:
    description:
      - Parameters of the script. On Linux, they are passed as environment variables.
      - If a parameter has no value, or is a list or a dictionary, the task fails and the script is not run.
    type: dict
  protected_parameters:
    description: Parameters that Azure stores encrypted and does not return. Use them for secrets.
    type: dict
  script_timeout:
    description: Time limit of the script in seconds. If it is exceeded, the script is killed, but processes that it started
      may continue.
    type: int
    default: 600
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
attributes:
  check_mode:
    description: Returns the plan and does not run the script.
    support: full
  idempotent:
    description: The script runs each time. Whether it changes anything depends on the script.
    support: none
seealso:
  - module: golden.azure.vm_image_instance
"""

EXAMPLES = r"""
- name: Check a guest that cannot be reached over the network
  golden.azure.vm_run_command:
    resource_group: verify-web
    vm_name: verify-web
    script: |
      systemctl is-system-running --wait
      curl --fail --user "probe:$PASSWORD" https://localhost/health
    protected_parameters:
      PASSWORD: "{{ probe_password }}"
    script_timeout: 120
"""

RETURN = r"""
rc:
  description: Exit status of the script. C(-1) for a script that was killed on Linux.
  returned: when the script has ended
  type: int
stdout:
  description: Standard output of the script, limited to the last 4,096 bytes.
  returned: when the script has ended
  type: str
stderr:
  description: Standard error output of the script, limited to the last 4,096 bytes.
  returned: when the script has ended
  type: str
execution_state:
  description: V(Succeeded), V(Failed), V(TimedOut) or V(Canceled).
  returned: when the script has ended
  type: str
start:
  description: Time at which the script started.
  returned: when the script has ended
  type: str
end:
  description: Time at which the script ended.
  returned: when the script has ended
  type: str
remaining:
  description: ID of the run command if it could not be deleted, for example because the script shut down the virtual
    machine.
  returned: when the run command could not be deleted
  type: list
  elements: str
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
from ansible_collections.golden.azure.plugins.module_utils._run_command import run as run_command


def main() -> None:
    """Run the module."""
    run_module(run_command.execute, run_command.OPTIONS)


if __name__ == "__main__":
    main()
