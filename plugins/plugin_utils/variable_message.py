# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of modules with the variables of a role or a playbook instead of the module's options; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

#: An option in a message, with its value if there is one; nested options have dots.
_QUOTED = re.compile(r"(Option )?'([a-z_]+(?:\.[a-z_]+)*)((?:: [^'\[{]*)?)'")


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """Replace the options in a message.

    :param variables: by options, nested ones with dots, such as rules.keep_newest.
    """

    def replaced(found: re.Match[str]) -> str:
        name = variables.get(found[2])
        if name is None:
            return found[0]
        return f"{'Variable ' if found[1] else ''}'{name}{found[3]}'"

    return _QUOTED.sub(replaced, text)


def with_codes(text: str, result: Mapping[str, Any]) -> str:
    """Add the codes of a result that a message does not contain: those of the blockers, each once, or that of the error."""
    missing = [code for code in _codes(result) if f"({code})" not in text]
    return " ".join([text, *(f"({code})" for code in missing)]).strip()


def message(result: Mapping[str, Any] | str, variables: Mapping[str, str]) -> str:
    """The reason why a task has failed, with variables, and its codes.

    :param result: of the module, or a message.
    :param variables: by options.
    """
    if isinstance(result, str):
        return with_variables(result, variables)
    return with_codes(with_variables(str(result.get("msg") or ""), variables), result)


def blockers(result: Mapping[str, Any]) -> list[Json]:
    """The blockers of a result's plan."""
    return (result.get("plan") or {}).get("blockers") or []


def _codes(result: Mapping[str, Any]) -> list[str]:
    codes = [str(blocker["code"]) for blocker in blockers(result)]
    return list(dict.fromkeys(codes or [str((result.get("error") or {}).get("code") or "unknown")]))
