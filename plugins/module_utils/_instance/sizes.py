# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Determine the size of an instance, and the security type and disk controller that depend on it; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.security import (
    CONFIDENTIAL,
    STANDARD,
    TRUSTED_LAUNCH,
    preferred_security_type,
    required_security_type,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.vm_sizes import traits_of

Json = dict[str, Any]

#: If the task sets no size, the first of these that fits is used: x64 with SCSI, x64 with NVMe, Arm64 on Cobalt 100 (which
#: supports Trusted Launch, and only NVMe), Arm64 with SCSI.
DEFAULT_SIZES = ("Standard_D2s_v5", "Standard_D2s_v6", "Standard_D2ps_v6", "Standard_D2ps_v5")


def size_of(request: InstanceRequest, state: InstanceState) -> str:
    """The size of the virtual machine: the first candidate that fits and is available, otherwise the first that fits."""
    sizes = _candidates(request, state)
    fitting = [size for size in sizes if not _lacking(size, request, state)]
    available = (size for size in fitting if unavailable_because(size, state) is None)
    return next(available, next(iter(fitting), sizes[0]))


def unavailable_because(size: str, state: InstanceState) -> str | None:
    """Why the subscription cannot have a size in the region; None if it can, or that is unknown."""
    if state.offers is None:
        return None
    offer = state.offers.get(size.lower())
    return "it is not offered there" if offer is None else offer.restriction


def security_type_of(request: InstanceRequest, state: InstanceState) -> str:
    """The security type of the virtual machine: the preferred one, if the size supports it."""
    preferred = preferred_security_type(request, state)
    if required_security_type(request, state) is None and preferred == TRUSTED_LAUNCH:
        return preferred if traits_of(size_of(request, state)).trusted_launch else STANDARD
    return preferred


def disk_controller_of(request: InstanceRequest, state: InstanceState) -> str | None:
    """The disk controller type, if it must be set: Azure uses SCSI by default for sizes that support both.

    A copy has that of its source: a guest that identifies its disks by their NVMe paths does not find them with SCSI.
    """
    if request.is_copy:
        return machine.storage(state.copied or {}).get("diskControllerType")
    if request.disk_controller:
        return request.disk_controller
    supported = traits_of(size_of(request, state)).controllers
    nvme_only = "scsi" not in supported or _controllers(request, state) == ("nvme",)
    return "NVMe" if "nvme" in supported and nvme_only else None


def encrypts_at_host(request: InstanceRequest, state: InstanceState) -> bool:
    """Whether encryption at host is enabled: as in the task, otherwise for a copy as for its source."""
    if request.encryption_at_host is not None:
        return request.encryption_at_host
    return machine.encryption_at_host(state.copied or {})


def controller_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """A blocker if the image does not support the requested disk controller.

    Source: https://learn.microsoft.com/azure/virtual-machines/nvme-overview (the tag DiskControllerTypes of images)
    """
    wanted, supported = request.disk_controller, _controllers_of_source(request, state)
    if wanted and supported and wanted.lower() not in supported:
        yield Finding(
            "disk_controller_not_supported",
            f"The {request.source.label} does not support the disk controller {wanted}, but {_named(supported, 'and')}; omit "
            "'disk_controller', or choose another source.",
        )


def size_blockers(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """A blocker with the missing features of each size, if no size has all features that the source and the task require."""
    asked = request.sizes or request.encryption_at_host or request.accelerated_networking
    if request.is_copy and not asked:
        return
    sizes = _candidates(request, state)
    lacking = {size: _lacking(size, request, state) for size in sizes}
    if not all(lacking.values()):
        return
    label = request.source.label
    if request.sizes or request.is_copy:
        reasons = "; ".join(f"{size} lacks {', '.join(missing)}" for size, missing in lacking.items())
        yield Finding(
            "size_does_not_fit",
            f"None of the sizes of {request.machine.label} supports what the {label} requires: {reasons}; set 'vm_size' to another one.",
            {"lacking": lacking},
        )
    else:
        needed = sorted(set.intersection(*map(set, lacking.values())) or set().union(*lacking.values()))
        yield Finding(
            "size_missing",
            f"No default size supports what the {label} requires ({', '.join(needed)}); set 'vm_size'.",
            {"lacking": lacking},
        )


def _candidates(request: InstanceRequest, state: InstanceState) -> tuple[str, ...]:
    copied = (machine.properties(state.copied).get("hardwareProfile") or {}).get("vmSize")
    return request.sizes or ((str(copied),) if copied else DEFAULT_SIZES)


def _lacking(size: str, request: InstanceRequest, state: InstanceState) -> list[str]:
    """The required features that a size does not support, for messages."""
    traits = traits_of(size)
    security = required_security_type(request, state)
    generation, architecture = _generation(state), _architecture(state)
    controllers = _controllers(request, state)
    missing = []
    if architecture.lower() not in (name.lower() for name in traits.architectures):
        missing.append(f"the architecture {architecture}")
    if generation and generation not in traits.generations:
        missing.append(f"generation {generation[1:]}")
    if controllers and not set(controllers) & set(traits.controllers):
        missing.append(f"the disk controller {_named(controllers, 'or')}")
    if (security == TRUSTED_LAUNCH and not traits.trusted_launch) or (
        security == CONFIDENTIAL and not traits.confidential
    ):
        missing.append(f"the security type {security}")
    offer = (state.offers or {}).get(size.lower())
    if request.accelerated_networking and offer is not None and not offer.accelerated_networking:
        missing.append("accelerated networking")
    known = state.sizes_with_host_encryption
    if encrypts_at_host(request, state) and known is not None and size.lower() not in known:
        missing.append("encryption at host")
    return missing


def _architecture(state: InstanceState) -> str:
    return state.image.architecture if state.image else machine.architecture(state.copied_disks)


def _generation(state: InstanceState) -> str | None:
    if state.image:
        return state.image.generation
    return machine.hyper_v_generation(state.copied or {}, state.copied_disks)


def _controllers(request: InstanceRequest, state: InstanceState) -> tuple[str, ...]:
    """The disk controllers that can be used, in lower case: that of the task, or those of the source; empty if unknown."""
    return (request.disk_controller.lower(),) if request.disk_controller else _controllers_of_source(request, state)


def _controllers_of_source(request: InstanceRequest, state: InstanceState) -> tuple[str, ...]:
    """The disk controllers that the source supports, in lower case; empty if unknown."""
    reported = (
        machine.storage(state.copied or {}).get("diskControllerType")
        if request.is_copy
        else state.image and state.image.disk_controllers
    )
    return tuple(name.strip().lower() for name in str(reported or "").split(",") if name.strip())


def _named(controllers: tuple[str, ...], between: str) -> str:
    return f" {between} ".join("SCSI" if name == "scsi" else "NVMe" for name in controllers)
