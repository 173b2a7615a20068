# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed run commands (v2), and the list of built-in ones.

A guest runs a command by its name and a number that Azure counts up with each change of it. Which number of a name was run last,
Azure's handler for Linux keeps in NAME.mrseq, and nothing removes that file when the command is deleted; the command of the same
name that is made next begins at 0 again, and is not run (`checkAndSaveSeqNum` in internal/cmds/cmds.go of
Azure/run-command-handler-linux; MicrosoftDocs/azure-compute-docs#178). On Windows it is. Real guests keep that file themselves
(guests/run_command_handler.py); of others, it is kept here.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import TYPE_CHECKING, Union

from .. import api_versions
from ..errors import error
from ..guests import CompletedRun, GuestBackend
from ..guests.run_command_handler import HandlerCommand
from ..model import Body, Call, ResourceType, Response, Route, Style, Transition, picked, removal
from ..store import Resource
from .power import running_parent
from .run_command_blobs import HandlerFailure, OutputBlobs, output_blobs
from .run_scripts import BUILT_IN, named, tail

if TYPE_CHECKING:
    from ..cloud import Cloud

RUN_COMMAND = "Microsoft.Compute/virtualMachines/runCommands"
_LIMIT = 25
_TIMEOUT = 90 * 60
# MicrosoftDocs/azure-compute-docs, run-command-managed.md; `updateStatusInSeconds` of the handler for Linux has been 15 and 30.
_REPORT_SECONDS = 15
_DEFAULTS = {"timeoutInSeconds": 0, "asyncExecution": False}
# Without a report of the handler, nothing is known of a command.
_UNKNOWN = {"executionState": "Unknown"}
_PLACE = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/runCommands"
#: How a handler ends: the end of the script, nothing where it was run before, or why it did not run.
_Outcome = Union[CompletedRun, HandlerFailure, None]
_SCHEMA = "http://schema.management.azure.com/schemas/2016-11-17/runcommands.json"


def build(call: Call) -> Transition:
    """PUT or PATCH runs the script, once for each change; executionState, not provisioningState, tells how it ended."""
    vm = running_parent(call)
    desired = call.desired
    wanted = {**_DEFAULTS, **copy.deepcopy(desired.get("properties") or {})}
    for key in ("instanceView", "provisioningState"):
        wanted.pop(key, None)
    current = len(call.cloud.store.of_type(RUN_COMMAND, vm.id))
    if call.is_new and current >= _LIMIT:
        # The words as in MicrosoftDocs/azure-docs#117976.
        reason = (
            f"The maximum number of managed Run commands (max={_LIMIT}, current={current}) has been exceeded. Use fewer Run commands "
            "and retry the request. To list Run commands, refer: https://aka.ms/RunCommandManaged#list-all-deployed-runcommand-resources-"
            "on-a-vm-1 and then delete a Run command: https://aka.ms/RunCommandManaged#delete-runcommand-resource-from-the-vm-1"
        )
        raise error("not_allowed", reason=reason)
    command = call.existing or Resource(call.path.id, RUN_COMMAND, call.path.name, {})
    _end(call, command)
    command.body = copy.deepcopy(picked(desired, "location", "tags"))
    is_due = _is_due(call, vm, command, wanted)
    parameters = [*(wanted.get("parameters") or []), *(wanted.pop("protectedParameters", None) or [])]
    wanted.pop("runAsPassword", None)
    blobs = output_blobs(vm, wanted, call.cloud.data_plane)
    command.body["properties"] = wanted
    if not is_due:
        return Transition(command)
    name = f"{command.id.lower()}#{command.private['sequence']}"
    command.private["run"] = name
    command.private["view"] = {"executionState": "Running", "startTime": call.cloud.timestamp()}
    command.private["reported"] = call.now
    command.private["blobs"] = blobs
    handled = HandlerCommand(
        command.name,
        command.private["sequence"],
        name,
        (wanted.get("source") or {}).get("script", ""),
        named(parameters),
        float(wanted.get("timeoutInSeconds") or _TIMEOUT),
    )
    vm_id = vm.id.lower()

    def work(guests: GuestBackend) -> _Outcome:
        return _run(guests, vm_id, handled, blobs)

    def finish(run: _Outcome) -> None:
        shown = command.private["view"] = _ended(call.cloud, command.private["view"], run)
        # `ProcessHandlerCommandWithDetails` in internal/commandProcessor reports an error then, otherwise a success.
        if wanted.get("treatFailureAsDeploymentFailure") and shown["executionState"] == "Failed":
            raise error("script_failed", name=command.name, reason=shown["executionMessage"])

    if wanted["asyncExecution"]:
        # Azure is told of a success as soon as the script runs (`enable` in internal/cmds/cmds.go).
        command.private["running"] = call.cloud.work.submit(command.id.lower(), work)
        return Transition(command)
    return Transition(command, work=work, finish=finish)


def _run(guests: GuestBackend, vm_id: str, handled: HandlerCommand, blobs: OutputBlobs | None) -> _Outcome:
    """Run a command in its guest, and write what it says to its blobs."""
    if blobs is None:
        return guests.run_command(vm_id, handled)
    try:
        blobs.create()
    except HandlerFailure as failure:
        return failure
    run = guests.run_command(vm_id, handled)
    if run is not None:
        blobs.append(run.stdout, run.stderr)
    return run


def _is_due(call: Call, vm: Resource, command: Resource, wanted: Body) -> bool:
    """Count a change, and say whether the guest runs the command for it."""
    private = command.private
    # Secrets are compared, and not kept.
    settings = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    if settings == private.get("settings"):
        return False
    private["settings"] = settings
    private["sequence"] = private.get("sequence", -1) + 1
    ran: dict[str, int] = vm.private.setdefault("run_commands", {})
    has_run = private["sequence"] <= ran.get(command.name, -1)
    if vm.private["os_type"] != "Windows" and has_run and not call.cloud.guests.keeps_commands:
        private["view"] = copy.deepcopy(_UNKNOWN)
        return False
    ran[command.name] = private["sequence"]
    return True


def remove(call: Call) -> Transition:
    """Delete a command, which ends its script; as with every extension, the machine must run."""
    running_parent(call)
    _end(call, call.existing)
    vm_id, name = call.existing.id.lower().rpartition("/runcommands/")[0], call.existing.name
    return removal(call, lambda guests: guests.forget_command(vm_id, name))


def _end(call: Call, command: Resource) -> None:
    """Kill the script of a command that still runs, as Azure's handler does when it is deleted or changed."""
    _settle(call.cloud, command)
    if (command.private.get("view") or {}).get("executionState") == "Running":
        if command.private["blobs"]:
            command.private["blobs"].kill()
        call.cloud.guests.end_named(command.id.lower().rpartition("/runcommands/")[0], command.private["run"])


def _settle(cloud: Cloud, command: Resource) -> None:
    """Write down how a script ended that nobody waited for."""
    running = command.private.get("running")
    if running is not None and running.done():
        del command.private["running"]
        failure = running.exception()
        run = CompletedRun(-1, "", str(failure)) if failure else running.result()
        command.private["view"] = _ended(cloud, command.private["view"], run)


def report_outputs(cloud: Cloud) -> None:
    """Let each handler whose turn it is report, before somebody reads a blob that one of them may write to."""
    for command in cloud.store.of_type(RUN_COMMAND, ""):
        if command.private.get("blobs"):
            _settle(cloud, command)
            _report(cloud, command)


def _report(cloud: Cloud, command: Resource) -> None:
    """While a script runs, its handler tells every 15 seconds what it has said."""
    view, reported, now = command.private["view"], command.private.get("reported"), cloud.clock.now()
    if view["executionState"] != "Running" or (now - reported).total_seconds() < _REPORT_SECONDS:
        return
    command.private["reported"] = now
    vm_id = command.id.lower().rpartition("/runcommands/")[0]
    output, errors = cloud.guests.output_so_far(vm_id, command.private["run"])
    # `ReportInstanceView` with the report of `ProcessHandlerCommandWithDetails` (internal/commandProcessor of the handler).
    view.update(executionMessage="Execution in progress", exitCode=0, output=tail(output), error=tail(errors))
    if command.private["blobs"]:
        command.private["blobs"].append(output, errors)


def _ended(cloud: Cloud, before: Body, run: _Outcome) -> Body:
    if run is None:
        return copy.deepcopy(_UNKNOWN)
    times = {"startTime": before["startTime"], "endTime": cloud.timestamp()}
    if isinstance(run, HandlerFailure):
        return {
            "executionState": "Failed",
            "executionMessage": f"Execution failed: {run}",
            "exitCode": run.exit_code,
            "output": "",
            "error": "",
            **times,
        }
    good = run.return_code == 0
    message = (
        "Execution completed"
        if good
        else (f"Execution failed: failed to execute command: command terminated with exit status={run.return_code}")
    )
    return {
        "executionState": run.state or ("Succeeded" if good else "Failed"),
        "executionMessage": message,
        "exitCode": run.return_code,
        "output": tail(run.stdout),
        "error": tail(run.stderr),
        **times,
    }


def view(call: Call, command: Resource) -> Body:
    """A command; $expand=instanceView adds how it ran."""
    body = command.document()
    if call.query.get("$expand", "").lower() == "instanceview":
        _settle(call.cloud, command)
        _report(call.cloud, command)
        body["properties"]["instanceView"] = copy.deepcopy(command.private["view"])
    return body


def _built_in(id: str) -> Body:
    windows = id == "RunPowerShellScript"
    return {
        "$schema": _SCHEMA,
        "id": id,
        "osType": "Windows" if windows else "Linux",
        "label": BUILT_IN[id],
        "description": f"{BUILT_IN[id]}.",
    }


def list_built_in(call: Call) -> Response:
    """Built-in commands."""
    return Response(200, {"value": [_built_in(id) for id in BUILT_IN]})


def get_built_in(call: Call) -> Response:
    """One built-in command with its script."""
    for id in BUILT_IN:
        if id.lower() == call.parameters["command"].lower():
            arguments = [{"name": name, "type": "string", "required": False} for name in ("arg1", "arg2")]
            return Response(200, {"script": ["echo This is a sample script"], "parameters": arguments, **_built_in(id)})
    raise error("not_here")


ROUTES = (Route("GET", _PLACE, list_built_in), Route("GET", f"{_PLACE}/{{command}}", get_built_in))

TYPE = ResourceType(
    name=RUN_COMMAND,
    build=build,
    remove=remove,
    view=view,
    api_versions=api_versions.COMPUTE,
    created=Style(201, body=True),
    updated=Style(200, body=True),
    deleted=Style(202, location=True),
    policies={"get": "LowCostGet", "write": "UpdateVM", "delete": "UpdateVM"},
)
