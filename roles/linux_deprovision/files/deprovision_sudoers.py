# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of sudo: whom they name, and what they are without some users. Source of the grammar: sudoers(5)."""

from __future__ import annotations

import os
import re

from deprovision_guest import Guest

#: Where those who provision machines write the rules of the users that they make: cloud-init, the Azure agent, azure-init.
PROVISIONERS = ("/etc/sudoers.d/90-cloud-init-users", "/etc/sudoers.d/waagent", "/etc/sudoers.d/azure-init-user")

BLANK = r"(?:[ \t]|\\\n)"
ITEM = r'!?(?:"[^"\n]*"|(?:\\.|[^\s,"=:\\])+)'
LIST = rf"{ITEM}(?:{BLANK}*,{BLANK}*{ITEM})*"
RULE = re.compile(rf"^(\s*)({LIST})({BLANK}+)((?:.|\n)*=(?:.|\n)*)$")
DEFAULTS = re.compile(rf"^(\s*Defaults{BLANK}*:{BLANK}*)({LIST})({BLANK}+)((?:.|\n)*)$")
ALIASES = re.compile(rf"^(\s*User_Alias{BLANK}+)((?:.|\n)*)$")
DEFINITION = re.compile(rf"^{BLANK}*([A-Z][A-Z0-9_]*){BLANK}*={BLANK}*((?:.|\n)*?){BLANK}*$")
NO_RULES = ("#", "@", "Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias")


def sudoers_files(guest: Guest) -> list[str]:
    """Return the files sudo reads its rules from, and all others in the folders that it reads."""
    found: list[str] = []
    waiting = ["/etc/sudoers", *guest.find("/etc/sudoers.d/*")]
    while waiting:
        path = waiting.pop(0)
        if path in found or not os.path.isfile(guest.at(path)):
            continue
        found.append(path)
        for kind, named in re.findall(r"^[#@](include|includedir)\s+(\S+)", guest.read(path), re.MULTILINE):
            place = named if named.startswith("/") else os.path.join("/etc", named)
            waiting += guest.find(place + "/*") if kind == "includedir" else [place]
    return found


def logical_lines(text: str) -> list[str]:
    """Return the lines of a file, each with those that continue it."""
    return text.replace("\\\n", "\\\0").replace("\n", "\1").replace("\\\0", "\\\n").split("\1")


def items(text: str) -> list[str]:
    """Return the names in a list of users."""
    return [item.strip('"') for item in re.findall(ITEM, text.replace("\\\n", " "))]


def rule_users(text: str) -> list[str]:
    """Return the users, groups and aliases to whom the rules of a file give rights."""
    found = []
    for line in logical_lines(text):
        match = None if _is_no_rule(line) else RULE.match(line)
        if match:
            found += [item for item in items(match.group(2)) if not item.startswith("!")]
    return found


def rewritten(texts: dict[str, str], names: set[str]) -> dict[str, str]:
    """Return the files that name these users, as they are without them; an empty text for one that has only comments left.

    An alias of nobody else goes, with the rules that are for it alone, in all files.
    """
    gone = set(names)
    while True:
        emptied = {alias for text in texts.values() for alias in _emptied(text, gone)}
        if emptied <= gone:
            break
        gone |= emptied
    found = {}
    for path, text in texts.items():
        lines = [_without(line, gone) for line in logical_lines(text)]
        kept = "\n".join(line for line in lines if line is not None)
        if kept != text:
            found[path] = kept if any(_says_something(line) for line in logical_lines(kept)) else ""
    return found


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not re.match(r"\s*#(?!include)", line)


def _is_no_rule(line: str) -> bool:
    text = line.lstrip()
    return text.startswith(NO_RULES) and not re.match(r"#\d", text)


def _without(line: str, gone: set[str]) -> str | None:
    """Return a line without these users; None when it is for nobody else."""
    match = ALIASES.match(line)
    if match:
        kept = [each for each in _definitions(match.group(2), gone) if each is not None]
        return match.group(1) + " : ".join(kept) if kept else None
    match = DEFAULTS.match(line) if line.lstrip().startswith("Defaults") else None
    match = match or (None if _is_no_rule(line) else RULE.match(line))
    if not match or not gone & set(items(match.group(2))):
        return line
    left = _left(match.group(2), gone)
    return match.group(1) + left + match.group(3) + match.group(4) if left else None


def _definitions(text: str, gone: set[str]) -> list[str | None]:
    """Return the definitions of a line of aliases; None for one of nobody else."""
    found: list[str | None] = []
    for definition in re.split(r"(?<!\\):", text):
        match = DEFINITION.match(definition)
        if not match or not gone & set(items(match.group(2))):
            found.append(definition.strip() if len(text.split(":")) > 1 else definition)
            continue
        left = _left(match.group(2), gone)
        found.append(f"{match.group(1)} = {left}" if left else None)
    return found


def _emptied(text: str, gone: set[str]) -> set[str]:
    """Return the aliases which have nobody else in them."""
    found = set()
    for line in logical_lines(text):
        match = ALIASES.match(line)
        for definition in re.split(r"(?<!\\):", match.group(2)) if match else ():
            named = DEFINITION.match(definition)
            if named and gone & set(items(named.group(2))) and not _left(named.group(2), gone):
                found.add(named.group(1))
    return found


def _left(text: str, gone: set[str]) -> str:
    """Return a list of users without these; nothing when only exceptions are left."""
    listed = re.findall(ITEM, text.replace("\\\n", " "))
    left = [item for item in listed if item.strip('"') not in gone]
    return ", ".join(left) if any(not item.startswith("!") for item in left) else ""
