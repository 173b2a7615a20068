# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the role linux_deprovision, as its tests use them."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path

import yaml
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment
from repository import ROOT

ROLE = ROOT / "roles" / "linux_deprovision"


def family_config(family: str) -> dict:
    """Return the configuration the role makes of a family's vars files, all inputs at their defaults."""
    values = copy.deepcopy({**variables("main"), **variables(family)})
    lists = ("temporary_files", "installer_files", "package_caches", "network_files", "identity", "logs")
    return {
        "users": [],
        "keep_users": [],
        "known_identities": known_identities(),
        "known_agents": False,
        "login_user": "",
        "allow_other_sessions": False,
        "guest_id": "",
        "busy_seconds": 0,
        "power_off": False,
        "power_off_delay": 3,
        "built_in_users": values["__linux_deprovision_built_in_users"],
        "first_boot": values["__linux_deprovision_first_boot"],
        "cloud_init": values["__linux_deprovision_cloud_init"],
        "agent_service": values["__linux_deprovision_agent_service"],
        "agent_limit_seconds": 5,
        "free_megabytes": 1,
        "package_locks": values["__linux_deprovision_package_locks"],
        "package_process_files": values["__linux_deprovision_package_process_files"],
        "cleanup_specs": [spec for name in lists for spec in values[f"__linux_deprovision_{name}"]],
    }


def upload_config(family: str, distribution: str = "", nvme: bool = False, repairs: list[str] | None = None) -> dict:
    """Return the configuration that check_vhd_upload makes of a family's vars files, with its expressions evaluated."""
    values = {**variables("main"), **variables("vhd_upload"), **variables(family)}
    context = {**values, "ansible_facts": {"distribution": distribution or family}}

    def evaluated(value: object) -> object:
        if isinstance(value, str) and "{{" in value:
            return evaluated(NativeEnvironment(undefined=StrictUndefined).from_string(value.strip()).render(context))
        if isinstance(value, list):
            return [evaluated(each) for each in value]
        return {key: evaluated(each) for key, each in value.items()} if isinstance(value, dict) else value

    def option(name: str) -> object:
        return copy.deepcopy(evaluated(values[f"__linux_deprovision_upload_{name}"]))

    names = ("drivers", "file_systems", "grub_settings", "refresh", "install", "packages", "ssh_packages", "ssh_units")
    options = {name: option(name) for name in (*names, "boot_commands", "initramfs", "codes", "parameters")}
    codes = options.pop("codes")
    parameters = [each for each in options["parameters"] if each["code"] in codes]  # type: ignore[attr-defined, operator]
    return {
        **family_config(family),
        "upload": {
            **options,
            "parameters": [*parameters, *(option("nvme_parameters") if nvme else [])],  # type: ignore[misc]
            "nvme_drivers": option("nvme_drivers") if nvme else [],
            "repairs": repairs or [],
        },
    }


def known_identities() -> list[dict]:
    """Return the table of what else identifies a machine."""
    return copy.deepcopy(variables("known_identities")["__linux_deprovision_known_identities"])


@cache
def variables(name: str) -> dict:
    """Return what one of the vars files says."""
    return yaml.safe_load((ROLE / f"vars/{name}.yml").read_text(encoding="utf-8")) or {}


class Tree:
    """A guest's files below a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str = "x\n") -> None:
        """Write a file with its directories."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        """Read a file."""
        return (self.root / path.lstrip("/")).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        """Say whether a path is there."""
        return (self.root / path.lstrip("/")).exists()
