# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The message about a bug in this collection: its type and location, never any values; pure.

An exception's text and repr can contain data: for a file that is not UTF-8, all of its bytes.
"""

from __future__ import annotations

import traceback

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION

#: The code of such a failure.
INTERNAL_ERROR = "internal_error"

_HERE = "/golden/azure/plugins/"


def internal_error(error: BaseException) -> Failure:
    """Convert an unexpected exception into a Failure."""
    return Failure(
        f"A bug in golden.azure {COLLECTION_VERSION} caused this task to fail: {type(error).__name__} at "
        f"{_place_of(error)}; please report this message; it contains all required information.",
        code=INTERNAL_ERROR,
    )


def _place_of(error: BaseException) -> str:
    """The innermost line of this collection in the traceback, even if a library raised the exception."""
    locations = [
        f"{filename.partition(_HERE)[2]}, line {line}"
        for filename, line in (
            (frame.f_code.co_filename.replace("\\", "/"), line)
            for frame, line in traceback.walk_tb(error.__traceback__)
        )
        if _HERE in filename
    ]
    return locations[-1] if locations else "a location outside the collection"
