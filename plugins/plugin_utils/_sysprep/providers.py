# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sysprep runs, and what is known to break it when it is too late to go back; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep import libraries
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

_EXTERNAL = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\SysPrepExternal"
#: What a library of a 64-bit Windows on x64 is built for, by its header:
#: https://learn.microsoft.com/windows/win32/debug/pe-format#machine-types
_AMD64 = 0x8664
#: Services without which sysprep fails, and what for: it needs them startable, and none of them running.
_REQUIRED_SERVICES = {
    "appxsvc": "AppX packages (0x422)",
    # social.technet.microsoft.com, thread on capisp.dll.
    "cryptsvc": "keys and certificates",
    "sppsvc": "licensing",
    # GoogleCloudPlatform/compute-image-windows#156: "Failed to query pending CBS operations".
    "trustedinstaller": "the servicing of Windows",
}
#: Which Windows starts by itself; the others start when they are needed.
_AUTOMATIC = {"cryptsvc", "sppsvc"}
#: The media sharing, which holds files that drmv2clt.dll deletes.
_MEDIA_SHARING = "wmpnetworksvc"
_DEFENDER_FOLDER = "microsoft.azure.azuredefenderforservers.mde.windows"


def provider_blockers(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Libraries that sysprep is to run and cannot: it fails half-way, or hangs, and the guest is lost.

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
                f"would fail or hang after it has begun, and the guest would be lost; {libraries.advice(library)}.",
            )


def _origin(provider: Mapping[str, Any]) -> str:
    if provider.get("name"):
        return f"value {provider['name']} of {_EXTERNAL}\\{provider.get('phase')}"
    return f"action file {provider.get('phase')}"


def _reason(provider: Mapping[str, Any], architecture: str) -> str:
    if not provider.get("present"):
        return "is missing"
    if provider.get("hidden"):
        return "is hidden, and then sysprep does not find it"
    if provider.get("machine") is None:
        return "is no library"
    if architecture == "AMD64" and provider["machine"] != _AMD64:
        return "is built for another processor"
    return ""


def component_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """Parts of Windows that are known to break sysprep in a state that can be read before."""
    defender = facts.get("defender_endpoint") or {}
    reasons = _onboarded(defender, facts.get("extensions") or [], actions)
    if reasons:
        # actions/runner-images#9659 and #7103: the value senseGuid cannot be deleted, and sysprep breaks off.
        yield finding(
            "defender_onboarded",
            f"The guest is onboarded to Microsoft Defender for Endpoint ({', '.join(reasons)}), which protects its ID, and sysprep would "
            "fail half-way (0x80070005); offboard the guest with the offboarding script of the Defender portal and reboot it, and keep it "
            "off with the tag ExcludeMdeAutoProvisioning on the virtual machine.",
        )
    if lacks_dsc_agent_id(facts) and "dsc_agent_id" not in actions:
        # hashicorp/packer#9818, MicrosoftDocs/azure-docs#43893 and #80346.
        yield finding(
            "dsc_agent_id_missing",
            "A configuration of PowerShell DSC was applied to the guest, and its value AgentId is missing, so sysprep would fail at "
            "DscCore.dll (0x2) and never end; add the value (an empty string) to HKLM\\SOFTWARE\\Microsoft\\DesiredStateConfiguration, or "
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
        # Microsoft: Troubleshoot a build and capture task sequence in Configuration Manager; users find the number in the registry.
        yield finding(
            "reserved_storage_in_use",
            f"Windows uses its reserved storage (ActiveScenario is {scenario}), and sysprep fails with 0x800f0975 meanwhile; install all "
            "updates, run DISM /Online /Cleanup-Image /StartComponentCleanup and reboot, and if the value in "
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\ReserveManager stays, set it to 0.",
        )


def component_warnings(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """What has made sysprep fail on some guests."""
    for service in facts.get("sysprep_services") or []:
        running = str(service.get("status")).lower() == "running"
        if str(service.get("name")).lower() == _MEDIA_SHARING and running:
            yield finding(
                "media_sharing_running",
                f"The service {service.get('name')} of the media sharing is running, and is reported to hold files at which sysprep fails "
                "(drmv2clt.dll, 0x80070020); stop and disable it before sysprep.",
            )


def lacks_dsc_agent_id(facts: Mapping[str, Any]) -> bool:
    """Whether DSC has been used, and has no ID that its part of sysprep could delete."""
    dsc = facts.get("dsc") or {}
    return bool(dsc.get("configured")) and dsc.get("agent_id") is None


def _onboarded(defender: Mapping[str, Any], extensions: Sequence[str], actions: Sequence[str]) -> list[str]:
    reasons = []
    if str(defender.get("service")).lower() == "running":
        reasons.append("the service Sense is running")
    if defender.get("onboarding_state") == 1:
        reasons.append("OnboardingState is 1")
    # Where the service is off and the extension is to go, nothing is left that could onboard the guest.
    if "extensions" not in actions and any(name.lower() == _DEFENDER_FOLDER for name in extensions):
        reasons.append("the extension MDE.Windows is installed")
    return reasons


ACCEPTABLE = ("defender_onboarded", "dsc_agent_id_missing", "provider_not_loadable", "reserved_storage_in_use")
