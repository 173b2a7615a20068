# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What permissions grant, and what steps need."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY_VERSION,
    NETWORK_INTERFACE,
    RESOURCE_GROUP,
    RUN_COMMAND,
    VIRTUAL_MACHINE,
    ResourceId,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model.rights import grants, rights_of

GROUP = "/subscriptions/s/resourceGroups/images"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
WRITE = "Microsoft.Compute/images/write"


def permission(actions, without=()):
    return {"actions": list(actions), "notActions": list(without)}


@pytest.mark.parametrize(
    ("permissions", "granted"),
    [
        ([], False),
        ([permission(["*"])], True),
        ([permission(["microsoft.compute/IMAGES/*"])], True),
        ([permission(["*/write"])], True),
        ([permission(["Microsoft.Compute/*/write"])], True),
        ([permission(["Microsoft.Compute/images/read"])], False),
        # No part of a name, and no regular expression.
        ([permission(["Microsoft.Compute/images"])], False),
        ([permission(["Microsoft.Compute/image./write"])], False),
        ([permission(["*"], ["Microsoft.Compute/images/*"])], False),
        ([permission(["*"], ["*/delete"])], True),
        # What one leaves out another may grant.
        ([permission(["*"], [WRITE]), permission([WRITE])], True),
        ([permission(["*/read"]), permission(["*"], [WRITE])], False),
        ([{"actions": None}], False),
        ([{"dataActions": ["*"]}], False),
    ],
)
def test_what_sets_of_permissions_grant(permissions, granted):
    assert grants(permissions, WRITE) is granted


def step(method, kind, *names, body=None, action=actions.CREATE_DISK, path=None):
    resource = ResourceId("s", "images", kind, names)
    return Step(action, resource, "does it", method, path or str(resource), body)


def needed_rights(one):
    return [right.action for right in rights_of(one)]


@pytest.mark.parametrize(
    ("one", "needed"),
    [
        (step(None, VIRTUAL_MACHINE, "web"), []),
        (step("DELETE", DISK, "d"), ["Microsoft.Compute/disks/delete"]),
        (
            step("POST", VIRTUAL_MACHINE, "web", path=f"{COMPUTE}/virtualMachines/web/generalize"),
            ["Microsoft.Compute/virtualMachines/generalize/action"],
        ),
        (
            step("PUT", RESOURCE_GROUP, "images", body={"location": "x"}),
            ["Microsoft.Resources/subscriptions/resourceGroups/write"],
        ),
        (
            step("PATCH", DISK, "d", path=f"{COMPUTE}/disks/d/providers/Microsoft.Resources/tags/default"),
            ["Microsoft.Resources/tags/write"],
        ),
        (
            step(
                "PUT", RUN_COMMAND, "web", "script", body={"properties": {"source": {"script": f"{COMPUTE}/disks/d"}}}
            ),
            ["Microsoft.Compute/virtualMachines/runCommands/write"],
        ),
        (
            step(
                "PUT", DISK, "d", body={"properties": {"creationData": {"sourceResourceId": f"{COMPUTE}/snapshots/s"}}}
            ),
            ["Microsoft.Compute/disks/write", "Microsoft.Compute/snapshots/beginGetAccess/action"],
        ),
        (
            step("PUT", NETWORK_INTERFACE, "nic", body={"a": [{"id": f"{NETWORK}/virtualNetworks/n/subnets/b"}]}),
            ["Microsoft.Network/networkInterfaces/write", "Microsoft.Network/virtualNetworks/subnets/join/action"],
        ),
        # What tags name is not used.
        (step("PUT", DISK, "d", body={"tags": {"of": f"{COMPUTE}/disks/e"}}), ["Microsoft.Compute/disks/write"]),
        # Its source may be gone when a version is published.
        (
            step(
                "PUT",
                GALLERY_VERSION,
                "g",
                "i",
                "1.0.0",
                action=actions.PUBLISH_VERSION,
                body={"source": f"{COMPUTE}/virtualMachines/web", "key": f"{COMPUTE}/diskEncryptionSets/k"},
            ),
            ["Microsoft.Compute/galleries/images/versions/write", "Microsoft.Compute/diskEncryptionSets/read"],
        ),
    ],
)
def test_what_a_step_needs(one, needed):
    assert needed_rights(one) == needed


def test_a_linked_right_is_needed_where_the_linked_resource_is():
    elsewhere = "/subscriptions/other/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/n/subnets/b"
    body = {"networkProfile": {"networkInterfaceConfigurations": [{"subnet": {"id": elsewhere}}]}}
    rights = rights_of(step("PUT", VIRTUAL_MACHINE, "web", body=body))
    assert rights[1].scope == parse(elsewhere)
    assert {right.action for right in rights[2:]} == {
        "Microsoft.Network/networkInterfaces/write",
        "Microsoft.Network/networkInterfaces/join/action",
    }
