# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups and copies are closed to export at least as well as their sources; those that are there are compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from driven import driven_azure, run_code

from embedded_azure import EmbeddedAzure
from embedded_azure.errors import AzureError

Json = dict[str, Any]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
BASE = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Network"
MACHINE = f"{BASE}/virtualMachines/web"
SEED: Json = {
    "groups": {"images": "westeurope"},
    "resources": [
        {
            "id": f"{NETWORK}/virtualNetworks/quarantine",
            "location": "westeurope",
            "properties": {"subnets": [{"name": "quarantine", "properties": {}}]},
        }
    ],
    "virtual_machines": [{"name": "web", "group": "images", "data_disks": [4]}],
}
KEPT = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True, "snapshot_disks": True}
EARLY = {**KEPT, "guest_prepared": False, "run_id": "own"}
COPY = {
    "name": "copy",
    "resource_group": "images",
    "source_vm": MACHINE,
    "isolated_subnet": f"{NETWORK}/virtualNetworks/quarantine/subnets/quarantine",
    "wait_for_agent": False,
}
CLOSED = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
OPEN = {"networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled"}
SIGN_IN = {"dataAccessAuthMode": "AzureActiveDirectory"}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(SEED)
        yield running


def keep(azure: EmbeddedAzure, check: bool = False) -> Json:
    return run_code(azure, capture.execute, capture_options.OPTIONS, check, **EARLY)


def copy(azure: EmbeddedAzure, check: bool = False) -> Json:
    return run_code(azure, instance.execute, instance.OPTIONS, check, **COPY)


def of_type(azure: EmbeddedAzure, kind: str, name: str = "") -> dict[str, Json]:
    return {
        one["id"]: one["properties"]
        for one in azure.resources().values()
        if one["type"].endswith(f"/{kind}") and one["name"].startswith(name)
    }


def access(properties: Json) -> Json:
    return {name: properties[name] for name in (*CLOSED, *SIGN_IN) if name in properties}


def source_disks(azure: EmbeddedAzure) -> list[str]:
    return [identity for identity in of_type(azure, "disks") if "/web_" in identity]


@pytest.mark.parametrize("sign_in", [{}, SIGN_IN], ids=["by address", "by address and sign-in"])
@pytest.mark.parametrize("source", [OPEN, CLOSED], ids=["open source", "closed source"])
def test_backups_and_copies_of_any_source_are_closed(azure: EmbeddedAzure, source: Json, sign_in: Json) -> None:
    for disk in source_disks(azure):
        azure.change(disk, {"properties": {**source, **sign_in}})
    keep(azure)
    snapshots = of_type(azure, "snapshots")
    assert [access(one) for one in snapshots.values()] == [{**CLOSED, **sign_in}] * 2
    copy(azure)
    assert [access(one) for one in of_type(azure, "disks", "copy-").values()] == [{**CLOSED, **sign_in}] * 2
    # The source is only read.
    assert [access(of_type(azure, "disks")[disk]) for disk in source_disks(azure)] == [{**source, **sign_in}] * 2
    for identity in snapshots:
        with pytest.raises(AzureError, match="DenyAll"):
            azure.act(identity, "beginGetAccess")


def test_an_open_backup_is_closed_by_the_next_run(azure: EmbeddedAzure) -> None:
    keep(azure)
    opened = next(iter(of_type(azure, "snapshots")))
    azure.change(opened, {"properties": OPEN})
    azure.clear_requests()
    planned = keep(azure, check=True)
    assert [step["action"] for step in planned["plan"]["steps"]][:2] == ["close_access", "prepare"]
    assert access(of_type(azure, "snapshots")[opened]) == OPEN
    closed = keep(azure)
    assert [step["resource_id"].lower() for step in closed["steps"]] == [opened.lower()]
    assert closed["changed"] is True
    assert access(of_type(azure, "snapshots")[opened]) == CLOSED
    for check in (False, True):
        again = keep(azure, check)
        assert "close_access" not in [step["action"] for step in again["plan"]["steps"]]


def test_an_open_backup_is_closed_even_when_the_image_is_there(azure: EmbeddedAzure) -> None:
    keep(azure)
    azure.act(MACHINE, "powerOff")
    run_code(azure, capture.execute, capture_options.OPTIONS, **KEPT)
    opened = next(iter(of_type(azure, "snapshots")))
    azure.change(opened, {"properties": OPEN})
    again = run_code(azure, capture.execute, capture_options.OPTIONS, **KEPT)
    assert [step["action"] for step in again["steps"]] == ["close_access"]
    assert run_code(azure, capture.execute, capture_options.OPTIONS, **KEPT)["changed"] is False


def test_a_backup_that_is_being_exported_is_said_and_left(azure: EmbeddedAzure) -> None:
    keep(azure)
    opened = next(iter(of_type(azure, "snapshots")))
    azure.change(opened, {"properties": OPEN})
    azure.act(opened, "beginGetAccess")
    planned = keep(azure, check=True)["plan"]
    assert [warning["code"] for warning in planned["warnings"]].count("backup_being_exported") == 1
    assert "close_access" not in [step["action"] for step in planned["steps"]]


def test_an_open_disk_of_a_copy_is_closed_by_the_next_run(azure: EmbeddedAzure) -> None:
    copy(azure)
    opened = next(iter(of_type(azure, "disks", "copy-os")))
    azure.change(opened, {"properties": OPEN})
    assert [step["action"] for step in copy(azure, check=True)["plan"]["steps"]] == ["close_access"]
    assert access(of_type(azure, "disks")[opened]) == OPEN
    assert copy(azure)["changed"] is True
    assert access(of_type(azure, "disks")[opened]) == CLOSED
    assert copy(azure)["changed"] is copy(azure, check=True)["changed"] is False
