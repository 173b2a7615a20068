# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the preparation of a virtual machine for its capture; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import image_mark
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.claim import Claim, read_claim
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import created_from
from ansible_collections.golden.azure.plugins.module_utils._model.machine_findings import machine_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.retirements import retirement_warnings
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

Json = dict[str, Any]

_STOPPED = ("stopped", "deallocated", "deallocating")


def source_blockers(request: CaptureRequest, vm: Json, disks: list[Json], source: Source) -> Iterator[Finding]:
    """Blockers of a virtual machine; disks that are not captured are ignored.

    :param disks: the virtual machine's managed disks.
    """
    label = request.source.label
    disks = [disk for disk in disks if source.includes(disk)]
    if request.source_vm_id and machine.identity(vm).lower() != request.source_vm_id.lower():
        yield Finding(
            "source_is_another_machine",
            f"The {label} has the vmId {machine.identity(vm) or 'unknown'} and not {request.source_vm_id}, as set in "
            "'source_vm_id': it was recreated with the same name, or another virtual machine was meant, which means "
            "that this one was not prepared; check 'source_vm'.",
        )
    yield from machine_blockers(label, vm, disks, source)


def copy_blockers(request: CaptureRequest, state: CaptureState, vm: Json) -> Iterator[Finding]:
    """A blocker if the virtual machine with the name of the copy is another one, or a copy of another one."""
    if request.copied_from and not created_from(vm, image_mark(str(request.copied_from)), state.original):
        yield Finding(
            "not_the_copy",
            f"The {request.source.label} is not a copy of {request.copied_from.label}, so that it is not captured; choose another "
            "'copy_name', or delete it first.",
        )


def power_blockers(request: CaptureRequest, vm: Json, claimed: bool = False) -> Iterator[Finding]:
    """Blockers of stopping a virtual machine and marking it as generalized.

    :param claimed: whether another run has claimed it.
    """
    label = request.source.label
    state = machine.power_state(vm)
    generalized = machine.is_generalized(vm)
    if request.specialized:
        if generalized:
            yield Finding(
                "already_generalized",
                f"The {label} is marked as generalized, so that a specialized version cannot be created from it; "
                "capture it with 'os_state: generalized'.",
            )
        return
    if not generalized and not request.generalize:
        yield Finding(
            "generalize_not_allowed",
            f"The {label} is not generalized, and generalizing it is irreversible: it can never start again; set "
            "'generalize: true' to allow it.",
        )
    if generalized and not request.guest_prepared:
        # It can no longer start or be prepared: its guest cannot be corrected.
        return
    if not request.guest_prepared:
        if state != "running" and not claimed:
            yield from _not_running_blockers(label, state, read_claim(vm))
    elif state not in _STOPPED and state != "stopping" and not request.shutdown_timeout:
        yield Finding(
            "not_stopped",
            f"The {label} is {state}: a running guest has not been prepared; run the role "
            "golden.azure.linux_deprovision or golden.azure.windows_sysprep on it, which shut it down.",
        )


def _not_running_blockers(label: str, state: str, interrupted: Claim | None) -> Iterator[Finding]:
    """The blocker of a guest that cannot be prepared, with what is known of an interrupted run that began to prepare it.

    :param interrupted: the claim of that run; None if there was none.
    """
    if interrupted is None:
        yield Finding(
            "not_running",
            f"The {label} is {state}, so that its guest cannot be prepared: start it, or set 'guest_prepared: true' if its guest has "
            "been prepared already.",
        )
        return
    yield Finding(
        "preparation_interrupted",
        f"The {label} is {state}, and run '{interrupted.run}' on '{interrupted.holder or 'unknown'}', which claimed it at "
        f"{interrupted.since} to prepare its guest, was interrupted. The roles shut a guest down only after they have prepared it: set "
        "'guest_prepared: true' to continue, unless somebody else has stopped the virtual machine.",
        {"run": interrupted.run, "holder": interrupted.holder},
    )


def source_warnings(request: CaptureRequest, vm: Json) -> Iterator[Finding]:
    """Warnings about the capture of a virtual machine."""
    label, state = request.source.label, machine.power_state(vm)
    if request.specialized and state not in _STOPPED:
        yield Finding(
            "captured_while_running",
            f"The {label} is {state}: its disks are captured in a crash-consistent state; stop it first if they must "
            "be consistent.",
        )
    if request.specialized or machine.is_generalized(vm):
        return
    if state == "deallocating":
        yield Finding(
            "deallocation_under_way",
            f"The {label} is being deallocated by another process, such as another run that captures it; otherwise "
            "make sure that its guest was prepared.",
        )
    if state == "deallocated":
        yield Finding(
            "preparation_not_visible",
            f"The {label} is deallocated, so that it cannot be determined whether its guest shut itself down; make "
            "sure that it was prepared.",
        )


def content_warnings(request: CaptureRequest, state: CaptureState, vm: Json) -> Iterator[Finding]:
    """Warnings about the content of the image."""
    label = request.source.label
    if state.base_state == "Withdrawn":
        yield Finding(
            "base_withdrawn",
            f"The {label} was created from {machine.base_image(vm)}, which the marketplace no longer offers; use a "
            "newer base image.",
        )
    elif state.base_state not in (None, "Active"):
        yield Finding(
            "base_deprecated",
            f"The {label} was created from {machine.base_image(vm)}, which is {state.base_state} in the marketplace; "
            "use a newer base image.",
        )
    yield from retirement_warnings(label, vm, _captured_disks(request, state, vm))
    extensions = machine.extension_names(vm)
    if extensions and not request.specialized:
        yield Finding(
            "extensions_installed",
            f"The {label} has extensions ({', '.join(extensions)}), whose files and settings become part of the image "
            "without being registered in Azure; remove them first, for example with golden.azure.vm_image_prepare.",
        )
    if request.data_disks is not None:
        wanted = {disk.lun for disk in request.data_disks}
        left_out = [str(disk.get("lun")) for disk in machine.data_disks(vm) if disk.get("lun") not in wanted]
        if left_out:
            yield Finding(
                "data_disks_excluded", f"The data disks of {label} at LUN {', '.join(left_out)} are not captured."
            )


def _captured_disks(request: CaptureRequest, state: CaptureState, vm: Json) -> list[Json]:
    """The managed disks of the virtual machine, without excluded data disks."""
    luns = None if request.data_disks is None else [disk.lun for disk in request.data_disks]
    wanted = {str(disk).lower() for disk in machine.managed_disk_ids(vm, luns)}
    return [disk for disk in state.disks if str(disk.get("id")).lower() in wanted]


def is_to_be_prepared(request: CaptureRequest, vm: Json) -> bool:
    """Whether the guest of a virtual machine is still to be prepared."""
    return not (request.specialized or request.guest_prepared or machine.is_generalized(vm))


def source_steps(request: CaptureRequest, source: ResourceId, vm: Json, marking: Iterable[Step] = ()) -> Iterator[Step]:
    """Steps that prepare a virtual machine for its capture; none for a specialized one.

    :param marking: steps to execute before it is marked as generalized.
    """
    if request.specialized:
        yield from marking
        return
    state = machine.power_state(vm)
    if is_to_be_prepared(request, vm):
        yield Step(
            actions.PREPARE, source, f"prepare the guest of {source.label} and shut it down from within the guest"
        )
    elif state not in _STOPPED:
        limit = request.shutdown_timeout or 300
        yield Step(
            actions.WAIT_UNTIL_STOPPED,
            source,
            f"wait until the guest of {source.label} has shut itself down, at most {limit:g} s",
            seconds=limit,
        )
    yield from marking
    if state == "deallocating":
        yield Step(
            actions.WAIT_FOR_DEALLOCATION, source, f"wait for the deallocation of {source.label}, which is in progress"
        )
    elif state != "deallocated":
        yield Step(
            actions.DEALLOCATE, source, f"deallocate the {source.label}", method="POST", path=f"{source}/deallocate"
        )
    if not machine.is_generalized(vm):
        yield Step(
            actions.GENERALIZE,
            source,
            f"mark the {source.label} as generalized (irreversible)",
            method="POST",
            path=f"{source}/generalize",
        )
