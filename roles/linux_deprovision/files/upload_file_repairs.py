# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that repairs edit, one function for each finding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deprovision_fstab import FSTAB
from deprovision_guest import Guest
from upload_change import Change, edit_change
from upload_network import without_hardware_address
from upload_storage import TARGET_PASSWORD

CLOUD_CONFIG = "/etc/cloud/cloud.cfg.d"
DATASOURCE_FILE = CLOUD_CONFIG + "/91-azure_datasource.cfg"
DATASOURCE_IDENTIFICATION = "/etc/cloud/ds-identify.cfg"
DATASOURCE_LIST = re.compile(r"^datasource_list:[ \t]*(?:\[[^\]]*\]|(?:\n[ \t]*-.*)+)", re.MULTILINE)
AGENT_CONFIGURATION = "/etc/waagent.conf"


def file_changes(guest: Guest, facts: dict, names: set[str]) -> Iterator[Change]:
    """Yield the edited files for the findings of these names."""
    for code, changes in (
        ("cloud_init_without_azure", _datasource_changes),
        ("network_hardware_address", _network_changes),
        ("file_system_disabled", _driver_changes),
        ("device_names", _file_system_changes),
        ("resource_disk", _resource_disk_changes),
        ("sudo_target_password", _sudo_changes),
    ):
        if code in names:
            yield from changes(guest, facts)


def _datasource_changes(guest: Guest, _facts: dict) -> Iterator[Change]:
    """Yield the changes after which all settings of cloud-init permit the Azure datasource."""
    what = "use the Azure datasource in"
    for path in ["/etc/cloud/cloud.cfg", *guest.find(CLOUD_CONFIG + "/*.cfg")]:
        text = guest.read(path)
        found = DATASOURCE_LIST.search(text)
        if found and "Azure" not in found.group(0):
            yield edit_change(guest, path, DATASOURCE_LIST.sub("datasource_list: [ Azure ]", text), what)
    if not guest.exists(DATASOURCE_FILE):
        yield edit_change(guest, DATASOURCE_FILE, "datasource_list: [ Azure ]\n", what)
    if re.search(r"^\s*datasource\s*:", guest.read(DATASOURCE_IDENTIFICATION), re.MULTILINE):
        yield edit_change(guest, DATASOURCE_IDENTIFICATION, "", what)


def _network_changes(guest: Guest, facts: dict) -> Iterator[Change]:
    for path in facts["network"]["hardware_addresses"]:
        text = without_hardware_address(guest, path)
        if text is not None:
            yield edit_change(guest, path, text, "remove the hardware address from")


def _driver_changes(guest: Guest, facts: dict) -> Iterator[Change]:
    disabled = facts["disabled_drivers"]
    for path in dict.fromkeys(each["path"] for each in disabled):
        text = guest.read(path)
        for each in disabled:
            text = re.sub(each["pattern"] + r"\n?", "", text, flags=re.MULTILINE) if each["path"] == path else text
        names = " and ".join(each["driver"] for each in disabled if each["path"] == path)
        yield edit_change(guest, path, text, f"allow the driver {names} in")


def _file_system_changes(guest: Guest, facts: dict) -> Iterator[Change]:
    text = guest.read(FSTAB)
    for entry in facts["file_systems"]:
        if entry["is_named"] and entry["uuid"] and entry["type"] != "swap":
            text = text.replace(entry["line"], entry["line"].replace(entry["device"], f"UUID={entry['uuid']}", 1))
    if text != guest.read(FSTAB):
        yield edit_change(guest, FSTAB, text, "specify file systems by UUID in")


def _resource_disk_changes(guest: Guest, facts: dict) -> Iterator[Change]:
    text = guest.read(AGENT_CONFIGURATION)
    for name in facts["resource_disk_settings"]:
        text = re.sub(rf"^(\s*{re.escape(name)}\s*=\s*)[yY]\w*", r"\1n", text, flags=re.MULTILINE)
    yield edit_change(guest, AGENT_CONFIGURATION, text, "leave the resource disk to cloud-init in")


def _sudo_changes(guest: Guest, facts: dict) -> Iterator[Change]:
    for path in facts["target_password"]:
        text = re.sub(rf"(?:{TARGET_PASSWORD})\n?", "", guest.read(path), flags=re.MULTILINE)
        yield edit_change(guest, path, text, "remove targetpw from")
