# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check whether a guest is the expected virtual machine; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: guest_identity
short_description: Check whether a guest is the expected virtual machine
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Compares the identity that a guest reports, which is its SMBIOS UUID or the ID from the Azure Instance Metadata Service,
    with the C(vmId) of the virtual machine to be captured.
  - The bytes of the first three fields of an SMBIOS UUID can be swapped. Linux shows them swapped on generation 1 virtual
    machines, but not on generation 2. Both orders are accepted.
options:
  _input:
    description: The identity that the guest reports, a dictionary with C(id), its C(source), and the C(reason) if there is
      no ID.
    type: dict
    required: true
  vm_id:
    description: The C(vmId) of the virtual machine that Azure returned. V(unknown) if Azure returned none.
    type: str
    required: true
  allow_unknown:
    description: Whether to allow a guest whose identity cannot be compared.
    type: bool
    default: false
  consent:
    description: Name of the variable that allows it, for the message.
    type: str
    default: allow_unknown
"""

EXAMPLES = r"""
- name: Compare a guest with the virtual machine to be captured
  ansible.builtin.set_fact:
    identity: "{{ {'id': ansible_facts.product_uuid, 'source': 'SMBIOS UUID'} | golden.azure.guest_identity(vm_id=plan.source.vm_id) }}"
"""

RETURN = r"""
_value:
  description:
    - C(refused) states whether the guest must not be changed.
    - C(code) and C(message) state the reason. They are empty if the guest is the expected virtual machine. The code is
      V(guest_is_another_machine), V(guest_identity_unknown), which C(allow_unknown) allows, or V(vm_id_invalid).
  type: dict
"""

import uuid
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

#: The placeholder for an unknown vmId.
UNKNOWN = "unknown"


def guest_identity(
    claim: Any, vm_id: str, allow_unknown: bool = False, consent: str = "allow_unknown"
) -> dict[str, Any]:
    """Decide.

    :param claim: the reported identity: id, source, reason.
    :param vm_id: the vmId of the virtual machine; UNKNOWN if Azure returned none.
    :param consent: the variable that accepts an unknown identity, for the message.
    :returns: refused, code, message; see the documentation above.
    :raises AnsibleFilterError: if the claim is invalid.
    """
    if not isinstance(claim, Mapping):
        raise AnsibleFilterError(
            f"guest_identity requires the identity of a guest as a dictionary, not {type(claim).__name__}."
        )
    if vm_id != UNKNOWN and _uuid(vm_id) is None:
        return _answer(
            "vm_id_invalid",
            f"'{vm_id}' is not a valid vmId of a virtual machine; set the value that Azure shows (az vm show --query "
            "vmId).",
        )
    reason = None
    if vm_id == UNKNOWN:
        reason = "Azure returned no vmId"
    elif _uuid(claim.get("id")) is None:
        reason = str(claim.get("reason") or "the guest does not report its ID")
    if reason:
        return _answer(
            "guest_identity_unknown",
            f"It cannot be determined whether the guest is the virtual machine to be captured ({_vm_id_text(vm_id)}), because "
            f"{reason}; check that the address of the host in the inventory is that of the virtual machine, and then set '{consent}: "
            "true'.",
            refused=not allow_unknown,
        )
    if same_machine(str(claim["id"]), vm_id):
        return {"refused": False, "code": "", "message": ""}
    return _answer(
        "guest_is_another_machine",
        f"The guest is another machine than the one to be captured: it reports {claim['id']} "
        f"({claim.get('source') or 'its own ID'}), and the virtual machine has the vmId {vm_id}; correct the address of the host "
        "in the inventory (ansible_host), or the source.",
    )


def same_machine(claimed: str, vm_id: str) -> bool:
    """Whether an id that a guest shows is the vmId of a virtual machine, in either order of its bytes.

    Azure keeps the first three fields of the UUID in SMBIOS with the least significant byte first. Generation 1 declares SMBIOS
    2.3, for which Linux and dmidecode interpret them in the other order, so that they show swapped bytes; generation 2 declares
    SMBIOS 3.1, and is shown unchanged. Windows (Win32_ComputerSystemProduct) and the instance metadata service show the vmId
    itself. Accepting both orders for both generations is safe: two random ids are never equal with swapped bytes.

    Sources: https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/azure/identity.py,
    https://github.com/Azure/WALinuxAgent/issues/830, https://github.com/MicrosoftDocs/azure-docs/issues/94467
    """
    shown, wanted = _uuid(claimed), _uuid(vm_id)
    if shown is None or wanted is None:
        return False
    return wanted in (shown, uuid.UUID(bytes=shown.bytes_le))


def _uuid(text: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def _vm_id_text(vm_id: str) -> str:
    return "of unknown vmId" if vm_id == UNKNOWN else f"vmId {vm_id}"


def _answer(code: str, message: str, refused: bool = True) -> dict[str, Any]:
    return {"refused": refused, "code": code, "message": message}


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"guest_identity": guest_identity}
