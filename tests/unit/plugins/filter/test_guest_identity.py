# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a guest is the virtual machine that it is to be."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.filter.guest_identity import guest_identity, same_machine
from hypothesis import given
from hypothesis import strategies as st

#: A machine of generation 1, as Azure and as its Linux show it: https://github.com/Azure/WALinuxAgent/issues/830.
VM_ID = "D0DF4C54-4ECB-4A4B-9954-5BDF3ED5C3B8"
SHOWN_BY_GENERATION_1 = "544CDFD0-CB4E-4B4A-9954-5BDF3ED5C3B8"
#: The same, of https://github.com/Azure/azure-sdk-for-python/issues/4740.
OTHER_VM_ID = "7cdc1f83-c56c-4e5e-9f1f-60b0072ec8e6"
OTHER_SHOWN_BY_GENERATION_1 = "831FDC7C-6CC5-5E4E-9F1F-60B0072EC8E6"


def says(id: str, **other: Any) -> dict[str, Any]:
    return {"id": id, "source": "SMBIOS UUID", "reason": "", **other}


@pytest.mark.parametrize(
    ("shown", "vm_id"),
    [
        (SHOWN_BY_GENERATION_1, VM_ID),
        (OTHER_SHOWN_BY_GENERATION_1, OTHER_VM_ID),
        # Generation 2, Windows and the instance metadata service; in letters of either size.
        (VM_ID, VM_ID),
        (VM_ID.lower(), VM_ID),
        (OTHER_VM_ID.upper(), OTHER_VM_ID),
    ],
)
def test_the_same_machine(shown: str, vm_id: str) -> None:
    assert same_machine(shown, vm_id)
    assert guest_identity(says(shown), vm_id) == {"refused": False, "code": "", "message": ""}


@pytest.mark.parametrize("shown", [OTHER_VM_ID, OTHER_SHOWN_BY_GENERATION_1])
@pytest.mark.parametrize("allow_unknown", [False, True])
def test_another_machine_is_refused_whatever_is_allowed(shown: str, allow_unknown: bool) -> None:
    answer = guest_identity(says(shown), VM_ID, allow_unknown)
    assert (answer["refused"], answer["code"]) == (True, "guest_is_another_machine")
    assert shown in answer["message"]
    assert VM_ID in answer["message"]
    assert "ansible_host" in answer["message"]


@given(st.uuids(), st.uuids())
def test_any_two_machines(one: uuid.UUID, other: uuid.UUID) -> None:
    swapped = str(uuid.UUID(bytes=one.bytes_le))
    assert same_machine(str(one), str(one))
    assert same_machine(swapped, str(one))
    assert same_machine(str(one), swapped)
    assert same_machine(str(other), str(one)) == (other in (one, uuid.UUID(bytes=one.bytes_le)))


@pytest.mark.parametrize(
    ("claim", "vm_id", "said"),
    [
        ({"id": "", "source": "", "reason": "it is a container"}, VM_ID, "it is a container"),
        ({}, VM_ID, "does not report its identity"),
        ({"id": "Not Settable"}, VM_ID, "does not report its identity"),
        ({"id": None}, VM_ID, "does not report its identity"),
        (says(VM_ID), "unknown", "Azure returned no vmId"),
    ],
)
def test_what_cannot_be_compared_needs_consent(claim: dict[str, Any], vm_id: str, said: str) -> None:
    answer = guest_identity(claim, vm_id, consent="some_variable")
    assert (answer["refused"], answer["code"]) == (True, "guest_identity_unknown")
    assert said in answer["message"]
    assert "'some_variable: true'" in answer["message"]
    answer = guest_identity(claim, vm_id, allow_unknown=True)
    assert (answer["refused"], answer["code"]) == (False, "guest_identity_unknown")


@pytest.mark.parametrize("vm_id", ["web", "", "None", "D0DF4C54", "{{ vm_id }}"])
@pytest.mark.parametrize("allow_unknown", [False, True])
def test_what_is_no_vm_id_is_refused(vm_id: str, allow_unknown: bool) -> None:
    answer = guest_identity(says(VM_ID), vm_id, allow_unknown)
    assert (answer["refused"], answer["code"]) == (True, "vm_id_invalid")


@pytest.mark.parametrize("claim", [None, "text", []])
def test_what_says_nothing_at_all_is_refused(claim: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        guest_identity(claim, VM_ID)
