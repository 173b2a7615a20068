# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Blockers and warnings about the copy of a virtual machine; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location, same_id
from ansible_collections.golden.azure.plugins.module_utils._instance.copy import resumed_from
from ansible_collections.golden.azure.plugins.module_utils._instance.copy_restore_point import consistency
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.sizes import size_blockers
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import (
    consistency_blockers,
    consistency_warnings,
)
from ansible_collections.golden.azure.plugins.module_utils._model.disks import UNSUPPORTED_DISKS
from ansible_collections.golden.azure.plugins.module_utils._model.retirements import retirement_warnings

Json = dict[str, Any]

#: Extensions that join a virtual machine to a domain or directory, in lower case.
_DOMAIN_EXTENSIONS = ("jsonaddomainextension", "aadloginforwindows", "aadsshloginforlinux")


def copy_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """Blockers of the copy of a virtual machine."""
    copied, label = state.copied, request.source.label
    if copied is None:
        yield Finding("source_not_found", f"The {label} does not exist; check 'source_vm' and 'resource_group'.")
        return
    if normalized_location(str(state.location)) != normalized_location(str(copied.get("location"))):
        yield Finding(
            "location_differs",
            f"The {label} is in {copied.get('location')}, and its copy must be created there, not in {state.location}; omit "
            "'location'.",
        )
    if machine.is_generalized(copied):
        yield Finding(
            "source_generalized",
            f"The {label} is marked as generalized, and a copy of its disks would boot without an identity; capture it instead.",
        )
    yield from _disk_blockers(request, state, copied)
    yield from consistency_blockers(label, request.disk_consistency, consistency(request, state))
    if any(same_id(subnet, str(request.subnet)) for subnet in state.copied_subnets):
        yield Finding(
            "subnet_not_isolated",
            f"The {request.subnet.label} is the subnet of the {label}, and its copy would use the same hostname there; "
            "set 'isolated_subnet' to another subnet.",
        )
    yield from _security_blockers(request, copied)
    yield from size_blockers(request, state)


def _disk_blockers(request: InstanceRequest, state: InstanceState, copied: Json) -> Iterator[Finding]:
    label = request.source.label
    if machine.is_ephemeral(copied):
        yield Finding(
            "ephemeral_os_disk",
            f"The {label} has an ephemeral OS disk, which cannot be snapshotted, so that it cannot be copied; use another source.",
        )
    elif len(machine.managed_disk_ids(copied)) != 1 + len(machine.data_disks(copied)):
        yield Finding("unmanaged_disks", f"The {label} has unmanaged disks; convert them to managed disks first.")
    for disk in state.copied_disks:
        kind = str((disk.get("sku") or {}).get("name") or "")
        if kind.lower() in UNSUPPORTED_DISKS:
            yield Finding(
                "disk_type_not_supported",
                f"The disk '{disk.get('name')}' of {label} is {kind}, whose snapshots are not immediately usable for a copy; detach "
                "it, or build the image from another source.",
            )


def _security_blockers(request: InstanceRequest, copied: Json) -> Iterator[Finding]:
    label = request.source.label
    if request.security_type and request.security_type != machine.security_type(copied):
        yield Finding(
            "security_type_not_supported",
            f"The {label} has the security type {machine.security_type(copied)}, and Azure does not attach copies of its disks to "
            f"virtual machines with the security type {request.security_type}; omit 'security_type'.",
        )
    if request.for_managed_image and machine.security_type(copied) != "Standard":
        yield Finding(
            "security_type_not_supported",
            f"The {label} and its copy have the security type {machine.security_type(copied)}, which managed images do not support; "
            "omit 'for_managed_image' and capture into a gallery.",
        )


def copy_warnings(request: InstanceRequest, state: InstanceState, copied: Json) -> Iterator[Finding]:
    """Warnings about the copy of a virtual machine."""
    label = request.source.label
    resumed = resumed_from(request, state)
    if resumed:
        what, created = resumed
        yield Finding(
            "snapshots_of_before",
            f"The copy resumes from the {what} of {label} that an earlier run created ({created}), and does not contain later changes; "
            "delete it with 'state: absent' first to copy the disks anew.",
        )
    yield Finding(
        "copy_of_a_machine",
        f"The copy has the hostname, accounts, scheduled jobs and agents of {label}; Azure cannot determine whether the "
        f"{request.subnet.label} isolates it from everything that communicates with its source: check that it does.",
    )
    relation = _network_relation(state)
    if relation:
        yield Finding(
            "network_of_the_source",
            f"The {request.subnet.label} is in {relation} {label}, where virtual machines can connect to each other unless network "
            "security groups deny it; check these, or use a subnet in a separate virtual network.",
        )
    names = _extension_types(copied) & set(_DOMAIN_EXTENSIONS)
    if names:
        yield Finding(
            "domain_joined",
            f"The {label} is joined to a domain or directory (extension {', '.join(sorted(names))}); a copy that can connect to it may "
            "change the password of the computer account and lock out its source: make sure that it cannot connect.",
        )
    if ((machine.properties(copied).get("securityProfile") or {}).get("uefiSettings") or {}).get("vTpmEnabled"):
        yield Finding(
            "virtual_tpm",
            f"The {label} has a virtual TPM; secrets that are sealed in it (BitLocker and LUKS keys, certificates, sign-in keys) may "
            "not be accessible on the copy: have the recovery keys available.",
        )
    if machine.uses_disk_encryption(copied, state.copied_disks):
        yield Finding(
            "disk_encryption",
            f"The {label} is encrypted by Azure Disk Encryption, and so are the disks of its copy: they can be unlocked only with the keys "
            "in the same key vault, and must be decrypted before an image is created from them (vm_image_prepare).",
        )
    yield from retirement_warnings(label, copied, state.copied_disks)
    yield from consistency_warnings(label, request.disk_consistency, copied, consistency(request, state))


def _network_relation(state: InstanceState) -> str | None:
    """The relation of the network of the copy to that of its source, for messages; None if Azure returns no connection."""
    sources = {subnet.lower().partition("/subnets/")[0] for subnet in state.copied_subnets}
    if str((state.network or {}).get("id")).lower() in sources:
        return "the virtual network of"
    peerings = machine.properties(state.network).get("virtualNetworkPeerings") or []
    remote = {
        str((machine.properties(peering).get("remoteVirtualNetwork") or {}).get("id")).lower() for peering in peerings
    }
    return "a virtual network that is peered with that of" if remote & sources else None


def _extension_types(copied: Json) -> set[str]:
    extensions = copied.get("resources") or []
    types = {str(machine.properties(extension).get("type") or "").lower() for extension in extensions}
    # If only ids are returned, the name is used, which is usually the type.
    return types | {str(extension.get("id") or "").rsplit("/", 1)[-1].lower() for extension in extensions}
