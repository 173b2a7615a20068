# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert variables to numbers and booleans; invalid values are refused; pure.

Jinja's ``int`` and ``float`` return 0 for invalid numbers, and ``bool`` returns false for invalid booleans. These accept text
from the command line and AWX, as the types of Ansible's options do, and refuse all other values.
"""

from __future__ import annotations

import math
import re
from typing import Any, Union

Number = Union[int, float]

_WHOLE = re.compile(r"([+-]?\d{1,100})(?:\.0*)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
#: The spellings of booleans: https://docs.ansible.com/ansible/latest/reference_appendices/YAMLSyntax.html
_TRUE = ("y", "yes", "on", "1", "true", "t", "1.0")
_FALSE = ("n", "no", "off", "0", "false", "f", "0.0")


class NotConvertible(ValueError):
    """A value is not a number, or not a boolean."""


def to_integer(value: Any) -> int:
    """Convert to an integer.

    :raises NotConvertible: for anything else, including booleans.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        # It may be too large for a float.
        return value
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    found = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise NotConvertible(f"{shown(value)} is not an integer: set a value such as 30.")
    return int(found[1])


def to_number(value: Any) -> float:
    """Convert to a finite number.

    :raises NotConvertible: for anything else, including booleans.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number or (isinstance(value, str) and _DECIMAL.fullmatch(value.strip())):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise NotConvertible(f"{shown(value)} is not a number: set a value such as 1.5.")


def to_boolean(value: Any) -> bool:
    """Convert to a boolean.

    :raises NotConvertible: for anything else.
    """
    text = str(value).strip().lower() if isinstance(value, (str, int, float)) else ""
    if text not in _TRUE + _FALSE:
        raise NotConvertible(f"{shown(value)} is not a boolean: set true or false.")
    return text in _TRUE


def shown(value: Any) -> str:
    """A value for a message: in one line, and truncated."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a {value.bit_length()}-bit number"
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return f"'{text[:40]}...'" if len(text) > 40 else f"'{text}'"
