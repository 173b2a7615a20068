# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The run commands of this collection on a virtual machine: their names, which are running, and which are leftovers.

A guest runs each name only once. Azure's handler for Linux stores the last change of a command that it has run in NAME.mrseq, and that
file is kept when the command is deleted: the next command with the same name is not run (`checkAndSaveSeqNum` in internal/cmds/cmds.go of
Azure/run-command-handler-linux; MicrosoftDocs/azure-compute-docs#178). Therefore, each call uses a new name.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RUN_COMMAND, ResourceId, child
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.virtual_machine import properties, provisioning_state

Json = dict[str, Any]

#: Seconds that Azure may need to deliver the script to the guest and to return its result.
DELIVERY_SECONDS = 180
#: Time limit in seconds for the deletion of the command.
CLEANUP_SECONDS = 120
#: The maximum difference in seconds between the clocks of two controllers.
_CLOCK_SKEW = 300
#: https://learn.microsoft.com/azure/virtual-machines/linux/run-command-managed
ENDED = ("succeeded", "failed", "timedout", "canceled")
_IN_PROGRESS = ("pending", "running")
_TIME = "%Y%m%d%H%M%S"
_NAME = re.compile(r"golden-azure-(?P<time>\d{14})-[0-9a-f]{8}", re.ASCII)


def new_command(vm_id: ResourceId, now: datetime) -> ResourceId:
    """A new, unique id of a run command, which contains its creation time."""
    time = now.astimezone(timezone.utc).strftime(_TIME)
    return child(vm_id, RUN_COMMAND, f"golden-azure-{time}-{secrets.token_hex(4)}")


def read_commands(arm: ArmClient, vm_id: ResourceId) -> tuple[list[Json], int]:
    """Read the run commands of a virtual machine.

    :returns: this collection's commands with their instance views, the oldest first; and the number of all run commands.
    :raises Failure: if it cannot be read.
    """
    found = list(arm.list(f"{vm_id}/runCommands", "compute", f"the run commands of {vm_id.label}"))
    names = sorted(name for name in (str(command.get("name")) for command in found) if _made_by_name(name))
    # Whether a listing has instance views is not documented; one deleted in the meantime is skipped.
    read = [arm.get(child(vm_id, RUN_COMMAND, name), expand="instanceView") for name in names]
    return [command for command in read if command], len(found)


def is_running(command: Json) -> bool:
    """Whether the guest is running it, or will run it."""
    return provisioning_state(command) in ("Creating", "Updating") or _state(command) in _IN_PROGRESS


def is_abandoned(command: Json, now: datetime) -> bool:
    """Whether no run waits for it any longer, so that it can be deleted.

    A command that has ended is not sufficient: the run that created it may be about to read its output. But no run waits for its
    command longer than this after its creation, even if the command is still running.
    """
    made = parse_timestamp((command.get("systemData") or {}).get("createdAt")) or _made_by_name(
        str(command.get("name"))
    )
    waited = timedelta(seconds=seconds_run(command) + DELIVERY_SECONDS + CLEANUP_SECONDS + _CLOCK_SKEW)
    return made is not None and now > made + waited


def seconds_run(command: Json) -> float:
    """The duration of the command, or its time limit if it has not ended; the guest's clock may be wrong, but not its differences."""
    limit = float(properties(command).get("timeoutInSeconds") or 0)
    view = properties(command).get("instanceView") or {}
    start, end = parse_timestamp(view.get("startTime")), parse_timestamp(view.get("endTime"))
    if _state(command) not in ENDED or start is None or end is None:
        return limit
    return max(0.0, (end - start).total_seconds())


def _state(command: Json) -> str:
    return str((properties(command).get("instanceView") or {}).get("executionState")).lower()


def _made_by_name(name: str) -> datetime | None:
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found["time"], _TIME).replace(tzinfo=timezone.utc) if found else None
    except ValueError:
        return None
