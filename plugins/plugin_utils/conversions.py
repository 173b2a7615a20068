# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers and truth values out of what variables hold; what is none is refused; pure.

Jinja's ``int`` and ``float`` make 0 of what is no number, and ``bool`` makes false of what is no truth value. Ansible's own types
take text as the command line and AWX give it, and refuse the rest.
"""

from __future__ import annotations

import math
from typing import Any, Union

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int

Number = Union[int, float]


class NotConvertible(ValueError):
    """A value is no number, or no truth value; the message says so in one sentence."""


def to_integer(value: Any) -> int:
    """A whole number.

    :raises NotConvertible: for anything else, a truth value among it.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        # Releases of ansible-core before 2.19 do not take 30.0.
        return int(value) if isinstance(value, float) and value.is_integer() else check_type_int(value)
    except (TypeError, ValueError, OverflowError):
        raise NotConvertible(f"{shown(value)} is no whole number: give one, such as 30.") from None


def to_number(value: Any) -> float:
    """A finite number.

    :raises NotConvertible: for anything else, a truth value among it.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        number = check_type_float(value)
        if not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise NotConvertible(f"{shown(value)} is no number: give one, such as 1.5.") from None
    return number


def to_boolean(value: Any) -> bool:
    """A truth value.

    :raises NotConvertible: for anything else.
    """
    try:
        return bool(check_type_bool(value))
    except (TypeError, ValueError):
        raise NotConvertible(f"{shown(value)} is neither true nor false: give one of them.") from None


def shown(value: Any) -> str:
    """A value in a sentence: in one line, and short."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {value.bit_length()} bits"
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return f"'{text[:40]}...'" if len(text) > 40 else f"'{text}'"
