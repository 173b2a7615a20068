# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check whether a network security group opens management ports to any address; pure.

Rules: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

#: SSH, RDP, WinRM over HTTP and HTTPS.
MANAGEMENT_PORTS = (22, 3389, 5985, 5986)
_ANY_SOURCE = ("*", "any", "internet")
#: This service tag and its regional variants (AzureCloud.westeurope) contain the public addresses of all customers:
#: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
_ANY_CUSTOMER = "azurecloud"
#: Protocols without ports, regardless of the ports in a rule.
_WITHOUT_PORTS = ("icmp", "icmpv6", "esp", "ah")
#: A network with a shorter prefix is too large to count as a restriction.
_SHORTEST_PREFIX = 8


def open_rules(security_group: Json) -> list[str]:
    """The names of the rules that allow connections from any address to a management port.

    Deny rules are ignored: a port that is allowed by one rule and denied by another one counts as open.
    """
    rules = (security_group.get("properties") or {}).get("securityRules") or []
    return [str(rule.get("name")) for rule in rules if _allows_any_source(rule.get("properties") or {})]


def _allows_any_source(rule: Json) -> bool:
    return (
        str(rule.get("direction")).lower() == "inbound"
        and str(rule.get("access")).lower() == "allow"
        and str(rule.get("protocol")).lower() not in _WITHOUT_PORTS
        and any(map(_is_any_source, _values(rule, "sourceAddressPrefix", "sourceAddressPrefixes")))
        and any(map(_is_management, _values(rule, "destinationPortRange", "destinationPortRanges")))
    )


def _values(rule: Json, one: str, many: str) -> list[str]:
    single = rule.get(one)
    return [str(value) for value in [*([single] if single else []), *(rule.get(many) or [])]]


def _is_any_source(prefix: str) -> bool:
    address, _slash, length = prefix.strip().lower().partition("/")
    if length.isdigit():
        return int(length) < _SHORTEST_PREFIX
    return address in _ANY_SOURCE or address.partition(".")[0] == _ANY_CUSTOMER


def _is_management(ports: str) -> bool:
    if ports.strip() == "*":
        return True
    first, _dash, last = ports.partition("-")
    if not first.strip().isdigit():
        return False
    low = int(first)
    high = int(last) if last.strip().isdigit() else low
    return any(low <= port <= high for port in MANAGEMENT_PORTS)
