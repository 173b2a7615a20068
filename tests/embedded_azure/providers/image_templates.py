# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.VirtualMachineImages/imageTemplates (Azure Image Builder), as far as they refer to images."""

from __future__ import annotations

import copy

from ..model import Call, Provider, ResourceType, Style, Transition, picked
from ..store import Resource

TEMPLATE = "Microsoft.VirtualMachineImages/imageTemplates"


def build(call: Call) -> Transition:
    """A template keeps what it is given; nothing is built."""
    desired = call.desired
    found = call.existing or Resource(call.path.id, TEMPLATE, call.path.name, {})
    found.body = copy.deepcopy(picked(desired, "location", "tags", "identity"))
    found.body["properties"] = copy.deepcopy(desired.get("properties") or {})
    return Transition(found)


PROVIDER = Provider(
    namespace="Microsoft.VirtualMachineImages",
    types=(
        ResourceType(
            name=TEMPLATE,
            build=build,
            api_versions=(
                "2020-02-14",
                "2021-10-01",
                "2022-02-14",
                "2022-07-01",
                "2023-07-01",
                "2024-02-01",
                "2025-10-01",
            ),
            created=Style(201, body=True),
            updated=Style(200, body=True),
            deleted=Style(202, location=True),
        ),
    ),
)
