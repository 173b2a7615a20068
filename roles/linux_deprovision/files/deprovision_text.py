# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on the text of configuration files; pure."""

from __future__ import annotations

import re


def without_lines(text: str, pattern: str) -> str:
    """Return a text without the matching lines and their continuation lines, or an empty string if only comments remain."""
    lines = text.replace("\\\n", "\\\0").split("\n")
    kept = [line for line in lines if not re.search(pattern, line.replace("\0", "\n"), re.MULTILINE)]
    has_content = any(line.strip() and not line.lstrip().startswith("#") for line in kept)
    return "\n".join(kept).replace("\0", "\n") if has_content else ""
