# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags that Resource Manager takes, with the words by which it refuses others.

The words are those that Azure/azure-powershell repeats for its own checks; those about their number are ours.
"""

from __future__ import annotations

import re
from typing import Any

from .errors import error

LONGEST_NAME = 512
LONGEST_VALUE = 256
MOST = 50
_RESERVED = re.compile(r"[<>%&\\?/\x00-\x1f]")


def check(tags: Any) -> None:
    """Refuse tags that are to be all that a resource has."""
    if tags is None:
        return
    if not isinstance(tags, dict):
        raise error("bad_content", reason="tags must be a JSON object")
    for name, value in tags.items():
        if value is not None and not isinstance(value, (str, bool, int, float)):
            raise error("bad_content", reason=f"Unexpected value of the tag '{name}' when a string was expected")
        if _RESERVED.search(name):
            raise error("tag_characters", name=name)
        if len(name) > LONGEST_NAME:
            raise error("tag_name_too_large", name=name, limit=LONGEST_NAME)
        if len(str(value)) > LONGEST_VALUE:
            raise error("tag_value_too_large", value=value, limit=LONGEST_VALUE)
    if len({name.lower() for name in tags}) != len(tags):
        raise error("bad_content", reason="tags hold a name twice, in different cases")
    if len(tags) > MOST:
        raise error("too_many_tags", count=len(tags), limit=MOST)
