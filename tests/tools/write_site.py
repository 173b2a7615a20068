# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lay out the pages of the documentation site for Sphinx: write_site.py FOLDER, which must be empty."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from docs_site import lay_out

if __name__ == "__main__":
    try:
        lay_out(Path(sys.argv[1]))
    except ValueError as failure:
        sys.exit(str(failure))
