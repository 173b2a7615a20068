# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a machine Azure is going to end."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._model.retirements import retirement_warnings

from scripted_azure.resources import DISK_ID, vm


@pytest.mark.parametrize(
    ("properties", "sku", "shown", "warned"),
    [
        ({}, "Premium_LRS", {}, []),
        ({}, "StandardSSD_LRS", {}, []),
        ({}, "Standard_LRS", {}, ["os_disk_on_hdd"]),
        ({"encryptionSettingsCollection": {"enabled": True}}, "Premium_LRS", {}, ["disk_encryption_ends"]),
        # It was decrypted, and its settings have stayed.
        ({"encryptionSettingsCollection": {"enabled": False}}, "Premium_LRS", {}, ["disk_encryption_ends"]),
        (
            {},
            "Premium_LRS",
            {"disks": [{"name": "os", "encryptionSettings": [{"enabled": False}]}]},
            ["disk_encryption_ends"],
        ),
    ],
)
def test_what_ends_is_warned_of(properties, sku, shown, warned):
    machine = vm("running")
    machine["properties"]["instanceView"].update(shown)
    disks = [{"id": DISK_ID, "sku": {"name": sku}, "properties": properties}]
    assert [warning.code for warning in retirement_warnings("machine", machine, disks)] == warned
