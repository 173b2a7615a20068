# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The register of codes in docs/codes.yml: what is wrong with it, and the page docs/codes.md that is written from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from code_givers import folded
from codes import KINDS
from repository import ROOT

REGISTER = ROOT / "docs" / "codes.yml"
PAGE = ROOT / "docs" / "codes.md"
COMMAND = "python tests/tools/write_codes.py"

_KEYS = ["kind", "from", "cause", "cure"]
_LONGEST = 240
_TWO_SENTENCES = re.compile(r"[.!?] +[A-Z]")
_HEAD = f"""\
<!--
Copyright (c) 2026 golden.azure contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Codes

This page lists all codes that this collection returns for use by programs, with their causes and remedies. It is generated from
`docs/codes.yml` by `{COMMAND}`. A test fails if it is out of date.

| kind | location |
|---|---|
| blocker | `plan.blockers` of a module, or findings of the filters of `windows_sysprep`. Nothing was changed |
| warning | `plan.warnings` of a module, or conditions that a role reports and accepts |
| refusal | `error.code` of a failed task. For a failed role, the code in its message or in its loop item |
| decision | `reason_code`: why an image is removed or kept (`vm_image_remove`), refreshed or not (`golden_image`) |

If Azure or Microsoft Entra rejects a request, `error.code` contains their own code, such as `AuthorizationFailed`, or the status of the
response, such as `HTTP 503`. These codes are not listed here.

| code | kind | returned by | cause | remedy |
|---|---|---|---|---|
"""

#: Kinds of a code, and who gives it as each.
Given = Mapping[str, Mapping[str, set[str]]]


def load(text: str | None = None) -> dict[str, dict[str, Any]]:
    """Read the register."""
    return dict(yaml.safe_load(REGISTER.read_text(encoding="utf-8") if text is None else text))


def faults(register: Mapping[str, Mapping[str, Any]], given: Given) -> list[str]:
    """What is wrong with a register, each in a sentence.

    :param given: what the sources give.
    """
    return [
        *_faults_of_codes(register, given),
        *(fault for code in register for fault in _faults_of(code, register[code])),
    ]


def page(register: Mapping[str, Mapping[str, Any]]) -> str:
    """The register as a page."""
    return _HEAD + "".join(
        f"| `{code}` | {', '.join(entry['kind'])} | {', '.join(entry['from'])} "
        f"| {as_markdown(entry['cause'])} | {as_markdown(entry['cure'])} |\n"
        for code, entry in register.items()
    )


def _faults_of_codes(register: Mapping[str, Mapping[str, Any]], given: Given) -> Iterator[str]:
    for code in sorted(given.keys() - register.keys()):
        yield f"{code}, a {' and '.join(given[code])} of {', '.join(_givers(given, code))}, is not in the register."
    for code in sorted(register.keys() - given.keys()):
        yield f"{code} is in the register, and no source gives it."
    for code in sorted(register.keys() & given.keys()):
        kinds = [kind for kind in KINDS if kind in given[code]]
        if register[code].get("kind") != kinds:
            yield f"{code} is {register[code].get('kind')} in the register, and {kinds} in the sources."
        if register[code].get("from") != _givers(given, code):
            yield f"{code} is from {register[code].get('from')} in the register, and from {_givers(given, code)} in the sources."
    if list(register) != sorted(register):
        yield "The codes are not in alphabetical order."


def _faults_of(code: str, entry: Mapping[str, Any]) -> Iterator[str]:
    if list(entry) != _KEYS:
        yield f"{code} has the keys {list(entry)}, and not {_KEYS}."
    if not entry.get("from"):
        yield f"{code} is from nowhere: nothing leads to what gives it."
    for key in ("cause", "cure"):
        text = str(entry.get(key) or "")
        if not text.endswith(".") or len(text) > _LONGEST or _TWO_SENTENCES.search(text):
            yield f"The {key} of {code} is not one sentence with a full stop of {_LONGEST} characters at most: {text!r}."


def _givers(given: Given, code: str) -> list[str]:
    return folded(set().union(*given[code].values()))


def as_markdown(text: str) -> str:
    """A sentence in Markdown, also in a table: options and commands in quotes are shown as code."""
    escaped = re.sub(r"[\\<>|]", lambda found: f"\\{found[0]}", text)
    return re.sub(r"(?<!\w)'([^']+)'(?!\w)", r"`\1`", escaped)
