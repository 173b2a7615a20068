# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification of an image on a report's page: its checks, and the identities that were compared; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.formatting import shortened

#: The properties of an identity, in the words of the role image_verify.
_PROPERTIES = {
    "machine_id": "machine-id",
    "machine_sid": "machine SID",
    "machine_guid": "MachineGuid",
    "hostname": "hostname",
    "boot_id": "boot id",
    "host_keys": "SSH host keys",
    "winrm_keys": "WinRM certificates",
}
#: Characters of a digest that are shown; the data of the report has all of them.
_DIGEST = 16


@dataclass(frozen=True)
class Check:
    """A check of a verification.

    :param result: passed, failed or not reached.
    """

    name: str
    result: str
    detail: str


@dataclass(frozen=True)
class Property:
    """A property of the compared virtual machines, which must differ.

    :param values: one for each virtual machine, each a list of texts.
    """

    name: str
    values: list[list[str]]
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """The identities of the virtual machines of an image, and of the source if it is known."""

    machines: list[str]
    properties: list[Property]


@dataclass(frozen=True)
class Verification:
    """What was checked of one image."""

    image: str
    checks: list[Check]
    comparison: Comparison | None


def verifications(record: Mapping[str, Any]) -> list[Verification]:
    """What was checked of each image of a record."""
    found = record.get("verification") or {}
    checks, identities = (list(found.get(name) or []) for name in ("checks", "identities"))
    images = list(dict.fromkeys(str(check.get("image")) for check in checks))
    return [
        Verification(
            image,
            [_check(check) for check in checks if str(check.get("image")) == image],
            _comparison([identity for identity in identities if str(identity.get("image")) == image]),
        )
        for image in images
    ]


def _check(check: Mapping[str, Any]) -> Check:
    return Check(str(check.get("name")), str(check.get("result")), str(check.get("detail") or ""))


def _comparison(identities: Sequence[Mapping[str, Any]]) -> Comparison | None:
    """The properties that at least one of the virtual machines has."""
    if not identities:
        return None
    machines = [f"{one.get('name')}{' (source)' if one.get('is_source') else ''}" for one in identities]
    known = [name for name in _PROPERTIES if any(one.get(name) for one in identities)]
    return Comparison(machines, [_property(name, identities) for name in known])


def _property(name: str, identities: Sequence[Mapping[str, Any]]) -> Property:
    values = [_texts(one.get(name)) for one in identities]
    every = [text.lower() for texts in values for text in texts]
    shown = [
        [shortened(text, _DIGEST) if isinstance(identities[0].get(name), list) else text for text in texts]
        for texts in values
    ]
    return Property(_PROPERTIES[name], shown, len(every) == len(set(every)))


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)] if value else []
