# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an instance is asked to be, and what was found there: the data that its plan is made from."""

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
from ansible_collections.golden.azure.plugins.module_utils._instance.login import LARGEST_CUSTOM_DATA
from ansible_collections.golden.azure.plugins.module_utils._instance.options import SOURCES
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._instance.tags import (
    INSTANCE,
    INSTANCE_SOURCE,
    instance_mark,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import name_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags

Json = dict[str, Any]

DEFAULT_USER = "azureuser"
#: Options that say something to a system on its first boot; a copy has had that long ago.
_FIRST_BOOT = ("admin_username", "ssh_public_key", "admin_password", "custom_data")


@dataclass(frozen=True)
class InstanceSource:
    """What the instance is made from."""

    #: image, gallery_version_id, marketplace or source_vm: the option that names it.
    kind: str
    #: None for the marketplace.
    resource: ResourceId | None = None
    #: Publisher, offer, sku and version, for the marketplace.
    urn: tuple[str, str, str, str] | None = None

    @property
    def label(self) -> str:
        """What people call it."""
        return self.resource.label if self.resource else f"marketplace image '{':'.join(self.urn or ())}'"

    @property
    def mark(self) -> str:
        """What the instance carries in its tag INSTANCE_SOURCE."""
        return image_mark(str(self.resource) if self.resource else ":".join(self.urn or ()))


@dataclass(frozen=True)
class InstanceRequest:
    """What the task wants."""

    machine: ResourceId
    source: InstanceSource
    subnet: ResourceId
    location: str | None = None
    create_group: bool = False
    public_ip: bool = False
    security_group: ResourceId | None = None
    #: The sizes that it may have; the first that fits is taken.
    sizes: tuple[str, ...] = ()
    spot: bool = False
    security_type: str | None = None
    for_managed_image: bool = False
    #: None where the task does not say: as the machine that is copied, else not.
    encryption_at_host: bool | None = None
    #: Encrypts the disks of the instance.
    encryption_set: ResourceId | None = None
    admin_username: str = DEFAULT_USER
    ssh_public_key: str | None = None
    admin_password: str | None = None
    custom_data: str | None = None
    purchase_plan: Json | None = None
    tags: dict[str, str] = field(default_factory=dict)
    #: Whether to wait until the machine is made.
    wait: bool = True
    #: Whether to wait until its agent is ready.
    wait_for_agent: bool = True
    agent_timeout: float = 600

    @property
    def is_copy(self) -> bool:
        """Whether a machine is copied, with all that makes it this one."""
        return self.source.kind == "source_vm"

    @property
    def group(self) -> ResourceId:
        """The resource group that the instance lies in."""
        return group_of(self.machine)

    @property
    def mark(self) -> str:
        """What everything of this instance carries in its tag INSTANCE."""
        return instance_mark(self.machine)

    @property
    def all_tags(self) -> dict[str, str]:
        """The task's tags, and those that tell what belongs to the instance."""
        return {**self.tags, INSTANCE: self.mark, INSTANCE_SOURCE: self.source.mark}

    def named(self, resource_type: str, suffix: str) -> ResourceId:
        """The id of something that is made for the instance; always the same, so that the next run finds it."""
        return ResourceId(
            self.machine.subscription_id,
            self.machine.resource_group,
            resource_type,
            (f"{self.machine.name}-{suffix}",),
        )


@dataclass(frozen=True)
class InstanceState:
    """What is there; None for what is not."""

    group: Json | None
    vm: Json | None
    #: Where the instance is made: what the task says, else where its source or its network is.
    location: str | None
    image: SourceImage | None = None
    network: Json | None = None
    #: Whether network and security group could be read.
    network_known: bool = True
    security_group: Json | None = None
    #: The network interfaces of the machine that is there, the primary one first.
    interfaces: list[Json] = field(default_factory=list)
    #: The regions of the subscription; None where the task names none for a new machine, or they could not be read.
    regions: Regions | None = None
    #: Whether the terms of the purchase plan were accepted; None where there is none, nothing is made, or nobody tells.
    terms_accepted: bool | None = None
    #: Whether the subscription has registered encryption at host, and the sizes that have it, in lower case; None where the task
    #: does not ask for it, or that could not be read.
    host_encryption_registered: bool | None = None
    sizes_with_host_encryption: frozenset[str] | None = None
    #: The disk encryption set that the task names, by its id in lower case, with None where it is not there.
    encryption_sets: dict[str, Json | None] = field(default_factory=dict)
    #: A warning for each thing that could not be read.
    unread: tuple[Finding, ...] = ()
    #: Locks that are on the group, or on something in it; read where the machine is to be made.
    locks: list[Json] = field(default_factory=list)
    #: What is there under the names of the instance's disks and snapshots, by id in lower case.
    parts: dict[str, Json] = field(default_factory=dict)
    #: The machine to be copied, its managed disks, and the subnets it is in.
    copied: Json | None = None
    copied_disks: list[Json] = field(default_factory=list)
    copied_subnets: list[str] = field(default_factory=list)

    @property
    def subnets(self) -> list[str]:
        """Ids of the subnets in the network."""
        return [str(subnet.get("id")) for subnet in machine.properties(self.network).get("subnets") or []]

    def part(self, resource: ResourceId) -> Json | None:
        """A disk or snapshot of the instance's names."""
        return self.parts.get(str(resource).lower())


def parse_machine(options: Json, subscription_id: str) -> ResourceId:
    """The virtual machine that the options name.

    :raises InvalidInput: when they name none, or none that there could be.
    """
    found = locate("name", options["name"], VIRTUAL_MACHINE, options["resource_group"], subscription_id)
    for option, resource in (("name", found), ("resource_group", group_of(found))):
        for finding in name_blockers([resource]):
            raise InvalidInput(f"Option '{option}': {finding.message}", code=finding.code)
    return found


def parse_request(options: Json, subscription_id: str) -> InstanceRequest:
    """Read the options of vm_image_instance, for ``state: present``.

    :raises InvalidInput: for options that cannot be meant.
    """
    machine = parse_machine(options, subscription_id)
    source = _source(options, machine, subscription_id)
    _check_security_type(options)
    if "PRIVATE KEY" in (options["ssh_public_key"] or ""):
        raise InvalidInput(
            "Option 'ssh_public_key' holds a private key: give the public one, and keep the private one."
        )
    size = len((options["custom_data"] or "").encode())
    if size > LARGEST_CUSTOM_DATA:
        raise InvalidInput(f"Option 'custom_data' has {size} bytes: Azure takes {LARGEST_CUSTOM_DATA} at most.")
    if source.kind == "source_vm":
        _check_copy(options)
    elif options["subnet"] is None:
        raise InvalidInput("Option 'subnet' is missing: give the full resource id of the subnet for the instance.")
    which = "isolated_subnet" if source.kind == "source_vm" else "subnet"
    if "/" not in str(options[which]):
        raise InvalidInput(f"Option '{which}' is '{options[which]}': give the full resource id of the subnet.")
    group = options["security_group"]
    return InstanceRequest(
        machine=machine,
        source=source,
        subnet=locate(which, options[which], SUBNET, None, subscription_id),
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
        purchase_plan=options["purchase_plan"],
        tags=read_tags(options["tags"]),
        wait=options["wait"],
        wait_for_agent=options["wait"] and options["wait_for_agent"],
        agent_timeout=options["agent_timeout"],
    )


def _source(options: Json, machine: ResourceId, subscription_id: str) -> InstanceSource:
    kind = next(name for name in SOURCES if options[name] is not None)
    if kind == "marketplace":
        words = options[kind]
        return InstanceSource(kind, urn=(words["publisher"], words["offer"], words["sku"], words["version"]))
    if kind == "gallery_version_id" and "/" not in options[kind]:
        raise InvalidInput(f"Option 'gallery_version_id' is '{options[kind]}': give the version's full resource id.")
    resource_type = {"image": IMAGE, "gallery_version_id": GALLERY_VERSION, "source_vm": VIRTUAL_MACHINE}[kind]
    return InstanceSource(kind, locate(kind, options[kind], resource_type, machine.resource_group, subscription_id))


def _check_security_type(options: Json) -> None:
    if options["for_managed_image"] and options["security_type"] not in (None, "Standard"):
        raise InvalidInput(
            f"Option 'security_type' is {options['security_type']}, and of such a machine no managed image can be made; "
            "leave it out, or leave 'for_managed_image' out and capture into a gallery."
        )


def _check_copy(options: Json) -> None:
    """A copy goes by its source's name and does its source's work: it must not meet anybody."""
    if options["isolated_subnet"] is None:
        raise InvalidInput(
            "A copy carries its source's hostname, accounts, jobs and agents: name a subnet from which it reaches nothing "
            "that knows its source, as 'isolated_subnet' (not 'subnet')."
        )
    if options["public_ip"]:
        raise InvalidInput("A copy gets no public IP address: leave 'public_ip' out.")
    for name in (*_FIRST_BOOT, "purchase_plan"):
        if options[name] is not None:
            raise InvalidInput(f"Option '{name}' is not for copies: what it says is as it is in the machine copied.")
