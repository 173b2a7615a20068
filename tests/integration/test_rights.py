# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role definition of the guide, against what a refresh asks of Azure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RESOURCE_GROUP, ResourceId, parse
from ansible_collections.golden.azure.plugins.module_utils._model.rights import rights_of
from predicted_writes import is_write
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from embedded_azure.rights import right_of
from fleet.runs import GROUP, Fleet

ROLE = ROOT / "docs" / "guides" / "golden_image_builder.json"
_PUBLIC = "asked for with golden_image_public_ip"
_SHARED = "asked for when the resource group was there before, and when a run was broken off"
_NO_PATH = "asked for with Run Command, to which stand-in guests do not answer"
_REASONS = "asked for to give a reason by its name"
_BOUGHT = "asked for where the base has a purchase plan"
_SEVERAL = "asked for where the machine that is copied runs and has several disks: test_restore_points.py shows it"
#: The rights of a copy that is made of a restore point.
RESTORE_POINTS = (
    "delete",
    "read",
    "restorePoints/diskRestorePoints/beginGetAccess/action",
    "restorePoints/read",
    "restorePoints/write",
    "write",
)
#: Rights that no request of this test shows, and why they are needed.
UNSEEN = {
    "Microsoft.Authorization/policyDefinitions/read": _REASONS,
    "Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements/read": _BOUGHT,
    "Microsoft.Network/networkInterfaces/delete": _SHARED,
    "Microsoft.Compute/virtualMachines/delete": _SHARED,
    "Microsoft.Compute/disks/delete": _SHARED,
    "Microsoft.Network/networkSecurityGroups/read": _PUBLIC,
    "Microsoft.Network/networkSecurityGroups/join/action": _PUBLIC,
    "Microsoft.Network/publicIPAddresses/read": _PUBLIC,
    "Microsoft.Network/publicIPAddresses/write": _PUBLIC,
    "Microsoft.Network/publicIPAddresses/join/action": _PUBLIC,
    "Microsoft.Network/publicIPAddresses/delete": _PUBLIC,
    **{f"Microsoft.Compute/restorePointCollections/{right}": _SEVERAL for right in RESTORE_POINTS},
    "Microsoft.Compute/virtualMachines/instanceView/read": "the same right as reading a machine, for some identities",
    "Microsoft.Compute/virtualMachines/retrieveBootDiagnosticsData/action": "asked for the serial log of a machine that failed",
}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """The fleet, of which this test uses the stand-ins only."""
    windows = StandInWindows(tmp_path / "windows", {"build-win-server": ({}, {"panther": True})})
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        yield Fleet(azure, windows, tmp_path)


@pytest.mark.sweep
def test_the_role_has_the_rights_that_a_refresh_takes_and_no_others(fleet: Fleet) -> None:
    _refresh(fleet, "first")
    _have_copied(fleet)
    _refresh(fleet, "second")
    asked = {right_of(one.method, one.path) for one in fleet.azure.requests} - {None}
    # What the modules compare beforehand, those on linked resources too.
    compared = {right.action for step in sent_steps(fleet) for right in rights_of(step)}
    wanted = {str(right).lower() for right in asked | compared}
    given = {right.lower() for right in json.loads(ROLE.read_text())["Actions"]}
    assert not wanted - given, "the role of the guide lacks rights"
    assert given - wanted == {right.lower() for right in UNSEEN}, "the role of the guide has rights that nothing takes"


def sent_steps(fleet: Fleet) -> list[Step]:
    """The writes that embedded Azure was sent, as steps of plans."""
    steps = []
    for write in fleet.azure.requests:
        if is_write(write):
            path = write.path.removesuffix("/providers/Microsoft.Resources/tags/default")
            owner = path.rpartition("/")[0] if write.method == "POST" else path
            resource = parse(owner) or ResourceId("", owner.split("/")[4], RESOURCE_GROUP, (owner.split("/")[4],))
            steps.append(
                Step(
                    Action("", lambda executor, step: None),
                    resource,
                    "written",
                    write.method,
                    write.path,
                    write.request_body,
                )
            )
    return steps


def _refresh(fleet: Fleet, name: str) -> None:
    run = fleet.run(name, "--limit", "windows_images", golden_image_refresh_when="always")
    assert run.status == 0, run.output[-5000:]


def _have_copied(fleet: Fleet) -> None:
    """From now on one image is made of a copy of a machine."""
    machine = {"name": "reference-win", "group": GROUP, "os_type": "Windows"}
    image = {
        "publisher": "MicrosoftWindowsServer",
        "offer": "WindowsServer",
        "sku": "2022-datacenter-g2",
        "version": "latest",
    }
    fleet.azure.seed({"virtual_machines": [{**machine, "image": image}]})
    identifier = f"/subscriptions/{fleet.azure.settings.subscription}/resourceGroups/{GROUP}"
    variables = {
        "golden_image_base": {"source_vm": f"{identifier}/providers/Microsoft.Compute/virtualMachines/reference-win"},
        "golden_image_isolated_subnet": fleet.variables["fleet_subnet"],
    }
    folder = fleet.directory / "inventory" / "host_vars"
    folder.mkdir(exist_ok=True)
    (folder / "win-desk.yml").write_text(yaml.safe_dump(variables))
