# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables as text (vars_validate_or_raise of awx/main/validators.py, parse_yaml_or_json of awx/main/utils/common.py)."""

from __future__ import annotations

import json
from typing import Any

import yaml


def variables_error(text: str) -> str | None:
    """Why AWX would refuse a text of variables; None when it would not."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as reason:
        return f"Cannot parse as JSON or YAML (error: {reason})."
    if found is not None and not isinstance(found, dict):
        return "Cannot parse as JSON or YAML (error: Input type is not a dictionary)."
    try:
        json.dumps(found)
    except (TypeError, ValueError) as reason:
        return f"Variables not compatible with JSON standard (error: {reason})"
    return None


def parsed(text: str) -> dict[str, Any]:
    """The variables of a text; none if it is none."""
    return {} if variables_error(text) else yaml.safe_load(text) or {}
