# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which network security groups limit who may connect."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._instance.security_rules import open_rules


def group(**rule: Any) -> dict[str, Any]:
    properties = {
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "destinationPortRange": "22",
        **rule,
    }
    return {"properties": {"securityRules": [{"name": "rule", "properties": properties}]}}


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"sourceAddressPrefix": "Internet"},
        {"sourceAddressPrefix": "AzureCloud"},
        {"sourceAddressPrefix": "AzureCloud.westeurope"},
        {"protocol": "*"},
        {"sourceAddressPrefix": "0.0.0.0/0"},
        {"sourceAddressPrefix": "::/0"},
        {"sourceAddressPrefix": None, "sourceAddressPrefixes": ["203.0.113.0/24", "0.0.0.0/1"]},
        {"destinationPortRange": "*"},
        {"destinationPortRange": "0-65535"},
        {"destinationPortRange": "3389"},
        {"destinationPortRange": "5000-6000"},
        {"destinationPortRange": "", "destinationPortRanges": ["80", "20-25"]},
        {"direction": "inbound", "access": "ALLOW"},
    ],
)
def test_open(rule):
    assert open_rules(group(**rule)) == ["rule"]


@pytest.mark.parametrize(
    "rule",
    [
        {"direction": "Outbound"},
        {"access": "Deny"},
        {"sourceAddressPrefix": "203.0.113.7"},
        {"sourceAddressPrefix": "203.0.113.0/24"},
        {"sourceAddressPrefix": "VirtualNetwork"},
        {"sourceAddressPrefix": "10.0.0.0/8"},
        {"sourceAddressPrefix": None, "sourceApplicationSecurityGroups": [{"id": "/x"}]},
        {"destinationPortRange": "443"},
        {"protocol": "Icmp", "destinationPortRange": "*"},
        {"destinationPortRange": "", "destinationPortRanges": ["80", "8000-9000"]},
    ],
)
def test_limited(rule):
    assert open_rules(group(**rule)) == []


def test_a_group_without_rules_lets_nobody_in():
    assert open_rules({"properties": {}}) == []
