# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of an instance, and the current state: the input of the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK_ENCRYPTION_SET,
    GALLERY_VERSION,
    IMAGE,
    SECURITY_GROUP,
    SUBNET,
    VIRTUAL_MACHINE,
    ResourceId,
    group_of,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import image_mark
from ansible_collections.golden.azure.plugins.module_utils._instance.login import MAX_CUSTOM_DATA
from ansible_collections.golden.azure.plugins.module_utils._instance.options import SOURCES
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import AUTO
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import (
    INSTANCE,
    INSTANCE_SOURCE,
    instance_mark,
)
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import name_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.size_offers import SizeOffer
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags

Json = dict[str, Any]

DEFAULT_USER = "azureuser"
#: Options that apply to the first boot of a guest, which a copy does not have.
_FIRST_BOOT = ("admin_username", "ssh_public_key", "admin_password", "custom_data")


@dataclass(frozen=True)
class InstanceSource:
    """The source of an instance."""

    #: The option that specifies it: image, gallery_version_id, marketplace or source_vm.
    kind: str
    #: None for the marketplace.
    resource: ResourceId | None = None
    #: Publisher, offer, sku and version, for the marketplace.
    urn: tuple[str, str, str, str] | None = None

    @property
    def label(self) -> str:
        """Its name in messages."""
        return self.resource.label if self.resource else f"marketplace image '{':'.join(self.urn or ())}'"

    @property
    def mark(self) -> str:
        """The value of the tag INSTANCE_SOURCE of the instance."""
        return image_mark(str(self.resource) if self.resource else ":".join(self.urn or ()))


@dataclass(frozen=True)
class InstanceRequest:
    """The request of the task."""

    machine: ResourceId
    source: InstanceSource
    subnet: ResourceId
    location: str | None = None
    create_group: bool = False
    public_ip: bool = False
    security_group: ResourceId | None = None
    #: The allowed sizes; the first one that fits is used.
    sizes: tuple[str, ...] = ()
    spot: bool = False
    security_type: str | None = None
    for_managed_image: bool = False
    #: None if not set: as for the copied virtual machine, otherwise disabled.
    encryption_at_host: bool | None = None
    #: SCSI or NVMe; None for what the source and the size support.
    disk_controller: str | None = None
    #: None for Azure's default, disabled.
    accelerated_networking: bool | None = None
    #: The disk encryption set of the disks.
    encryption_set: ResourceId | None = None
    #: Whether the disks of a copy must be of the same time: auto, crash_consistent or per_disk.
    disk_consistency: str = AUTO
    admin_username: str = DEFAULT_USER
    ssh_public_key: str | None = None
    admin_password: str | None = None
    custom_data: str | None = None
    purchase_plan: Json | None = None
    tags: dict[str, str] = field(default_factory=dict)
    #: Whether to wait until the virtual machine is created.
    wait: bool = True
    #: Whether to wait until the VM agent is ready.
    wait_for_agent: bool = True
    agent_timeout: float = 600

    @property
    def is_copy(self) -> bool:
        """Whether a virtual machine is copied, including its identity."""
        return self.source.kind == "source_vm"

    @property
    def group(self) -> ResourceId:
        """The resource group of the instance."""
        return group_of(self.machine)

    @property
    def mark(self) -> str:
        """The value of the tag INSTANCE of all resources of this instance."""
        return instance_mark(self.machine)

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags of the task, and those that identify the resources of the instance."""
        return {**self.tags, INSTANCE: self.mark, INSTANCE_SOURCE: self.source.mark}

    def part_id(self, resource_type: str, suffix: str) -> ResourceId:
        """The id of a resource that is created for the instance; the same in every run, so that the next run finds it."""
        return ResourceId(
            self.machine.subscription_id,
            self.machine.resource_group,
            resource_type,
            (f"{self.machine.name}-{suffix}",),
        )


@dataclass(frozen=True)
class InstanceState:
    """The current state; None for resources that do not exist."""

    group: Json | None
    vm: Json | None
    #: The region of the instance: that of the task, otherwise that of its source or its network.
    location: str | None
    image: SourceImage | None = None
    network: Json | None = None
    #: Whether network and security group could be read.
    network_known: bool = True
    security_group: Json | None = None
    #: The network interfaces of an existing virtual machine, the primary one first.
    interfaces: list[Json] = field(default_factory=list)
    #: The regions of the subscription; None if the task sets no region for a new virtual machine, or they could not be read.
    regions: Regions | None = None
    #: Whether the terms of the purchase plan were accepted; None if there is no plan, nothing is created, or it is unknown.
    terms_accepted: bool | None = None
    #: Whether the subscription has registered encryption at host, and the sizes that support it, in lower case; None if the task
    #: does not request it, or it could not be read.
    host_encryption_registered: bool | None = None
    sizes_with_host_encryption: frozenset[str] | None = None
    #: The sizes in the region, by their names in lower case, and the quota usages there, by usage_key; None and empty if nothing is
    #: created, or they could not be read.
    offers: dict[str, SizeOffer] | None = None
    usages: dict[str, list[Json]] = field(default_factory=dict)
    #: The disk encryption set of the task, by its id in lower case; None if it does not exist.
    encryption_sets: dict[str, Json | None] = field(default_factory=dict)
    #: A warning for each failed read.
    unread: tuple[Finding, ...] = ()
    #: Locks on the group, or on resources in it; read if the virtual machine is to be created.
    locks: list[Json] = field(default_factory=list)
    #: Existing resources with the names of the instance's disks and snapshots, by their ids in lower case.
    parts: dict[str, Json] = field(default_factory=dict)
    #: The restore point collection of the copy with its restore point; None if it does not exist.
    restore_points: Json | None = None
    #: The reason why restore points cannot be used; None if there is none.
    restore_points_unavailable: str | None = None
    #: Whether the restore point is so recent that a copy can begin with it.
    restore_point_is_recent: bool = False
    #: The virtual machine to copy, its managed disks, and its subnets.
    copied: Json | None = None
    copied_disks: list[Json] = field(default_factory=list)
    copied_subnets: list[str] = field(default_factory=list)

    @property
    def subnets(self) -> list[str]:
        """The ids of the subnets in the network."""
        return [str(subnet.get("id")) for subnet in machine.properties(self.network).get("subnets") or []]

    def part(self, resource: ResourceId) -> Json | None:
        """An existing disk or snapshot of the instance."""
        return self.parts.get(str(resource).lower())


def parse_machine(options: Json, subscription_id: str) -> ResourceId:
    """The virtual machine specified by the options.

    :raises InvalidInput: if it is missing, or its name is invalid.
    """
    found = locate("name", options["name"], VIRTUAL_MACHINE, options["resource_group"], subscription_id)
    for option, resource in (("name", found), ("resource_group", group_of(found))):
        for finding in name_blockers([resource]):
            raise InvalidInput(f"Option '{option}': {finding.message}", code=finding.code)
    return found


def parse_request(options: Json, subscription_id: str) -> InstanceRequest:
    """Read the options of vm_image_instance, for ``state: present``.

    :raises InvalidInput: for invalid options.
    """
    machine = parse_machine(options, subscription_id)
    source = _source(options, machine, subscription_id)
    _check_security_type(options)
    if "PRIVATE KEY" in (options["ssh_public_key"] or ""):
        raise InvalidInput(
            "Option 'ssh_public_key' contains a private key: set the public key, and keep the private key secret."
        )
    size = len((options["custom_data"] or "").encode())
    if size > MAX_CUSTOM_DATA:
        raise InvalidInput(f"Option 'custom_data' has {size} bytes: Azure supports at most {MAX_CUSTOM_DATA}.")
    if source.kind == "source_vm":
        _check_copy(options)
    elif options["disk_consistency"] != AUTO:
        raise InvalidInput(
            "Option 'disk_consistency' applies only to copies of virtual machines ('source_vm'); omit it."
        )
    elif options["subnet"] is None:
        raise InvalidInput("Option 'subnet' is missing: set the full resource id of the subnet of the instance.")
    option = "isolated_subnet" if source.kind == "source_vm" else "subnet"
    if "/" not in str(options[option]):
        raise InvalidInput(f"Option '{option}' is '{options[option]}': set the full resource id of the subnet.")
    group = options["security_group"]
    return InstanceRequest(
        machine=machine,
        source=source,
        subnet=locate(option, options[option], SUBNET, None, subscription_id),
        location=options["location"],
        create_group=options["create_resource_group"],
        public_ip=options["public_ip"],
        security_group=locate("security_group", group, SECURITY_GROUP, machine.resource_group, subscription_id)
        if group is not None
        else None,
        sizes=tuple(options["vm_size"] or ()),
        spot=options["priority"] == "spot",
        security_type=options["security_type"],
        for_managed_image=options["for_managed_image"],
        encryption_at_host=options["encryption_at_host"],
        disk_controller=options["disk_controller"],
        accelerated_networking=options["accelerated_networking"],
        encryption_set=locate(
            "disk_encryption_set",
            options["disk_encryption_set"],
            DISK_ENCRYPTION_SET,
            machine.resource_group,
            subscription_id,
        )
        if options["disk_encryption_set"] is not None
        else None,
        admin_username=options["admin_username"] or DEFAULT_USER,
        ssh_public_key=options["ssh_public_key"],
        admin_password=options["admin_password"],
        custom_data=options["custom_data"],
        disk_consistency=options["disk_consistency"],
        purchase_plan=options["purchase_plan"],
        tags=read_tags(options["tags"]),
        wait=options["wait"],
        wait_for_agent=options["wait"] and options["wait_for_agent"],
        agent_timeout=options["agent_timeout"],
    )


def _source(options: Json, machine: ResourceId, subscription_id: str) -> InstanceSource:
    kind = next(name for name in SOURCES if options[name] is not None)
    if kind == "marketplace":
        image = options[kind]
        return InstanceSource(kind, urn=(image["publisher"], image["offer"], image["sku"], image["version"]))
    if kind == "gallery_version_id" and "/" not in options[kind]:
        raise InvalidInput(f"Option 'gallery_version_id' is '{options[kind]}': set the version's full resource id.")
    resource_type = {"image": IMAGE, "gallery_version_id": GALLERY_VERSION, "source_vm": VIRTUAL_MACHINE}[kind]
    return InstanceSource(kind, locate(kind, options[kind], resource_type, machine.resource_group, subscription_id))


def _check_security_type(options: Json) -> None:
    if options["for_managed_image"] and options["security_type"] not in (None, "Standard"):
        raise InvalidInput(
            f"Option 'security_type' is {options['security_type']}, which managed images do not support; omit it, or omit "
            "'for_managed_image' and capture into a gallery."
        )


def _check_copy(options: Json) -> None:
    """Refuse options that would expose a copy, which has the hostname and the jobs of its source, or have no effect on it."""
    if options["isolated_subnet"] is None:
        raise InvalidInput(
            "A copy has the hostname, accounts, scheduled jobs and agents of its source: set 'isolated_subnet' (not 'subnet') to a "
            "subnet from which it cannot connect to anything that communicates with its source."
        )
    if options["public_ip"]:
        raise InvalidInput("Option 'public_ip' is not supported for copies; omit it.")
    for name in (*_FIRST_BOOT, "purchase_plan", "disk_controller"):
        if options[name] is not None:
            raise InvalidInput(
                f"Option '{name}' is not supported for copies, which have the settings of their source; omit it."
            )
