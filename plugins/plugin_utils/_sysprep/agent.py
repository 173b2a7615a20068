# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Azure agent and the provisioning DVD, which virtual machines created from a Windows guest require; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding, is_recently_booted
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.state import setup_is_running

_SERVICES = ("RdAgent", "WindowsAzureGuestAgent")


def agent_may_be_coming(facts: Mapping[str, Any]) -> bool:
    """Whether a missing service may still be installed, as on a new virtual machine."""
    found = {str(service.get("name")).lower() for service in facts.get("services") or []}
    missing = any(name.lower() not in found for name in _SERVICES)
    return missing and (is_recently_booted(facts) or setup_is_running(facts))


def agent_is_busy(facts: Mapping[str, Any]) -> bool:
    """Whether the agent is being installed, updated or started."""
    stopped = any(
        service.get("name") in _SERVICES and str(service.get("status")).lower() != "running"
        for service in facts.get("services") or []
    )
    return stopped or bool(facts.get("agent_installers")) or agent_may_be_coming(facts)


def agent_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """States in which the agent would not work in virtual machines created from the image."""
    if "agent" in (facts.get("failures") or {}):
        return
    waits = "agent_settled" in actions
    found = {str(service.get("name")).lower(): service for service in facts.get("services") or []}
    for name in _SERVICES:
        service = found.get(name.lower())
        if service is None and not (waits and agent_may_be_coming(facts)):
            yield finding(
                "agent_missing",
                f"The guest has no service {name}: the Azure VM agent is not installed, so Azure could not provision virtual machines "
                f"created from the image; "
                "install it.",
            )
        elif service is not None and str(service.get("status")).lower() != "running" and not waits:
            yield finding(
                "agent_not_running",
                f"The service {name} of the Azure VM agent is {service.get('status')}; start it, and check the logs in "
                "C:\\WindowsAzure\\Logs if it stops again.",
            )
    installers = facts.get("agent_installers") or []
    if installers and not waits:
        yield finding(
            "agent_updating",
            f"The Azure VM agent is updating itself ({', '.join(installers)} is running), which causes a concurrent sysprep to fail; "
            "wait a few minutes and run the role again.",
        )


def provisioning_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """Settings that prevent virtual machines created from the image from reading the provisioning DVD."""
    start = facts.get("cdrom_start")
    if "cdrom_start" not in (facts.get("failures") or {}) and start != 1 and "cdrom_start" not in actions:
        yield finding(
            "cdrom_disabled",
            f"The driver cdrom has Start = {start} instead of 1: Azure provisions virtual machines from a DVD, so those "
            "created from the image would not start; set HKLM\\SYSTEM\\CurrentControlSet\\Services\\cdrom Start to 1, or add the "
            "action 'cdrom_start'.",
        )
    for policy in facts.get("removable_storage_policies") or []:
        yield finding(
            "removable_storage_policy",
            f"The policy {policy} denies removable storage, including the DVD that Azure provisions virtual machines from; remove it.",
        )


ACCEPTABLE = ("removable_storage_policy",)
