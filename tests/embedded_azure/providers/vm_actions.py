# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be done to a virtual machine, and when it may not be done."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ..errors import error
from ..guests import GuestBackend, Machine
from ..model import Action, Body, Call, Style, Transition, Work, picked
from ..store import Resource
from . import vm_storage
from .capture_template import template
from .power import begin, is_running, power_state
from .run_scripts import script_of, statuses

_ASYNC = Style(202, location=True)
_SLOW = Style(202, location=True, retry_after=10)
RUN_COMMAND_LIMIT = 90 * 60.0


def _action(call: Call, word: str, *, generalized_allowed: bool = False) -> Resource:
    vm = call.existing
    if vm.private["generalized"] and not generalized_allowed:
        raise error("generalized", action=word, vm=vm.name)
    return vm


def _claim(call: Call) -> None:
    if call.cloud.operations.running(call.existing.id):
        raise error("conflict")


def _power(call: Call, vm: Resource, end: str, work: Work, during: str | None = None) -> Transition:
    before = vm.private["power"]
    if during:
        vm.private["power"] = during

    def finish(_result: Any) -> None:
        vm.private["power"] = end
        if end == "running":
            begin(call.cloud, vm)

    def fail(_reason: Any) -> None:
        vm.private["power"] = before

    return Transition(vm, work=work, finish=finish, fail=fail)


def machine_of(vm: Resource) -> Machine:
    """The guest of a machine on a later boot: no provisioning."""
    disk_id = (vm_storage.os_disk_id(vm) or f"{vm.id}/osDisk").lower()
    hostname = vm.properties.get("osProfile", {}).get("computerName") or vm.name
    return Machine(vm.id.lower(), disk_id, hostname, None, vm.properties["vmId"])


def start(call: Call) -> Transition:
    """Boot; a generalized machine cannot."""
    vm = _action(call, "start")
    _claim(call)
    machine = machine_of(vm)

    def work(guests: GuestBackend) -> None:
        if not guests.is_running(machine.vm_id):
            guests.boot(machine)

    transition = _power(call, vm, "running", work, "starting")
    finish = transition.finish

    def finish_attached(result: Any) -> None:
        finish(result)
        vm_storage.mark(call.cloud, vm, "Attached")

    transition.finish = finish_attached
    return transition


def power_off(call: Call) -> Transition:
    """Shut down but keep the host (still billed)."""
    vm = call.existing
    call.cloud.operations.preempt(vm.id)
    vm_id = vm.id.lower()
    end = "deallocated" if vm.private["power"] == "deallocated" else "stopped"
    return _power(call, vm, end, lambda guests: guests.power_off(vm_id))


def deallocate(call: Call) -> Transition:
    """Shut down and give the host back; the disks become Reserved."""
    vm = call.existing
    call.require(
        not (vm.properties["storageProfile"]["osDisk"].get("diffDiskSettings")),
        "not_allowed",
        reason=f"Operation 'deallocate' is not supported on VM '{vm.name}', whose OS disk is ephemeral.",
    )
    call.cloud.operations.preempt(vm.id)
    vm_id = vm.id.lower()
    transition = _power(call, vm, "deallocated", lambda guests: guests.power_off(vm_id), "deallocating")
    finish = transition.finish

    def finish_reserved(result: Any) -> None:
        finish(result)
        vm_storage.mark(call.cloud, vm, "Reserved")

    transition.finish = finish_reserved
    return transition


def restart(call: Call) -> Transition:
    """Reboot a running machine."""
    vm = _action(call, "restart")
    _claim(call)
    call.require(
        is_running(call.cloud, vm),
        "not_allowed",
        reason=f"Operation 'restart' is not allowed on VM '{vm.name}' since the VM is not running.",
    )
    vm_id = vm.id.lower()
    return _power(call, vm, "running", lambda guests: guests.restart(vm_id))


def redeploy(call: Call) -> Transition:
    """Move to another host: a power cycle."""
    vm = _action(call, call.path.types[-1])
    _claim(call)
    return Transition(vm)


def generalize(call: Call) -> Transition:
    """Mark as generalized, for ever; refused while the guest runs."""
    vm = call.existing
    if is_running(call.cloud, vm):
        raise error("generalize_running", vm=vm.name)

    def finish(_result: Any) -> None:
        vm.private["generalized"] = True

    return Transition(vm, finish=finish)


def capture(call: Call) -> Transition:
    """Copy the unmanaged disks of a generalized machine and answer a deployment template (the old way)."""
    vm = call.existing
    if not vm.private["generalized"]:
        raise error("capture_not_generalized")
    return Transition(vm, output=lambda: template(call.cloud, vm, call.body or {}))


def convert_to_managed_disks(call: Call) -> Transition:
    """Turn unmanaged disks into managed ones; the machine runs afterwards."""
    vm = call.existing
    call.require(
        "managedDisk" not in vm.private["storage"]["osDisk"],
        "not_allowed",
        reason=f"VM '{vm.name}' is already using managed disks.",
    )

    def finish(_result: Any) -> None:
        profile = copy.deepcopy(vm.private["storage"])
        sku = vm_storage.default_sku(vm.properties["hardwareProfile"]["vmSize"])
        for disk in (profile["osDisk"], *profile["dataDisks"]):
            disk.pop("vhd", None)
            disk["managedDisk"] = {"storageAccountType": sku}
            prefix = disk["name"] if disk["name"].startswith(vm.name) else f"{vm.name}_{disk['name']}"
            disk["name"] = f"{prefix}_{call.cloud.new_id().replace('-', '')}"
        vm.properties["storageProfile"] = profile
        vm.private["storage"] = vm_storage.make_disks(call, vm, None)
        vm.properties["storageProfile"] = vm.private["storage"]
        begin(call.cloud, vm)

    machine = machine_of(vm)

    def work(guests: GuestBackend) -> None:
        if not guests.is_running(machine.vm_id):
            guests.boot(machine)

    return Transition(vm, work=work, finish=finish)


def attach_detach(call: Call) -> Transition:
    """Attach and detach data disks in one call; the answer is the storage profile, with what is leaving marked."""
    vm = call.existing
    profile = vm.private["storage"]
    leaving = {str(item.get("diskId", "")).lower(): item for item in call.body.get("dataDisksToDetach") or []}
    for disk in profile["dataDisks"]:
        item = leaving.get(str((disk.get("managedDisk") or {}).get("id")).lower())
        if item is not None:
            disk.update(toBeDetached=True, **picked(item, "detachOption"))
    luns = {disk["lun"] for disk in profile["dataDisks"]}
    for item in call.body.get("dataDisksToAttach") or []:
        free = next(lun for lun in range(64) if lun not in luns)
        luns.add(free)
        profile["dataDisks"].append(vm_storage.attached_disk(call, vm, item, item.get("lun", free)))
    vm.properties["storageProfile"] = profile
    vm.private["storage"] = vm_storage.make_disks(call, vm, None)
    answer = copy.deepcopy(vm.private["storage"])

    def finish(_result: Any) -> None:
        vm_storage.drop_detached(call, vm)
        vm.properties["storageProfile"] = vm.private["storage"]

    return Transition(vm, finish=finish, body=answer)


def run_command(call: Call) -> Transition:
    """Run Command v1: one script at a time, the last 4,096 bytes of its output."""
    vm = _action(call, "runCommand")
    call.require(
        is_running(call.cloud, vm),
        "not_allowed",
        reason="The operation requires the VM to be running (or set to run).",
    )
    _claim(call)
    vm_id, script, windows = vm.id.lower(), script_of(call.body or {}), vm.private["os_type"] == "Windows"
    answer: Body = {}

    def finish(result: Any) -> None:
        answer["value"] = statuses(result, windows=windows)

    return Transition(
        vm, work=lambda guests: guests.run(vm_id, script, RUN_COMMAND_LIMIT), finish=finish, output=lambda: answer
    )


def simulate_eviction(call: Call) -> Transition:
    """Only Spot machines can be evicted: they are deallocated or deleted, as their policy says."""
    vm = call.existing
    call.require(
        vm.properties.get("priority") == "Spot",
        "not_allowed",
        reason="Operation 'simulateEviction' is allowed only for Spot Virtual Machines",
    )

    def finish(_result: Any) -> None:
        if vm.properties["evictionPolicy"] == "Delete":
            call.cloud.send("DELETE", vm.id, None, call.api_version)
        else:
            call.cloud.send("POST", f"{vm.id}/deallocate", None, call.api_version)

    return Transition(vm, finish=finish)


def _refuse(reason: str) -> Callable[[Call], Transition]:
    def rule(call: Call) -> Transition:
        raise error("not_allowed", reason=reason.format(vm=call.existing.name))

    return rule


def boot_diagnostics(call: Call) -> Transition:
    """Where the console log lies; the embedded control API serves it."""
    place = f"{call.origin}/embedded/serial-console?id={call.existing.id}&sig=embedded"
    body = {"consoleScreenshotBlobUri": place, "serialConsoleLogBlobUri": place}
    return Transition(call.existing, body=body)


ACTIONS: dict[str, Action] = {
    "start": Action(start, _SLOW),
    "powerOff": Action(power_off, _SLOW),
    "deallocate": Action(deallocate, _SLOW, policy="DeleteVM"),
    "restart": Action(restart, _SLOW),
    "redeploy": Action(redeploy, _ASYNC),
    "reapply": Action(redeploy, _ASYNC),
    "generalize": Action(generalize, Style(200, long_running=False)),
    "capture": Action(capture, _ASYNC),
    "convertToManagedDisks": Action(convert_to_managed_disks, _ASYNC),
    "attachDetachDataDisks": Action(attach_detach, Style(200, body=True)),
    "runCommand": Action(run_command, _ASYNC),
    "simulateEviction": Action(simulate_eviction, Style(204, long_running=False)),
    "retrieveBootDiagnosticsData": Action(boot_diagnostics, Style(200, long_running=False)),
    "performMaintenance": Action(
        _refuse(
            "Operation 'performMaintenance' is not allowed on VM '{vm}' since the Subscription of this VM is not "
            "eligible."
        ),
        _ASYNC,
    ),
    "reimage": Action(
        _refuse(
            "The Reimage and OSUpgrade Virtual Machine actions require that the virtual machine has Automatic OS "
            "Upgrades enabled."
        ),
        _ASYNC,
    ),
}

__all__ = ["ACTIONS", "machine_of", "power_state"]
