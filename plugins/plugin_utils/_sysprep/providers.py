# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Libraries and services that sysprep uses, and known causes of failures that are irreversible; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep import libraries
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

_EXTERNAL = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\SysPrepExternal"
#: The machine type in the header of libraries for x64:
#: https://learn.microsoft.com/windows/win32/debug/pe-format#machine-types
_AMD64 = 0x8664
#: Services that sysprep requires, and their purpose. They must not be disabled, but need not be running.
_REQUIRED_SERVICES = {
    "appxsvc": "AppX packages (0x422)",
    # social.technet.microsoft.com, thread on capisp.dll.
    "cryptsvc": "keys and certificates",
    "sppsvc": "licensing",
    # GoogleCloudPlatform/compute-image-windows#156: "Failed to query pending CBS operations".
    "trustedinstaller": "the servicing of Windows",
}
#: Services with automatic start; the others are started on demand.
_AUTOMATIC = {"cryptsvc", "sppsvc"}
#: The media sharing service, which keeps files open that drmv2clt.dll deletes.
_MEDIA_SHARING = "wmpnetworksvc"
_DEFENDER_FOLDER = "microsoft.azure.azuredefenderforservers.mde.windows"


def provider_blockers(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Libraries that sysprep cannot load: it would fail or hang after it has started, and the guest would not be usable any more.

    danielsollondon/azvmimagebuilder#83, hashicorp/packer#9261, Azure/AgentBaker#429 (VMAgentDisabler.dll).
    """
    architecture = str((facts.get("system") or {}).get("architecture") or "").upper()
    for provider in facts.get("sysprep_providers") or []:
        reason = _reason(provider, architecture)
        if reason:
            library = str(provider.get("library"))
            owner = libraries.owner(library)
            yield finding(
                "provider_not_loadable",
                f"The library {library}{f' of {owner}' if owner else ''}, which sysprep runs ({_origin(provider)}), {reason}, so sysprep "
                f"would fail or hang after it has started, and the guest would not be usable any more; {libraries.advice(library)}.",
            )


def _origin(provider: Mapping[str, Any]) -> str:
    if provider.get("name"):
        return f"value {provider['name']} of {_EXTERNAL}\\{provider.get('phase')}"
    return f"action file {provider.get('phase')}"


def _reason(provider: Mapping[str, Any], architecture: str) -> str:
    if not provider.get("present"):
        return "is missing"
    if provider.get("hidden"):
        return "is hidden, so sysprep does not find it"
    if provider.get("machine") is None:
        return "is not a library"
    if architecture == "AMD64" and provider["machine"] != _AMD64:
        return "is built for another processor"
    return ""


def component_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """States of Windows components that are known to cause sysprep to fail."""
    defender = facts.get("defender_endpoint") or {}
    reasons = _onboarded(defender, facts.get("extensions") or [], actions)
    if reasons:
        # actions/runner-images#9659 and #7103: the value senseGuid cannot be deleted, and sysprep fails.
        yield finding(
            "defender_onboarded",
            f"The guest is onboarded to Microsoft Defender for Endpoint ({', '.join(reasons)}), which protects its ID, and sysprep would "
            "fail after it has started (0x80070005); offboard the guest with the offboarding script of the Defender portal, reboot it, and "
            "set the tag ExcludeMdeAutoProvisioning on the virtual machine, which prevents that it is onboarded again.",
        )
    if lacks_dsc_agent_id(facts) and "dsc_agent_id" not in actions:
        # hashicorp/packer#9818, MicrosoftDocs/azure-docs#43893 and #80346.
        yield finding(
            "dsc_agent_id_missing",
            "A configuration of PowerShell DSC was applied to the guest, and its value AgentId is missing, so sysprep would hang after "
            "DscCore.dll has failed (0x2); add the value (an empty string) to HKLM\\SOFTWARE\\Microsoft\\DesiredStateConfiguration, or "
            "add the action 'dsc_agent_id'.",
        )
    for service in facts.get("sysprep_services") or []:
        purpose = _REQUIRED_SERVICES.get(str(service.get("name")).lower())
        if purpose and str(service.get("start_type")).lower() == "disabled":
            start = "automatic" if str(service.get("name")).lower() in _AUTOMATIC else "manual"
            yield finding(
                "required_service_disabled",
                f"The service {service.get('name')} is disabled, which sysprep requires for {purpose}; set it to {start} start.",
            )
    scenario = (facts.get("reserved_storage") or {}).get("active_scenario")
    if scenario:
        # Microsoft: Troubleshoot a build and capture task sequence in Configuration Manager.
        yield finding(
            "reserved_storage_in_use",
            f"Windows uses its reserved storage (ActiveScenario is {scenario}), and sysprep fails with 0x800f0975 meanwhile; install all "
            "updates, run DISM /Online /Cleanup-Image /StartComponentCleanup and reboot, and if the value in "
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\ReserveManager does not change, set it to 0.",
        )


def component_warnings(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """States that have caused sysprep to fail on some guests."""
    for service in facts.get("sysprep_services") or []:
        running = str(service.get("status")).lower() == "running"
        if str(service.get("name")).lower() == _MEDIA_SHARING and running:
            yield finding(
                "media_sharing_running",
                f"The media sharing service {service.get('name')} is running, and is reported to keep files open that sysprep deletes "
                "(drmv2clt.dll, 0x80070020); stop and disable it before sysprep.",
            )


def lacks_dsc_agent_id(facts: Mapping[str, Any]) -> bool:
    """Whether a DSC configuration was applied and the value AgentId is missing, which the sysprep provider of DSC deletes."""
    dsc = facts.get("dsc") or {}
    return bool(dsc.get("configured")) and dsc.get("agent_id") is None


def _onboarded(defender: Mapping[str, Any], extensions: Sequence[str], actions: Sequence[str]) -> list[str]:
    reasons = []
    if str(defender.get("service")).lower() == "running":
        reasons.append("the service Sense is running")
    if defender.get("onboarding_state") == 1:
        reasons.append("OnboardingState is 1")
    # If the service is not running and the extension is removed, nothing can onboard the guest.
    if "extensions" not in actions and any(name.lower() == _DEFENDER_FOLDER for name in extensions):
        reasons.append("the extension MDE.Windows is installed")
    return reasons


ACCEPTABLE = ("defender_onboarded", "dsc_agent_id_missing", "provider_not_loadable", "reserved_storage_in_use")
