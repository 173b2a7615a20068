# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What forbids sysprep, decided from facts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.filter.sysprep_blockers import ACCEPTABLE, ACTIONS, sysprep_blockers

from windows_guest.cases import BLOCKERS, SERVICES, UNATTEND, WARNINGS, ids, volume
from windows_guest.facts import HEALTHY, PER_USER_PACKAGE, healthy


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
    (blocker,) = sysprep_blockers(healthy(**differs))["blockers"]
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


def test_a_pending_reboot_that_is_allowed() -> None:
    decision = sysprep_blockers(healthy(pending_reboot={"windows_update": True}), reboot=True)
    assert (decision["blockers"], decision["reboot"]) == ([], True)


def test_the_telemetry_service_may_be_absent() -> None:
    """azvmimagebuilder#38: newer agents have none."""
    assert "WindowsAzureTelemetryService" not in [service["name"] for service in SERVICES]
    assert sysprep_blockers(healthy())["blockers"] == []


def test_the_answer_file_sysprep_is_to_use_is_no_leftover() -> None:
    decision = sysprep_blockers(
        healthy(answer_files=[UNATTEND]), answer_file="c:/windows/system32/sysprep/Unattend.xml"
    )
    assert (decision["blockers"], decision["answer_files"]) == ([], [])


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
