# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, registry keys and scheduled tasks that must not be part of a Windows image: removals, blockers and warnings; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.removal import PATH, TASK, removal


class Kind(NamedTuple):
    """A kind of files that must not be part of an image.

    :param what: description for messages.
    :param why: its effect in an image.
    :param source: the documentation, or an issue as owner/name#number.
    :param late: whether the connection may require it, so that it is deleted together with the shutdown.
    """

    what: str
    why: str
    source: str
    late: bool = False


_LEARN = "https://learn.microsoft.com"
#: The kinds by the actions that remove them.
KINDS = {
    "custom_data": Kind(
        "the custom data of the virtual machine",
        "it often contains secrets",
        f"{_LEARN}/azure/virtual-machines/custom-data",
    ),
    "powershell_history": Kind(
        "the history of PowerShell",
        "it may contain passwords that were typed",
        f"{_LEARN}/powershell/module/psreadline/about/about_psreadline",
    ),
    "transcripts": Kind(
        "transcripts of PowerShell",
        "they contain all commands and their output",
        f"{_LEARN}/powershell/module/microsoft.powershell.host/start-transcript",
    ),
    "cloud_credentials": Kind(
        "credentials of cloud tools in profiles",
        "everyone with access to the image can use them",
        f"{_LEARN}/cli/azure/msal-based-azure-cli",
    ),
    # sshd generates keys that are missing when it starts.
    "ssh_host_keys": Kind(
        "the host keys of OpenSSH",
        "all virtual machines created from the image would share them",
        "PowerShell/Win32-OpenSSH#1226",
        late=True,
    ),
    # They survive sysprep.
    "ssh_authorized_keys": Kind(
        "authorized keys of OpenSSH",
        "their owners could log in to all virtual machines created from the image",
        "openshift/windows-machine-config-operator#484",
        late=True,
    ),
    "scheduled_tasks": Kind(
        "scheduled tasks of Ansible and Packer",
        "they run commands of the build, and may contain its password",
        "hashicorp/packer#4799, rgl/packer-plugin-windows-update#106, jetbrains-infra/packer-builder-vsphere#130, ansible/ansible#25298",
    ),
    "temporary_files": Kind(
        "temporary files",
        "they make the image larger and may contain secrets",
        "https://github.com/actions/runner-images (clean-up of Windows images)",
    ),
    "winrm_listeners": Kind(
        "HTTPS listeners of WinRM",
        "their certificates contain the name of the captured virtual machine, and all virtual machines would share the keys",
        "Azure/aks-engine#1762, hashicorp/packer#9410",
        late=True,
    ),
}

#: The kinds that actions with additional conditions remove.
_OTHERS = {
    "answer_files": Kind(
        "answer files",
        "sysprep and all virtual machines created from the image would use them",
        f"{_LEARN}/windows-hardware/manufacture/desktop/windows-setup-automation-overview",
    ),
    "extension_remains": Kind(
        "files and registry keys of extensions",
        "they do not work in virtual machines created from the image",
        "MicrosoftDocs/azure-docs#17581",
    ),
    "panther": Kind(
        "records of Windows Setup",
        "records of an earlier setup can cause errors in sysprep and on new virtual machines",
        f"{_LEARN}/azure/virtual-machines/generalize",
    ),
    "run_command": Kind(
        "the handler of Run Command",
        "virtual machines created from the image would return results of earlier commands",
        "Azure/azure-powershell#16936",
    ),
}

#: Directories of extensions in lower case: of Azure Disk Encryption, and of Run Command, which is not part of the model of the virtual
#: machine. In an image, it returns results of earlier commands: Azure/azure-powershell#16936.
_ENCRYPTION_EXTENSION = "microsoft.azure.security.azurediskencryption"
_RUN_COMMAND = "microsoft.cplat.core.runcommandwindows"
_PLUGINS = "Packages\\Plugins"

#: Issuers, in lower case, of certificates that Azure installs in each virtual machine.
_OF_PLATFORM = ("windows azure crp certificate generator",)


def panther_folder(facts: Mapping[str, Any]) -> str:
    """The directory with the records of Windows Setup and of the provisioning by Azure.

    It exists on every virtual machine that Azure has provisioned, and is deleted before sysprep:
    https://learn.microsoft.com/azure/virtual-machines/generalize
    """
    windows = str((facts.get("system") or {}).get("windows_folder") or "C:\\Windows")
    return f"{windows}\\Panther"


def is_of_setup(facts: Mapping[str, Any], path: str) -> bool:
    """Whether an answer file is the copy of the one that Windows Setup has used, which is that of the provisioning on Azure.

    Files in subdirectories of Panther and in other locations were not created by Windows Setup:
    https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview
    """
    return path.lower() == f"{panther_folder(facts)}\\unattend.xml".lower()


def found(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Paths by the actions that delete them, except for Panther and answer files."""
    paths: dict[str, list[str]] = {}
    for leftover in facts.get("leftovers") or []:
        if leftover.get("kind") in KINDS:
            paths.setdefault(leftover["kind"], []).append(leftover["path"])
    top = "HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN\\Listener"
    listeners = [f"{top}\\{listener['name']}" for listener in facts.get("winrm_listeners") or []]
    if listeners:
        paths["winrm_listeners"] = listeners
    extensions = _extension_paths(facts)
    run_command = extensions.pop(_RUN_COMMAND, [])
    if run_command:
        paths["run_command"] = run_command
    if extensions:
        paths["extension_remains"] = [path for each in extensions.values() for path in each]
    return paths


def _extension_paths(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Directories and registry keys by the names of extensions in lower case. The name of a key ends with the version."""
    drive = str((facts.get("system") or {}).get("windows_folder") or "C:\\Windows")[:2]
    paths: dict[str, list[str]] = {}
    for name in facts.get("extensions") or []:
        paths.setdefault(name.lower(), []).append(f"{drive}\\{_PLUGINS}\\{name}")
    for handler in facts.get("extension_handlers") or []:
        paths.setdefault(handler["name"].rpartition("_")[0].lower(), []).append(handler["path"])
    return paths


def remains(facts: Mapping[str, Any], actions: Sequence[str]) -> list[str]:
    """Names of extensions with remaining files or registry keys after Azure has removed the extensions that it lists."""
    names = {name.lower(): name for name in facts.get("extensions") or []}
    return sorted(
        names.get(name, name)
        for name in _extension_paths(facts)
        if "extension_remains" not in actions and not (name == _RUN_COMMAND and "run_command" in actions)
    )


def removals(facts: Mapping[str, Any], actions: Sequence[str]) -> list[dict[str, Any]]:
    """Everything to delete before sysprep, or together with the shutdown (late), with its action."""
    paths = found(facts)
    if facts.get("panther"):
        paths["panther"] = [panther_folder(facts)]
    if facts.get("answer_files"):
        paths["answer_files"] = list(facts["answer_files"])
    wanted = []
    for action in sorted(set(paths) & set(actions)):
        kind = KINDS.get(action) or _OTHERS[action]
        what = TASK if action == "scheduled_tasks" else PATH
        wanted += [removal(action, path, kind.why, kind.source, what=what, late=kind.late) for path in paths[action]]
    return wanted


def leftover_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """Blockers for files that would cause problems in the image."""
    files = facts.get("answer_files") or []
    if facts.get("panther") and "panther" not in actions:
        copies = [path for path in files if is_of_setup(facts, path)]
        including = f" and the answer file {copies[0]}" if copies else ""
        yield finding(
            "panther_left",
            f"The directory Panther of an earlier setup exists, and its records{including} can cause errors in sysprep and on new virtual "
            "machines; delete it from the Windows directory, or add the action 'panther'.",
        )
    for path in files:
        if "answer_files" in actions or is_of_setup(facts, path):
            continue
        yield finding(
            "answer_file_left",
            f"The answer file {path} would be used by sysprep and by every virtual machine created from "
            f"the image; delete it, or add the action "
            "'answer_files'.",
        )
    yield from _extension_blockers(facts, actions)


def _extension_blockers(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    own = (_ENCRYPTION_EXTENSION,) if "disk_encryption" in actions else ()
    extensions = [name for name in facts.get("extensions") or [] if name.lower() not in own]
    if any(name.lower() == _RUN_COMMAND for name in extensions) and "run_command" not in actions:
        yield finding(
            "run_command_left",
            "The guest has the handler of Run Command, and virtual machines created from the image would return results of earlier "
            "commands; remove it with the action 'run_command', or with the command RemoveRunCommandWindowsExtension of Azure.",
        )
    others = [name for name in extensions if name.lower() != _RUN_COMMAND]
    if others and "extensions" not in actions and "extension_remains" not in actions:
        yield finding(
            "extensions_installed",
            f"The guest has VM extensions ({', '.join(others)}), which would remain as non-functional files in the "
            "image; remove them with the action 'extensions', or, if Azure does not list them any more, with 'extension_remains', or "
            "accept 'extensions_installed'.",
        )


def leftover_warnings(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """Warnings for files that remain in the image because their removal was not requested, or may not be intended."""
    paths = found(facts)
    for action, kind in KINDS.items():
        if action in paths and action not in actions:
            yield finding(
                "leftover_kept",
                f"The image will contain {kind.what} ({_such_as(paths[action])}): {kind.why}; remove with the action '{action}'.",
            )
    autologon = facts.get("autologon") or {}
    if autologon.get("password") and "autologon_password" not in actions:
        yield finding(
            "autologon_password_kept",
            f"The registry contains the password of the automatic logon of {autologon.get('user') or 'a user'} (DefaultPassword of "
            "Winlogon), and the image will, too; remove it with the action 'autologon_password'.",
        )
    for certificate in facts.get("private_keys") or []:
        if not any(name in str(certificate.get("issuer")).lower() for name in _OF_PLATFORM):
            yield finding(
                "private_key_kept",
                f"The image will contain the private key of the certificate {certificate.get('subject')} (issued by "
                f"{certificate.get('issuer')}) in LocalMachine\\My, which all virtual machines created from the image share; delete it, "
                "unless that is intended.",
            )


def _such_as(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


ACCEPTABLE = ("answer_file_left", "extensions_installed", "panther_left", "run_command_left")
