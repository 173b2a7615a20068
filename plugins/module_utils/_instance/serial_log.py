# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Store the serial log of a virtual machine, so that it is available after the virtual machine is deleted."""

from __future__ import annotations

import os
import tempfile

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId


def check_directory(path: str | None) -> None:
    """Make sure that the directory of the log exists, before anything is changed.

    :raises InvalidInput: if it does not exist.
    """
    if path and not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise InvalidInput(f"Option 'serial_log' is '{path}', whose directory does not exist; create it first.")


def store_serial_log(arm: ArmClient, machine: ResourceId, path: str) -> str | None:
    """Write the log of a virtual machine to a file that only its owner can read, because it can contain secrets.

    :returns: the reason as a sentence if that was not possible, otherwise None. A missing log does not fail the task.
    """
    try:
        text = arm.serial_log(machine)
    except Failure as failure:
        return str(failure)
    return write(path, text)


def write(path: str, text: str) -> str | None:
    """Write a text to a new file that replaces an existing one, so that a link is not followed.

    :returns: the reason as a sentence if that was not possible, otherwise None.
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
