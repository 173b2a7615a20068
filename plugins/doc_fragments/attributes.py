# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what the modules promise to Ansible."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of the modules that change something, and of those that only look."""

    DOCUMENTATION = r"""
attributes:
  action_group:
    description: Use C(group/golden.azure.azure) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - golden.azure.azure
  check_mode:
    description: Shows what the run would do, and writes nothing.
    support: full
  diff_mode:
    description: Prints the plan.
    support: full
  idempotent:
    description: A second run finds its work done.
    support: full
"""

    INFO = r"""
attributes:
  action_group:
    description: Use C(group/golden.azure.azure) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - golden.azure.azure
  check_mode:
    description: It only reads, in check mode too.
    support: full
  diff_mode:
    description: There is nothing to show, since nothing changes.
    support: N/A
  idempotent:
    description: It only reads.
    support: full
"""
