# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machines' disks are captured at the same time, and what Azure does not promise of that."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import (
    consistency_blockers,
    consistency_warnings,
    decide,
)

from scripted_azure.resources import COMPUTE, disk, vm

DATA_ID = f"{COMPUTE}/disks/web-data"


def several(power: str = "running", size: str = "Standard_D2s_v5", data: Any = (), **properties: Any) -> dict[str, Any]:
    machine = vm(power, hardwareProfile={"vmSize": size}, **properties)
    attached = {"lun": 0, "name": "web-data", "managedDisk": {"id": DATA_ID}, **dict(data)}
    machine["properties"]["storageProfile"]["dataDisks"] = [attached]
    return machine


def with_os_disk(**more: Any) -> dict[str, Any]:
    machine = several()
    machine["properties"]["storageProfile"]["osDisk"].update({"name": "web-os", **more})
    return machine


@pytest.mark.parametrize(
    ("machine", "disks", "reason"),
    [
        (several(), [disk(sku="UltraSSD_LRS")], "is UltraSSD_LRS"),
        (several(), [disk(sku="PremiumV2_LRS")], "is PremiumV2_LRS"),
        (several(), [disk(maxShares=2)], "is shared"),
        (several(data={"writeAcceleratorEnabled": True}), [disk()], "uses the write accelerator"),
        (several(data={"managedDisk": {}, "vhd": {"uri": "x"}}), [disk()], "unmanaged disks"),
        (with_os_disk(diffDiskSettings={"option": "Local"}), [disk()], "its OS disk is ephemeral"),
        (several(securityProfile={"securityType": "ConfidentialVM"}), [disk()], "confidential"),
        (several(size="Standard_D2_v3"), [disk()], "Standard_D2_v3 does not support premium storage"),
    ],
)
def test_machines_of_which_azure_makes_no_crash_consistent_restore_point(machine, disks, reason):
    found = decide("auto", machine, disks)
    assert (found.mode, found.restore_point) == ("per_disk", False)
    [obstacle] = found.obstacles
    assert reason in obstacle
    [warning] = consistency_warnings("virtual machine 'web'", "auto", machine, found)
    assert (warning.code, warning.quiet, obstacle in warning.message) == ("snapshots_not_consistent", False, True)
    assert list(consistency_blockers("virtual machine 'web'", "auto", found)) == []
    [blocker] = consistency_blockers(
        "virtual machine 'web'", "crash_consistent", decide("crash_consistent", machine, disks)
    )
    assert (blocker.code, obstacle in blocker.message) == ("crash_consistency_not_supported", True)


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        (with_os_disk(caching="ReadWrite"), "writes to 'web-os'"),
        (several(data={"caching": "ReadWrite"}), "writes to 'web-data'"),
    ],
)
def test_azure_does_not_guarantee_it_with_cached_writes(machine, reason):
    found = decide("auto", machine, [disk()])
    assert (found.mode, found.restore_point) == ("not_guaranteed", True)
    [warning] = consistency_warnings("virtual machine 'web'", "auto", machine, found)
    assert (warning.code, reason in warning.message) == ("consistency_not_guaranteed", True)


@pytest.mark.parametrize(
    ("size", "data_disks", "mode"),
    [
        ("Standard_D2s_v5", 2, "crash_consistent"),
        ("Standard_D2s_v6", 1, "crash_consistent"),
        ("Standard_D2s_v6", 2, "not_guaranteed"),
        ("Standard_D2as_v6", 2, "crash_consistent"),
        ("Standard_D2as_v7", 2, "not_guaranteed"),
        ("Standard_D2ps_v6", 2, "crash_consistent"),
    ],
)
def test_nor_for_several_data_disks_of_the_newest_sizes(size, data_disks, mode):
    machine = several(size=size)
    machine["properties"]["storageProfile"]["dataDisks"] *= data_disks
    assert decide("auto", machine, [disk()]).mode == mode


def test_a_machine_that_writes_nothing_or_to_one_disk_needs_no_restore_point():
    assert decide("crash_consistent", several("deallocated"), [disk()]).mode == "stopped"
    assert decide("auto", several("stopped", "Standard_A2_v2"), [disk()]).mode == "stopped"
    alone = decide("crash_consistent", vm("running"), [disk()])
    assert (alone.mode, alone.restore_point, alone.obstacles) == ("crash_consistent", False, ())


def test_whoever_asks_for_single_snapshots_is_told_once_in_the_plan():
    found = decide("per_disk", several(), [disk()])
    assert (found.mode, found.obstacles) == ("per_disk", ())
    [warning] = consistency_warnings("virtual machine 'web'", "per_disk", several(), found)
    assert warning.quiet


def test_where_restore_points_cannot_be_used_they_are_not():
    found = decide("auto", several(), [disk()], "Azure does not offer them here")
    assert (found.mode, found.obstacles) == ("per_disk", ("Azure does not offer them here",))
