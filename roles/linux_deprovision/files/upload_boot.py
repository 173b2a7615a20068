# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The boot configuration: GRUB's settings, boot entries with their kernel parameters, and how these texts are changed; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Parameters of which the kernel accepts several.
REPEATABLE = ("console",)
#: Words that only occur in entries for rescue and recovery, whose parameters do not matter.
RESCUE = re.compile(r"(^|\s)(single|recovery|rescue|emergency|systemd\.unit=(rescue|emergency)\.target)(\s|$)")
VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def shell_settings(text: str) -> dict[str, str]:
    """Return the variables of a file with assignments, such as /etc/default/grub; references to other ones are not resolved."""
    found = re.findall(r"^[ \t]*(?:export[ \t]+)?(\w+)=(\"[^\"]*\"|'[^']*'|[^\s#]*)", text, re.MULTILINE)
    return {name: value.strip("\"'") for name, value in found}


def with_setting(text: str, name: str, value: str) -> str:
    """Return a file with assignments in which a variable has another value, in the place of its last assignment."""
    pattern = re.compile(rf"^([ \t]*(?:export[ \t]+)?){re.escape(name)}=(\"[^\"]*\"|'[^']*'|[^\s#]*)", re.MULTILINE)
    matches = list(pattern.finditer(text))
    if not matches:
        return f'{text.rstrip()}\n{name}="{value}"\n'.lstrip()
    last = matches[-1]
    return text[: last.start()] + f'{last.group(1)}{name}="{value}"' + text[last.end() :]


def grub_entries(text: str, variables: dict[str, str]) -> Iterator[str]:
    """Yield the kernel parameters of each entry of a grub.cfg, except for those for recovery."""
    variables = {**dict(re.findall(r"^\s*set[ \t]+(\w+)=[\"']?([^\"'\n]*)", text, re.MULTILINE)), **variables}
    for line in re.findall(r"^\s*linux(?:16|efi)?[ \t]+\S+[ \t]*(.*)$", text, re.MULTILINE):
        parameters = resolved(line, variables)
        if not RESCUE.search(parameters):
            yield parameters


def loader_entry(text: str, variables: dict[str, str]) -> str:
    """Return the kernel parameters of an entry of the Boot Loader Specification; an empty string for one for recovery."""
    lines = re.findall(r"^options[ \t]+(.*)$", text, re.MULTILINE)
    title = " ".join(re.findall(r"^title[ \t]+(.*)$", text, re.MULTILINE))
    parameters = resolved(" ".join(lines), variables)
    return "" if RESCUE.search(parameters) or re.search(r"rescue", title, re.IGNORECASE) else parameters


def resolved(text: str, variables: dict[str, str]) -> str:
    """Return a text without references to variables; unknown ones are empty, as in GRUB."""
    return " ".join(VARIABLE.sub(lambda match: variables.get(match.group(1), ""), text).split())


def values_of(parameters: str, name: str) -> list[str]:
    """Return all values of a kernel parameter."""
    return [word.partition("=")[2] for word in parameters.split() if word.partition("=")[0] == name]


def is_set(parameters: str, wanted: dict) -> bool:
    """Return whether kernel parameters contain a wanted one (`name`, and `accepts`, a regular expression of the value)."""
    values = values_of(parameters, wanted["name"])
    accepted = [value for value in values if re.search(wanted["accepts"], value)]
    # Of a parameter that does not repeat, the kernel uses the last value.
    return bool(accepted) and (wanted["name"] in REPEATABLE or values[-1] in accepted)


def with_parameters(parameters: str, wanted: list[dict]) -> str:
    """Return kernel parameters with the wanted ones (`add`), without other values of those that do not repeat."""
    for each in wanted:
        if is_set(parameters, each):
            continue
        if each["name"] == "console" and not values_of(parameters, "console"):
            # A kernel with a single console= does not write to the screen any more, which the machine may still need.
            parameters += " console=tty1"
        kept = [
            word for word in parameters.split() if word.partition("=")[0] != each["name"] or each["name"] in REPEATABLE
        ]
        parameters = " ".join([*kept, each["add"]])
    return parameters
