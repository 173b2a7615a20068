# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Causes of failures in the lines of sysprep's logs, and their remedies; pure.

The patterns match log lines that are quoted in Microsoft's documentation and by users. The tests contain the source of each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep import libraries

#: A message, or a function that creates one from a match.
Meaning = str | Callable[["re.Match[str]"], str]

#: Publishers of packages: of Windows itself, and of Microsoft's apps.
_OF_WINDOWS = "cw5n1h2txyewy"
_OF_MICROSOFT = "8wekyb3d8bbwe"
#: Prefixes of package names in lower case, and the remedies.
_PACKAGES = (
    (
        "microsoft.winget.source",
        "it is the index of winget: remove it, and do not use winget before sysprep, because this installs it again",
    ),
    ("microsoft.microsoftedge", "Edge has updated itself for this user: remove it, or build without network access"),
    ("microsoft.edge.", "Edge has installed it for this user: remove it for all users"),
    (
        "microsoft.widgetsplatformruntime",
        "the Store has installed it: remove it for all users, and prevent the Store from updating apps before sysprep",
    ),
    ("microsoft.languageexperiencepack", "remove it, and install languages with DISM instead of the Store"),
    (
        "microsoft.desktopappinstaller",
        "the Store may have updated the provisioned version: provision the newer version, or delete the profile of the user who has it, "
        "because parts of Windows cannot be removed",
    ),
)
_REARM = (
    "Windows cannot be rearmed again (0xc004d307): use a new installation, or set SkipRearm before the last sysprep."
)
_SENSE = f"{libraries.component_advice('Windows-SenseClient-Service')} (Windows-SenseClient-Service)."
#: Errors of Windows in [gle=...]: https://learn.microsoft.com/windows/win32/debug/system-error-codes
_WRONG_PROCESSOR = 0xC1
_NOT_LOADED = {0x5: "Windows may not read it", _WRONG_PROCESSOR: "it is built for another processor"}
_NOT_FOUND = "it is missing, hidden, or misses another library"


def package(match: re.Match[str]) -> str:
    """Advice about an AppX package of one user."""
    name = match[1].rstrip(".,;:")
    publisher = name.rpartition("_")[2].lower()
    known = next((advice for beginning, advice in _PACKAGES if name.lower().startswith(beginning)), "")
    if publisher == _OF_WINDOWS:
        known = (
            "it is part of Windows and was left by an upgrade, and can be neither removed nor provisioned: use a new "
            "installation of Windows"
        )
    elif publisher != _OF_MICROSOFT and not known:
        known = (
            "remove the package, or uninstall the program that has registered it; a package that an installer registers cannot be "
            "provisioned, "
            "and is registered again for each user"
        )
    return (
        f"The AppX package {name} was installed for a user and not provisioned for all users; "
        f"{known or 'remove it for all users, or provision it'}."
    )


def staged(match: re.Match[str]) -> str:
    """Advice about a staged AppX package, which is installed for no user."""
    return (
        f"The staged AppX package {match[1].rstrip('.,;:')} could not be removed{_code(match[2])}: remove it with Remove-AppxPackage "
        f"-AllUsers, and "
        "check the permissions of C:\\Program Files\\WindowsApps."
    )


def not_removed(match: re.Match[str]) -> str:
    """Advice about an AppX package whose removal exceeds the time limit."""
    return (
        f"The AppX package {match[1].rstrip('.,;:')} could not be removed in time: remove it with Remove-AppxPackage -AllUsers "
        "before sysprep, or delete the profile of the user who has it."
    )


def not_loaded(match: re.Match[str]) -> str:
    """Advice about a library that Windows did not load."""
    path, code = match[1].strip(), int(match[2] or "0", 16)
    advice = libraries.advice(path)
    if code == _WRONG_PROCESSOR and "\\syswow64\\" in path.lower():
        advice = (
            "let the values below HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\Sysprep that name it point to System32 "
            "instead of SysWOW64"
        )
    reason = _NOT_LOADED.get(code, _NOT_FOUND)
    return f"The library {libraries.name_of(path)}{_of(path)} could not be loaded ({reason}): {advice}."


def launched(match: re.Match[str]) -> str:
    """Advice about a function of a library that returned an error."""
    path, function, code = match[1].strip(), match[2], match[3]
    return f"{function} of {libraries.name_of(path)}{_of(path)} failed{_code(code)}: {libraries.advice(path)}."


def module(match: re.Match[str]) -> str:
    """Advice about a function of a library in an action file."""
    path = match[2].strip()
    return f"{match[1]} of {path}{_of(path)} failed{_code(match[3])}: {libraries.advice(path)}."


def component(match: re.Match[str]) -> str:
    """Advice about a component of an action file."""
    name = match[1].rstrip(".,;:")
    known = libraries.component_advice(name)
    if known:
        return f"The component {name} could not be generalized: {known}."
    if name.lower().startswith(("microsoft-", "windows-")):
        return (
            f"The component {name} of Windows could not be generalized, and must not be removed: repair Windows with DISM /Online "
            f"/Cleanup-Image "
            "/RestoreHealth, or use a new installation."
        )
    return (
        f"The component {name} could not be generalized: repair, update or uninstall the software that it belongs to."
    )


def protected(match: re.Match[str]) -> str:
    """Advice about a protected registry value."""
    value, key = match[1], match[2].strip().rstrip(";")
    if value.lower() == "senseguid":
        return _SENSE
    return (
        f"The value {value} of {key} could not be deleted: find the software that protects it, such as a sensor, and "
        "remove that before sysprep."
    )


def _of(path: str) -> str:
    owner = libraries.owner(path)
    return f" (part of {owner})" if owner else ""


def _code(code: str | None) -> str:
    """An error code in hexadecimal notation. Registry functions log negative decimal numbers."""
    if not code:
        return ""
    try:
        number = int(code, 0)
    except ValueError:
        return ""
    return f" (0x{number & 0xFFFFFFFF:x})"


#: A path that ends with a library's name, and may contain spaces.
_DLL = r"['\"]?((?:[A-Za-z]:|%\w+%|\\\\)?[^'\";:,\[\]<>|]*?\.(?:dll|cpl|exe|ocx))"

#: Specific causes. The first match of a line is used.
PRECISE: tuple[tuple[str, Meaning], ...] = (
    (r"Package (\S+) (?:was|is) installed for a user, but not provisioned for all users", package),
    (r"Failed to remove staged package (\S+?)[:;,]?(?:\s+.*?(0x[0-9a-f]+)|\s|$)", staged),
    (r"Package (\S+) failed waiting for remove operation", not_removed),
    (
        r"'SysprepGeneralize\w*' from .*AppxSysprep\.dll.*(?:dwRet|error code)\W*(?:0x422|0x80070422|1058)\b",
        "The service AppXSvc of AppX packages is disabled (0x422): set it to manual start before sysprep.",
    ),
    (
        r"0x80310039|BitLocker-Sysprep: BitLocker is on|ValidateBitLockerState",
        "A volume is encrypted (0x80310039): decrypt all volumes before sysprep.",
    ),
    (
        r"updates that require a reboot|dwRet = 0x36b7",
        "Windows updates require a reboot: reboot before sysprep, more than once if necessary.",
    ),
    (
        r"reserved storage is in use|using reserved storage|0x800f0975",
        "Reserved storage is in use by an update: wait until the update has ended, run DISM /Online /Cleanup-Image /StartComponentCleanup, "
        "and reboot before sysprep.",
    ),
    (
        r"active (?:servicing )?scenario",
        "Servicing keeps reserved storage for an active scenario (0x800f0975): complete the update, and reboot before sysprep.",
    ),
    (
        r"Failed to query pending CBS operations",
        "Windows servicing did not respond to sysprep: wait until updates are installed (TiWorker), reboot, and check the service "
        "TrustedInstaller.",
    ),
    (r"0xc004d307|-1073425657\b", _REARM),
    (
        r"SLReArmWindows.*(?:0x80070422|-2147023838|error code 1058|error code 0x422)\b",
        "The licensing service sppsvc is disabled (0x422): set it to automatic start before sysprep.",
    ),
    (
        r"machine is in an invalid state|couldn.t update the recorded state|hr = 0x8007001f|dwRet = (?:0x1f|31)\b",
        "After an earlier sysprep, this guest is in an invalid state (0x1f): start again from an image or a snapshot that precedes it.",
    ),
    (
        r"dialog box returned FALSE",
        "Sysprep was started without options, and showed its dialog, which was closed: start it with /generalize and /oobe.",
    ),
    (
        r"parse command.?line|malformed command.?line|command.?line\b.*\bmalformed|unsupported command.?line option",
        "Sysprep did not accept its command line: check 'windows_sysprep_mode_vm', 'windows_sysprep_oobe' and the path of the answer "
        "file, which must not contain spaces.",
    ),
    (
        r"upgraded OS|upgraded operating system",
        "Windows was upgraded from an earlier version, which this sysprep does not support: use a new installation.",
    ),
    (
        r"(?:does not|doesn.t) have (?:the )?required privileges|must be (?:an )?administrator",
        "The user lacks permissions to run sysprep: connect as an administrator with an elevated token.",
    ),
    (
        r"(?:another|other) instance of sysprep|sysprep is already running",
        "Another sysprep is running: wait until it has ended, or end it and reboot the guest.",
    ),
    (
        r"(?:parse|deserialize|load|read)\w* .*(?:unattend|answer file)|unattend\S* .*(?:invalid|failed)",
        "The answer file could not be read: validate it against this version of Windows.",
    ),
    (
        r"SPPNP: Unable to configure (?:all )?driver packages|Sysprep_Generalize_Pnp",
        "Drivers could not be generalized: find the driver package that C:\\Windows\\INF\\setupapi.dev.log names, and delete it with "
        "pnputil; the "
        "component itself must not be removed.",
    ),
    (
        r"Sysprep_Specialize_\w+' from .*\.dll",
        "The first start of Windows failed to specialize this installation: check the volume and the disk's layout, and the logs in "
        "C:\\Windows\\Panther; no component is to be removed.",
    ),
    (
        r"RemoveUninstall:Failed",
        f"{libraries.component_advice('Microsoft-Windows-Sysprep-SpOpk')}; it is a part of Windows and must not be stopped or removed.",
    ),
    (r"Could not load DLL " + _DLL + r"(?:.*?gle=(0x[0-9a-f]+))?", not_loaded),
    (r"value (\S+) under key ([^;]+);.*(?:0x5\b|0x80070005)", protected),
    (
        r"Windows-SenseClient-Service",
        _SENSE,
    ),
    (
        r"(?:executing|execute) "
        + _DLL
        + r"\s*,\s*([\w@?]+)['\"]?,?\s*(?:returned error code|dwRet =)\s*(-?(?:0x)?[0-9a-fA-F]+)",
        launched,
    ),
)
#: Locations in which sysprep failed. They are omitted if a specific cause is known.
GENERIC: tuple[tuple[str, Meaning], ...] = (
    (r"Error in executing action for ([\w.-]+)", component),
    (r"executing '([^']+)' from " + _DLL + r"(?:.*?(?:dwRet|error code)\W*(-?(?:0x)?[0-9a-fA-F]+))?", module),
)
#: The last line of a failed run, if nothing else is known.
LAST: tuple[tuple[str, Meaning], ...] = (
    (
        r"Hit failure while (?:processing|pre-validate) sysprep (\w+) (?:\w+ )?providers; hr = (0x[0-9a-fA-F]+)",
        lambda match: (
            f"Sysprep failed in the phase {match[1]} with {match[2].lower()}, and this log does not contain the cause: check the preceding "
            f"lines of setupact.log."
        ),
    ),
)


def causes(lines: Iterable[str]) -> list[str]:
    """One message for each cause. If there are specific causes, the others are omitted."""
    texts = list(lines)
    for table in (PRECISE, GENERIC, LAST):
        found = [message for text in texts for message in _first_match(table, text)]
        if found:
            return list(dict.fromkeys(found))
    return []


def _first_match(table: tuple[tuple[str, Meaning], ...], text: str) -> list[str]:
    for pattern, meaning in table:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return [meaning if isinstance(meaning, str) else meaning(match)]
    return []
