# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether a network security group keeps strangers from the ports by which machines are managed; pure.

Rules: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

#: SSH, RDP, WinRM over HTTP and HTTPS.
MANAGEMENT_PORTS = (22, 3389, 5985, 5986)
_ANYBODY = ("*", "any", "internet")
#: This service tag, and AzureCloud.westeurope and the like, are the public addresses of every customer's machines:
#: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
_ANY_CUSTOMER = "azurecloud"
#: Protocols that have no ports, whatever a rule says of them.
_WITHOUT_PORTS = ("icmp", "icmpv6", "esp", "ah")
#: A network of a shorter prefix is a part of the internet so large that it limits nobody.
_SHORTEST_PREFIX = 8


def open_rules(security_group: Json) -> list[str]:
    """Names of the rules that let anybody in to a management port.

    Rules that deny are left out of account: what is open by one rule and closed by another counts as open.
    """
    rules = (security_group.get("properties") or {}).get("securityRules") or []
    return [str(rule.get("name")) for rule in rules if _lets_anybody_in(rule.get("properties") or {})]


def _lets_anybody_in(rule: Json) -> bool:
    return (
        str(rule.get("direction")).lower() == "inbound"
        and str(rule.get("access")).lower() == "allow"
        and str(rule.get("protocol")).lower() not in _WITHOUT_PORTS
        and any(map(_is_anybody, _all(rule, "sourceAddressPrefix", "sourceAddressPrefixes")))
        and any(map(_is_management, _all(rule, "destinationPortRange", "destinationPortRanges")))
    )


def _all(rule: Json, one: str, many: str) -> list[str]:
    single = rule.get(one)
    return [str(value) for value in [*([single] if single else []), *(rule.get(many) or [])]]


def _is_anybody(prefix: str) -> bool:
    address, _slash, length = prefix.strip().lower().partition("/")
    if length.isdigit():
        return int(length) < _SHORTEST_PREFIX
    return address in _ANYBODY or address.partition(".")[0] == _ANY_CUSTOMER


def _is_management(ports: str) -> bool:
    if ports.strip() == "*":
        return True
    first, _dash, last = ports.partition("-")
    if not first.strip().isdigit():
        return False
    low = int(first)
    high = int(last) if last.strip().isdigit() else low
    return any(low <= port <= high for port in MANAGEMENT_PORTS)
