# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return the process that runs the playbook."""

from __future__ import annotations

DOCUMENTATION = r"""
name: playbook_process
short_description: Identify the process that runs the playbook
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Returns an identifier of the process of this run, so that M(golden.azure.vm_image_lease) can determine later
  whether the process has ended.
options:
  _terms:
    description: Not used.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the process
  ansible.builtin.debug:
    msg: "{{ lookup('golden.azure.playbook_process').identity }}"
"""

RETURN = r"""
_raw:
  description:
    - The process (C(identity)), consisting of boot ID, PID namespace, PID and start time. Empty if it cannot be determined,
      for example on operating systems other than Linux. Also the hostname of the controller (C(machine)), and in a job of
      AWX its id and page (C(job)), which is empty elsewhere.
  type: list
  elements: dict
"""

import multiprocessing
import os
import platform
from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.golden.azure.plugins.module_utils._core.awx_job import current_job, with_job
from ansible_collections.golden.azure.plugins.module_utils._local.processes import identify


class LookupModule(LookupBase):
    """The lookup, for Ansible."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[dict[str, str]]:
        """Return the process, which is the parent of the processes of tasks."""
        self.set_options(var_options=variables, direct=kwargs)
        parent = multiprocessing.parent_process()
        number = parent.pid if parent is not None and parent.pid else os.getpid()
        job = current_job(os.environ)
        return [
            {
                "identity": with_job(identify(number), job),
                "machine": platform.node(),
                "job": job.title if job else "",
            }
        ]
