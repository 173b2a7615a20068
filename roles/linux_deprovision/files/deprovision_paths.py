# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the guest: resolving links, and shell patterns that do not leave what they name; reads only."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterator

from deprovision_mounts import Mounts

LINK_LIMIT = 40
MAGIC = "*?["


def resolved(at: Callable[[str], str], path: str) -> str:
    """Return a path without links, as the guest sees it; of a loop of links, an empty one."""
    waiting = [part for part in path.split("/") if part]
    waiting.reverse()
    found, links = "", 0
    while waiting:
        part = waiting.pop()
        if part in ("", "."):
            continue
        if part == "..":
            found = found.rpartition("/")[0]
            continue
        target = at(found + "/" + part)
        if not os.path.islink(target):
            found += "/" + part
            continue
        links += 1
        if links > LINK_LIMIT:
            return ""
        text = os.readlink(target)
        if text.startswith("/"):
            found = ""
        waiting += reversed(text.split("/"))
    return found or "/"


def is_folder(target: str) -> bool:
    """Say whether this is a folder itself, not a link to one."""
    return os.path.isdir(target) and not os.path.islink(target)


class Finder:
    """Finds the paths of a shell pattern, as glob does, but for links and for what is mounted.

    A link is never followed below the part of a pattern that has no wildcard. In that part, a link directly below / is the layout
    of the distribution (/home is /var/home), and is followed; links deeper down are followed where a pattern names a folder of one
    program alone, whose records are to go wherever they lie (`links`). Neither leads to another disk.

    :param anywhere: on other disks, too: what a user has named.
    """

    def __init__(self, at: Callable[[str], str], mounts: Mounts, anywhere: bool = False, links: bool = False) -> None:
        self._at = at
        self._mounts = mounts
        self._anywhere = anywhere
        self._links = links

    def find(self, pattern: str) -> list[str]:
        """Return the paths, without links in their folders."""
        parts = [part for part in pattern.split("/") if part]
        literal = 0
        while literal < len(parts) - 1 and not set(MAGIC) & set(parts[literal]):
            literal += 1
        start = self._start(parts[:literal])
        return sorted(set(self._below(start, parts[literal:]))) if start else []

    def _start(self, parts: list[str]) -> str:
        """Return the folder in which a pattern begins; nothing if it is not there, or must not be entered."""
        named = "/" + "/".join(parts)
        folder = resolved(self._at, named)
        if not folder or not os.path.isdir(self._at(folder)):
            return ""
        layout = resolved(self._at, "/" + parts[0]) if parts else "/"
        is_layout = folder == "/".join([layout.rstrip("/"), *parts[1:]]) or not parts
        return folder if (is_layout or self._links) and not self._closed(folder) else ""

    def _closed(self, path: str) -> bool:
        return not self._anywhere and self._mounts.leads_away(path)

    def _names(self, folder: str, pattern: str) -> list[str]:
        if not set(MAGIC) & set(pattern):
            return [pattern] if os.path.lexists(self._at(folder.rstrip("/") + "/" + pattern)) else []
        try:
            names = os.listdir(self._at(folder))
        except OSError:
            return []
        hidden = pattern.startswith(".")
        return [name for name in names if fnmatch.fnmatchcase(name, pattern) and name.startswith(".") == hidden]

    def _below(self, folder: str, parts: list[str]) -> Iterator[str]:
        first, rest = parts[0], parts[1:]
        base = folder.rstrip("/")
        if first == "**" and rest:
            yield from self._below(folder, rest)
            for name in self._names(folder, "*"):
                if self._enters(base + "/" + name):
                    yield from self._below(base + "/" + name, parts)
            return
        for name in self._names(folder, "*" if first == "**" else first):
            path = base + "/" + name
            if rest and self._enters(path):
                yield from self._below(path, rest)
            elif not rest and not self._closed(path):
                yield path
            if first == "**" and self._enters(path):
                yield from self._below(path, parts)

    def _enters(self, path: str) -> bool:
        return is_folder(self._at(path)) and not self._closed(path)
