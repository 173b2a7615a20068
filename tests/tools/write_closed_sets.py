# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write tests/conformance/closed_sets.yml from the OpenAPI files below a directory."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conformance.closed_sets import TABLE, from_openapi, page

if __name__ == "__main__":
    TABLE.write_text(page(from_openapi(Path(sys.argv[1]))), encoding="utf-8")
