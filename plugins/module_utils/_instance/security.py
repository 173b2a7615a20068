# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Of which security type an instance is to be, by its source and the task; pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

STANDARD, TRUSTED_LAUNCH, CONFIDENTIAL = "Standard", "TrustedLaunch", "ConfidentialVM"

#: Feature SecurityType of an image -> security type of a machine made from it, where that is not Standard.
_BY_FEATURE = {
    "trustedlaunch": TRUSTED_LAUNCH,
    "trustedlaunchsupported": TRUSTED_LAUNCH,
    "trustedlaunchandconfidentialvmsupported": TRUSTED_LAUNCH,
    "confidentialvm": CONFIDENTIAL,
}
#: Security type of a machine -> the features SecurityType of images that make such machines.
_FEATURES_FOR = {
    TRUSTED_LAUNCH: ("trustedlaunch", "trustedlaunchsupported", "trustedlaunchandconfidentialvmsupported"),
    CONFIDENTIAL: ("confidentialvm", "confidentialvmsupported", "trustedlaunchandconfidentialvmsupported"),
    STANDARD: (
        "standard",
        "none",
        "trustedlaunchsupported",
        "confidentialvmsupported",
        "trustedlaunchandconfidentialvmsupported",
    ),
}


def makes(image: SourceImage, security: str) -> bool:
    """Whether machines of a security type can be made from an image.

    Source: https://learn.microsoft.com/azure/virtual-machines/trusted-launch-faq
    """
    return image.security_feature.lower() in _FEATURES_FOR[security]


def preferred_security_type(request: InstanceRequest, state: InstanceState) -> str:
    """The task's security type, else what a managed image forces, else the best that the source offers."""
    if request.security_type:
        return request.security_type
    if request.is_copy:
        return machine.security_type(state.copied or {})
    if request.for_managed_image or request.source.kind == "image" or state.image is None:
        return STANDARD
    return _BY_FEATURE.get(state.image.security_feature.lower(), STANDARD)


def demanded_security_type(request: InstanceRequest, state: InstanceState) -> str | None:
    """The security type that the machine must have; None where one that is preferred may be left out."""
    security = preferred_security_type(request, state)
    if request.security_type or state.image is None or not makes(state.image, STANDARD):
        return security
    return None


def offers_trusted_launch(request: InstanceRequest, state: InstanceState) -> bool:
    """Whether Azure could make a Trusted Launch machine of the source where the request leaves that open.

    Source: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
    """
    if request.source.kind == "image":
        return False
    if state.image:
        return makes(state.image, TRUSTED_LAUNCH)
    system = next(iter(machine.managed_disk_ids(state.copied or {})), None)
    disk = next((disk for disk in state.copied_disks if str(disk.get("id")).lower() == str(system).lower()), None)
    capabilities = machine.properties(disk).get("supportedCapabilities") or {}
    return bool(capabilities.get("supportedSecurityOption"))
