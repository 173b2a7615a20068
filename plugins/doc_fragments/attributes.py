# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the attributes of the modules."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules that change something, and of info modules."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Returns the planned changes and does not change anything.
    support: full
  diff_mode:
    description: Shows the plan as the diff.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
"""

    INFO = r"""
attributes:
  check_mode:
    description: This module does not change anything, so it returns the same results in check mode.
    support: full
  diff_mode:
    description: This module does not change anything, so there is no diff.
    support: N/A
  idempotent:
    description: This module does not change anything.
    support: full
"""

    ACTION_GROUP = r"""
attributes:
  action_group:
    description: Use C(group/golden.azure.azure) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - golden.azure.azure
"""
