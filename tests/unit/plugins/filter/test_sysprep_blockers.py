# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What forbids sysprep, decided from facts."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.filter.sysprep_blockers import sysprep_blockers
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.preflight import ACCEPTABLE, ACTIONS
from repository import ROOT

from windows_guest.cases import BLOCKERS, OPTIONS, SERVICES, UNATTEND, WARNINGS, ids, volume
from windows_guest.facts import HEALTHY, PER_USER_PACKAGE, healthy
from windows_guest.stock import NAMES, describe, stock


def codes(findings: list[dict[str, str]]) -> list[str]:
    return [finding["code"] for finding in findings]


def test_a_healthy_guest_has_none() -> None:
    decision = sysprep_blockers(healthy())
    assert decision["blockers"] == []
    assert decision["warnings"] == []
    assert decision["actions"] == []
    assert not decision["reboot"]
    assert not decision["generalized"]


@pytest.mark.parametrize(("code", "differs", "said"), BLOCKERS, ids=ids(BLOCKERS))
def test_each_blocker(code: str, differs: dict[str, Any], said: tuple[str, ...]) -> None:
    (blocker,) = sysprep_blockers(healthy(**differs), **OPTIONS.get(code, {}))["blockers"]
    assert blocker["code"] == code
    for words in said:
        assert words in blocker["message"]
    assert blocker["message"].endswith(".")


@pytest.mark.parametrize(("code", "differs", "said"), [row for row in BLOCKERS if row[0] in ACCEPTABLE])
def test_what_can_be_accepted_becomes_a_warning(code: str, differs: dict[str, Any], said: tuple[str, ...]) -> None:
    decision = sysprep_blockers(healthy(**differs), accept=[code])
    assert decision["blockers"] == []
    assert codes(decision["warnings"]) == [code]


def test_every_acceptable_code_is_one_of_a_blocker() -> None:
    assert set(ACCEPTABLE) <= {code for code, differs, said in BLOCKERS}


@pytest.mark.parametrize("code", ["volume_encrypted", "domain_controller", "user_is_system", "nonsense"])
def test_what_cannot_be_accepted_is_refused(code: str) -> None:
    with pytest.raises(AnsibleFilterError, match=code):
        sysprep_blockers(healthy(), accept=[code])


@pytest.mark.parametrize(
    ("action", "differs"),
    [
        ("cdrom_start", {"cdrom_start": 4}),
        ("panther", {"panther": True}),
        ("answer_files", {"answer_files": [UNATTEND]}),
        ("decryption", {"volumes": volume(3, 40)}),
        ("disk_encryption", {"volumes": volume(1, 100)}),
        ("disk_encryption", {"volumes": volume(3, 40)}),
        ("extensions", {"extensions": ["Microsoft.Azure.Monitor.AzureMonitorWindowsAgent"]}),
        ("dsc_agent_id", {"dsc": {"configured": True}}),
        ("agent_settled", {"agent_installers": ["WaInstaller.exe"]}),
        ("agent_settled", {"services": [SERVICES[0], {**SERVICES[1], "status": "StopPending"}]}),
    ],
)
def test_an_action_that_was_asked_for(action: str, differs: dict[str, Any]) -> None:
    decision = sysprep_blockers(healthy(**differs), actions=[action])
    assert (decision["blockers"], decision["actions"]) == ([], [action])
    assert sysprep_blockers(healthy(), actions=list(ACTIONS))["actions"] == []


def test_an_encrypted_volume_does_not_decrypt_by_waiting() -> None:
    assert codes(sysprep_blockers(healthy(volumes=volume(1, 100)), actions=["decryption"])["blockers"]) == [
        "volume_encrypted"
    ]


def test_protection_off_is_not_decrypted() -> None:
    """A volume can be fully encrypted with its protection off."""
    encrypted = [{**HEALTHY["volumes"][0], "conversion_status": 1, "protection_status": 0}]
    assert codes(sysprep_blockers(healthy(volumes=encrypted))["blockers"]) == ["volume_encrypted"]


def test_the_extension_of_the_encryption_goes_with_it() -> None:
    extensions = ["Microsoft.Azure.Security.AzureDiskEncryption"]
    decision = sysprep_blockers(healthy(extensions=extensions), actions=["disk_encryption"])
    assert decision["blockers"] == []
    extensions.append("Microsoft.Compute.CustomScriptExtension")
    (blocker,) = sysprep_blockers(healthy(extensions=extensions), actions=["disk_encryption"])["blockers"]
    assert "AzureDiskEncryption" not in blocker["message"]


def test_a_package_to_be_removed_by_name() -> None:
    decision = sysprep_blockers(healthy(appx_packages=[PER_USER_PACKAGE]), appx_packages=["notepadplusplus", "Other"])
    assert (decision["blockers"], decision["appx_packages"]) == ([], ["NotepadPlusPlus"])


@pytest.mark.parametrize(
    "part", [{"framework": True}, {"resource": True}, {"non_removable": True}, {"signature_kind": "System"}]
)
def test_packages_that_sysprep_does_not_mind(part: dict[str, Any]) -> None:
    assert sysprep_blockers(healthy(appx_packages=[{**PER_USER_PACKAGE, **part}]))["blockers"] == []


def test_a_package_staged_for_nobody_does_not_matter() -> None:
    assert sysprep_blockers(healthy(appx_packages=[{**PER_USER_PACKAGE, "users": []}]))["blockers"] == []


INSTALLER = "Microsoft.DesktopAppInstaller"


@pytest.mark.parametrize(
    "differs",
    [
        # A bundle's version is compared with a bundle's.
        {
            "appx_provisioned": [{"name": INSTALLER, "version": "1.0", "bundle": True}],
            "appx_bundles": [{"name": INSTALLER, "version": "1.0"}],
        },
        {"appx_provisioned": [{"name": INSTALLER, "version": "1.0", "bundle": True}]},
        {"appx_provisioned": [{"name": INSTALLER, "version": "2021.1214.340.0"}]},
    ],
)
def test_versions_that_do_not_compare(differs: dict[str, Any]) -> None:
    assert sysprep_blockers(healthy(**differs))["blockers"] == []


def test_a_newer_package_can_be_removed() -> None:
    facts = healthy(appx_provisioned=[{"name": INSTALLER, "version": "1.0"}])
    decision = sysprep_blockers(facts, appx_packages=[INSTALLER])
    assert (decision["blockers"], decision["appx_packages"]) == ([], [INSTALLER])


def test_a_pending_reboot_that_is_allowed() -> None:
    decision = sysprep_blockers(healthy(pending_reboot={"windows_update": True}), reboot=True)
    assert (decision["blockers"], decision["reboot"]) == ([], True)


RUN_COMMAND = "Microsoft.CPlat.Core.RunCommandWindows"
HANDLERS = "HKLM:\\SOFTWARE\\Microsoft\\Windows Azure\\HandlerState"


def handler(name: str) -> dict[str, str]:
    return {"name": name, "path": f"{HANDLERS}\\{name}"}


def test_what_is_left_of_run_command_goes_by_itself() -> None:
    """Azure lists no extension then, and nobody is asked for credentials."""
    facts = healthy(extensions=[RUN_COMMAND], extension_handlers=[handler(f"{RUN_COMMAND}_1.1.15")])
    decision = sysprep_blockers(facts, actions=["run_command"])
    assert decision["blockers"] == []
    assert [removal["path"] for removal in decision["removals"]] == [
        f"C:\\Packages\\Plugins\\{RUN_COMMAND}",
        f"{HANDLERS}\\{RUN_COMMAND}_1.1.15",
    ]
    assert decision["remains"] == []


def test_what_only_the_guest_knows_of_extensions_is_told_from_what_azure_knows() -> None:
    """Folder and key may outlive the removal."""
    gone = handler("Microsoft.Azure.Monitor.AzureMonitorWindowsAgent_1.2.0.0")
    facts = healthy(extensions=["Microsoft.Compute.CustomScriptExtension"], extension_handlers=[gone])
    assert codes(sysprep_blockers(facts)["blockers"]) == ["extensions_installed"]
    asked = sysprep_blockers(facts, actions=["extensions"])
    assert (asked["blockers"], asked["removals"]) == ([], [])
    assert asked["remains"] == [
        "Microsoft.Compute.CustomScriptExtension",
        "microsoft.azure.monitor.azuremonitorwindowsagent",
    ]
    cleaned = sysprep_blockers(facts, actions=["extension_remains"])
    assert (cleaned["blockers"], cleaned["remains"]) == ([], [])
    assert [removal["path"] for removal in cleaned["removals"]] == [
        "C:\\Packages\\Plugins\\Microsoft.Compute.CustomScriptExtension",
        gone["path"],
    ]


LEFTOVERS = [row for row in WARNINGS if row[0] == "leftover_kept"]


@pytest.mark.parametrize(("code", "differs", "said"), LEFTOVERS, ids=ids(LEFTOVERS))
def test_what_must_not_be_in_an_image_goes_when_it_is_asked_for(
    code: str, differs: dict[str, Any], said: tuple[str, ...]
) -> None:
    decision = sysprep_blockers(healthy(**differs), actions=[name for name in ACTIONS if name != "extensions"])
    (removal,) = [*decision["removals"], *decision["late_removals"]]
    assert decision["actions"] == [removal["action"]]
    assert decision["warnings"] == []
    assert removal["reason"]
    assert re.search(r"^https://|\w/[\w.-]+#\d+", removal["source"])
    # What a connection needs goes with the shutdown.
    late = removal["action"] in ("ssh_host_keys", "ssh_authorized_keys", "winrm_listeners")
    assert bool(decision["late_removals"]) == late


MDE = "Microsoft.Azure.AzureDefenderForServers.MDE.Windows"


def test_the_extension_of_defender_can_go_while_its_service_is_off() -> None:
    """runner-images takes the folder as a proof that it is on; where Azure removes the extension, only the service tells."""
    facts = healthy(extensions=[MDE])
    assert set(codes(sysprep_blockers(facts)["blockers"])) == {"defender_onboarded", "extensions_installed"}
    assert sysprep_blockers(facts, actions=["extensions"])["blockers"] == []
    facts["defender_endpoint"]["service"] = "Running"
    assert codes(sysprep_blockers(facts, actions=["extensions"])["blockers"]) == ["defender_onboarded"]


def test_dsc_that_was_never_used_needs_no_id() -> None:
    assert sysprep_blockers(healthy(dsc={"configured": True, "agent_id": ""}))["blockers"] == []


def test_a_library_of_another_architecture_is_not_judged() -> None:
    """Those of Windows on Arm can be of two kinds."""
    facts = healthy(
        system={"architecture": "ARM64"}, sysprep_providers=[{"library": "x.dll", "present": True, "machine": 0xA64}]
    )
    assert sysprep_blockers(facts)["blockers"] == []


def test_the_telemetry_service_may_be_absent() -> None:
    """azvmimagebuilder#38: newer agents have none."""
    assert "WindowsAzureTelemetryService" not in [service["name"] for service in SERVICES]
    assert sysprep_blockers(healthy())["blockers"] == []


def test_the_answer_file_sysprep_is_to_use_is_no_leftover() -> None:
    decision = sysprep_blockers(
        healthy(answer_files=[UNATTEND]), answer_file="c:/windows/system32/sysprep/Unattend.xml"
    )
    assert (decision["blockers"], decision["removals"]) == ([], [])


def test_the_directory_of_the_answer_file_stays() -> None:
    facts = healthy(panther=True, answer_files=[UNATTEND])
    own = "C:/Windows/panther/own.xml"
    decision = sysprep_blockers(facts, actions=["panther", "answer_files"], answer_file=own)
    assert [removal["path"] for removal in decision["removals"]] == [UNATTEND]


#: What the role does by default.
DEFAULTS = yaml.safe_load((ROOT / "roles/windows_sysprep/vars/main.yml").read_text(encoding="utf-8"))
BY_DEFAULT = [*DEFAULTS["__windows_sysprep_wait_actions"], *DEFAULTS["__windows_sysprep_removed_by_default"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_machine_has_none(name: str) -> None:
    """With what the role does by default; and without that, it has those that everybody used to meet."""
    facts = stock(name)
    assert set(facts) == set(HEALTHY)
    decision = sysprep_blockers(facts, actions=BY_DEFAULT, reboot=True)
    assert decision["blockers"] == []
    assert {"panther", "custom_data", "powershell_history"} == {removal["action"] for removal in decision["removals"]}
    assert "panther_left" in codes(sysprep_blockers(facts)["blockers"])


def test_stock_machines_say_what_is_not_known_of_them() -> None:
    assert set(NAMES) == {"server-2019", "server-2022", "server-2025", "windows-11"}
    for name in NAMES:
        written = describe(name)
        assert written["recorded"] or (written["known"] and written["not_known"])


def test_packages_of_a_sign_in_go_and_those_of_somebody_stay() -> None:
    facts = stock("windows-11")
    facts["appx_packages"].append(PER_USER_PACKAGE)
    decision = sysprep_blockers(facts, actions=BY_DEFAULT)
    assert {"Microsoft.Winget.Source", "Microsoft.WidgetsPlatformRuntime"} <= set(decision["appx_packages"])
    # One that is provisioned is left alone, and so is what only its name resembles.
    assert "Microsoft.DesktopAppInstaller" not in decision["appx_packages"]
    (blocker,) = decision["blockers"]
    assert "NotepadPlusPlus" in blocker["message"]
    assert "sign_in_packages" in decision["actions"]


def test_a_package_whose_name_only_begins_alike_stays() -> None:
    alike = {**PER_USER_PACKAGE, "name": "Microsoft.CopilotStudio"}
    assert codes(sysprep_blockers(healthy(appx_packages=[alike]), actions=BY_DEFAULT)["blockers"]) == [
        "appx_for_some_users"
    ]


NEW = {"services": [], "system": {"uptime": 120}}
SETUP = {"image_state": "IMAGE_STATE_UNDEPLOYABLE", "setup": {"in_progress": True}, "services": []}


@pytest.mark.parametrize(
    ("differs", "waits"),
    [
        (NEW, ["agent_settled"]),
        (SETUP, ["agent_settled", "setup_completed"]),
        ({"servicing": ["TiWorker"]}, ["servicing_idle"]),
    ],
)
def test_a_guest_that_is_still_being_set_up_is_waited_for(differs: dict[str, Any], waits: list[str]) -> None:
    decision = sysprep_blockers(healthy(**differs), actions=BY_DEFAULT)
    assert (decision["blockers"], decision["actions"]) == ([], waits)


@pytest.mark.parametrize(
    ("differs", "code"),
    [
        # Nobody installs it any more.
        ({"services": [], "system": {"uptime": 901}}, "agent_missing"),
        ({"services": [], "system": {"uptime": None}}, "agent_missing"),
        # No setup is running that could end.
        ({"image_state": "IMAGE_STATE_UNDEPLOYABLE"}, "image_state_not_complete"),
        ({"image_state": None}, "image_state_unreadable"),
    ],
)
def test_nobody_waits_for_what_does_not_come(differs: dict[str, Any], code: str) -> None:
    decision = sysprep_blockers(healthy(**differs), actions=BY_DEFAULT)
    assert set(codes(decision["blockers"])) == {code}
    assert decision["actions"] == []


def test_files_to_rename_are_worth_a_reboot_and_no_refusal() -> None:
    """chocolatey#1768 and others: they are often there again after each reboot, and sysprep only warns."""
    renames = healthy(pending_reboot={"file_renames": ["*1\\??\\C:\\Windows\\Temp\\a"]})
    assert sysprep_blockers(renames, reboot=True)["reboot"]
    after = sysprep_blockers(renames, reboot=False)
    assert (after["blockers"], after["reboot"]) == ([], False)
    assert "such as C:\\Windows\\Temp\\a," in after["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("product_type", "version", "refused"),
    [(1, "10.0.14393", False), (1, "10.0.10586", True), (3, "10.0.26100", True), (None, None, True)],
)
def test_only_an_upgraded_client_is_supported(product_type: int | None, version: str | None, refused: bool) -> None:
    facts = healthy(upgrades=["Source OS"], system={"product_type": product_type, "version": version})
    decision = sysprep_blockers(facts)
    assert ("upgraded_system" in codes(decision["blockers"])) == refused
    assert ("upgraded_system" in codes(decision["warnings"])) != refused


@pytest.mark.parametrize(
    ("section", "code"),
    [("rearm_count", "rearm_unknown"), ("cdrom_start", "cdrom_disabled"), ("image_state", "image_state_unreadable")],
)
def test_what_windows_powershell_writes_for_nothing(section: str, code: str) -> None:
    facts = {**healthy(), section: {}}
    decision = sysprep_blockers(facts)
    assert codes([*decision["blockers"], *decision["warnings"]]) == [code]
    assert sysprep_blockers({**facts, section: None}) == decision


def test_what_is_not_needed_and_cannot_be_read_is_said() -> None:
    facts = healthy(failures={"sysprep_providers": "Access is denied"}, sysprep_providers=[])
    decision = sysprep_blockers(facts)
    assert decision["blockers"] == []
    (warning,) = decision["warnings"]
    assert warning["code"] == "facts_incomplete"
    assert "sysprep providers could not be read (Access is denied)" in warning["message"]


def test_what_may_not_be_read_is_no_broken_installation() -> None:
    denied = healthy(image_state=None, failures={"image_state": "Requested registry access is not allowed."})
    (blocker,) = sysprep_blockers(denied)["blockers"]
    assert blocker["code"] == "facts_incomplete"
    assert "registry access is not allowed" in blocker["message"]
    assert "repair" not in blocker["message"]


@pytest.mark.parametrize("state", ["IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT"])
def test_a_generalized_guest_has_nothing_left_to_forbid(state: str) -> None:
    decision = sysprep_blockers(healthy(image_state=state, panther=True, services=[]))
    assert (decision["blockers"], decision["generalized"]) == ([], True)


@pytest.mark.parametrize(("code", "differs", "said"), WARNINGS, ids=ids(WARNINGS))
def test_warnings(code: str, differs: dict[str, Any], said: tuple[str, ...]) -> None:
    decision = sysprep_blockers(healthy(**differs))
    assert decision["blockers"] == []
    (warning,) = decision["warnings"]
    assert warning["code"] == code
    for words in said:
        assert words in warning["message"]


@pytest.mark.parametrize("facts", [None, "text", []])
def test_what_is_no_facts_is_refused(facts: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        sysprep_blockers(facts)


def test_facts_of_nothing_do_not_pass() -> None:
    assert "image_state_unreadable" in codes(sysprep_blockers({})["blockers"])
    assert "agent_missing" in codes(sysprep_blockers({})["blockers"])


@pytest.mark.parametrize(
    ("secure_boot", "warned"),
    [
        ({"enabled": False, "status": "", "capable": 0}, False),
        ({"enabled": True, "status": "Updated", "capable": 0}, False),
        # It came with the new certificates, and there was nothing to be done.
        ({"enabled": True, "status": "NotStarted", "capable": 2}, False),
        ({"enabled": True, "status": "NotStarted", "capable": 0}, True),
        ({"enabled": True, "status": "", "capable": 1}, True),
        ({"enabled": True, "status": "InProgress", "capable": 2}, True),
    ],
)
def test_certificates_of_secure_boot_that_have_expired(secure_boot, warned):
    found = sysprep_blockers(healthy(secure_boot=secure_boot))
    assert [warning["code"] for warning in found["warnings"]] == (["secure_boot_outdated"] if warned else [])


def test_a_guest_that_does_not_say_it_is_warned_of_nothing():
    facts = healthy()
    del facts["secure_boot"]
    assert sysprep_blockers(facts)["warnings"] == []
