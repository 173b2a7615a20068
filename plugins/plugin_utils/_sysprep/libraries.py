# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Libraries that sysprep runs: the product that they belong to, and the remedy if they fail; pure."""

from __future__ import annotations

#: The product and the remedy of each library, by its name in lower case. The tests contain the sources.
_KNOWN = {
    "appxsysprep.dll": (
        "the AppX packages of Windows",
        "remove the packages that are installed for one user, or provision them for all",
    ),
    "bdesysprep.dll": ("BitLocker", "decrypt all volumes and wait until that has ended"),
    "capisp.dll": (
        "the cryptographic services of Windows",
        "check the service CryptSvc and the permissions of C:\\ProgramData\\Microsoft\\Crypto",
    ),
    "drmv2clt.dll": (
        "the media player of Windows",
        "stop the service WMPNetworkSvc, which keeps its files open, and disable it until sysprep has ended",
    ),
    "dsccore.dll": (
        "PowerShell Desired State Configuration",
        "add the value AgentId (an empty string) to HKLM\\SOFTWARE\\Microsoft\\DesiredStateConfiguration, or create the image "
        "before a configuration is applied, as only that is supported",
    ),
    "iesysprep.dll": ("Internet Explorer", "install the pending updates of Internet Explorer and reboot"),
    "msdtcprx.dll": (
        "the Distributed Transaction Coordinator",
        "install it again (msdtc -uninstall, reboot, msdtc -install)",
    ),
    "setupcl.dll": ("the renaming of the machine SID", "check the volume with chkdsk"),
    "slc.dll": (
        "the licensing of Windows",
        "use a new installation if the rearm count is used up, and otherwise check the service sppsvc",
    ),
    "spbcd.dll": (
        "the boot configuration",
        "check it with bcdedit /enum all: the system partition must exist and have a letter or path",
    ),
    "spnet.dll": ("the network of Windows", "check network adapters and drivers of virtual networks"),
    "spntfs.dll": ("the file system NTFS", "check the volume with chkdsk and the layout of the disk"),
    "spopk.dll": (
        "the check of Windows before sysprep",
        "complete updates and servicing and reboot; if that does not help, run DISM /Online /Cleanup-Image /RestoreHealth",
    ),
    "sppnp.dll": (
        "Plug and Play",
        "find the driver package that C:\\Windows\\INF\\setupapi.dev.log names, and delete it with pnputil",
    ),
    "sppwinob.dll": ("the licensing of Windows", "check the service sppsvc and the rearm count"),
    "vmagentdisabler.dll": (
        "the Azure VM agent",
        "show the file if it is hidden (attrib -h), install the agent again, or delete its value below "
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\SysPrepExternal, because the agent does nothing during sysprep",
    ),
}
#: The remedies of components, by their names in action files, in lower case.
_COMPONENTS = {
    "windows-senseclient-service": (
        "Defender for Endpoint protects the ID of the guest (senseGuid): offboard the guest before sysprep, and do not stop or remove the "
        "service by hand"
    ),
    "microsoft-windows-sysprep-spopk": (
        "Sysprep could not clean up the component store: run DISM /Online /Cleanup-Image /RestoreHealth, or use a new installation"
    ),
    "microsoft-windows-security-spp": (
        "Windows could not be rearmed: use a new installation if the rearm count is used up, or set SkipRearm, and otherwise check the "
        "service sppsvc"
    ),
    "microsoft-windows-pnpsysprep": (
        "Drivers could not be generalized: find the driver package that C:\\Windows\\INF\\setupapi.dev.log names, and delete it with "
        "pnputil"
    ),
}


def name_of(path: str) -> str:
    """The file name of a path."""
    return path.replace("/", "\\").rpartition("\\")[2].strip().strip('"')


def owner(path: str) -> str:
    """The product that a library belongs to; empty if it is unknown."""
    known = _KNOWN.get(name_of(path).lower())
    return known[0] if known else ""


def advice(path: str) -> str:
    """The remedy if a library fails."""
    known = _KNOWN.get(name_of(path).lower())
    if known:
        return known[1]
    if is_of_windows(path):
        return (
            "repair Windows with DISM /Online /Cleanup-Image /RestoreHealth and sfc /scannow, or use a new installation"
        )
    return "repair, update or uninstall the software that it belongs to"


def is_of_windows(path: str) -> bool:
    """Whether a library is a part of Windows, by its name."""
    name = name_of(path).lower()
    return (name in _KNOWN and name != "vmagentdisabler.dll") or name.startswith("sp") or "sysprep" in name


def component_advice(component: str) -> str:
    """The remedy if a component of an action file fails; empty if it is unknown."""
    return _COMPONENTS.get(component.lower(), "")
