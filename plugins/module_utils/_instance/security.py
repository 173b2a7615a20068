# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Determine the security type of an instance from its source and the task; pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

STANDARD, TRUSTED_LAUNCH, CONFIDENTIAL = "Standard", "TrustedLaunch", "ConfidentialVM"

#: Feature SecurityType of an image -> security type of a virtual machine created from it, if that is not Standard.
_BY_FEATURE = {
    "trustedlaunch": TRUSTED_LAUNCH,
    "trustedlaunchsupported": TRUSTED_LAUNCH,
    "trustedlaunchandconfidentialvmsupported": TRUSTED_LAUNCH,
    "confidentialvm": CONFIDENTIAL,
}
#: Security type of a virtual machine -> the features SecurityType of images that support it.
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


def supports_security_type(image: SourceImage, security: str) -> bool:
    """Whether an image supports virtual machines with a security type.

    Source: https://learn.microsoft.com/azure/virtual-machines/trusted-launch-faq
    """
    return image.security_feature.lower() in _FEATURES_FOR[security]


def preferred_security_type(request: InstanceRequest, state: InstanceState) -> str:
    """The security type of the task, otherwise what a managed image requires, otherwise the strictest that the source supports."""
    if request.security_type:
        return request.security_type
    if request.is_copy:
        return machine.security_type(state.copied or {})
    if request.for_managed_image or request.source.kind == "image" or state.image is None:
        return STANDARD
    return _BY_FEATURE.get(state.image.security_feature.lower(), STANDARD)


def required_security_type(request: InstanceRequest, state: InstanceState) -> str | None:
    """The required security type; None if the preferred one is optional."""
    security = preferred_security_type(request, state)
    if request.security_type or state.image is None or not supports_security_type(state.image, STANDARD):
        return security
    return None


def offers_trusted_launch(request: InstanceRequest, state: InstanceState) -> bool:
    """Whether Azure could create a Trusted Launch virtual machine from the source if the request does not specify it.

    Source: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
    """
    if request.source.kind == "image":
        return False
    if state.image:
        return supports_security_type(state.image, TRUSTED_LAUNCH)
    system = next(iter(machine.managed_disk_ids(state.copied or {})), None)
    disk = next((disk for disk in state.copied_disks if str(disk.get("id")).lower() == str(system).lower()), None)
    capabilities = machine.properties(disk).get("supportedCapabilities") or {}
    return bool(capabilities.get("supportedSecurityOption"))
