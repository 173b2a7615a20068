# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_export in the controller's process."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._export import run as export
from ansible_collections.golden.azure.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The module's own code; see in_process."""

    CODE = staticmethod(export.execute)
    OPTIONS = export.OPTIONS
    RULES = export.RULES
