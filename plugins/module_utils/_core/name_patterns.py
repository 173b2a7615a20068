# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names that may contain the wildcards * and ?; pure."""

from __future__ import annotations

import re


def is_pattern(text: str | None) -> bool:
    """Whether a value selects by a pattern, and not one name; no value selects all."""
    return text is None or "*" in text or "?" in text


def matches(text: str | None, name: object) -> bool:
    """Whether a name matches a pattern, or is the name, regardless of case; None matches all."""
    if text is None:
        return True
    parts = {"*": ".*", "?": "."}
    expression = "".join(parts.get(character) or re.escape(character) for character in text)
    return re.fullmatch(expression, str(name or ""), re.IGNORECASE | re.DOTALL) is not None
