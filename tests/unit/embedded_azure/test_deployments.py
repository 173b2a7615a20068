# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Template deployments, as az and Packer send them."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.providers.templates import Scope, TemplateError, evaluate

NETWORK = "Microsoft.Network"
TEMPLATE: dict[str, Any] = {
    "parameters": {"vmName": {"type": "string"}, "adminPassword": {"type": "securestring"}},
    "variables": {
        "nic": "[concat(parameters('vmName'), '-nic')]",
        "vnetID": "[resourceId(resourceGroup().name, 'Microsoft.Network/virtualNetworks', 'net')]",
    },
    "resources": [
        {
            "type": "Microsoft.Compute/virtualMachines",
            "apiVersion": "2017-03-30",
            "name": "[parameters('vmName')]",
            "location": "[resourceGroup().location]",
            "dependsOn": ["[concat('Microsoft.Network/networkInterfaces/', variables('nic'))]"],
            "properties": {
                "storageProfile": {
                    "imageReference": {"publisher": "Debian", "offer": "debian-13", "sku": "13", "version": "latest"}
                },
                "osProfile": {
                    "computerName": "[parameters('vmName')]",
                    "adminUsername": "packer",
                    "adminPassword": "[parameters('adminPassword')]",
                },
                "networkProfile": {
                    "networkInterfaces": [
                        {"id": "[resourceId('Microsoft.Network/networkInterfaces', variables('nic'))]"}
                    ]
                },
            },
        },
        {
            "type": f"{NETWORK}/networkInterfaces",
            "apiVersion": "2017-04-01",
            "name": "[variables('nic')]",
            "location": "[resourceGroup().location]",
            "dependsOn": ["[variables('vnetID')]"],
            "properties": {"ipConfigurations": [{"name": "ipconfig", "properties": {}}]},
        },
        {
            "type": f"{NETWORK}/virtualNetworks",
            "apiVersion": "2017-04-01",
            "name": "net",
            "location": "[resourceGroup().location]",
            "properties": {"subnets": [{"name": "sub", "properties": {"addressPrefix": "10.0.0.0/24"}}]},
        },
    ],
    "outputs": {"id": {"type": "string", "value": "[reference(variables('vnetID')).provisioningState]"}},
}


def path(arm: Any, name: str = "d", tail: str = "") -> str:
    group = f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden"
    return f"{group}/providers/Microsoft.Resources/deployments/{name}{tail}"


def body(**parameters: str) -> dict[str, Any]:
    values = {name: {"value": value} for name, value in parameters.items()}
    return {"properties": {"mode": "Incremental", "template": TEMPLATE, "parameters": values}}


def test_a_template_is_deployed_in_the_order_of_its_dependencies(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    wanted = body(vmName="built", adminPassword="Topsecret1")
    assert slow_arm.send("POST", path(slow_arm, tail="/validate"), wanted).status_code == 200
    answer = slow_arm.send("PUT", path(slow_arm), wanted)
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (201, "Accepted")
    poll = answer.headers["Azure-AsyncOperation"]
    assert slow_arm.send("GET", poll).json()["status"] == "Running"
    slow_azure.clock.advance(60)
    assert slow_arm.send("GET", poll).json()["status"] == "Succeeded"
    shown = slow_arm.send("GET", path(slow_arm)).json()["properties"]
    assert shown["outputs"] == {"id": {"type": "string", "value": "Succeeded"}}
    assert "Topsecret1" not in repr(shown)
    assert "Topsecret1" not in repr([exchange.as_line() for exchange in slow_azure.requests])
    made = slow_arm.send("GET", path(slow_arm, tail="/operations")).json()["value"]
    assert [item["properties"]["targetResource"]["resourceName"] for item in made] == ["net", "built-nic", "built"]
    assert slow_arm.send("GET", "virtualMachines/built").json()["properties"]["provisioningState"] == "Succeeded"


def test_a_missing_parameter_is_named(arm: Any) -> None:
    status, code, message = arm.error("PUT", path(arm), body(vmName="built"))
    assert (status, code) == (400, "InvalidTemplate")
    assert "'adminPassword'" in message


def test_a_refused_resource_fails_the_deployment(arm: Any) -> None:
    wanted = body(vmName="built", adminPassword="Topsecret1")
    wanted["properties"]["template"] = {**TEMPLATE, "resources": TEMPLATE["resources"][:1]}
    answer = arm.send("PUT", path(arm), wanted)
    ended = arm.send("GET", answer.headers["Azure-AsyncOperation"]).json()
    assert ended["status"] == "Failed"
    assert ended["error"]["details"][0]["code"] == "InvalidResourceReference"


def test_a_deleted_deployment_is_gone_when_its_location_says_so(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    slow_arm.send("PUT", path(slow_arm), body(vmName="built", adminPassword="Topsecret1"))
    slow_azure.clock.advance(60)
    answer = slow_arm.send("DELETE", path(slow_arm))
    assert (answer.status_code, answer.text) == (202, "")
    poll = answer.headers["Location"]
    assert slow_arm.send("GET", poll).status_code == 202
    slow_azure.clock.advance(60)
    assert slow_arm.send("GET", poll).status_code == 204
    assert slow_arm.error("GET", path(slow_arm))[:2] == (404, "DeploymentNotFound")
    assert slow_arm.send("DELETE", path(slow_arm)).status_code == 204
    assert slow_arm.send("GET", "virtualMachines/built").status_code == 200


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("plain", "plain"),
        ("[[escaped]", "[escaped]"),
        ("[toUpper('it''s')]", "IT'S"),
        ("[resourceGroup().location]", "westeurope"),
        (
            "[resourceId('other', 'A.B/cs/ds', 'c', 'd')]",
            "/subscriptions/s/resourceGroups/other/providers/A.B/cs/c/ds/d",
        ),
        ("[createArray('a', 'b')[1]]", "b"),
    ],
)
def test_expressions(expression: str, value: str) -> None:
    assert evaluate(expression, Scope("s", "t", "g", "westeurope")) == value


@pytest.mark.parametrize(
    "expression", ["[nothing()]", "[concat('a']", "[parameters('absent')]", "[resourceGroup().no]"]
)
def test_bad_expressions(expression: str) -> None:
    with pytest.raises(TemplateError):
        evaluate(expression, Scope("s", "t", "g", "westeurope"))
