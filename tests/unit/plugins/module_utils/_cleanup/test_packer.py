# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names are Packer's, and which only look like them."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._cleanup.packer import build_of, build_of_group
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    IMAGE,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
)

#: A name from a log: https://github.com/hashicorp/packer-plugin-azure/issues/273
SUFFIX = "jsuvd7yb6f"


@pytest.mark.parametrize(
    ("resource_type", "name", "prefix", "build"),
    [
        (VIRTUAL_MACHINE, f"pkrvm{SUFFIX}", "pkr", SUFFIX),
        (NETWORK_INTERFACE, f"pkrni{SUFFIX}", "pkr", SUFFIX),
        (PUBLIC_IP_ADDRESS, f"pkrip{SUFFIX}", "pkr", SUFFIX),
        (DISK, f"pkros{SUFFIX}", "pkr", SUFFIX),
        (DISK, f"PKROS{SUFFIX.upper()}", "pkr", SUFFIX),
        (DISK, f"pkrdd{SUFFIX}-1", "pkr", SUFFIX),
        (DISK, f"pkrvm{SUFFIX}_disk2_0123abcd", "pkr", SUFFIX),
        ("Microsoft.KeyVault/vaults", f"pkrkv{SUFFIX}", "pkr", SUFFIX),
        (DISK, "webosq1w2e", "web", "q1w2e"),
        (DISK, "PackerTemp-osdisk-1700000000", "pkr", "1700000000"),
        (DISK, "PackerTemp-datadisk-1700000000-0", "pkr", "1700000000"),
        (SNAPSHOT, "PackerTemp-osdisk-snapshot-1700000000", "pkr", "1700000000"),
        (SNAPSHOT, "PackerTemp-datadisk-snapshot-1700000000-1", "pkr", "1700000000"),
        # Another type, suffix or prefix.
        (IMAGE, f"pkros{SUFFIX}", "pkr", None),
        (PUBLIC_IP_ADDRESS, f"pkrni{SUFFIX}", "pkr", None),
        (DISK, f"pkros{SUFFIX}x", "pkr", None),
        (DISK, "pkros", "pkr", None),
        (DISK, f"my-pkros{SUFFIX}", "pkr", None),
        (DISK, f"pkrdd{SUFFIX}", "pkr", None),
        (DISK, f"pkros{SUFFIX}", "web", None),
        (DISK, "webosq1w2e", "w.b", None),
        (DISK, "PackerTemp-osdisk-of-web", "pkr", None),
        (SNAPSHOT, "PackerTemp-osdisk-1700000000", "pkr", None),
    ],
)
def test_names_of_resources(resource_type: str, name: str, prefix: str, build: str | None) -> None:
    assert build_of(ResourceId("0", "work", resource_type, (name,)), prefix) == build


@pytest.mark.parametrize(
    ("name", "prefix", "build"),
    [
        (f"pkr-Resource-Group-{SUFFIX}", "pkr", SUFFIX),
        (f"packer-Resource-Group-{SUFFIX}", "pkr", SUFFIX),
        (f"PACKER-RESOURCE-GROUP-{SUFFIX}", "pkr", SUFFIX),
        ("web-Resource-Group-q1w2e", "web", "q1w2e"),
        ("packer-Resource-Group-mine", "pkr", None),
        ("packer-Resource-Group", "pkr", None),
        (f"web-Resource-Group-{SUFFIX}", "web", None),
        (f"pkr-Resource-Group-{SUFFIX}", "web", None),
    ],
)
def test_names_of_groups(name: str, prefix: str, build: str | None) -> None:
    assert build_of_group(name, prefix) == build
