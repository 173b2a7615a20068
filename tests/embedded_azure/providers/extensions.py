# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extensions of virtual machines, among them the one that encrypts disks."""

from __future__ import annotations

import copy
from typing import Any

from .. import api_versions
from ..errors import error
from ..model import Body, Call, ResourceType, Style, Transition, picked, removal
from ..store import Resource
from . import disk_encryption
from .extension_model import EXTENSION, extension_status
from .power import running_parent

_DEFAULTS = {"autoUpgradeMinorVersion": False}
_SECRET = ("protectedSettings", "protectedSettingsFromKeyVault")


def build(call: Call) -> Transition:
    """PUT or PATCH an extension; the machine must run."""
    vm = running_parent(call)
    desired = call.desired
    wanted = copy.deepcopy(desired.get("properties") or {})
    extension = call.existing or Resource(call.path.id, EXTENSION, call.path.name, {})
    before = extension.body.get("properties", {})
    for key in ("publisher", "type", "typeHandlerVersion"):
        wanted.setdefault(key, before.get(key))
        if not wanted[key]:
            raise error(
                "invalid_parameter",
                reason=f"Required parameter 'virtualMachineExtension.properties.{key}' is missing (null).",
            )
    settings = wanted.get("settings") or {}
    encryption = disk_encryption.is_encryption(wanted["type"])
    if encryption:
        disk_encryption.check(vm, settings)
    for key in (*_SECRET, "instanceView"):
        wanted.pop(key, None)
    extension.body = copy.deepcopy(picked(desired, "location", "tags"))
    extension.body["properties"] = {**_DEFAULTS, **wanted}
    if call.api_version >= "2020-12-01" or call.api_version < "2020-06-01":
        extension.properties.setdefault("settings", {})
    kind = f"{wanted['publisher']}.{wanted['type']}"

    def finish(_result: Any) -> None:
        if encryption:
            disk_encryption.carry_out(call.cloud, vm, settings)

    return Transition(
        extension, work=lambda guests: guests.extension_changed(vm.id.lower(), kind, settings), finish=finish
    )


def remove(call: Call) -> Transition:
    """Remove an extension; the machine must run."""
    vm = running_parent(call)
    extension = call.existing
    kind = f"{extension.properties['publisher']}.{extension.properties['type']}"
    transition = removal(call, lambda guests: guests.extension_changed(vm.id.lower(), kind, None))
    removed = transition.finish

    def finish(result: Any) -> None:
        if disk_encryption.is_encryption(extension.properties["type"]):
            disk_encryption.break_off(call.cloud, vm)
        removed(result)

    transition.finish = finish
    return transition


def view(call: Call, extension: Resource) -> Body:
    """An extension; $expand=instanceView adds its state."""
    body = extension.document()
    if call.query.get("$expand", "").lower() == "instanceview":
        body["properties"]["instanceView"] = extension_status(call.cloud, extension)
    return body


TYPE = ResourceType(
    name=EXTENSION,
    build=build,
    remove=remove,
    view=view,
    api_versions=api_versions.COMPUTE,
    created=Style(201, body=True),
    updated=Style(200, body=True),
    deleted=Style(202, location=True),
    policies={"get": "LowCostGet", "write": "UpdateVM", "delete": "UpdateVM"},
)
