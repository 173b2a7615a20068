# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role windows_sysprep alone, with the id of the virtual machine that its guest is to be, on stand-in guests."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from windows_runs import Outcome, Runs

from windows_guest.cases import Case
from windows_guest.facts import PER_USER_PACKAGE, VM_ID

OTHER = "7cdc1f83-c56c-4e5e-9f1f-60b0072ec8e6"
SILENT = {
    "id": "",
    "source": "",
    "reason": "SMBIOS has no UUID, and the instance metadata service gave none: timed out",
}
GENERALIZED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"


def case(vm_id: str, machine: dict[str, str] | None = None, facts: dict[str, Any] | None = None, **more: Any) -> Case:
    """A guest, and the id that it is compared with."""
    said = {"machine": machine} if machine else {}
    return Case(facts={**said, **(facts or {})}, variables={"windows_sysprep_vm_id": vm_id, **more})


CASES = {
    "right": case(VM_ID),
    "in large letters": case(VM_ID.upper()),
    # What no Windows shows, as WMI puts the bytes in order.
    "swapped": case(str(uuid.UUID(bytes=uuid.UUID(VM_ID).bytes_le))),
    "wrong": case(OTHER),
    "wrong with consent": case(OTHER, windows_sysprep_allow_unknown_identity=True),
    # Which would have been shut down.
    "wrong and generalized": case(OTHER, facts={"image_state": GENERALIZED}),
    # Of everything that is wrong with it, that comes first.
    "wrong and forbidden": case(OTHER, facts={"appx_packages": [PER_USER_PACKAGE]}),
    "wrong and to be repaired": case(OTHER, facts={"panther": True}, windows_sysprep_actions=["panther"]),
    "silent": case(VM_ID, SILENT),
    "silent with consent": case(VM_ID, SILENT, windows_sysprep_allow_unknown_identity=True),
    "not returned": case("unknown"),
    "not returned with consent": case("unknown", windows_sysprep_allow_unknown_identity=True),
    "nonsense": case("web"),
}
#: Those that are refused.
CODES = {
    "wrong": "guest_is_another_machine",
    "wrong with consent": "guest_is_another_machine",
    "wrong and generalized": "guest_is_another_machine",
    "wrong and forbidden": "guest_is_another_machine",
    "wrong and to be repaired": "guest_is_another_machine",
    "silent": "guest_identity_unknown",
    "not returned": "guest_identity_unknown",
    "nonsense": "vm_id_invalid",
}


@pytest.fixture(scope="module", params=[pytest.param(way, marks=pytest.mark.sweep) for way in ("run", "check")])
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """How the role ended on each guest, when it ran and in check mode."""
    runs = Runs(tmp_path_factory.mktemp(request.param))
    named = {name.replace(" ", "-"): each for name, each in CASES.items()}
    ended = runs.run(named, *(["--check"] if request.param == "check" else []))
    return {name: ended[name.replace(" ", "-")] for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_a_guest(outcomes: dict[str, Outcome], name: str) -> None:
    outcome = outcomes[name]
    if name not in CODES:
        assert not outcome.failed, outcome.message
        assert outcome.result["outcome"] in ("generalized", "would_generalize")
        return
    assert outcome.failed
    assert f'"code": "{CODES[name]}"' in outcome.message
    assert outcome.kinds == ["facts"]
    assert outcome.guest.read()["running"]


def test_the_comparison_alone(tmp_path: Path) -> None:
    """As for work that comes before."""
    runs = Runs(tmp_path, tasks_from="identity")
    cases = {name: CASES[name] for name in ("right", "wrong", "silent")}
    ended = runs.run(cases)
    assert {name: outcome.failed for name, outcome in ended.items()} == {"right": False, "wrong": True, "silent": True}
    assert all(outcome.kinds == ["facts"] for outcome in ended.values())


def test_a_guest_that_is_another_after_a_reboot_is_left_alone(tmp_path: Path) -> None:
    """As when an address has been given to another machine meanwhile."""
    runs = Runs(tmp_path)
    rebooted = case(VM_ID, facts={"pending_reboot": {"windows_update": True}})
    rebooted.scenario["machine_after_reboot"] = {"id": OTHER, "source": "SMBIOS UUID", "reason": ""}
    outcome = runs.run({"rebooted": rebooted})["rebooted"]
    assert outcome.failed
    assert '"code": "guest_is_another_machine"' in outcome.message
    assert "start" not in outcome.kinds
