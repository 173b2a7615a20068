# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The properties that an image definition needs for the versions of a source; pure."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import SECURITY_TYPE, STANDARD
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

#: Security type of a virtual machine -> feature SecurityType of a definition that supports it directly. Definitions with
#: TrustedLaunchSupported and the like accept images and blobs, not virtual machines:
#: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
SECURITY_FEATURES = {"trustedlaunch": "TrustedLaunch", "confidentialvm": "ConfidentialVM"}


def definition_properties_of(source: Source) -> dict[str, str]:
    """What a definition states of the operating systems of its versions."""
    return {
        "osType": source.os_type,
        "osState": "Specialized" if source.specialized else "Generalized",
        "hyperVGeneration": source.generation or "V1",
        "architecture": source.architecture,
    }


def features_of(source: Source) -> dict[str, str]:
    """The features of virtual machines created from the version, as those of the source.

    https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-definitions
    """
    found = {SECURITY_TYPE: SECURITY_FEATURES.get(source.security_type.lower(), STANDARD)}
    if source.disk_controllers:
        found["DiskControllerTypes"] = source.disk_controllers
    if source.accelerated_networking:
        found["IsAcceleratedNetworkSupported"] = "True"
    if source.hibernation:
        found["IsHibernateSupported"] = "True"
    return found
