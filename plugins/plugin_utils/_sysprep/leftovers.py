# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be in an image of Windows: what is removed, what is kept, and what stops sysprep; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.removal import PATH, TASK, removal


class Kind(NamedTuple):
    """Something that must not be in an image.

    :param what: in the words of a plan.
    :param why: what it does there.
    :param source: who says so, or where it is described; an issue as owner/name#number.
    :param late: whether the connection may need it, so that it goes with the shutdown.
    """

    what: str
    why: str
    source: str
    late: bool = False


_LEARN = "https://learn.microsoft.com"
#: By the actions that remove them.
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
        "whoever has the image can use them",
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
        "keys that may log in with OpenSSH",
        "their owners could log in everywhere",
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
        "their certificates name the captured virtual machine, and all others would share the keys",
        "Azure/aks-engine#1762, hashicorp/packer#9410",
        late=True,
    ),
}

#: What other actions delete, of which not everything is only a leftover.
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

#: Folders of extensions in small letters: that of Azure's disk encryption, and that of Run Command, which is no extension of the virtual
#: machine's model. In an image, it returns results of commands from before: Azure/azure-powershell#16936.
_ENCRYPTION_EXTENSION = "microsoft.azure.security.azurediskencryption"
_RUN_COMMAND = "microsoft.cplat.core.runcommandwindows"
_PLUGINS = "Packages\\Plugins"

#: Certificates that the platform itself puts into each virtual machine, by their issuers in small letters.
_OF_PLATFORM = ("windows azure crp certificate generator",)


def panther_folder(facts: Mapping[str, Any]) -> str:
    """Where Windows Setup, and Azure when it provisions a virtual machine, leave their records.

    Every virtual machine that Azure has provisioned has it, and it is deleted before sysprep:
    https://learn.microsoft.com/azure/virtual-machines/generalize
    """
    windows = str((facts.get("system") or {}).get("windows_folder") or "C:\\Windows")
    return f"{windows}\\Panther"


def is_of_setup(facts: Mapping[str, Any], path: str) -> bool:
    """Whether an answer file is the copy that Windows Setup keeps of the one it has used, on Azure the provisioning's.

    Files in folders below Panther, and elsewhere, have been put there by somebody:
    https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview
    """
    return path.lower() == f"{panther_folder(facts)}\\unattend.xml".lower()


def found(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Paths by the actions that delete them, without those of Panther and of answer files."""
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
    """Folders and keys by the names of extensions in small letters. A key has the version behind the name."""
    drive = str((facts.get("system") or {}).get("windows_folder") or "C:\\Windows")[:2]
    paths: dict[str, list[str]] = {}
    for name in facts.get("extensions") or []:
        paths.setdefault(name.lower(), []).append(f"{drive}\\{_PLUGINS}\\{name}")
    for handler in facts.get("extension_handlers") or []:
        paths.setdefault(handler["name"].rpartition("_")[0].lower(), []).append(handler["path"])
    return paths


def remains(facts: Mapping[str, Any], actions: Sequence[str]) -> list[str]:
    """Names of what stays of extensions in the guest, once Azure has removed those that it knows."""
    names = {name.lower(): name for name in facts.get("extensions") or []}
    return sorted(
        names.get(name, name)
        for name in _extension_paths(facts)
        if "extension_remains" not in actions and not (name == _RUN_COMMAND and "run_command" in actions)
    )


def removals(facts: Mapping[str, Any], actions: Sequence[str]) -> list[dict[str, Any]]:
    """Everything to delete right before sysprep, or with the shutdown (late), with the action that it belongs to."""
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
    """What would be in the image, and does harm there."""
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
            "The guest has the handler of Run Command, and virtual machines created from the image would return results of commands that "
            "ran before; remove it with the action 'run_command', or with the command RemoveRunCommandWindowsExtension of Azure.",
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
    """What stays in the image, because nobody has asked for its removal, or because only a person can tell."""
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
