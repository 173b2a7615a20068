# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an old api-version does not show: properties are trimmed by the version that introduced them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def trimmed(body: dict[str, Any], introduced: Mapping[str, str], api_version: str) -> dict[str, Any]:
    """Drop from `body` (in place) each dotted path that is younger than `api_version`; lists are walked through."""
    for path, version in introduced.items():
        if api_version < version:
            _drop(body, path.split("."))
    return body


def _drop(node: Any, parts: list[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _drop(item, parts)
        return
    if not isinstance(node, dict):
        return
    if len(parts) == 1:
        node.pop(parts[0], None)
    else:
        _drop(node.get(parts[0]), parts[1:])
