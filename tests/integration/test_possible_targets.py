# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vm_image_info says that a machine can be captured into is what a capture of it would say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._info import run as info
from driven import driven_azure, run_code
from module_runs import run_main

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
NEW = {"publisher": "Example", "offer": "web", "sku": "1"}
VERSION = {"gallery": "golden", "definition": "web", "create_gallery": True, "create_definition": NEW}
ULTRA = {
    "id": f"{COMPUTE}/disks/fast",
    "location": "westeurope",
    "sku": {"name": "PremiumV2_LRS"},
    "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
}
CONFIDENTIAL = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-confidential-vm-jammy",
    "sku": "22_04-lts-cvm",
}
MACHINES: dict[str, Json] = {
    "plain": {},
    "trusted": {"security_type": "TrustedLaunch"},
    "confidential": {
        "security_type": "ConfidentialVM",
        "image": {**CONFIDENTIAL, "version": "latest"},
        "size": "Standard_DC2as_v5",
    },
    "arm64": {"architecture": "Arm64"},
    "nvme": {"disk_controller": "NVMe"},
    "generalized": {"generalized": True},
    "features": {"accelerated_networking": True, "hibernation": True, "data_disks": [4, 8]},
}
SEED: Json = {
    "groups": {"images": "westeurope"},
    "marketplace": [
        {
            **CONFIDENTIAL,
            "version": "22.04.202503100",
            "hyper_v_generation": "V2",
            "features": {"SecurityType": "ConfidentialVMSupported"},
        }
    ],
}


def captured(azure: Any, **target: Any) -> tuple[list[str], Json]:
    """The codes of the blockers of a capture, and the body of the definition that it would create."""
    options = {"resource_group": "images", "source_vm": "web", "generalize": True, **target}
    if target.get("os_state") == "specialized":
        del options["generalize"]
    try:
        result = run_code(azure, capture.execute, capture_options.OPTIONS, check=True, **options)
    except Blocked as blocked:
        return sorted(blocker["code"] for blocker in blocked.details["plan"]["blockers"]), {}
    return [], result


@pytest.mark.parametrize("machine", list(MACHINES))
def test_it_agrees_with_a_capture(machine: str) -> None:
    with driven_azure() as azure:
        azure.seed(SEED)
        azure.seed(
            {"virtual_machines": [{"name": "web", "group": "images", "power": "deallocated", **MACHINES[machine]}]}
        )
        azure.clear_requests()
        found = run_code(azure, info.execute, info.OPTIONS, level="targets", resource_group="images", source_vm="web")
        assert {one.method for one in azure.requests if "/subscriptions/" in one.path} == {"GET"}
        as_module = run_main(
            "vm_image_info", {"level": "targets", "resource_group": "images", "source_vm": "web"}, False
        )
        assert as_module["targets"] == found["targets"]
        image, generalized, specialized = found["targets"]
        told = [sorted(reason["code"] for reason in target["reasons"]) for target in found["targets"]]
        assert [not codes for codes in told] == [target["possible"] for target in found["targets"]]
        assert told[0] == captured(azure, image="golden")[0]
        assert told[1] == captured(azure, gallery_versions=[VERSION])[0]
        assert told[2] == captured(azure, gallery_versions=[VERSION], os_state="specialized")[0]
        assert (image["option"], generalized["os_state"], specialized["os_state"]) == (
            "image",
            "generalized",
            "specialized",
        )
        if generalized["possible"]:
            run_code(
                azure, capture.execute, capture_options.OPTIONS,
                resource_group="images", source_vm="web", generalize=True, gallery_versions=[VERSION],
            )  # fmt: skip
            made = azure.resources()[f"{COMPUTE}/galleries/golden/images/web"]["properties"]
            assert {item["name"]: item["value"] for item in made["features"]} == generalized["features"]
            for key, name in (("architecture", "architecture"), ("hyper_v_generation", "hyperVGeneration")):
                assert generalized[key] == made[name]


def test_disks_that_azure_cannot_capture() -> None:
    with driven_azure() as azure:
        azure.seed({**SEED, "resources": [ULTRA], "virtual_machines": [{"name": "web", "group": "images"}]})
        disk = {"lun": 0, "createOption": "Attach", "managedDisk": {"id": ULTRA["id"]}}
        azure.change(f"{COMPUTE}/virtualMachines/web", {"properties": {"storageProfile": {"dataDisks": [disk]}}})
        found = run_code(azure, info.execute, info.OPTIONS, level="targets", resource_group="images", source_vm="web")
        reasons = [[reason["code"] for reason in target["reasons"]] for target in found["targets"]]
        assert reasons == [["disk_type_not_supported"]] * 3


def test_a_machine_that_is_not_there_and_one_that_may_not_be_read() -> None:
    with driven_azure() as azure:
        azure.seed({**SEED, "virtual_machines": [{"name": "web", "group": "images"}]})
        ask = {"level": "targets", "resource_group": "images"}
        nothing = run_code(azure, info.execute, info.OPTIONS, source_vm="absent", **ask)
        assert (nothing["targets"], [one["code"] for one in nothing["findings"]]) == ([], ["nothing_found"])
        azure.faults.add("GET", "/networkInterfaces/", status=403, code="AuthorizationFailed", times=0)
        unread = run_code(azure, info.execute, info.OPTIONS, source_vm="web", **ask)
        assert len(unread["targets"]) == 3 and "Accelerated networking is not known" in unread["warnings"][0]
        azure.faults.add("GET", "/virtualMachines/", status=403, code="AuthorizationFailed", times=0)
        with pytest.raises(Failure) as raised:
            run_code(azure, info.execute, info.OPTIONS, source_vm="web", **ask)
        assert raised.value.code == "AuthorizationFailed"
