# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the preparation of a virtual machine for its capture through Azure; pure.

The order matters: decryption is requested, then awaited, and only then the extension is removed. Removed before, it leaves the
disks encrypted, and is reinstalled by the next attempt to decrypt them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import child
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import disk_encryption as encryption
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import agent_is_ready
from ansible_collections.golden.azure.plugins.module_utils._model.locks import lock_blockers, unread_locks_warning
from ansible_collections.golden.azure.plugins.module_utils._model.retirements import disk_encryption_ends
from ansible_collections.golden.azure.plugins.module_utils._preparation.request import (
    Json,
    PreparationRequest,
    PreparationState,
)


def plan_preparation(request: PreparationRequest, state: PreparationState) -> Plan:
    """Create the plan.

    :returns: a plan whose steps, executed in order, complete all requested actions.
    """
    title = f"Preparation of {request.source.label} through Azure"
    if state.vm is None:
        missing = Finding(
            "source_not_found", f"The {request.source.label} does not exist; check 'source_vm' and 'resource_group'."
        )
        return Plan(title, [missing])
    steps = list(_steps(request, state.vm))
    blockers = list(_blockers(request, state.vm, steps)) + list(lock_blockers(state.locks, steps))
    return Plan(title, blockers, list(_warnings(request, state, steps)), [] if blockers else steps)


# -- steps ------------------------------------------------------------------------------------------------------


def _steps(request: PreparationRequest, vm: Json) -> Iterator[Step]:
    source = request.source
    decrypts = request.disk_encryption and bool(encryption.disk_states(vm))
    removed = list(_removed(request, vm))
    if decrypts and not encryption.is_being_disabled(vm):
        extension, body = encryption.disabling(source, vm, request.sequence)
        yield Step(
            actions.DISABLE_ENCRYPTION,
            extension,
            f"decrypt all volumes through the {extension.label}",
            method="PUT",
            path=str(extension),
            body=body,
        )
        if encryption.encryption_extension(vm) is None and not request.keep_encryption_extension:
            # It was removed before the disks were decrypted, and is reinstalled here.
            removed.append({"id": str(extension), "properties": {}})
    if decrypts:
        disks = ", ".join(f"'{name}' ({state})" for name, state in encryption.disk_states(vm).items())
        yield Step(actions.WAIT_FOR_DECRYPTION, source, f"wait until the disks {disks} of {source.label} are decrypted")
    for each in removed:
        target = child(source, encryption.EXTENSION, encryption.name_of(each))
        if machine.provisioning_state(each) == "Deleting":
            yield Step(
                actions.WAIT_FOR_REMOVAL, target, f"wait for the removal of the {target.label}, which is in progress"
            )
        else:
            yield Step(
                actions.DELETE_EXTENSION, target, f"remove the {target.label}", method="DELETE", path=str(target)
            )


def _removed(request: PreparationRequest, vm: Json) -> Iterator[Json]:
    for extension in encryption.extensions(vm):
        kept = encryption.name_of(extension).lower() in request.keep_extensions
        own = request.disk_encryption and encryption.encrypts(extension) and not request.keep_encryption_extension
        if (request.extensions or own) and not kept:
            yield extension


# -- blockers and warnings --------------------------------------------------------------------------------------


def _blockers(request: PreparationRequest, vm: Json, steps: list[Step]) -> Iterator[Finding]:
    yield from _encryption_blockers(request, vm, steps)
    if not steps:
        return
    label, state = request.source.label, machine.power_state(vm)
    if machine.provisioning_state(vm) in ("Creating", "Deleting"):
        yield Finding(
            "source_in_transition",
            f"The {label} is in the state {machine.provisioning_state(vm)}; wait until the operation has completed.",
        )
    elif state != "running":
        yield Finding(
            "not_running",
            f"The {label} is {state}, and its extensions can be changed only while it is running; start it, and run "
            "the task again.",
        )
    elif not agent_is_ready(vm):
        yield Finding(
            "agent_not_ready",
            f"The Azure VM agent of {label} does not report its status, and extensions cannot be changed or removed "
            "without it; check the agent in the guest.",
        )
    if (machine.properties(vm).get("osProfile") or {}).get("allowExtensionOperations") is False:
        yield Finding(
            "extensions_not_allowed",
            f"The {label} does not allow its extensions to be changed; set its osProfile.allowExtensionOperations to "
            "true.",
        )


def _encryption_blockers(request: PreparationRequest, vm: Json, steps: list[Step]) -> Iterator[Finding]:
    label = request.source.label
    states = encryption.disk_states(vm)
    if request.disk_encryption and (states or encryption.is_previous_release(vm)):
        if encryption.is_previous_release(vm):
            yield Finding(
                "previous_disk_encryption",
                f"The {label} is encrypted by the previous release of Azure Disk Encryption, which requires an "
                "application in Microsoft Entra; disable it with 'az vm encryption disable', and run the task again.",
            )
        if machine.os_type(vm).lower() == "linux" and machine.os_disk(vm).get("name") in states:
            yield Finding(
                "os_disk_stays_encrypted",
                f"The OS disk of {label} is encrypted, which Azure cannot decrypt on Linux; recreate the virtual "
                "machine without Azure Disk Encryption.",
            )
    if states and not request.disk_encryption:
        for step in steps:
            present = encryption.encryption_extension(vm)
            if present and step.resource.name.lower() == encryption.name_of(present).lower():
                yield Finding(
                    "encrypted",
                    f"The disks of {label} are not decrypted ({', '.join(sorted(states))}), and they cannot be "
                    f"decrypted without the {step.resource.label}; add 'disk_encryption' to 'actions'.",
                )


def _warnings(request: PreparationRequest, state: PreparationState, steps: list[Step]) -> Iterator[Finding]:
    planned = [step.action for step in steps]
    if not state.locks_known and any(step.method for step in steps):
        yield unread_locks_warning(request.source.label)
    if actions.DISABLE_ENCRYPTION in planned:
        yield disk_encryption_ends(request.source.label)
        yield Finding("may_reboot", f"Decryption may reboot the {request.source.label}.")
        if encryption.encryption_extension(state.vm or {}) is None:
            yield Finding(
                "extension_comes_back",
                f"The {request.source.label} is encrypted and no longer has the Azure Disk Encryption extension, which "
                "is reinstalled to decrypt the disks.",
            )
