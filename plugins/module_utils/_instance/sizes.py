# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which size an instance has, and what follows from it: security type and disk controller; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.security import (
    CONFIDENTIAL,
    STANDARD,
    TRUSTED_LAUNCH,
    demanded_security_type,
    preferred_security_type,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.vm_sizes import traits_of

Json = dict[str, Any]

#: Where the task names no size, the first of these that fits: x64 with SCSI, x64 with NVMe, Arm64 on Cobalt 100 (which has
#: Trusted Launch, and NVMe alone), Arm64 with SCSI.
DEFAULT_SIZES = ("Standard_D2s_v5", "Standard_D2s_v6", "Standard_D2ps_v6", "Standard_D2ps_v5")


def size_of(request: InstanceRequest, state: InstanceState) -> str:
    """The machine's size: the first that fits of those that come into question, else the first of them."""
    sizes = _candidates(request, state)
    return next((size for size in sizes if not _lacking(size, request, state)), sizes[0])


def security_type_of(request: InstanceRequest, state: InstanceState) -> str:
    """The machine's security type: what is preferred, if the size has it."""
    preferred = preferred_security_type(request, state)
    if demanded_security_type(request, state) is None and preferred == TRUSTED_LAUNCH:
        return preferred if traits_of(size_of(request, state)).trusted_launch else STANDARD
    return preferred


def disk_controller_of(request: InstanceRequest, state: InstanceState) -> str | None:
    """How the machine's disks are attached, where that has to be said: Azure takes SCSI for sizes that have both.

    A copy keeps its source's: a guest that knows its disks by their places at NVMe does not find them at SCSI.
    """
    if request.is_copy:
        return machine.storage(state.copied or {}).get("diskControllerType")
    able = traits_of(size_of(request, state)).controllers
    wanted = _controllers(request, state)
    return "NVMe" if "nvme" in able and ("scsi" not in able or wanted == ("nvme",)) else None


def encrypts_at_host(request: InstanceRequest, state: InstanceState) -> bool:
    """Whether the machine is encrypted at its host: a copy as its source, unless the task says otherwise."""
    if request.encryption_at_host is not None:
        return request.encryption_at_host
    return machine.encryption_at_host(state.copied or {})


def size_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """Say of each size what it lacks, where none has all that the source and the task ask for."""
    if request.is_copy and not request.sizes and not request.encryption_at_host:
        return
    sizes = _candidates(request, state)
    lacking = {size: _lacking(size, request, state) for size in sizes}
    if not all(lacking.values()):
        return
    label = request.source.label
    if request.sizes or request.is_copy:
        told = "; ".join(f"{size} lacks {', '.join(found)}" for size, found in lacking.items())
        yield Finding(
            "size_does_not_fit",
            f"No size given for the {request.machine.label} has what the {label} needs: {told}; name another one as 'vm_size'.",
            {"lacking": lacking},
        )
    else:
        needed = sorted(set.intersection(*map(set, lacking.values())) or set().union(*lacking.values()))
        yield Finding(
            "size_missing",
            f"No default size has what the {label} needs ({', '.join(needed)}); say by 'vm_size' which one to use.",
            {"lacking": lacking},
        )


def _candidates(request: InstanceRequest, state: InstanceState) -> tuple[str, ...]:
    copied = (machine.properties(state.copied).get("hardwareProfile") or {}).get("vmSize")
    return request.sizes or ((str(copied),) if copied else DEFAULT_SIZES)


def _lacking(size: str, request: InstanceRequest, state: InstanceState) -> list[str]:
    """What a size lacks of what the machine needs, in words."""
    able = traits_of(size)
    security = demanded_security_type(request, state)
    generation, architecture = _generation(state), _architecture(state)
    controllers = _controllers(request, state)
    found = []
    if architecture.lower() not in (name.lower() for name in able.architectures):
        found.append(f"the architecture {architecture}")
    if generation and generation not in able.generations:
        found.append(f"generation {generation[1:]}")
    if controllers and not set(controllers) & set(able.controllers):
        found.append(f"disks by {' or '.join('SCSI' if name == 'scsi' else 'NVMe' for name in controllers)}")
    if (security == TRUSTED_LAUNCH and not able.trusted_launch) or (security == CONFIDENTIAL and not able.confidential):
        found.append(f"the security type {security}")
    known = state.sizes_with_host_encryption
    if encrypts_at_host(request, state) and known is not None and size.lower() not in known:
        found.append("encryption at host")
    return found


def _architecture(state: InstanceState) -> str:
    return state.image.architecture if state.image else machine.architecture(state.copied_disks)


def _generation(state: InstanceState) -> str | None:
    if state.image:
        return state.image.generation
    return machine.hyper_v_generation(state.copied or {}, state.copied_disks)


def _controllers(request: InstanceRequest, state: InstanceState) -> tuple[str, ...]:
    """The controllers that the machine's disks may have, in lower case; none where nothing says."""
    named = (
        machine.storage(state.copied or {}).get("diskControllerType")
        if request.is_copy
        else state.image and state.image.disk_controllers
    )
    return tuple(name.strip().lower() for name in str(named or "").split(",") if name.strip())
