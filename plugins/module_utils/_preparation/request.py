# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of vm_image_prepare, and the current state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId, locate

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "source_vm": {"type": "str", "required": True},
    "resource_group": {"type": "str"},
    "actions": {
        "type": "list",
        "elements": "str",
        "choices": ["disk_encryption", "extensions"],
        "required": True,
    },
    "keep_encryption_extension": {"type": "bool", "default": False},
    "keep_extensions": {"type": "list", "elements": "str", "default": []},
}


@dataclass(frozen=True)
class PreparationRequest:
    """The request of the task."""

    source: ResourceId
    disk_encryption: bool = False
    extensions: bool = False
    keep_encryption_extension: bool = False
    #: Names of extensions to keep, in lower case.
    keep_extensions: tuple[str, ...] = ()
    #: Distinguishes decryption requests.
    sequence: str = ""


@dataclass(frozen=True)
class PreparationState:
    """The current state; None for a virtual machine that does not exist."""

    vm: Json | None
    locks: list[Json] = field(default_factory=list)
    #: Whether the locks could be read.
    locks_known: bool = True


def parse_request(options: Json, subscription_id: str, sequence: str) -> PreparationRequest:
    """Read the options.

    :raises InvalidInput: for invalid options.
    """
    actions = options["actions"]
    if not actions:
        raise InvalidInput("Option 'actions' is empty: set 'disk_encryption', 'extensions', or both.")
    if options["keep_encryption_extension"] and "extensions" in actions:
        raise InvalidInput(
            "Options 'actions: [extensions]' and 'keep_encryption_extension' contradict each other: list the "
            "extensions to keep in 'keep_extensions'."
        )
    return PreparationRequest(
        source=locate("source_vm", options["source_vm"], VIRTUAL_MACHINE, options["resource_group"], subscription_id),
        disk_encryption="disk_encryption" in actions,
        extensions="extensions" in actions,
        keep_encryption_extension=options["keep_encryption_extension"],
        keep_extensions=tuple(name.lower() for name in options["keep_extensions"]),
        sequence=sequence,
    )
