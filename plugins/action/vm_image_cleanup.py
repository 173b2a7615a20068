# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_cleanup in the controller's process."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._cleanup import run as cleanup
from ansible_collections.golden.azure.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The module's own code; see in_process."""

    CODE = staticmethod(cleanup.execute)
    OPTIONS = cleanup.OPTIONS
    RULES = cleanup.RULES
