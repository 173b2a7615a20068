# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keep what a machine has written to its serial console, for a look at it when the machine is gone."""

from __future__ import annotations

import os

from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils.resource_id import ResourceId


def check_place(path: str | None) -> None:
    """Make sure that a log could be written there, before anything is done.

    :raises InvalidInput: when its directory is not there.
    """
    if path and not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise InvalidInput(f"Option 'serial_log' is '{path}', in a directory that is not there; make it first.")


def keep_serial_log(arm: Arm, machine: ResourceId, path: str) -> str | None:
    """Write the log of a machine to a file that only its owner may read: it can hold secrets.

    :returns: why that was not possible, as a sentence; None when it was. A log is no reason for a task to fail.
    """
    try:
        text = arm.serial_log(machine)
    except Failure as failure:
        return str(failure)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.write(text)
    except OSError as error:
        return f"The serial log of {machine.label} could not be written to '{path}': {error.strerror}."
    return None
