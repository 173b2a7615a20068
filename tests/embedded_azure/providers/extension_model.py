# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extensions of a virtual machine as its views show them."""

from __future__ import annotations

from ..cloud import Cloud
from ..model import Body
from ..store import Resource
from . import disk_encryption

EXTENSION = "Microsoft.Compute/virtualMachines/extensions"


def extension_status(cloud: Cloud, extension: Resource) -> Body:
    """The instance view of an extension; disk encryption tells its state in a substatus."""
    properties = extension.properties
    vm = cloud.store.get(extension.id.rsplit("/", 2)[0])
    encryption = vm is not None and disk_encryption.is_encryption(properties["type"])
    shown: Body = {
        "name": extension.name,
        "type": f"{properties['publisher']}.{properties['type']}",
        "typeHandlerVersion": f"{properties.get('typeHandlerVersion', '1.0')}.0.0",
        "statuses": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "message": disk_encryption.message(cloud, vm, extension) if encryption else "",
            }
        ],
    }
    if extension.private.get("substatuses"):
        shown["substatuses"] = extension.private["substatuses"]
    return shown
