# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keep what a machine has written to its serial console, for a look at it when the machine is gone."""

from __future__ import annotations

import os
import tempfile

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId


def check_place(path: str | None) -> None:
    """Make sure that a log could be written there, before anything is done.

    :raises InvalidInput: when its directory is not there.
    """
    if path and not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise InvalidInput(f"Option 'serial_log' is '{path}', in a directory that is not there; make it first.")


def keep_serial_log(arm: ArmClient, machine: ResourceId, path: str) -> str | None:
    """Write the log of a machine to a file that only its owner may read: it can hold secrets.

    :returns: why that was not possible, as a sentence; None when it was. A log is no reason for a task to fail.
    """
    try:
        text = arm.serial_log(machine)
    except Failure as failure:
        return str(failure)
    return write(path, text)


def write(path: str, text: str) -> str | None:
    """Put a text into a new file in the place of whatever is there: somebody may have put a link there.

    :returns: why that was not possible, as a sentence; None when it was.
    """
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".serial-log-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            os.unlink(temporary)
        return f"The serial log could not be written to '{path}': {error.strerror}."
    return None
