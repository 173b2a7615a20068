# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that the pages tell their readers to type: those in blocks of the language console."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docs_site import pages
from repository import ROOT

#: What marks the blocks of a paragraph as answered by Azure alone.
AZURE_ONLY = "**(Azure only)**"
_FILE = re.compile(r"^```(?:yaml|ini)\n(# ([\w./-]+\.(?:yml|cfg)).*?)^```", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A command of a page."""

    page: str
    text: str
    azure_only: bool


def commands() -> list[Command]:
    """All of them, in the order of the pages."""
    found = []
    for page in ["README.md", *pages()]:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            before = text[: block.start()].rstrip("\n").rpartition("\n\n")[2]
            found += [Command(page, line, AZURE_ONLY in before) for line in _lines(block[1])]
    return found


def _lines(block: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", block)
    without_comments = (re.sub(r"\s+# .*$", "", line).strip() for line in joined.splitlines())
    return [line for line in without_comments if line]


def written_files(page: str) -> dict[str, str]:
    """The files that a page has its reader write, by their names: blocks that begin with a name."""
    return {found[2]: found[1] for found in _FILE.finditer((ROOT / page).read_text(encoding="utf-8"))}
