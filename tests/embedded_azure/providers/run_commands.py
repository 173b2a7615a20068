# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed run commands (v2), and the list of built-in ones."""

from __future__ import annotations

import copy

from .. import api_versions
from ..errors import error
from ..guests import CompletedRun, GuestBackend
from ..model import Body, Call, ResourceType, Response, Route, Style, Transition, picked
from ..store import Resource
from .power import running_parent
from .run_scripts import BUILT_IN, OUTPUT_LIMIT

RUN_COMMAND = "Microsoft.Compute/virtualMachines/runCommands"
_LIMIT = 25
_TIMEOUT = 90 * 60
_PLACE = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/runCommands"
_SCHEMA = "http://schema.management.azure.com/schemas/2016-11-17/runcommands.json"


def build(call: Call) -> Transition:
    """PUT or PATCH runs the script; executionState, not provisioningState, tells how it ended."""
    vm = running_parent(call)
    desired = call.desired
    wanted = copy.deepcopy(desired.get("properties") or {})
    if call.is_new and len(call.cloud.store.of_type(RUN_COMMAND, vm.id)) >= _LIMIT:
        raise error("not_allowed", reason=f"A virtual machine cannot have more than {_LIMIT} managed run commands.")
    command = call.existing or Resource(call.path.id, RUN_COMMAND, call.path.name, {})
    command.body = copy.deepcopy(picked(desired, "location", "tags"))
    secrets = wanted.pop("protectedParameters", None) or []
    wanted.pop("runAsPassword", None)
    wanted.pop("instanceView", None)
    command.body["properties"] = {"timeoutInSeconds": 0, "asyncExecution": False, **wanted}
    command.private["view"] = {"executionState": "Running", "startTime": call.cloud.timestamp()}
    script = _script(wanted, secrets)
    vm_id, timeout = vm.id.lower(), float(wanted.get("timeoutInSeconds") or _TIMEOUT)

    def work(guests: GuestBackend) -> CompletedRun:
        return guests.run(vm_id, script, timeout)

    def finish(run: CompletedRun) -> None:
        command.private["view"] = _ended(call, command.private["view"], run)

    return Transition(command, work=work, finish=finish)


def _script(wanted: Body, secrets: list[Body]) -> str:
    exports = [
        f"export {item['name']}='{item['value']}'"
        for item in [*(wanted.get("parameters") or []), *secrets]
        if item.get("name")
    ]
    return "\n".join([*exports, (wanted.get("source") or {}).get("script", "")])


def _ended(call: Call, before: Body, run: CompletedRun) -> Body:
    good = run.return_code == 0
    message = (
        "Execution completed"
        if good
        else (f"Execution failed: failed to execute command: command terminated with exit status={run.return_code}")
    )
    return {
        "executionState": "Succeeded" if good else "Failed",
        "executionMessage": message,
        "exitCode": run.return_code,
        "output": run.stdout[-OUTPUT_LIMIT:],
        "error": run.stderr[-OUTPUT_LIMIT:],
        "startTime": before["startTime"],
        "endTime": call.cloud.timestamp(),
    }


def view(call: Call, command: Resource) -> Body:
    """A command; $expand=instanceView adds how it ran."""
    body = command.document()
    if call.query.get("$expand", "").lower() == "instanceview":
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
    view=view,
    api_versions=api_versions.COMPUTE,
    created=Style(201, body=True),
    updated=Style(200, body=True),
    deleted=Style(202, location=True),
    policies={"get": "LowCostGet", "write": "UpdateVM", "delete": "UpdateVM"},
)
