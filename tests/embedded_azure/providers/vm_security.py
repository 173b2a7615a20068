# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which security, size and disk controller a new machine has, and what of it is refused."""

from __future__ import annotations

import copy

from ..errors import error
from ..model import Body, Call, merge
from ..store import Resource
from ..vm_sizes import Capabilities, capabilities
from . import vm_storage
from .images_of_vms import ImageSource

# From this version on a machine may become Trusted Launch by itself, and Standard is a word like the others
# (Azure/azure-cli#33280, Azure/azure-rest-api-specs#39957).
_BY_DEFAULT = "2025-11-01"
_TRUSTED_LAUNCH_BY_DEFAULT = "Microsoft.Compute/TrustedLaunchByDefaultPreview"
_STANDARD_TYPE = "Microsoft.Compute/UseStandardSecurityType"
_ENCRYPTION_AT_HOST = "Microsoft.Compute/EncryptionAtHost"
_SECURE = ("TrustedLaunch", "ConfidentialVM")
#: Features SecurityType of images of which Trusted Launch machines can be made.
_TRUSTED = ("trustedlaunch", "trustedlaunchsupported", "trustedlaunchandconfidentialvmsupported")
_CONFIDENTIAL = ("confidentialvm", "confidentialvmsupported", "trustedlaunchandconfidentialvmsupported")


def completed(call: Call, wanted: Body, size: str, image: ImageSource | None, os_disk: Resource | None) -> Body | None:
    """The security profile of a new machine, with what Azure adds where the request leaves the security type open.

    Raises AzureError where Azure refuses the machine.

    :param os_disk: the one that is attached, where none is made from an image.
    """
    profile: Body = copy.deepcopy(wanted.get("securityProfile") or {})
    able = capabilities(size)
    _check_size(size, able, image, os_disk)
    _check_controller(wanted, size, able, image)
    if "securityType" not in profile and _is_trusted_by_default(call, able, image, os_disk):
        profile.update(securityType="TrustedLaunch", uefiSettings={"secureBootEnabled": True, "vTpmEnabled": True})
    _check_type(call, profile, size, able, image)
    _check_encryption(call, profile, size, able, os_disk)
    if profile.get("securityType") in _SECURE:
        profile["uefiSettings"] = {"secureBootEnabled": False, "vTpmEnabled": True, **profile.get("uefiSettings", {})}
    return profile or None


def changed(call: Call, vm: Resource, wanted: Body) -> Body:
    """The security profile of a machine that is there, with what a request changes of it."""
    profile = merge(vm.properties.get("securityProfile") or {}, wanted)
    if "encryptionAtHost" in wanted:
        size = vm.properties["hardwareProfile"]["vmSize"]
        disk = call.cloud.store.get(vm_storage.os_disk_id(vm))
        _check_encryption(call, profile, size, capabilities(size), disk)
    return profile


def _offered(image: ImageSource | None) -> str:
    return dict(image.features).get("SecurityType", "None").lower() if image else "none"


def _is_trusted_by_default(call: Call, able: Capabilities, image: ImageSource | None, os_disk: Resource | None) -> bool:
    if call.api_version < _BY_DEFAULT or not call.cloud.settings.has_feature(_TRUSTED_LAUNCH_BY_DEFAULT):
        return False
    capable = _offered(image) in _TRUSTED
    if os_disk is not None:
        capable = bool((os_disk.properties.get("supportedCapabilities") or {}).get("supportedSecurityOption"))
    return capable and able.trusted_launch


def _check_type(call: Call, profile: Body, size: str, able: Capabilities, image: ImageSource | None) -> None:
    kind, offered = profile.get("securityType"), _offered(image)
    if kind == "Standard" and call.api_version < _BY_DEFAULT and not call.cloud.settings.has_feature(_STANDARD_TYPE):
        raise error("security_type_invalid", target="securityProfile.securityType")
    if profile.get("uefiSettings") and kind not in _SECURE:
        state = f"is '{kind}'" if kind else "is not set"
        raise error("bad_request", reason=f"Use of UEFI settings is not supported when security type {state}.")
    if image is None:
        return
    demanded = {"trustedlaunch": "TrustedLaunch", "confidentialvm": "ConfidentialVM"}.get(offered)
    if demanded and kind != demanded:
        raise error("security_type_demanded", security=demanded)
    if kind in _SECURE and offered not in (_TRUSTED if kind == "TrustedLaunch" else _CONFIDENTIAL):
        raise error("security_type_of_image", security=kind)
    if (kind == "TrustedLaunch" and not able.trusted_launch) or (kind == "ConfidentialVM" and not able.confidential):
        raise error("security_type_of_size", size=size, security=kind)


def _check_size(size: str, able: Capabilities, image: ImageSource | None, os_disk: Resource | None) -> None:
    architecture = image.architecture if image else None
    generation = image.hyper_v_generation if image else None
    if os_disk is not None:
        architecture = (os_disk.properties.get("supportedCapabilities") or {}).get("architecture")
        generation = os_disk.properties.get("hyperVGeneration")
    if architecture and architecture != able.architecture:
        raise error("size_architecture", size=size, able=able.architecture, given=architecture)
    if generation and generation not in able.generations:
        raise error("size_generation", size=size, generation=generation[1:])


def _check_controller(wanted: Body, size: str, able: Capabilities, image: ImageSource | None) -> None:
    """One's own images must say that they are made for NVMe; those of the marketplace that are old enough do not either."""
    asked = (wanted.get("storageProfile") or {}).get("diskControllerType")
    if asked and asked not in able.controllers:
        raise error("size_controller", size=size, controller=asked, target="storageProfile.diskControllerType")
    if asked and image and image.hyper_v_generation == "V1":
        raise error("controller_generation", target="storageProfile.diskControllerType")
    if image is None or image.resource is None:
        return
    named = dict(image.features).get("DiskControllerTypes", "SCSI").lower()
    if not any(one.lower() in named for one in ([asked] if asked else able.controllers)):
        raise error("size_controllers", size=size, target="vmSize")


def _check_encryption(call: Call, profile: Body, size: str, able: Capabilities, os_disk: Resource | None) -> None:
    if "encryptionAtHost" not in profile:
        return
    if not call.cloud.settings.has_feature(_ENCRYPTION_AT_HOST):
        raise error("encryption_at_host", target="securityProfile.encryptionAtHost")
    if not profile["encryptionAtHost"]:
        return
    if not able.encryption_at_host:
        raise error("encryption_at_host_size", size=size, target="securityProfile.encryptionAtHost")
    if os_disk is not None and os_disk.private.get("was_encrypted"):
        raise error("encryption_at_host_disk", disk=os_disk.name, target="securityProfile.encryptionAtHost")
