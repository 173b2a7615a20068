# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role windows_sysprep does for disks: check machines that come from elsewhere, optimize images."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from repository import ROOT
from windows_runs import Runs

from windows_guest.cases import Case
from windows_guest.facts import boot_bytes, uploadable

ROLE = ROOT / "roles" / "windows_sysprep"
VARIABLES = yaml.safe_load((ROLE / "vars/vhd_upload.yml").read_text(encoding="utf-8"))
SETTINGS = VARIABLES["__windows_sysprep_upload_settings"]
SERVICES = VARIABLES["__windows_sysprep_upload_services"]
BOOT_SETTINGS = VARIABLES["__windows_sysprep_upload_boot_settings"]


def unfit(**differences: Any) -> dict[str, Any]:
    """What is found on a machine with two settings and a service astray."""
    found = uploadable(SETTINGS, SERVICES, BOOT_SETTINGS, **differences)
    for entry in found["registry"]:
        if entry["name"] == "RealTimeIsUniversal":
            entry["value"] = None
        if entry["name"] == "SSLCertificateSHA1Hash":
            entry["value"] = "0102"
    found["services"][0]["start_type"] = "Disabled"
    return found


def without_serial_console() -> dict[str, Any]:
    """What is found on a machine with the boot configuration that Windows has by default, and with a page file on another drive."""
    found = uploadable(SETTINGS, SERVICES, BOOT_SETTINGS, agent_installed=False)
    for entry in found["boot_configuration"]:
        entry["bytes"] = boot_bytes(30) if entry["element"] == "25000004" else None
    for entry in found["registry"]:
        if entry["name"] == "PagingFiles":
            entry["value"] = "E:\\pagefile.sys 4096 4096"
    return found


def test_a_machine_from_elsewhere(tmp_path: Path) -> None:
    runs = Runs(tmp_path, tasks_from="check_vhd_upload")
    repairs = {"windows_sysprep_vhd_upload_repairs": ["universal_time", "remote_desktop", "services"]}
    cases = {
        "fit": Case(scenario={"vhd_upload": uploadable(SETTINGS, SERVICES, BOOT_SETTINGS)}),
        "unfit": Case(scenario={"vhd_upload": unfit()}),
        "repaired": Case(scenario={"vhd_upload": unfit()}, variables=repairs),
        "partly": Case(scenario={"vhd_upload": unfit(winhttp_proxy=True)}, variables=repairs),
        "silent": Case(
            scenario={"vhd_upload": unfit(), "silent": ["vhd_upload_facts"]},
            variables={"windows_sysprep_step_timeout": 4},
        ),
    }
    outcomes = runs.run(cases)
    assert not outcomes["fit"].failed, outcomes["fit"].message
    assert outcomes["unfit"].failed
    assert outcomes["unfit"].kinds == ["vhd_upload_facts"]
    for words in ("RealTimeIsUniversal", "SSLCertificateSHA1Hash", "BFE"):
        assert words in outcomes["unfit"].message
    assert not outcomes["repaired"].failed, outcomes["repaired"].message
    assert outcomes["repaired"].kinds == ["vhd_upload_facts", "win_regedit", "win_regedit", "win_service"]
    assert outcomes["partly"].failed
    assert "WinHTTP proxy" in outcomes["partly"].message
    assert "RealTimeIsUniversal" not in outcomes["partly"].message
    assert outcomes["silent"].failed
    # The limit that ended it, as each release of ansible-core writes it: (4), or 4 second(s).
    assert re.search(r"\b4(\b|s)", outcomes["silent"].message)
    again = runs.run({"repaired": cases["repaired"]}, anew=False)["repaired"]
    assert again.kinds.count("win_regedit") == 2


def test_a_machine_without_a_serial_console_of_azure(tmp_path: Path) -> None:
    runs = Runs(tmp_path, tasks_from="check_vhd_upload")
    repairs = {
        "windows_sysprep_vhd_upload_repairs": ["boot_configuration", "page_file"],
        "windows_sysprep_vhd_upload_accept": ["agent_missing"],
    }
    cases = {
        "refused": Case(scenario={"vhd_upload": without_serial_console()}),
        "not_accepted": Case(
            scenario={"vhd_upload": without_serial_console()},
            variables={**repairs, "windows_sysprep_vhd_upload_accept": []},
        ),
        "repaired": Case(scenario={"vhd_upload": without_serial_console()}, variables=repairs),
        # As the command line passes them.
        "as_text": Case(
            scenario={"vhd_upload": without_serial_console()},
            variables={name: ",".join(value) for name, value in repairs.items()},
        ),
    }
    outcomes = runs.run(cases)
    assert outcomes["as_text"].kinds == outcomes["repaired"].kinds
    assert not outcomes["as_text"].failed, outcomes["as_text"].message
    assert outcomes["refused"].failed
    assert outcomes["refused"].kinds == ["vhd_upload_facts"]
    for words in (
        "bcdedit.exe /set {default} recoveryenabled Off",
        "timeout of {bootmgr} is 30 and should be 5",
        "PagingFiles is E:",
        "The Azure VM agent is not installed",
    ):
        assert words in outcomes["refused"].message
    assert outcomes["not_accepted"].failed
    assert "recoveryenabled" not in outcomes["not_accepted"].message
    assert not outcomes["repaired"].failed, outcomes["repaired"].message
    # Port and baud rate are set by one command.
    commands = [
        call["arguments"]["argv"] for call in outcomes["repaired"].guest.calls if "argv" in call.get("arguments", {})
    ]
    assert len(commands) == len(BOOT_SETTINGS) - 1
    assert outcomes["repaired"].kinds == ["vhd_upload_facts", "win_regedit", *["command"] * len(commands)]
    # What was repaired is found as it should be, and nothing is repaired again.
    again = runs.run({"repaired": cases["repaired"]}, anew=False)["repaired"]
    assert not again.failed
    assert again.kinds.count("command") == len(commands)


def test_an_image_on_a_helper_host(tmp_path: Path) -> None:
    runs = Runs(tmp_path, tasks_from="optimize_image")
    done = {"exit_code": 0, "drive": "E:\\", "output": "The operation completed successfully."}
    disk = {"windows_sysprep_vhd_path": "D:\\images\\golden.vhd"}
    outcomes = runs.run(
        {
            "works": Case(scenario={"optimize_image": done}, variables=disk),
            "fails": Case(scenario={"optimize_image": {**done, "exit_code": 87}}, variables=disk),
            "endless": Case(
                scenario={"optimize_image": done, "silent": ["optimize_image"]},
                variables={**disk, "windows_sysprep_timeout": 4},
            ),
        }
    )
    assert not outcomes["works"].failed, outcomes["works"].message
    assert outcomes["fails"].failed
    assert outcomes["endless"].failed
    parameters = outcomes["works"].guest.calls[-1]["arguments"]["parameters"]
    assert parameters == {"Path": "D:\\images\\golden.vhd"}
