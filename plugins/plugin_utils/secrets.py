# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mask secrets in the output of a task; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_PLACEHOLDER = "********"


def censor(value: Any, secrets: Iterable[str]) -> Any:
    """Plain data without secrets.

    :param value: JSON data.
    :param secrets: non-empty texts.
    :returns: a copy with secrets masked in all text, and in numbers that contain one. Booleans and keys, which are
        names of this collection and of Azure, are not changed.
    """
    # The longest first, since another secret may be a part of it.
    ordered = sorted(set(secrets), key=len, reverse=True)
    text = json.dumps(value, default=str)
    # If no secret is in the complete text, its parts need not be searched, which takes half a second for ten thousand images.
    if not any(json.dumps(secret)[1:-1] in text for secret in ordered):
        return json.loads(text)
    return _censored(json.loads(text), ordered)


def _censored(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _censored(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_censored(item, secrets) for item in value]
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, _PLACEHOLDER)
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and any(one in str(value) for one in secrets):
        return _PLACEHOLDER
    return value
