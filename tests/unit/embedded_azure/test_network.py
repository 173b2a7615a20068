# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces and addresses that are in use cannot be deleted; when resources were created is listed on request."""

from __future__ import annotations

from typing import Any

VERSION = "2024-05-01"


def network(arm: Any, name: str) -> str:
    return f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden/providers/Microsoft.Network/{name}"


def test_an_address_in_use_stays_until_its_interface_is_gone(arm: Any) -> None:
    address, interface = network(arm, "publicIPAddresses/a"), network(arm, "networkInterfaces/n")
    assert arm.send("PUT", address, {"location": "westeurope"}, version=VERSION).status_code == 201
    configuration = {"name": "primary", "properties": {"publicIPAddress": {"id": address}}}
    body = {"location": "westeurope", "properties": {"ipConfigurations": [configuration]}}
    assert arm.send("PUT", interface, body, version=VERSION).status_code == 201
    status, code, message = arm.error("DELETE", address, None, VERSION)
    assert (status, code) == (400, "PublicIPAddressCannotBeDeleted")
    assert message.startswith(
        f"Public IP address {address} can not be deleted since it is still allocated to resource {interface}/"
    )
    assert arm.send("DELETE", interface, version=VERSION).status_code == 202
    assert "ipConfiguration" not in arm.send("GET", address, version=VERSION).json()["properties"]
    assert arm.send("DELETE", address, version=VERSION).status_code == 202


def test_an_interface_stays_until_its_machine_is_gone(arm: Any) -> None:
    (interface,) = [id for id in arm.azure.resources() if "/networkinterfaces/" in id.lower()]
    status, code, message = arm.error("DELETE", interface, None, VERSION)
    assert (status, code) == (400, "NicInUse")
    assert message.startswith(
        f"Network Interface {interface} is used by existing resource {arm.id('virtualMachines/source')}."
    )


def test_when_resources_were_created_is_listed_on_request(arm: Any) -> None:
    path = f"/subscriptions/{arm.azure.settings.subscription}/resources"
    plain = arm.send("GET", path, version="2022-09-01").json()["value"]
    assert plain and not any("createdTime" in row for row in plain)
    dated = arm.send("GET", path, version="2022-09-01", **{"$expand": "createdTime"}).json()["value"]
    assert [row["id"] for row in dated if "createdTime" not in row] == []
