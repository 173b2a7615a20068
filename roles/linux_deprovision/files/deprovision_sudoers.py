# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sudo rules: the users in them, and their removal. Source of the grammar: sudoers(5)."""

from __future__ import annotations

import os
import re

from deprovision_guest import Guest

#: Files with the sudo rules of the users that cloud-init, the Azure agent and azure-init create.
PROVISIONING_RULES = ("/etc/sudoers.d/90-cloud-init-users", "/etc/sudoers.d/waagent", "/etc/sudoers.d/azure-init-user")

BLANK = r"(?:[ \t]|\\\n)"
ITEM = r'!?(?:"[^"\n]*"|(?:\\.|[^\s,"=:\\])+)'
LIST = rf"{ITEM}(?:{BLANK}*,{BLANK}*{ITEM})*"
RULE = re.compile(rf"^(\s*)({LIST})({BLANK}+)((?:.|\n)*=(?:.|\n)*)$")
DEFAULTS = re.compile(rf"^(\s*Defaults{BLANK}*:{BLANK}*)({LIST})({BLANK}+)((?:.|\n)*)$")
ALIASES = re.compile(rf"^(\s*User_Alias{BLANK}+)((?:.|\n)*)$")
DEFINITION = re.compile(rf"^{BLANK}*([A-Z][A-Z0-9_]*){BLANK}*={BLANK}*((?:.|\n)*?){BLANK}*$")
NON_RULE_PREFIXES = ("#", "@", "Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias")


def sudoers_files(guest: Guest) -> list[str]:
    """Return the files that sudo reads, and all others in its directories."""
    found: list[str] = []
    waiting = ["/etc/sudoers", *guest.find("/etc/sudoers.d/*")]
    while waiting:
        path = waiting.pop(0)
        if path in found or not os.path.isfile(guest.local_path(path)):
            continue
        found.append(path)
        for kind, named in re.findall(r"^[#@](include|includedir)\s+(\S+)", guest.read(path), re.MULTILINE):
            place = named if named.startswith("/") else os.path.join("/etc", named)
            waiting += guest.find(place + "/*") if kind == "includedir" else [place]
    return found


def logical_lines(text: str) -> list[str]:
    """Return the lines of a file, including their continuation lines."""
    return text.replace("\\\n", "\\\0").replace("\n", "\1").replace("\\\0", "\\\n").split("\1")


def items(text: str) -> list[str]:
    """Return the names in a list of users."""
    return [item.strip('"') for item in re.findall(ITEM, text.replace("\\\n", " "))]


def rule_users(text: str) -> list[str]:
    """Return the users, groups and aliases that have rules in a file."""
    found = []
    for line in logical_lines(text):
        match = None if _is_not_rule(line) else RULE.match(line)
        if match:
            found += [item for item in items(match.group(2)) if not item.startswith("!")]
    return found


def remove_sudo_users(texts: dict[str, str], names: set[str]) -> dict[str, str]:
    """Return the new contents of the files that contain these users; an empty string if only comments remain.

    Aliases without other members are removed from all files, together with their rules.
    """
    removed_names = set(names)
    while True:
        emptied = {alias for text in texts.values() for alias in _emptied_aliases(text, removed_names)}
        if emptied <= removed_names:
            break
        removed_names |= emptied
    found = {}
    for path, text in texts.items():
        lines = [_line_without(line, removed_names) for line in logical_lines(text)]
        kept = "\n".join(line for line in lines if line is not None)
        if kept != text:
            found[path] = kept if any(_has_content(line) for line in logical_lines(kept)) else ""
    return found


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not re.match(r"\s*#(?!include)", line)


def _is_not_rule(line: str) -> bool:
    text = line.lstrip()
    return text.startswith(NON_RULE_PREFIXES) and not re.match(r"#\d", text)


def _line_without(line: str, removed_names: set[str]) -> str | None:
    """Return a line without these users; None if it applies to no other users."""
    match = ALIASES.match(line)
    if match:
        kept = [each for each in _definitions(match.group(2), removed_names) if each is not None]
        return match.group(1) + " : ".join(kept) if kept else None
    match = DEFAULTS.match(line) if line.lstrip().startswith("Defaults") else None
    match = match or (None if _is_not_rule(line) else RULE.match(line))
    if not match or not removed_names & set(items(match.group(2))):
        return line
    left = _remaining_users(match.group(2), removed_names)
    return match.group(1) + left + match.group(3) + match.group(4) if left else None


def _definitions(text: str, removed_names: set[str]) -> list[str | None]:
    """Return the definitions of a line with aliases; None for those without other members."""
    found: list[str | None] = []
    for definition in re.split(r"(?<!\\):", text):
        match = DEFINITION.match(definition)
        if not match or not removed_names & set(items(match.group(2))):
            found.append(definition.strip() if len(text.split(":")) > 1 else definition)
            continue
        left = _remaining_users(match.group(2), removed_names)
        found.append(f"{match.group(1)} = {left}" if left else None)
    return found


def _emptied_aliases(text: str, removed_names: set[str]) -> set[str]:
    """Return the aliases that have no other members."""
    found = set()
    for line in logical_lines(text):
        match = ALIASES.match(line)
        for definition in re.split(r"(?<!\\):", match.group(2)) if match else ():
            named = DEFINITION.match(definition)
            if (
                named
                and removed_names & set(items(named.group(2)))
                and not _remaining_users(named.group(2), removed_names)
            ):
                found.add(named.group(1))
    return found


def _remaining_users(text: str, removed_names: set[str]) -> str:
    """Return a list of users without these; an empty string if only exceptions remain."""
    listed = re.findall(ITEM, text.replace("\\\n", " "))
    left = [item for item in listed if item.strip('"') not in removed_names]
    return ", ".join(left) if any(not item.startswith("!") for item in left) else ""
