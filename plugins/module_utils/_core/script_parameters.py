# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate parameters of scripts; pure.

A variable without a value would reach the script as the text 'None', and a list as "['a']".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding

#: The placeholder that Ansible before 2.19 leaves for 'omit' inside a dictionary.
_OMITTED = "__omit_place_holder__"


def parameter_findings(option: str, parameters: Mapping[Any, Any] | None) -> Iterator[Finding]:
    """Findings about invalid parameters, without their values, which may be secret.

    :param option: the option or variable that contains them.
    """
    for name, value in (parameters or {}).items():
        if not str(name).strip():
            yield Finding("parameter_without_name", f"'{option}' has a parameter without a name: set a name.")
        elif value is None or (isinstance(value, str) and (not value.strip() or value.startswith(_OMITTED))):
            yield Finding(
                "parameter_without_value",
                f"The parameter '{name}' of '{option}' has no value: set a value, or remove the parameter.",
            )
        elif isinstance(value, (Mapping, list, tuple)):
            yield Finding(
                "parameter_not_text",
                f"The parameter '{name}' of '{option}' is a list or a dictionary: set a string, such as its JSON.",
            )
