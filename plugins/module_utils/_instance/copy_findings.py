# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What keeps a machine from being copied, and what people should know of its copy; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location, same_id
from ansible_collections.golden.azure.plugins.module_utils._instance.copy import resumed_snapshots
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.sizes import size_blockers
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disks import UNSUPPORTED_DISKS
from ansible_collections.golden.azure.plugins.module_utils._model.retirements import retirement_warnings

Json = dict[str, Any]

#: Extensions by which a machine is a member of a domain or directory, in lower case.
_DOMAIN_EXTENSIONS = ("jsonaddomainextension", "aadloginforwindows", "aadsshloginforlinux")


def copy_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """Whatever keeps a machine from being copied."""
    copied, label = state.copied, request.source.label
    if copied is None:
        yield Finding("source_not_found", f"There is no {label}; check 'source_vm' and 'resource_group'.")
        return
    if normalized_location(str(state.location)) != normalized_location(str(copied.get("location"))):
        yield Finding(
            "location_differs",
            f"The {label} is in {copied.get('location')}, and its copy is made there, not in {state.location}; leave 'location' "
            "out.",
        )
    if machine.is_generalized(copied):
        yield Finding(
            "source_generalized",
            f"The {label} is marked as generalized, and a copy of its disks would boot without an identity; capture it instead.",
        )
    yield from _disk_blockers(request, state, copied)
    if any(same_id(subnet, str(request.subnet)) for subnet in state.copied_subnets):
        yield Finding(
            "subnet_not_isolated",
            f"The {request.subnet.label} is where the {label} is itself, and its copy would go by the same name there; "
            "name a subnet of its own as 'isolated_subnet'.",
        )
    yield from _security_blockers(request, copied)
    yield from size_blockers(request, state)


def _disk_blockers(request: InstanceRequest, state: InstanceState, copied: Json) -> Iterator[Finding]:
    label = request.source.label
    if machine.is_ephemeral(copied):
        yield Finding(
            "ephemeral_os_disk",
            f"The {label} has an ephemeral operating system disk, of which there are no snapshots; it cannot be copied.",
        )
    elif len(machine.managed_disk_ids(copied)) != 1 + len(machine.data_disks(copied)):
        yield Finding("unmanaged_disks", f"The {label} has unmanaged disks; convert them to managed disks first.")
    for disk in state.copied_disks:
        kind = str((disk.get("sku") or {}).get("name") or "")
        if kind.lower() in UNSUPPORTED_DISKS:
            yield Finding(
                "disk_type_not_supported",
                f"The disk '{disk.get('name')}' of {label} is {kind}, which cannot be copied at once; leave it out of "
                "the machine, or build the image from another source.",
            )


def _security_blockers(request: InstanceRequest, copied: Json) -> Iterator[Finding]:
    label = request.source.label
    if request.security_type and request.security_type != machine.security_type(copied):
        yield Finding(
            "security_type_not_supported",
            f"The {label} is a {machine.security_type(copied)} machine, and Azure attaches the copies of its disks to no "
            f"{request.security_type} machine; leave 'security_type' out.",
        )
    if request.for_managed_image and machine.security_type(copied) != "Standard":
        yield Finding(
            "security_type_not_supported",
            f"The {label} is a {machine.security_type(copied)} machine, and so is its copy, of which Azure makes no managed "
            "image; leave 'for_managed_image' out and capture into a gallery.",
        )


def copy_warnings(request: InstanceRequest, state: InstanceState, copied: Json) -> Iterator[Finding]:
    """What people should know of the copy of a machine."""
    label = request.source.label
    taken_at = resumed_snapshots(request, state)
    if taken_at:
        yield Finding(
            "snapshots_of_before",
            f"The copy goes on from the snapshots that a run before has taken of {label} ({taken_at}), and does not show what was "
            "changed since; remove it with 'state: absent' first to have new ones.",
        )
    yield Finding(
        "copy_of_a_machine",
        f"The copy carries the hostname, accounts, jobs and agents of {label}; whether {request.subnet.label} keeps it from "
        "whoever knows its source, Azure does not tell.",
    )
    near = _near(state)
    if near:
        yield Finding(
            "network_of_the_source",
            f"The {request.subnet.label} is in {near} {label}, where machines reach each other unless security groups "
            "forbid it; see to those, or name a subnet in a network of its own.",
        )
    names = _installed(copied) & set(_DOMAIN_EXTENSIONS)
    if names:
        yield Finding(
            "domain_joined",
            f"The {label} has joined a domain or directory (extension {', '.join(sorted(names))}); a copy that reaches it may "
            "change the account's password and lock its source out.",
        )
    if ((machine.properties(copied).get("securityProfile") or {}).get("uefiSettings") or {}).get("vTpmEnabled"):
        yield Finding(
            "virtual_tpm",
            f"The {label} has a virtual TPM; what is sealed in it (BitLocker and LUKS keys, certificates, sign-in keys) may not "
            "open on the copy: have the recovery keys at hand.",
        )
    if machine.uses_disk_encryption(copied, state.copied_disks):
        yield Finding(
            "disk_encryption",
            f"The {label} is encrypted by Azure Disk Encryption, and so are the disks of its copy: they open with the keys of the same "
            "key vault only, and no image is made of them before they are decrypted (vm_image_prepare).",
        )
    yield from retirement_warnings(label, copied, state.copied_disks)
    if machine.data_disks(copied):
        yield Finding(
            "snapshots_not_consistent",
            f"The {label} has {len(machine.data_disks(copied))} data disks, and the snapshots of its disks are taken one after "
            "the other; stop what writes to several of them at once, or check the data on the copy.",
        )


def _near(state: InstanceState) -> str | None:
    """How the copy's network is connected to its source's; None where Azure shows no connection."""
    sources = {subnet.lower().partition("/subnets/")[0] for subnet in state.copied_subnets}
    if str((state.network or {}).get("id")).lower() in sources:
        return "the virtual network of"
    peerings = machine.properties(state.network).get("virtualNetworkPeerings") or []
    remote = {
        str((machine.properties(peering).get("remoteVirtualNetwork") or {}).get("id")).lower() for peering in peerings
    }
    return "a virtual network that is peered with that of" if remote & sources else None


def _installed(copied: Json) -> set[str]:
    extensions = copied.get("resources") or []
    described = {str(machine.properties(extension).get("type") or "").lower() for extension in extensions}
    # Where only ids are shown, an extension goes by its name, which mostly is its type's.
    return described | {str(extension.get("id") or "").rsplit("/", 1)[-1].lower() for extension in extensions}
