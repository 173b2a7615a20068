# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else identifies a machine, as the scripts of the role image_verify tell it; pure."""

from __future__ import annotations


def entry_and_path(told: str) -> tuple[str, str]:
    """The id of the table's entry, and the path. On Windows, paths contain spaces.

    :param told: entry, path and digest.
    """
    entry, _space, rest = told.partition(" ")
    return entry, rest.rpartition(" ")[0]
