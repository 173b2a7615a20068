# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A subscription as enterprises have it: what its policies deny is refused before anything is made, and a refresh goes through.

Policies: encryption at host on every machine, a cost tag on everything, no disks that are open to the public, no public addresses.
Users who have not shown a second factor may read only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from az_login import az_login
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from fleet.runs import Fleet

MFA_REQUIRED = "mfa_required"
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
SECURITY_GROUP = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Network/networkSecurityGroups/closed"
SERVER = ("--limit", "win-server,localhost")


def policy(name: str, display_name: str, kind: str, *more: dict[str, Any]) -> dict[str, Any]:
    rule = {"allOf": [{"field": "type", "equals": kind}, *more]}
    return {"name": name, "display_name": display_name, "scope": SUBSCRIPTION, "rule": rule}


def tagged(kind: str) -> dict[str, Any]:
    return policy(
        f"cost-{kind.rsplit('/', 1)[-1]}",
        "Resources have a cost centre",
        kind,
        {"field": "tags['cost']", "exists": "false"},
    )


POLICIES = [
    policy(
        "host",
        "Machines are encrypted at their host",
        "Microsoft.Compute/virtualMachines",
        {"field": "securityProfile.encryptionAtHost", "notEquals": "true"},
    ),
    policy("addresses", "No public addresses", "Microsoft.Network/publicIPAddresses"),
    policy(
        "disks",
        "Disks are closed to the public",
        "Microsoft.Compute/disks",
        {"field": "publicNetworkAccess", "notEquals": "Disabled"},
    ),
    *(
        tagged(kind)
        for kind in (
            "Microsoft.Resources/subscriptions/resourceGroups",
            "Microsoft.Compute/virtualMachines",
            "Microsoft.Compute/images",
            "Microsoft.Compute/galleries/images",
            "Microsoft.Compute/galleries/images/versions",
        )
    ),
]
RIGHT: dict[str, Any] = {"golden_image_tags": {"cost": "1234"}, "golden_image_encryption_at_host": True}


@pytest.fixture
def enterprise(tmp_path: Path) -> Iterator[Fleet]:
    windows = StandInWindows(tmp_path / "windows")
    with EmbeddedAzure(
        guests=windows,
        retry_after=1,
        policies=POLICIES,
        features=["Microsoft.Compute/EncryptionAtHost"],
        modified_disks={"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"},
    ) as azure:
        fleet = Fleet(azure, windows, tmp_path)
        azure.seed(
            {"resources": [{"id": SECURITY_GROUP, "location": "westeurope", "properties": {"securityRules": []}}]}
        )
        yield fleet


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"golden_image_encryption_at_host": True}, "Resources have a cost centre"),
        ({"golden_image_tags": {"cost": "1234"}}, "Machines are encrypted at their host"),
        (
            {**RIGHT, "golden_image_public_ip": True, "golden_image_security_group": SECURITY_GROUP},
            "No public addresses",
        ),
        ({**RIGHT, "golden_image_managed": True, "golden_image_security_type": "TrustedLaunch"}, "managed image"),
    ],
    ids=["no tag", "no encryption at host", "public address", "managed image of Trusted Launch"],
)
def test_what_is_denied_is_refused_beforehand(enterprise: Fleet, variables: dict[str, Any], said: str) -> None:
    enterprise.azure.clear_requests()
    run = enterprise.run("planned", "--check", *SERVER, **variables)
    assert run.status != 0
    failure = run.image("win-server")["failure"]
    assert failure["stage"] == "decide"
    assert said in failure["message"], failure
    assert sent_writes(enterprise.azure.requests) == []


def test_a_user_without_a_second_factor_is_refused_at_the_first_write(enterprise: Fleet, tmp_path: Path) -> None:
    enterprise._environment.update(az_login(enterprise.azure, tmp_path / "bin"))
    enterprise._environment["PATH"] = f"{tmp_path / 'bin'}:{enterprise._environment['PATH']}"
    run = enterprise.run("user", *SERVER, **RIGHT)
    assert run.status != 0
    failure = run.image("win-server")["failure"]
    assert failure["stage"] == "decide"
    assert MFA_REQUIRED in run.output
    assert not run.came | run.went


@pytest.mark.sweep
def test_a_refresh_goes_through(enterprise: Fleet) -> None:
    """Built, captured, verified and promoted; the second run changes nothing."""
    run = enterprise.run("first", *SERVER, **RIGHT)
    assert run.status == 0, run.output[-5000:]
    assert run.result_of("win-server") == "promoted"
    assert not run.leftovers - {one for one in run.came if one.lower().endswith("/images/win-server")}
    again = enterprise.run("second", *SERVER, **RIGHT)
    assert again.result_of("win-server") == "skipped"
    assert not again.came | again.went
