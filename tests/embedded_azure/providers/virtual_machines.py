# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/virtualMachines: how one is made, changed, removed."""

from __future__ import annotations

import copy
from typing import Any

from .. import api_versions, size_restrictions
from ..errors import AzureError, error
from ..guests import GuestBackend, Machine, Provisioning
from ..model import Action, Body, Call, ResourceType, Style, Transition, Work, defaulted, merge
from ..store import Resource
from ..vm_sizes import capabilities
from . import identities, os_profile_rules, purchase_plans, vm_network, vm_security, vm_storage
from .guest_identity import decoded, public_keys
from .images_of_vms import ImageSource, resolve
from .power import begin
from .vm_actions import ACTIONS
from .vm_view import SINCE, instance_view, sizes_view, view

VIRTUAL_MACHINE = "Microsoft.Compute/virtualMachines"

_LINUX = {
    "disablePasswordAuthentication": False,
    "provisionVMAgent": True,
    "patchSettings": {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"},
}
_WINDOWS = {
    "provisionVMAgent": True,
    "enableAutomaticUpdates": True,
    "patchSettings": {"patchMode": "AutomaticByOS", "assessmentMode": "ImageDefault"},
}
_SECRETS = ("adminPassword", "customData")
_SHAPED = ("storageProfile", "osProfile", "networkProfile", "hardwareProfile", "securityProfile", "userData")
_ENVELOPE = ("location", "tags", "zones", "plan", "extendedLocation")


def build(call: Call) -> Transition:
    """PUT and PATCH of a virtual machine."""
    if call.existing is None:
        return _create(call)
    return _update(call)


def _create(call: Call) -> Transition:
    desired = call.desired
    wanted = desired.get("properties") or {}
    storage = wanted.get("storageProfile") or {}
    size = (wanted.get("hardwareProfile") or {}).get("vmSize", "Standard_DS1_v2")
    location = desired["location"]
    size_restrictions.check(call, size, location, desired.get("zones") or [])
    image = resolve(call, storage["imageReference"], location) if storage.get("imageReference") else None
    os_disk = _attached(call, storage)
    _check(call, desired, wanted, image)
    security = vm_security.completed(call, wanted, size, image, os_disk)
    vm = Resource(call.path.id, VIRTUAL_MACHINE, call.path.name, _envelope(call, desired))
    secrets = wanted.get("osProfile") or {}
    profile = vm_storage.storage_profile(call, storage, image, size)
    vm_storage.check_number(profile["dataDisks"], size)
    os_type = profile["osDisk"]["osType"]
    os_profile_rules.check(secrets, os_type, vm.name)
    vm.body["properties"] = {
        "hardwareProfile": {"vmSize": size, **(wanted.get("hardwareProfile") or {})},
        "vmId": call.cloud.new_id(),
        **{key: value for key, value in wanted.items() if key not in _SHAPED},
        "storageProfile": profile,
        **({"osProfile": os_profile(secrets, os_type)} if secrets else {}),
        **({"securityProfile": security} if security else {}),
        **_eviction(wanted),
        "timeCreated": call.cloud.timestamp(),
    }
    vm.private.update(
        power="starting",
        generalized=False,
        specialized=image is not None and not image.generalized,
        os_type=os_type,
        hyper_v_generation=image.hyper_v_generation if image else _of_disk(os_disk, "hyperVGeneration") or "V1",
        architecture=image.architecture if image else capabilities(size).architecture,
    )
    vm.properties["networkProfile"] = vm_network.claim(call, vm, wanted.get("networkProfile") or {})
    vm.private["storage"] = vm_storage.make_disks(call, vm, image)
    vm_storage.mark(call.cloud, vm, "Reserved")

    def finish(_result: Any) -> None:
        identities.settle(call.cloud, vm.body.get("identity"))
        vm_storage.mark(call.cloud, vm, "Attached")
        vm.private["storage"]["osDisk"].setdefault("diskSizeGB", 30)
        vm.properties["storageProfile"] = vm.private["storage"]
        vm.properties["networkProfile"] = vm_network.settle(call, vm)
        begin(call.cloud, vm)

    def fail(_reason: Any) -> None:
        finish(None)
        vm.private["power"] = "stopped"

    missing = purchase_plans.plan_missing(call, desired, image)
    boot = _failing(missing) if missing else _boot(call, vm, image, secrets)
    return Transition(vm, work=boot, finish=finish, fail=fail)


def _eviction(wanted: Body) -> Body:
    """A spot machine is deallocated where nothing else is said (recorded; Learn, "Use Azure Spot Virtual Machines")."""
    is_spot = wanted.get("priority") in ("Spot", "Low")
    return {"evictionPolicy": wanted.get("evictionPolicy") or "Deallocate"} if is_spot else {}


def _failing(reason: AzureError) -> Work:
    def work(_guests: GuestBackend) -> None:
        raise reason

    return work


def _envelope(call: Call, desired: Body) -> Body:
    body = {key: copy.deepcopy(desired[key]) for key in _ENVELOPE if desired.get(key) is not None}
    before = call.existing.body.get("identity") if call.existing else None
    identity = identities.requested(call.cloud, desired.get("identity"), before)
    return {**body, **({"identity": identity} if identity else {})}


def _attached(call: Call, storage: Body) -> Resource | None:
    """The OS disk of a machine that is made of disks which are there."""
    disk = storage.get("osDisk") or {}
    return (
        call.cloud.store.get((disk.get("managedDisk") or {}).get("id"))
        if disk.get("createOption") == "Attach"
        else None
    )


def _of_disk(disk: Resource | None, key: str) -> Any:
    return disk.properties.get(key) if disk else None


def _check(call: Call, desired: Body, wanted: Body, image: ImageSource | None) -> None:
    call.require_zones(desired)
    profile = wanted.get("osProfile")
    if image is not None and image.generalized:
        call.require(profile, "invalid_parameter", reason="Required parameter 'osProfile' is missing (null).")
    if profile and image is not None and not image.generalized:
        raise error("invalid_parameter", reason="Parameter 'osProfile' is not allowed.")
    purchase_plans.check(call, desired.get("plan"))
    vm_network.check(wanted.get("networkProfile") or {}, call.path.name)


def os_profile(wanted: Body, os_type: str) -> Body:
    """The OS profile as it reads: without secrets, with the defaults of the operating system."""
    shown = {key: copy.deepcopy(value) for key, value in wanted.items() if key not in _SECRETS}
    kind, defaults = ("windowsConfiguration", _WINDOWS) if os_type == "Windows" else ("linuxConfiguration", _LINUX)
    configuration = dict(shown.get(kind) or {})
    configuration.pop("additionalUnattendContent", None)
    shown[kind] = defaulted(configuration, {**defaults, "enableVMAgentPlatformUpdates": False})
    return {
        **shown,
        **defaulted(shown, {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}),
    }


def _boot(call: Call, vm: Resource, image: ImageSource | None, secrets: Body) -> Work:
    disk_id = (vm_storage.os_disk_id(vm) or f"{vm.id}/osDisk").lower()
    source = image.guest_disk if image else None
    provisioning = None
    if image is None or image.generalized:
        provisioning = Provisioning(
            admin_username=secrets.get("adminUsername", ""),
            ssh_public_keys=public_keys(secrets),
            hostname=secrets.get("computerName") or vm.name,
            custom_data=decoded(secrets.get("customData")),
            instance_id=vm.properties["vmId"],
        )
    attached = vm.properties["storageProfile"]["osDisk"]["createOption"] == "Attach"
    machine = Machine(
        vm.id.lower(),
        disk_id,
        secrets.get("computerName") or vm.name,
        None if attached else provisioning,
        vm.properties["vmId"],
    )

    def work(guests: GuestBackend) -> None:
        if not attached:
            guests.create_disk(disk_id, source)
        guests.boot(machine)

    return work


def _update(call: Call) -> Transition:
    vm, desired = call.existing, call.desired
    wanted = desired.get("properties") or {}
    vm.body = {"properties": vm.body["properties"], **_envelope(call, {**desired, "zones": vm.body.get("zones")})}
    before = vm.properties
    for key, value in wanted.items():
        if key not in _SHAPED and key not in ("vmId", "timeCreated", "provisioningState", "instanceView"):
            before[key] = copy.deepcopy(value)
    if wanted.get("securityProfile"):
        before["securityProfile"] = vm_security.changed(call, vm, wanted["securityProfile"])
    before["hardwareProfile"] = merge(before["hardwareProfile"], wanted.get("hardwareProfile") or {})
    if wanted.get("osProfile") and "osProfile" in before:
        profile = merge(before["osProfile"], os_profile(wanted["osProfile"], vm.private["os_type"]))
        before["osProfile"] = profile
    storage = wanted.get("storageProfile")
    if storage:
        _swap(call, vm, storage)
    if wanted.get("networkProfile"):
        before["networkProfile"] = vm_network.claim(call, vm, wanted["networkProfile"])

    def finish(_result: Any) -> None:
        identities.settle(call.cloud, vm.body.get("identity"))
        vm_storage.drop_detached(call, vm)
        vm.properties["storageProfile"] = vm.private["storage"]
        vm.properties["networkProfile"] = vm_network.settle(call, vm)

    return Transition(vm, finish=finish)


def _swap(call: Call, vm: Resource, storage: Body) -> None:
    """Attach and detach data disks, or swap the OS disk of a machine that is deallocated."""
    current = vm.private["storage"]
    wanted_os = storage.get("osDisk") or {}
    merged_os = merge(current["osDisk"], {key: value for key, value in wanted_os.items() if key != "createOption"})
    if "managedDisk" in merged_os and "managedDisk" not in wanted_os:
        merged_os["managedDisk"] = current["osDisk"]["managedDisk"]
    released = [disk for _entry, disk in vm_storage.disks_of(call.cloud, vm)]
    by_lun = {disk["lun"]: disk for disk in current["dataDisks"]}
    size = vm.properties["hardwareProfile"]["vmSize"]
    shown = vm_storage.storage_profile(call, {**storage, "osDisk": merged_os}, None, size)
    if "dataDisks" not in storage:
        shown["dataDisks"] = current["dataDisks"]
    shown["dataDisks"] = [
        merge(by_lun[disk["lun"]], {key: value for key, value in disk.items() if key != "managedDisk"})
        if disk["lun"] in by_lun and not (disk.get("managedDisk") or {}).get("id")
        else disk
        for disk in shown["dataDisks"]
    ]
    shown["dataDisks"] = _with_leaving(current["dataDisks"], shown["dataDisks"])
    vm_storage.check_number([disk for disk in shown["dataDisks"] if not disk.get("toBeDetached")], size)
    if "imageReference" in current:
        shown["imageReference"] = current["imageReference"]
    # Disks that stay keep the time at which the machine came to own them.
    kept = {str((disk.get("managedDisk") or {}).get("id")).lower() for disk in (shown["osDisk"], *shown["dataDisks"])}
    vm_storage.swap_release(call.cloud, [disk for disk in released if disk.id.lower() not in kept])
    vm.properties["storageProfile"] = {**current, **shown}
    vm.private["storage"] = vm_storage.make_disks(call, vm, None)
    if vm.private["power"] == "deallocated":
        vm_storage.mark(call.cloud, vm, "Reserved")


def _with_leaving(current: list[Body], wanted: list[Body]) -> list[Body]:
    """A data disk that is left out shows as leaving until the operation ends, in its place (recorded)."""
    kept = {disk["lun"]: disk for disk in wanted}
    shown = [kept.pop(disk["lun"], {**disk, "toBeDetached": True}) for disk in current]
    return [*shown, *kept.values()]


def remove(call: Call) -> Transition:
    """DELETE of a virtual machine, with what its deleteOption names."""
    vm = call.existing
    vm_id = vm.id.lower()
    doomed: list[str] = []

    def finish(_result: Any) -> None:
        vm_storage.release(call.cloud, vm)
        vm_network.release(call.cloud, vm)
        for child in call.cloud.store.under(vm.id):
            call.cloud.store.remove(child.id)
        call.cloud.store.remove(vm.id)

    for entry, disk in vm_storage.disks_of(call.cloud, vm):
        if entry.get("deleteOption") == "Delete":
            doomed.append(disk.id.lower())

    def work(guests: GuestBackend) -> None:
        guests.delete_machine(vm_id)
        for disk_id in doomed:
            guests.delete_disk(disk_id)

    return Transition(vm, work=work, finish=finish)


def acknowledge(call: Call, vm: Resource) -> Body:
    """The answer to a PUT or PATCH."""
    return view(call, vm)


TYPE = ResourceType(
    name=VIRTUAL_MACHINE,
    build=build,
    remove=remove,
    view=view,
    acknowledgement=acknowledge,
    api_versions=api_versions.COMPUTE,
    created=Style(201, body=True, retry_after=10),
    updated=Style(200, body=True, retry_after=10),
    deleted=Style(202, location=True, retry_after=10),
    actions=ACTIONS,
    reads={"instanceView": instance_view, "vmSizes": sizes_view},
    since=SINCE,
    policies={"get": "LowCostGet", "list": "HighCostGet", "write": "PutVM", "delete": "DeleteVM", "act": "UpdateVM"},
    shouting_lists=True,
)

__all__ = ["TYPE", "VIRTUAL_MACHINE", "Action"]
