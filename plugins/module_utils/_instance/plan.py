# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the creation of an instance from the request and the current state; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location, same_id
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._instance.availability import (
    availability_blockers,
    step_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.body import (
    disks_of_image,
    machine_body,
    os_type,
    purchase_plan_of,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.copy import (
    access_steps,
    copy_steps,
    source_deletion_steps,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.copy_findings import copy_blockers, copy_warnings
from ansible_collections.golden.azure.plugins.module_utils._instance.differences import differences
from ansible_collections.golden.azure.plugins.module_utils._instance.encryption import machine_encryption_blockers
from ansible_collections.golden.azure.plugins.module_utils._instance.login import login_findings
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.security import supports_security_type
from ansible_collections.golden.azure.plugins.module_utils._instance.security_rules import open_rules
from ansible_collections.golden.azure.plugins.module_utils._instance.sizes import (
    controller_blockers,
    encrypts_at_host,
    security_type_of,
    size_blockers,
    size_of,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import (
    INSTANCE_SOURCE,
    belongs_to,
    created_from,
)
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import agent_is_ready, is_created
from ansible_collections.golden.azure.plugins.module_utils._model.locks import (
    forbids,
    level_of,
    lock_blockers,
    scope_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import describe_plan
from ansible_collections.golden.azure.plugins.module_utils._model.regions import region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import name_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_step
from ansible_collections.golden.azure.plugins.module_utils._model.tag_limits import tag_count_blockers

Json = dict[str, Any]


def plan_instance(request: InstanceRequest, state: InstanceState) -> Plan:
    """Plan the creation of an instance.

    :returns: a plan whose steps, executed in order, create the instance and wait until its agent is ready.
    """
    verb = "copied" if request.is_copy else "created"
    title = f"The {request.machine.label}, {verb} from {request.source.label}"
    blockers = list(_blockers(request, state))
    warnings = list(_warnings(request, state))
    steps = [] if blockers else list(_steps(request, state))
    blockers += lock_blockers(state.locks, steps)
    blockers += [*_step_blockers(state, steps), *step_blockers(state, steps)]
    return Plan(title, blockers, warnings, [] if blockers else steps)


def _step_blockers(state: InstanceState, steps: list[Step]) -> Iterator[Finding]:
    """Blockers for values in steps that Azure would refuse: derived names, and too many tags including those of this collection."""
    yield from name_blockers(step.resource for step in steps if step.action.creates)
    for step in steps:
        tags = (step.body or {}).get("tags")
        if tags and step.method == "PUT":
            yield from tag_count_blockers(step.resource, tags)
        elif tags and state.vm is not None:
            yield from tag_count_blockers(step.resource, {**(state.vm.get("tags") or {}), **tags})


# -- blockers -----------------------------------------------------------------------------------------------------


def _blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    if state.vm is not None and not belongs_to(state.vm, request.mark):
        yield Finding(
            "machine_not_ours",
            f"The {request.machine.label} exists already and was not created by this module; choose another 'name'.",
        )
        return
    if is_created(state.vm):
        yield from _source_differs(request, state)
        return
    yield from _group_blockers(request, state)
    if request.location and state.regions is not None:
        yield from region_blockers(f"the {request.machine.label}", [(request.location, None)], state.regions)
    yield from _network_blockers(request, state)
    yield from copy_blockers(request, state) if request.is_copy else _image_blockers(request, state)
    yield from _terms_blockers(request, state)
    yield from machine_encryption_blockers(request, state)
    yield from availability_blockers(request, state)
    for part in state.parts.values():
        if not belongs_to(part, request.mark):
            yield Finding(
                "name_taken",
                f"The resource '{part.get('id')}' exists already and was not created for this instance; choose another 'name'.",
            )


def _source_differs(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    if not created_from(state.vm or {}, request.source.mark, state.copied):
        recorded = tag_value((state.vm or {}).get("tags"), INSTANCE_SOURCE)
        yield Finding(
            "instance_of_another_source",
            f"The {request.machine.label} was created from another source ({recorded}); delete it with 'state: absent' first, or "
            "choose another 'name'.",
        )


def _group_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    group = state.group
    if group is None and not request.create_group:
        yield Finding(
            "resource_group_not_found",
            f"The {request.group.label} does not exist; create it first, or set 'create_resource_group: true'.",
        )
    elif group and machine.provisioning_state(group) == "Deleting" and not belongs_to(group, request.mark):
        yield Finding("resource_group_being_deleted", f"The {request.group.label} is being deleted; choose another.")


def _network_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    if state.network_known:
        if not any(same_id(known, str(request.subnet)) for known in state.subnets):
            yield Finding("subnet_not_found", f"The {request.subnet.label} does not exist; check its resource id.")
        network_location = (state.network or {}).get("location")
        if (
            network_location
            and state.location
            and normalized_location(network_location) != normalized_location(state.location)
        ):
            yield Finding(
                "location_differs",
                f"The {request.subnet.label} is in {network_location}, and the instance would be in {state.location}; a "
                "virtual machine must be in the region of its network: use a subnet in that region, or omit 'location'.",
            )
        if request.security_group and state.security_group is None:
            yield Finding(
                "security_group_not_found", f"The {request.security_group.label} does not exist; check its name."
            )
        group_location = (state.security_group or {}).get("location")
        if (
            request.security_group
            and group_location
            and state.location
            and normalized_location(group_location) != normalized_location(state.location)
        ):
            yield Finding(
                "location_differs",
                f"The {request.security_group.label} is in {group_location}, and the instance would be in {state.location}; choose one "
                "in that region.",
            )
    if state.location is None:
        yield Finding("location_unknown", "The region of the instance cannot be determined; set 'location'.")
    if request.public_ip and request.security_group and state.security_group:
        rules = open_rules(state.security_group)
        if rules:
            yield Finding(
                "security_group_open",
                f"The {request.security_group.label} allows SSH, RDP or WinRM connections from any address by its rule {', '.join(rules)}, "
                "which is not accepted for an instance with a public IP address; restrict the sources of that rule.",
            )


def _terms_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    plan = purchase_plan_of(request, state)
    if plan and state.terms_accepted is False:
        subscription = request.machine.subscription_id
        yield Finding(
            "terms_not_accepted",
            f"The terms of the purchase plan '{describe_plan(plan)}' were not accepted in the subscription '{subscription}', so that "
            f"Azure does not create the {request.machine.label}; read and accept them once, for example with 'az vm image terms accept "
            f"--publisher {plan['publisher']} --offer {plan['product']} --plan {plan['name']} --subscription {subscription}'.",
            {"purchase_plan": plan},
        )


def _image_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    image, label = state.image, request.source.label
    if image is None:
        yield Finding(
            "source_not_found",
            f"The {label} does not exist{' in ' + state.location if state.location and request.source.urn else ''}; check "
            f"'{request.source.kind}'.",
        )
        return
    if not image.is_complete:
        yield Finding(
            "image_not_ready", f"The {label} is in the state {image.state}; wait until it is ready, or use another one."
        )
    if state.location and not image.is_available_in(state.location):
        yield Finding(
            "image_not_in_region",
            f"The {label} is in {', '.join(image.regions)}, not in {state.location}; replicate it there, or use a subnet "
            "in one of its regions.",
        )
    yield from _security_blockers(request, state, image)
    yield from _login_blockers(request, state)


def _security_blockers(request: InstanceRequest, state: InstanceState, image: SourceImage) -> Iterator[Finding]:
    label, security = request.source.label, security_type_of(request, state)
    if security == "Standard" and not supports_security_type(image, security):
        yield Finding(
            "security_type_not_supported",
            f"The {label} supports only virtual machines with the security type {image.security_feature}, not with Standard, which a "
            "managed image requires; choose another source, or omit 'for_managed_image' and capture into a gallery.",
        )
    elif not supports_security_type(image, security):
        yield Finding(
            "security_type_not_supported",
            f"The {label} does not support virtual machines with the security type {security} (its feature SecurityType is "
            f"{image.security_feature}); omit 'security_type', or choose another source.",
        )
    else:
        yield from controller_blockers(request, state)
        yield from size_blockers(request, state)


def _login_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    if state.image is None or not state.image.generalized:
        return
    if os_type(state).lower() == "windows":
        if not request.admin_password:
            yield Finding("no_login", f"The {request.source.label} contains Windows; set 'admin_password'.")
    elif not request.ssh_public_key and not request.admin_password:
        yield Finding(
            "no_login", "Logging in to the instance would not be possible; set 'ssh_public_key' or 'admin_password'."
        )
    yield from login_findings(os_type(state), request.admin_username, request.admin_password)


# -- warnings -----------------------------------------------------------------------------------------------------


def _warnings(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    yield from state.unread
    if not state.network_known:
        yield Finding(
            "network_unknown",
            f"The {request.subnet.label} could not be read (permission denied), so that it is not checked; Azure may refuse it.",
        )
    for lock in state.locks:
        if forbids(lock, request.machine, writes=False, deletes=True):
            yield Finding(
                "cannot_be_removed",
                f"The lock '{lock.get('name')}' ({level_of(lock)}) on '{scope_of(lock)}' will prevent the deletion of the "
                f"{request.machine.label}; remove the lock first.",
            )
    if is_created(state.vm) and state.vm:
        yield from differences(request, state)
        yield from _power_warnings(request, state.vm)
    elif request.is_copy and state.copied:
        yield from copy_warnings(request, state, state.copied)
    if state.image and not state.image.generalized and not is_created(state.vm):
        yield Finding(
            "specialized",
            f"The {request.source.label} is specialized: the instance has the users and the hostname of the image, not those of the task.",
        )


def _power_warnings(request: InstanceRequest, vm: Json) -> Iterator[Finding]:
    """A warning if the virtual machine is not running, as it is not started."""
    power = machine.power_state(vm)
    if machine.provisioning_state(vm) == "Succeeded" and power != "running":
        yield Finding(
            "not_running",
            f"The {request.machine.label} is {power}{' and generalized' if machine.is_generalized(vm) else ''}, and is not "
            "started, because its guest may have been prepared for a capture.",
        )


# -- steps --------------------------------------------------------------------------------------------------------


def _steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    label = request.machine.label
    if state.vm is not None and is_created(state.vm):
        if machine.provisioning_state(state.vm) == "Creating" and request.wait:
            yield Step(actions.WAIT_FOR_MACHINE, request.machine, f"wait for the {label}, which is being created")
        yield from access_steps(request, state) if request.is_copy else ()
        yield from source_deletion_steps(request, state)
        tags = merge_step(request.machine, state.vm.get("tags"), request.tags)
        if tags:
            yield tags
    else:
        yield from _group_steps(request, state)
        yield from _failed_run_cleanup_steps(request, state)
        yield from access_steps(request, state) if request.is_copy else ()
        disk_steps = list(copy_steps(request, state)) if request.is_copy else []
        yield from disk_steps
        yield _machine_step(request, state)
        # The sources of the virtual machine are kept until it is created.
        yield from source_deletion_steps(request, state, disk_steps) if request.wait else ()
    if request.wait_for_agent and not _needs_no_wait(state):
        yield Step(
            actions.WAIT_FOR_AGENT,
            request.machine,
            f"wait until the VM agent of {label} is ready, at most {request.agent_timeout:g} s",
            seconds=request.agent_timeout,
        )


def _needs_no_wait(state: InstanceState) -> bool:
    """Whether not to wait for the agent: it is ready, or the virtual machine has stopped."""
    if state.vm is None or not is_created(state.vm) or machine.provisioning_state(state.vm) == "Creating":
        return False
    return agent_is_ready(state.vm) or machine.power_state(state.vm) not in ("running", "starting", "unknown")


def _group_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    group = request.group
    being_deleted = state.group is not None and machine.provisioning_state(state.group) == "Deleting"
    if being_deleted:
        yield Step(actions.WAIT_FOR_REMOVAL, group, f"wait until the {group.label} is deleted, which is in progress")
    if state.group is None or being_deleted:
        yield Step(
            actions.CREATE_GROUP,
            group,
            f"create the {group.label} in {state.location}, for this instance only",
            method="PUT",
            path=str(group),
            body={"location": state.location, "tags": request.all_tags},
        )


def _failed_run_cleanup_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Steps that delete leftovers of a failed run with the names of the instance."""
    label = request.machine.label
    if state.vm is not None:
        if machine.provisioning_state(state.vm) == "Deleting":
            yield Step(
                actions.WAIT_FOR_REMOVAL, request.machine, f"wait until the {label} is deleted, which is in progress"
            )
        else:
            yield Step(
                actions.DELETE_VM,
                request.machine,
                f"delete the {label}, whose creation failed",
                method="DELETE",
                path=str(request.machine),
            )
    for disk in [] if request.is_copy else disks_of_image(request, state.image):
        if state.part(disk):
            yield Step(
                actions.DELETE_DISK,
                disk,
                f"delete the {disk.label}, a leftover of an earlier run",
                method="DELETE",
                path=str(disk),
            )


def _machine_step(request: InstanceRequest, state: InstanceState) -> Step:
    traits = [size_of(request, state), f"security type {security_type_of(request, state)}"]
    traits += ["encryption at host"] if encrypts_at_host(request, state) else []
    traits += [f"encrypted with the {request.encryption_set.label}"] if request.encryption_set else []
    traits += ["priority spot"] if request.spot else []
    traits += ["with a public IP address"] if request.public_ip else []
    traits += ["with a purchase plan"] if purchase_plan_of(request, state) else []
    return Step(
        actions.CREATE_MACHINE if request.wait else actions.BEGIN_MACHINE,
        request.machine,
        f"create the {request.machine.label} in {state.location}: {', '.join(traits)}",
        method="PUT",
        path=str(request.machine),
        body=machine_body(request, state),
    )
