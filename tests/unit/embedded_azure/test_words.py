# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients write in a casing of their own, or as null."""

from __future__ import annotations

from typing import Any

from embedded_azure.words import spelled

DEFINITION = "galleries/gallery/images/definition"


def test_known_words_are_spelled_and_nothing_else_is_touched() -> None:
    body = {
        "tags": {"osType": "linux"},
        "properties": {
            "osType": "linux",
            "createOption": "Novel",
            "disks": [{"caching": "READONLY", "name": "delete"}],
        },
    }
    assert spelled(body) == {
        "tags": {"osType": "linux"},
        "properties": {
            "osType": "Linux",
            "createOption": "Novel",
            "disks": [{"caching": "ReadOnly", "name": "delete"}],
        },
    }


def test_a_definition_in_lower_case_takes_generalized_images(arm: Any) -> None:
    """azure.azcollection writes so (azure_rm_galleryimage)."""
    for action in ("deallocate", "generalize"):
        arm.azure.act(arm.id("virtualMachines/source"), action)
    machine = {"id": arm.id("virtualMachines/source")}
    properties: dict[str, Any] = {"sourceVirtualMachine": machine, "hyperVGeneration": "v2"}
    arm.send("PUT", "images/i", {"location": "westeurope", "properties": properties})
    arm.send("PUT", "galleries/gallery", {"location": "westeurope"})
    identifier = {"publisher": "p", "offer": "o", "sku": "s"}
    properties = {"osType": "linux", "osState": "generalized", "hyperVGeneration": "V2", "identifier": identifier}
    body = {"location": "westeurope", "properties": properties}
    assert arm.send("PUT", DEFINITION, body, version="2022-03-03").status_code == 201
    shown = arm.send("GET", DEFINITION).json()["properties"]
    assert (shown["osType"], shown["osState"]) == ("Linux", "Generalized")
    assert arm.send("PUT", DEFINITION, body, version="2022-03-03").status_code == 200

    properties = {"storageProfile": {"source": {"id": arm.id("images/i")}}}
    answer = arm.send("PUT", f"{DEFINITION}/versions/1.0.0", {"location": "westeurope", "properties": properties})
    assert answer.status_code == 201, answer.text


def test_a_null_is_not_answered_while_a_snapshot_is_made(arm: Any) -> None:
    """azure.azcollection writes so (azure_rm_snapshot)."""
    machine = arm.send("GET", "virtualMachines/source").json()["properties"]
    disk = machine["storageProfile"]["osDisk"]["managedDisk"]["id"]
    creation = {"createOption": "Copy", "sourceUri": None, "sourceResourceId": disk}
    body = {"location": "westeurope", "properties": {"incremental": False, "creationData": creation}}
    answer = arm.send("PUT", "snapshots/snapshot", body)
    assert answer.status_code == 202
    assert "sourceUri" not in answer.json()["properties"]["creationData"]
