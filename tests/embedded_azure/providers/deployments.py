# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Resources/deployments in a group: a template's resources, made in the order of their dependencies.

A deployment has no operation of its own: it runs as long as those of its resources do.
"""

from __future__ import annotations

import copy
from typing import Any

from ..clock import timestamp
from ..errors import AzureError, error
from ..model import Body, Call, Response, Route, Style, Transition
from ..polling import GROUP_RETRY_AFTER, RESULTS, operation_headers
from ..store import Resource
from . import purchase_plans
from .templates import Scope, TemplateError, evaluate

DEPLOYMENT = "Microsoft.Resources/deployments"
_DELETION = Style(202, family=RESULTS, retry_after=GROUP_RETRY_AFTER)
_ALL = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{DEPLOYMENT}"
_ONE = f"{_ALL}/{{name}}"


def _group(call: Call) -> Resource:
    group = call.cloud.group(call.path.subscription or "", call.parameters["group"])
    if group is None:
        raise error("group_not_found", group=call.parameters["group"])
    return group


def _invalid(reason: str) -> AzureError:
    return AzureError(400, "InvalidTemplate", f"Deployment template validation failed: '{reason}.'.", gateway=True)


def _scope(call: Call, group: Resource) -> tuple[Scope, Body]:
    properties = (call.body or {}).get("properties") or {}
    template = properties.get("template")
    if not isinstance(template, dict):
        raise _invalid("The template is missing")
    scope = Scope(
        subscription=call.path.subscription or "",
        tenant=call.cloud.settings.tenant,
        group=group.name,
        location=group.location,
        variables=template.get("variables") or {},
        reference=lambda id: copy.deepcopy(call.find(id, "resource").properties),
    )
    given = properties.get("parameters") or {}
    for name, declared in (template.get("parameters") or {}).items():
        if name in given:
            scope.parameters[name] = given[name].get("value")
        elif "defaultValue" in declared:
            scope.parameters[name] = declared["defaultValue"]
        else:
            raise _invalid(
                f"The value for the template parameter '{name}' at line '1' and column '1' is not provided. Please see "
                "https://aka.ms/arm-create-parameter-file for usage details"
            )
    return scope, template


def _planned(call: Call, group: Resource) -> tuple[Scope, Body, list[tuple[str, Body]]]:
    """The resources of a template with their ids, in an order in which each can be made."""
    scope, template = _scope(call, group)
    try:
        found = {}
        for item in template.get("resources") or []:
            shown = evaluate({key: value for key, value in item.items() if key != "resources"}, scope)
            namespace, *types = shown["type"].split("/")
            names = shown["name"].split("/")
            tail = "/".join(f"{kind}/{name}" for kind, name in zip(types, names, strict=True))
            found[f"{scope.group_id}/providers/{namespace}/{tail}"] = shown
    except TemplateError as reason:
        raise _invalid(str(reason)) from reason
    # Before anything is deployed (errcli2021__test_vm_create_with_market_place_image).
    for item in found.values():
        purchase_plans.check(call, item.get("plan"))
    return scope, template, _ordered(found)


def _ordered(found: dict[str, Body]) -> list[tuple[str, Body]]:
    waiting, done = dict(found), []
    while waiting:
        ready = [
            id for id, item in waiting.items() if not any(_depends(item, other) for other in waiting if other != id)
        ]
        if not ready:
            raise _invalid("Circular dependency detected")
        done += [(id, waiting.pop(id)) for id in ready]
    return done


def _depends(item: Body, id: str) -> bool:
    """dependsOn names ids, Namespace/type/name, or bare names."""
    wanted = [str(word).lower().lstrip("/") for word in item.get("dependsOn") or []]
    full = id.lower().lstrip("/")
    return any(full == word or full.endswith(f"/{word}") for word in wanted)


def validate(call: Call) -> Response:
    """Say whether a template could be deployed."""
    _planned(call, _group(call))
    return Response(200, {"properties": {"mode": "Incremental", "provisioningState": "Succeeded"}})


def put(call: Call) -> Response:
    """Deploy: every resource is asked for at once, those a resource depends on before it."""
    group = _group(call)
    scope, template, planned = _planned(call, group)
    id = f"{group.id}/providers/{DEPLOYMENT}/{call.parameters['name']}"
    deployment = call.cloud.add(id, DEPLOYMENT, {"properties": {"mode": "Incremental"}})
    secret = {
        name for name, item in (template.get("parameters") or {}).items() if "secure" in item.get("type", "").lower()
    }
    deployment.private.update(
        started=call.now,
        correlation=call.cloud.new_id(),
        parameters={
            name: {"type": "String", "value": value} for name, value in scope.parameters.items() if name not in secret
        },
        outputs=(template.get("outputs") or {}, scope),
        made=[],
        reason=None,
    )
    for resource_id, item in planned:
        body = {
            key: value
            for key, value in item.items()
            if key not in ("type", "name", "apiVersion", "dependsOn", "comments")
        }
        try:
            call.cloud.send("PUT", resource_id, body, item.get("apiVersion", ""))
        except AzureError as refusal:
            deployment.private["reason"] = refusal
            break
        deployment.private["made"].append(resource_id)
    url = f"{call.origin}{id}/operationStatuses/{deployment.private['correlation']}?api-version={call.api_version}"
    shown = _shown(call, deployment)
    shown["properties"]["provisioningState"] = "Accepted"
    return Response(201, shown, {"Azure-AsyncOperation": url})


def _state(call: Call, deployment: Resource) -> str:
    if deployment.private["reason"]:
        return "Failed"
    made = [call.cloud.store.get(id) for id in deployment.private["made"]]
    states = {str(resource.properties.get("provisioningState", "Succeeded")) for resource in made if resource}
    if "Failed" in states or "Canceled" in states:
        return "Failed"
    return "Running" if states & {"Creating", "Updating"} else "Succeeded"


def _shown(call: Call, deployment: Resource) -> Body:
    private = deployment.private
    state = _state(call, deployment)
    properties: Body = {
        "templateHash": str(abs(hash(deployment.id))),
        "parameters": private["parameters"],
        "mode": "Incremental",
        "provisioningState": state,
        "timestamp": timestamp(call.now),
        "duration": f"PT{max((call.now - private['started']).total_seconds(), 0.1):.1f}S",
        "correlationId": private["correlation"],
        "providers": [],
        "dependencies": [],
    }
    if state == "Succeeded":
        properties["outputs"] = _outputs(*private["outputs"])
        properties["outputResources"] = [{"id": id} for id in private["made"]]
    if state == "Failed":
        properties["error"] = _failure(private["reason"])
    return {"id": deployment.id, "name": deployment.name, "type": DEPLOYMENT, "properties": properties}


def _outputs(outputs: Body, scope: Scope) -> Body:
    try:
        return {
            name: {"type": item.get("type"), "value": evaluate(item.get("value"), scope)}
            for name, item in outputs.items()
        }
    except TemplateError as reason:
        raise _invalid(str(reason)) from reason


def _failure(reason: AzureError | None) -> Body:
    details = [reason.body()] if reason else [{"code": "ResourceDeploymentFailure", "message": "A resource failed."}]
    return {
        "code": "DeploymentFailed",
        "message": "At least one resource deployment operation failed. Please list deployment operations for details. "
        "Please see https://aka.ms/arm-deployment-operations for usage details.",
        "details": details,
    }


def _find(call: Call) -> Resource:
    group = _group(call)
    found = call.cloud.store.get(f"{group.id}/providers/{DEPLOYMENT}/{call.parameters['name']}")
    if found is None:
        raise error("deployment_not_found", name=call.parameters["name"])
    return found


def get(call: Call) -> Response:
    """A deployment as far as it has come."""
    return Response(200, _shown(call, _find(call)))


def head(call: Call) -> Response:
    """Whether there is such a deployment."""
    group = _group(call)
    there = call.cloud.store.get(f"{group.id}/providers/{DEPLOYMENT}/{call.parameters['name']}")
    return Response(204 if there else 404)


def list_all(call: Call) -> Response:
    """All deployments of a group."""
    found = call.cloud.store.of_type(DEPLOYMENT, _group(call).id)
    return Response(200, {"value": [_shown(call, deployment) for deployment in found]})


def status(call: Call) -> Response:
    """The Azure-AsyncOperation URL."""
    deployment = _find(call)
    state = _state(call, deployment)
    body: Body = {"status": state}
    if state == "Failed":
        body["error"] = _failure(deployment.private["reason"])
    return Response(200, body)


def operations(call: Call) -> Response:
    """What was made, one operation for each resource."""
    deployment = _find(call)
    shown: list[Any] = []
    for number, id in enumerate(deployment.private["made"]):
        resource = call.cloud.store.get(id)
        target: Body = {
            "id": id,
            "resourceType": resource.type if resource else "",
            "resourceName": id.rsplit("/", 1)[-1],
        }
        properties = {
            "provisioningOperation": "Create",
            "provisioningState": "Succeeded",
            "targetResource": target,
            "statusCode": "OK",
            "timestamp": timestamp(call.now),
        }
        shown.append(
            {"id": f"{deployment.id}/operations/{number}", "operationId": str(number), "properties": properties}
        )
    return Response(200, {"value": shown})


def delete(call: Call) -> Response:
    """Forget a deployment; what it made stays."""
    group = _group(call)
    id = f"{group.id}/providers/{DEPLOYMENT}/{call.parameters['name']}"
    found = call.cloud.store.get(id)
    if found is None:
        return Response(204)
    operation = call.cloud.operations.start(
        Transition(found, finish=lambda _result: call.cloud.store.remove(id)),
        _DELETION,
        target=id,
        location=group.location,
        api_version=call.api_version,
        seconds=call.cloud.settings.seconds("DELETE", DEPLOYMENT),
    )
    return Response(202, None, operation_headers(call, operation))


ROUTES = (
    Route("POST", f"{_ONE}/validate", validate),
    Route("GET", f"{_ONE}/operations", operations),
    Route("GET", f"{_ONE}/operationStatuses/{{operation}}", status),
    Route("PUT", _ONE, put),
    Route("GET", _ONE, get),
    Route("HEAD", _ONE, head),
    Route("DELETE", _ONE, delete),
    Route("GET", _ALL, list_all),
)
