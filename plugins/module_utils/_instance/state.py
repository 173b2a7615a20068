# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the current state for the plan of an instance; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    InvalidInput,
    Refused,
    SignInFailed,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_DEFINITION,
    VIRTUAL_NETWORK,
    ResourceId,
    normalized_location,
)
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.restore_point_reader import read_restore_points
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader, get_or_none
from ansible_collections.golden.azure.plugins.module_utils._images.marketplace import Marketplace
from ansible_collections.golden.azure.plugins.module_utils._images.region_reader import RegionReader
from ansible_collections.golden.azure.plugins.module_utils._instance import source as instance_source
from ansible_collections.golden.azure.plugins.module_utils._instance.body import disks_of_image, purchase_plan_of
from ansible_collections.golden.azure.plugins.module_utils._instance.copy import disk_id_of, snapshot_id_of
from ansible_collections.golden.azure.plugins.module_utils._instance.copy_restore_point import collection_id
from ansible_collections.golden.azure.plugins.module_utils._instance.encryption import ENCRYPTION_AT_HOST
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.families import latest_images
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import belongs_to
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import (
    is_created,
    subnet_ids,
)
from ansible_collections.golden.azure.plugins.module_utils._model.restore_points import is_fresh

Json = dict[str, Any]


def read_state(arm: ArmClient, request: InstanceRequest) -> InstanceState:
    """Read the current state.

    :raises Failure: if anything other than the network cannot be read.
    """
    group = arm.get(request.group)
    # Resources in a group that is being deleted are deleted with it.
    group_exists = group is not None and machine.provisioning_state(group) != "Deleting"
    vm = arm.get(request.machine, expand="instanceView") if group_exists else None
    copied = _read_source_vm(arm, request)
    network, security_group, known = _read_network(arm, request)
    location = request.location or _location(request, copied, network, group)
    image = None if request.is_copy else _read_image(arm, request, location)
    if location is None and image and image.regions:
        location = image.regions[0]
    reader = TargetReader(arm)
    checks_region = request.location and not is_created(vm)
    parts = _read_parts(arm, request, copied, image) if group_exists else {}
    restore_points, unavailable = None, None
    source = request.source.resource
    if copied and source and machine.data_disks(copied):
        collection = collection_id(request)
        # Whether Azure offers restore points is shown by groups that exist only.
        place = collection if group_exists else replace(collection, resource_group=source.resource_group)
        found, unavailable = read_restore_points(arm, place)
        restore_points = found if group_exists else None
        if restore_points is not None:
            parts[str(collection).lower()] = restore_points
    state = InstanceState(
        group=group,
        vm=vm,
        location=location,
        image=image,
        network=network,
        network_known=known,
        security_group=security_group,
        parts=parts,
        restore_points=restore_points,
        restore_points_unavailable=unavailable,
        restore_point_is_recent=is_fresh(restore_points, datetime.now(timezone.utc)),
        copied=copied,
        copied_disks=_read_all(arm, machine.managed_disk_ids(copied or {})),
        copied_subnets=subnet_ids(read_interfaces(arm, copied or {})),
        locks=read_locks(arm, [request.machine])[0] if group_exists and not is_created(vm) else [],
        interfaces=read_interfaces(arm, vm) if vm and belongs_to(vm, request.mark) else [],
        regions=reader.regions(request.machine.subscription_id) if checks_region else None,
    )
    plan = None if is_created(vm) else purchase_plan_of(request, state)
    accepted = reader.accepted_terms(request.machine.subscription_id, plan) if plan else None
    state = replace(state, terms_accepted=accepted)
    if not is_created(vm):
        state = _read_encryption(reader, request, state)
        state = _read_room(reader, request, state)
    return replace(state, unread=tuple(reader.unread))


def _read_room(reader: TargetReader, request: InstanceRequest, state: InstanceState) -> InstanceState:
    """Read whether there is room for the instance: the sizes that the region offers, and the quotas."""
    if state.location is None:
        return state
    subscription, location = request.machine.subscription_id, state.location
    offers, usages = reader.sizes(subscription, location), reader.usages([(subscription, location)])
    encrypting = None
    if request.encryption_at_host and offers is not None:
        encrypting = frozenset(name for name, offer in offers.items() if offer.encryption_at_host)
    return replace(state, offers=offers, usages=usages, sizes_with_host_encryption=encrypting)


def _read_encryption(reader: TargetReader, request: InstanceRequest, state: InstanceState) -> InstanceState:
    """Read the prerequisites of the encryption that the task requests."""
    subscription = request.machine.subscription_id
    if request.encryption_at_host:
        registered = reader.feature(subscription, ENCRYPTION_AT_HOST)
        state = replace(state, host_encryption_registered=registered)
    encryption_set = request.encryption_set
    if encryption_set and encryption_set.subscription_id.lower() == subscription.lower():
        state = replace(state, encryption_sets=reader.resources("encryption_set_unknown", [encryption_set]))
    return state


def _read_source_vm(arm: ArmClient, request: InstanceRequest) -> Json | None:
    source = request.source.resource if request.is_copy else None
    return get_or_none(arm, source, expand="instanceView") if source else None


def _location(request: InstanceRequest, copied: Json | None, network: Json | None, group: Json | None) -> str | None:
    """The region of an existing resource: a virtual machine is in the region of its network, and a new group is created there."""
    for resource in (copied, network, group):
        if resource and resource.get("location"):
            return str(resource["location"])
    return None


def _read_all(arm: ArmClient, resources: Iterable[ResourceId]) -> list[Json]:
    found = run_in_threads(lambda resource: get_or_none(arm, resource), resources, READERS)
    return [resource for resource in found if resource]


# -- the image ----------------------------------------------------------------------------------------------------


def _read_image(arm: ArmClient, request: InstanceRequest, location: str | None) -> SourceImage | None:
    source = request.source
    if source.resource is None:
        return _read_marketplace(arm, request, location)
    if source.kind == "image":
        image = get_or_none(arm, source.resource)
        return instance_source.of_managed_image(image) if image else None
    version_id = source.resource
    definition_id = ResourceId(
        version_id.subscription_id, version_id.resource_group, GALLERY_DEFINITION, version_id.names[:2]
    )
    definition = get_or_none(arm, definition_id)
    if definition is None:
        return None
    if version_id.name.lower() == "latest":
        versions = arm.list(f"{definition_id}/versions", "galleries", f"the versions of {definition_id.label}")
        version = instance_source.latest_version(list(versions), location)
    else:
        version = get_or_none(arm, version_id)
    return instance_source.of_gallery_version(version, definition) if version else None


def _read_marketplace(arm: ArmClient, request: InstanceRequest, location: str | None) -> SourceImage | None:
    publisher, offer, sku, number = request.source.urn or ("", "", "", "")
    if location is None:
        raise InvalidInput(
            "Option 'location' is missing: the region of the instance cannot be determined from other resources; set it."
        )
    market = Marketplace(RegionReader(arm, request.machine.subscription_id, normalized_location(location)))
    wanted = None if number.lower() == "latest" else number
    found = market.images(publisher, offer, sku, wanted, datetime.now(timezone.utc))
    if number.lower() == "latest":
        found = latest_images(found)
    first = next(iter(found), None)
    return instance_source.of_marketplace(first) if first else None


# -- the network --------------------------------------------------------------------------------------------------


def _read_network(arm: ArmClient, request: InstanceRequest) -> tuple[Json | None, Json | None, bool]:
    """The virtual network and the security group, and whether they could be read, which requires a separate permission."""
    subnet = request.subnet
    network_id = ResourceId(subnet.subscription_id, subnet.resource_group, VIRTUAL_NETWORK, subnet.names[:1])
    try:
        network = get_or_none(arm, network_id)
        security_group = get_or_none(arm, request.security_group) if request.security_group else None
    except SignInFailed:
        raise
    except Refused as refused:
        # For a public IP address the rules of the security group must be known.
        if refused.code != "AuthorizationFailed" or request.public_ip:
            raise
        return None, None, False
    return network, security_group, True


def read_interfaces(arm: ArmClient, vm: Json) -> list[Json]:
    """The network interfaces of a virtual machine.

    :raises Failure: if they cannot be read.
    """
    return _read_all(arm, machine.interface_ids(vm))


# -- disks and snapshots of the instance --------------------------------------------------------------------------


def _read_parts(
    arm: ArmClient, request: InstanceRequest, copied: Json | None, image: SourceImage | None
) -> dict[str, Json]:
    resources = disks_of_image(request, image)
    if copied:
        disks = machine.managed_disk_ids(copied)
        resources = [disk_id_of(request, copied, disk) for disk in disks]
        resources += [snapshot_id_of(request, copied, disk) for disk in disks]
    return {str(part.get("id")).lower(): part for part in _read_all(arm, resources)}
