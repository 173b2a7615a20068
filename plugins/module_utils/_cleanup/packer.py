# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The names of the temporary resources of Packer's Azure builders; pure.

Packer marks them by nothing else: its tags (azure_tags) are the user's. The names of one build share a random suffix.
Sources: https://developer.hashicorp.com/packer/integrations/hashicorp/azure/latest/components/builder/arm ("What's Randomized?"),
builder/azure/arm/tempname.go (the names that it really uses, ten random characters, or five after a prefix of the user) and
builder/azure/chroot/builder.go of https://github.com/hashicorp/packer-plugin-azure.
"""

from __future__ import annotations

import re

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    SECURITY_GROUP,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    VIRTUAL_NETWORK,
    ResourceId,
)

DEFAULT_PREFIX = "pkr"
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,9}")
#: Type, in lower case -> what is between the prefix and the random suffix, and what may follow it. Azure names the disks that a
#: virtual machine gets from its image after the virtual machine.
_NAMES = {
    VIRTUAL_MACHINE.lower(): (("vm", ""),),
    NETWORK_INTERFACE.lower(): (("ni", ""),),
    PUBLIC_IP_ADDRESS.lower(): (("ip", ""),),
    VIRTUAL_NETWORK.lower(): (("vn", ""),),
    SECURITY_GROUP.lower(): (("sg", ""),),
    "microsoft.keyvault/vaults": (("kv", ""),),
    DISK.lower(): (("os", ""), ("dd", r"-\d+"), ("vm", r"_[A-Za-z0-9_]+")),
    SNAPSHOT.lower(): (("os", ""), ("dd", r"-\d+")),
}
#: Of the builder azure-chroot, whose suffix is the time of the build.
_CHROOT = {
    DISK.lower(): re.compile(r"PackerTemp-(?:osdisk-|datadisk-(?=\d+-))(?P<suffix>\d{9,})(?:-\d+)?", re.IGNORECASE),
    SNAPSHOT.lower(): re.compile(r"PackerTemp-(?:osdisk|datadisk)-snapshot-(?P<suffix>\d{9,})(?:-\d+)?", re.IGNORECASE),
}


def prefix_is_valid(prefix: str) -> bool:
    """Whether Packer accepts it as custom_resource_build_prefix."""
    return bool(_PREFIX.fullmatch(prefix))


def build_of_group(name: str, prefix: str) -> str | None:
    """The random suffix of a temporary resource group; None if it is another group.

    :param prefix: "pkr", or that of the user.
    """
    names = "(?:pkr|packer)" if prefix == DEFAULT_PREFIX else re.escape(prefix)
    found = re.fullmatch(rf"{names}-Resource-Group-(?P<suffix>{_suffix(prefix)})", name, re.IGNORECASE)
    return found["suffix"].lower() if found else None


def build_of(resource: ResourceId, prefix: str) -> str | None:
    """The random suffix in the name of a temporary resource; None if it is another resource."""
    resource_type = resource.resource_type.lower()
    for kind, end in _NAMES.get(resource_type, ()):
        pattern = rf"{re.escape(prefix)}{kind}(?P<suffix>{_suffix(prefix)}){end}"
        found = re.fullmatch(pattern, resource.name, re.IGNORECASE)
        if found:
            return found["suffix"].lower()
    chroot = _CHROOT.get(resource_type)
    found = chroot.fullmatch(resource.name) if chroot else None
    return found["suffix"] if found else None


def _suffix(prefix: str) -> str:
    return "[a-z0-9]{10}" if prefix == DEFAULT_PREFIX else "[a-z0-9]{5}"
