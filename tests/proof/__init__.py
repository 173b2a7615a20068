# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof that clones of an image are machines of their own: collect identities, compare them, draw a table."""

from __future__ import annotations

from .comparison import Row, failed, prove
from .identity import Identity, Traces, collect_by_backend, collect_by_ssh, identity_script, parse_identity
from .known import known_by_backend, known_script, shared_files
from .table import render

__all__ = [
    "Identity",
    "Row",
    "Traces",
    "collect_by_backend",
    "collect_by_ssh",
    "failed",
    "identity_script",
    "known_by_backend",
    "known_script",
    "parse_identity",
    "prove",
    "render",
    "shared_files",
]
