# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repairs of what is generated: initial RAM disks and the boot configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_provisioning_agents import program_path
from upload_boot import shell_settings, with_parameters, with_setting
from upload_change import Change, edit_change, program_change
from upload_drivers import initramfs_generator
from upload_facts import GRUB_DEFAULTS
from upload_findings import wanted_parameters


def initramfs_changes(guest: Guest, names: set[str]) -> Iterator[Change]:
    """Yield the changes after which the initial RAM disks contain the drivers."""
    options = guest.config["upload"]
    drivers = [
        *(options["drivers"] if "hyperv_drivers" in names else []),
        *(options["nvme_drivers"] if "nvme_drivers" in names else []),
    ]
    generator = initramfs_generator(guest)
    if not drivers or not generator:
        return
    path = generator["file"]
    kept = guest.read(path).splitlines()
    missing = [line for line in (generator["line"].format(driver=each) for each in drivers) if line not in kept]
    if missing:
        yield edit_change(guest, path, "\n".join([*kept, *missing, ""]), f"add the drivers {', '.join(drivers)} to")
    yield program_change(guest, generator["rebuild"])


def boot_changes(guest: Guest, facts: dict, names: set[str]) -> Iterator[Change]:
    """Yield the changes after which all boot entries have the kernel parameters."""
    wanted = [each for each in wanted_parameters(facts, guest.config["upload"]) if each["code"] in names]
    if not wanted and "device_names" not in names:
        return
    added = " ".join(each["add"] for each in wanted)
    what = f"set the kernel parameters {added} in" if added else "specify the root file system by UUID in"
    for path, text in grub_defaults(guest, facts["boot"], wanted, names).items():
        if text != guest.read(path):
            yield edit_change(guest, path, text, what)
    root = next((entry["uuid"] for entry in facts["file_systems"] if entry["point"] == "/" and entry["uuid"]), "")
    arguments = [
        *(each["add"] for each in wanted),
        *([f"root=UUID={root}"] if "device_names" in names and root else []),
    ]
    for command in boot_commands(guest, facts["boot"], arguments):
        yield program_change(guest, command)


def grub_defaults(guest: Guest, boot: dict, wanted: list[dict], names: set[str]) -> dict[str, str]:
    """Return the new texts of the files from which GRUB's configuration is generated, by path."""
    texts = {path: guest.read(path) for path in [GRUB_DEFAULTS, *boot["defaults"]]}
    setting = "GRUB_CMDLINE_LINUX"
    # The last assignment counts.
    last = ([path for path in texts if setting in shell_settings(texts[path])] or [GRUB_DEFAULTS])[-1]
    if wanted:
        value = shell_settings(texts[last]).get(setting, "")
        texts[last] = with_setting(texts[last], setting, with_parameters(value, wanted))
    if "serial_console" in names:
        for name, value in guest.config["upload"]["grub_settings"].items():
            texts[GRUB_DEFAULTS] = with_setting(texts[GRUB_DEFAULTS], name, value)
    if "device_names" in names:
        pattern = r"^(\s*GRUB_DISABLE_LINUX_UUID=)"
        texts = {path: re.sub(pattern, r"#\1", text, flags=re.MULTILINE) for path, text in texts.items()}
    return {path: text for path, text in texts.items() if text}


def boot_commands(guest: Guest, boot: dict, arguments: list[str]) -> Iterator[list[str]]:
    """Yield the programs that generate GRUB's configuration, and that change boot entries, as the distribution has them."""
    entries = [entry for entry in boot["entries"] if "/loader/entries/" in entry["path"]]
    for command in guest.config["upload"]["boot_commands"]:
        text = " ".join(command)
        if "{arguments}" in text:
            if entries and arguments and program_path(guest, command[0]):
                yield [word.format(arguments=" ".join(arguments)) for word in command]
        elif "{configuration}" in text:
            for path in boot["configurations"]:
                yield [word.format(configuration=path) for word in command]
        elif boot["configurations"]:
            yield command
