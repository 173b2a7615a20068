#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a script in a guest by way of Azure."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_run_command
short_description: Run a script in a guest by way of Azure
version_added: 0.1.0
description:
  - Runs a script in a guest to which there is no network path, by the guest's agent (Run Command, managed).
  - Each call makes a command of its own, C(golden-azure-<time>-<random>), as Azure's agent on Linux never runs a name again.
  - The command is deleted from the machine afterwards, also when the script failed or did not end in time. What runs that were killed
    have left is deleted by later runs, ten at a time, once no run can be waiting for it any more, that is ten minutes after the
    script has ended or its time was over. Commands with other names are never touched.
  - The same script does not run twice at once in a machine. A machine has at most 25 commands, of whatever origin.
  - The script runs as root, or as the system account on Windows. Azure keeps the last 4,096 bytes of its output.
author:
  - golden.azure contributors (@golden-azure)
options:
  vm_name:
    description: Name of the virtual machine in O(resource_group), or its full resource id. It must run.
    type: str
    required: true
  resource_group:
    description: Resource group of the virtual machine, if that is given by name.
    type: str
  script:
    description: The script. Shell for Linux, PowerShell for Windows. Everybody who may read the machine can read it.
    type: str
    required: true
  parameters:
    description:
      - Parameters of the script. On Linux they are environment variables.
      - One without a value is refused, as is a list or a dictionary; nothing runs then.
    type: dict
  protected_parameters:
    description: Parameters that Azure encrypts and shows to nobody. The place for secrets.
    type: dict
  script_timeout:
    description: How long the script may run, in seconds. Then it is killed, but what it has started may go on.
    type: int
    default: 600
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
attributes:
  check_mode:
    description: Shows the plan, and runs nothing.
    support: full
  idempotent:
    description: The script runs each time; whether that changes anything only it can say.
    support: none
seealso:
  - module: golden.azure.vm_image_instance
"""

EXAMPLES = r"""
- name: Try a guest that cannot be reached
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
  description: Exit status of the script; C(-1) for one that was killed on Linux.
  returned: when it ended
  type: int
stdout:
  description: What it wrote, its last 4,096 bytes.
  returned: when it ended
  type: str
stderr:
  description: What it wrote to its error output, its last 4,096 bytes.
  returned: when it ended
  type: str
execution_state:
  description: V(Succeeded), V(Failed), V(TimedOut) or V(Canceled).
  returned: when it ended
  type: str
start:
  description: When it began.
  returned: when it ended
  type: str
end:
  description: When it ended.
  returned: when it ended
  type: str
remaining:
  description: Id of the command, where it could not be deleted, as when the script has stopped its machine.
  returned: when it is left
  type: list
  elements: str
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
from ansible_collections.golden.azure.plugins.module_utils._run_command import run as run_command


def main() -> None:
    """Run the module."""
    run_module(run_command.execute, run_command.OPTIONS)


if __name__ == "__main__":
    main()
