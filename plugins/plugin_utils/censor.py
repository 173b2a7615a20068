# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blank out secrets in results, as AnsibleModule shows them: its own function for that is deprecated from ansible-core 2.22 on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What people know from Ansible, in place of a text that is a secret, and of a secret within a text.
_WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_PART = "*" * 8


def censor(value: Any, secrets: Iterable[str]) -> Any:
    """Blank out secrets in all text and numbers of a value; truth values, None and the names of entries stay.

    :param value: plain data, as from JSON.
    :param secrets: what must not be seen; one that is part of another is looked for after it.
    """
    return _censored(value, sorted(filter(None, secrets), key=len, reverse=True))


def _censored(value: Any, secrets: Sequence[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _censored_text(value, secrets)
    if isinstance(value, Mapping):
        return {name: _censored(one, secrets) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_censored(one, secrets) for one in value]
    return _WHOLE if any(secret in str(value) for secret in secrets) else value


def _censored_text(text: str, secrets: Sequence[str]) -> str:
    if text in secrets:
        return _WHOLE
    for secret in secrets:
        text = text.replace(secret, _PART)
    return text
