# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read a virtual machine, to determine what it can be captured into."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId, locate
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader, get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.machine_source import source_of_machine
from ansible_collections.golden.azure.plugins.module_utils._model.possible_targets import targets_of_machine

Json = dict[str, Any]


def possible_targets_of(arm: ArmClient, options: Json) -> Json:
    """The possible targets of the virtual machine in the options, as the module documents them.

    :raises Failure: if the virtual machine or its disks cannot be read; its network interfaces may be unreadable.
    """
    reference = locate(
        "source_vm", options["source_vm"], VIRTUAL_MACHINE, options["resource_group"], arm.subscription_id
    )
    vm = get_or_none(arm, reference, expand="instanceView")
    if vm is None:
        return {"targets": [], "findings": [missing_machine_warning(reference).as_dict()]}
    disks = [disk for disk in (get_or_none(arm, one) for one in machine.managed_disk_ids(vm)) if disk]
    reader = TargetReader(arm)
    interfaces = [one for one in reader.resources("network_unknown", machine.interface_ids(vm)).values() if one]
    source = source_of_machine(reference, vm, disks, interfaces)
    result: Json = {"targets": targets_of_machine(vm, disks, source), "findings": []}
    if reader.unread:
        result["warnings"] = [f"{finding.message} Accelerated networking is not known." for finding in reader.unread]
    return result


def missing_machine_warning(reference: ResourceId) -> Finding:
    """A virtual machine that does not exist can be captured into nothing, which is no error."""
    return Finding("nothing_found", f"The {reference.label} does not exist.")
