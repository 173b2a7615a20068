# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inputs of an image, as digests short enough for a tag."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Hexadecimal digits of a digest: 48 bits are sufficient to detect changes of one input.
_DIGITS = 12
#: Longest value of a tag: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
_MAX_LENGTH = 256
_CHUNK = 1 << 20
#: Files that are not inputs.
_IGNORED = ("__pycache__", ".git", ".DS_Store", ".molecule")


class UnreadableInput(Exception):
    """A role or a file that is an input of an image cannot be read."""


def digest_text(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def digest_value(value: Any) -> str:
    """The digest of data, regardless of the order of its keys."""
    return digest_text(json.dumps(value, sort_keys=True, default=str))


def digest_path(path: Path) -> str:
    """The digest of a file or of a directory: names, contents, and execute permissions.

    :raises UnreadableInput: if it does not exist.
    """
    whole = hashlib.sha256()
    try:
        for name, file in _files(path):
            whole.update(f"{name}\0{int(os.access(file, os.X_OK))}\0{_digest_file(file)}\0".encode())
    except OSError as error:
        raise UnreadableInput(f"'{error.filename}' cannot be read: {error.strerror}.") from error
    return whole.hexdigest()[:_DIGITS]


def inputs_text(parts: Mapping[str, str]) -> str:
    """The digests as a tag's value: name=digest, with all roles in one digest if they are too many for a tag."""
    text = " ".join(f"{name}={digest}" for name, digest in sorted(parts.items()))
    if len(text) <= _MAX_LENGTH:
        return text
    roles = {name: digest for name, digest in parts.items() if name.startswith("role:")}
    others = {name: digest for name, digest in parts.items() if name not in roles}
    return " ".join(f"{name}={digest}" for name, digest in sorted({**others, "roles": digest_value(roles)}.items()))


def changes(before: str, now: str) -> list[str]:
    """The differences between two values of the tag, for messages."""
    old, new = _parsed(before), _parsed(now)
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return [name.replace(":", " ") for name in names]


def _parsed(text: str) -> dict[str, str]:
    return dict(word.partition("=")[::2] for word in text.split())


def _files(path: Path) -> list[tuple[str, Path]]:
    if not path.is_dir():
        return [(path.name, path)]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _IGNORED)
        found += [Path(folder, name) for name in names if name not in _IGNORED and not name.endswith(".pyc")]
    return sorted((str(file.relative_to(path)), file) for file in found)


def _digest_file(file: Path) -> str:
    if file.is_symlink():
        return f"link {os.readlink(file)}"
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
