# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AppX packages that cause sysprep to fail; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

#: Packages that Windows, the Store and updates install for each user who signs in, also in virtual machines created from the image. Names
#: in lower case; a name that ends with a dot is a prefix. Sources:
#: hashicorp/packer-plugin-azure#350 (WidgetsPlatformRuntime), microsoft/winget-cli#5599 (Winget.Source), antifob/incus-windows#28
#: (MicrosoftEdge.Stable), vmware/ansible-vsphere-gos-validation#596 (Copilot),
#: Microsoft: Troubleshoot a build and capture task sequence in Configuration Manager (OneDriveSync)
_OF_SIGN_IN = (
    "microsoft.copilot",
    "microsoft.edge.gameassist",
    "microsoft.ink.handwriting.",
    "microsoft.microsoftedge.stable",
    "microsoft.onedrivesync",
    "microsoft.startexperiencesapp",
    "microsoft.widgetsplatformruntime",
    "microsoft.winget.source",
)


def of_sign_in(facts: Mapping[str, Any]) -> list[str]:
    """Names of installed packages of this kind, which cause sysprep to fail."""
    names = {str(package.get("name")).lower() for package in appx_for_some_users(facts)}
    return sorted(
        name
        for name in names
        if any(name == known or (known.endswith(".") and name.startswith(known)) for known in _OF_SIGN_IN)
    )


def appx_for_some_users(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Packages that are installed for some users and not provisioned for all users."""
    provisioned = {str(package.get("name")).lower() for package in facts.get("appx_provisioned") or []}
    for package in facts.get("appx_packages") or []:
        part_of_windows = package.get("non_removable") or str(package.get("signature_kind")).lower() == "system"
        if part_of_windows or package.get("framework") or package.get("resource") or not package.get("users"):
            continue
        if str(package.get("name")).lower() not in provisioned:
            yield package


def appx_blockers(facts: Mapping[str, Any], appx_packages: Sequence[str]) -> Iterator[Finding]:
    """Packages that the validation of sysprep rejects."""
    for package in appx_for_some_users(facts):
        if str(package.get("name")).lower() not in appx_packages:
            yield finding(
                "appx_for_some_users",
                f"The AppX package {package.get('full_name')} is installed for {', '.join(package['users'])} but not "
                "provisioned for all users, which causes sysprep to fail (0x80073cf2); remove it, manually or with "
                f"'windows_sysprep_remove_appx_packages: [{package.get('name')}]', or provision it for all users.",
            )


def removable(facts: Mapping[str, Any], appx_packages: Sequence[str]) -> set[str]:
    """Names of installed packages that are to be removed."""
    return {
        str(package["name"])
        for package in facts.get("appx_packages") or []
        if str(package.get("name")).lower() in appx_packages and not package.get("non_removable")
    }


def newer_blockers(facts: Mapping[str, Any], appx_packages: Sequence[str]) -> Iterator[Finding]:
    """Packages that were updated for one user, which causes sysprep to fail as well.

    antifob/incus-windows#28; Microsoft: "Sysprep fails after you remove or update Microsoft Store apps" (KB 2769827).
    """
    provisioned = {str(package.get("name")).lower(): package for package in facts.get("appx_provisioned") or []}
    bundles = {str(bundle.get("name")).lower(): bundle for bundle in facts.get("appx_bundles") or []}
    for package in facts.get("appx_packages") or []:
        name = str(package.get("name")).lower()
        known = provisioned.get(name)
        of_windows = str(package.get("signature_kind")).lower() == "system"
        if known is None or name in appx_packages or of_windows or package.get("framework") or not package.get("users"):
            continue
        # A bundle and its packages have different versions: microsoft/terminal#12023.
        installed = bundles.get(name) if known.get("bundle") else package
        if installed is not None and _version(installed) > _version(known):
            yield finding(
                "appx_newer_than_provisioned",
                f"The AppX package {package.get('full_name')} of {', '.join(package['users'])} is newer than the one provisioned for all "
                f"users ({known.get('version')}), which causes sysprep to fail (0x80073cf2); {_newer_advice(package)}, or accept "
                "'appx_newer_than_provisioned'.",
            )


def _newer_advice(package: Mapping[str, Any]) -> str:
    if package.get("non_removable"):
        return "it is part of Windows and cannot be removed: provision the newer version, or delete the profile of the user who has it"
    return f"remove it, manually or with 'windows_sysprep_remove_appx_packages: [{package.get('name')}]', or provision the newer version"


def _version(package: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in str(package.get("version") or "").split(".") if part.isdigit())


ACCEPTABLE = ("appx_for_some_users", "appx_newer_than_provisioned")
