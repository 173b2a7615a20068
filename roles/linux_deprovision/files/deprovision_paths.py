# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the guest: resolving links, and shell patterns that do not leave the OS disk; reads only."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterator

from deprovision_mounts import Mounts

LINK_LIMIT = 40
WILDCARDS = "*?["


def resolve_links(local_path: Callable[[str], str], path: str) -> str:
    """Return a path of the guest without links; an empty string if the links form a loop."""
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
        target = local_path(found + "/" + part)
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


def is_directory(target: str) -> bool:
    """Return whether a path is a directory, and not a link to one."""
    return os.path.isdir(target) and not os.path.islink(target)


class Finder:
    """Finds the paths that match a shell pattern, as glob does, with other rules for links and mount points.

    Links are only followed in the literal part of a pattern, before its first wildcard. There, a link directly below / belongs to the
    layout of the distribution (/home is a link to /var/home) and is followed. Links in subdirectories are followed if `links` is true, for
    patterns that specify the records of one program. Links to other disks are not followed.

    :param anywhere: find paths on other disks, too, for patterns that the user has specified.
    """

    def __init__(
        self, local_path: Callable[[str], str], mounts: Mounts, anywhere: bool = False, links: bool = False
    ) -> None:
        self._local_path = local_path
        self._mounts = mounts
        self._anywhere = anywhere
        self._follow_links = links

    def find(self, pattern: str) -> list[str]:
        """Return the matching paths. Their directories contain no links."""
        parts = [part for part in pattern.split("/") if part]
        literal = 0
        while literal < len(parts) - 1 and not set(WILDCARDS) & set(parts[literal]):
            literal += 1
        start = self._start_directory(parts[:literal])
        return sorted(set(self._below(start, parts[literal:]))) if start else []

    def _start_directory(self, parts: list[str]) -> str:
        """Return the directory of the literal part of a pattern; an empty string if it does not exist or is excluded."""
        named = "/" + "/".join(parts)
        directory = resolve_links(self._local_path, named)
        if not directory or not os.path.isdir(self._local_path(directory)):
            return ""
        layout = resolve_links(self._local_path, "/" + parts[0]) if parts else "/"
        is_layout = directory == "/".join([layout.rstrip("/"), *parts[1:]]) or not parts
        return directory if (is_layout or self._follow_links) and not self._is_excluded(directory) else ""

    def _is_excluded(self, path: str) -> bool:
        return not self._anywhere and self._mounts.is_off_os_disk(path)

    def _names(self, directory: str, pattern: str) -> list[str]:
        if not set(WILDCARDS) & set(pattern):
            return [pattern] if os.path.lexists(self._local_path(directory.rstrip("/") + "/" + pattern)) else []
        try:
            names = os.listdir(self._local_path(directory))
        except OSError:
            return []
        hidden = pattern.startswith(".")
        return [name for name in names if fnmatch.fnmatchcase(name, pattern) and name.startswith(".") == hidden]

    def _below(self, directory: str, parts: list[str]) -> Iterator[str]:
        first, rest = parts[0], parts[1:]
        base = directory.rstrip("/")
        if first == "**" and rest:
            yield from self._below(directory, rest)
            for name in self._names(directory, "*"):
                if self._is_searched(base + "/" + name):
                    yield from self._below(base + "/" + name, parts)
            return
        for name in self._names(directory, "*" if first == "**" else first):
            path = base + "/" + name
            if rest and self._is_searched(path):
                yield from self._below(path, rest)
            elif not rest and not self._is_excluded(path):
                yield path
            if first == "**" and self._is_searched(path):
                yield from self._below(path, parts)

    def _is_searched(self, path: str) -> bool:
        return is_directory(self._local_path(path)) and not self._is_excluded(path)
