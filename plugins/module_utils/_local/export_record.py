# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The record of an export: a JSON file beside the exported file, with what it contains and its sums."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._local.pages import digest
from ansible_collections.golden.azure.plugins.module_utils._local.partial_file import unwritable

Json = dict[str, Any]

_MODE = 0o600


def record_path(path: str) -> str:
    """The record of an exported file."""
    return f"{path}.json"


def read_record(path: str) -> Json | None:
    """The record of an exported file; None if there is none that can be read."""
    try:
        with open(record_path(path), encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_record(path: str, record: Json) -> None:
    """Write the record of a file that is about to get its name: a file without a record would not be recognised.

    :raises Failure: if it cannot be written.
    """
    place = record_path(path)
    directory, name = os.path.split(place)
    temporary = os.path.join(directory, f".{name}.part")
    try:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(record, stream, indent=2)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, place)
    except OSError as error:
        raise unwritable(place, error) from error


def has_content(path: str, sums: Json | None) -> bool:
    """Whether a file has the size and the digest of its record; it is read, except for its holes."""
    # Opening a pipe would block.
    if not sums or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            return size == sums.get("size") and digest(stream.fileno(), size) == sums.get("digest")
    except OSError:
        return False
