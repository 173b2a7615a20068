# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identities of agents and keys in the output of the scripts of the role image_verify; pure."""

from __future__ import annotations


def parse_shared_identity(line: str) -> tuple[str, str]:
    """The id of the entry in the table, and the path, which can contain spaces on Windows.

    :param line: entry, path and digest, separated by spaces.
    """
    entry, _space, rest = line.partition(" ")
    return entry, rest.rpartition(" ")[0]
