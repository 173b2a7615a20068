# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The marketplace: which platform images there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import AzureError


@dataclass(frozen=True)
class PlatformImage:
    """One version of a marketplace image."""

    publisher: str
    offer: str
    sku: str
    version: str
    os_type: str = "Linux"
    hyper_v_generation: str = "V1"
    architecture: str = "x64"
    os_disk_size: int = 30
    plan: bool = False
    features: tuple[tuple[str, str], ...] = ()
    deprecation: dict[str, Any] | None = field(default=None, hash=False)
    data_disk_luns: tuple[int, ...] = ()
    data_disk_size: int = 4
    go_live_date: str | None = None
    automatic_upgrades: bool = False

    @property
    def urn(self) -> str:
        """publisher:offer:sku:version"""
        return f"{self.publisher}:{self.offer}:{self.sku}:{self.version}"


_TRUSTED = (("SecurityType", "TrustedLaunchSupported"), ("IsAcceleratedNetworkSupported", "True"))
_BOTH = (*_TRUSTED, ("DiskControllerTypes", "SCSI, NVMe"))
_V2 = {"hyper_v_generation": "V2", "features": _TRUSTED}
_ARM64 = {"hyper_v_generation": "V2", "architecture": "Arm64", "features": _BOTH}
_WINDOWS = {"os_type": "Windows", "os_disk_size": 127}

DEFAULTS: tuple[PlatformImage, ...] = (
    PlatformImage("Debian", "debian-12", "12-gen2", "0.20250316.2053", **_V2),
    PlatformImage("Debian", "debian-13", "13", "0.20260914.2601"),
    PlatformImage("Debian", "debian-13", "13-gen2", "0.20260112.2355", **_V2),
    PlatformImage("Debian", "debian-13", "13-gen2", "0.20260914.2601", **_V2),
    PlatformImage("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "22.04.202503100", **_V2),
    PlatformImage("Canonical", "ubuntu-24_04-lts", "server", "24.04.202503070", **_V2),
    PlatformImage("Canonical", "ubuntu-24_04-lts", "server-arm64", "24.04.202503070", **_ARM64),
    PlatformImage("RedHat", "RHEL", "9-lvm-gen2", "9.5.2025031211", **_V2, data_disk_luns=()),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter", "17763.7009.250306", **_WINDOWS),
    PlatformImage(
        "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-g2", "20348.3328.250306", **_WINDOWS, **_V2
    ),
    PlatformImage("bitnami", "lampstack", "5-6", "5.6.2202100605", plan=True),
)


#: Publishers of extensions, who are listed with those of images.
WITHOUT_IMAGES = ("Chef.Bootstrap.WindowsAzure", "Microsoft.Azure.Extensions")


def version_key(version: str) -> tuple[int, ...]:
    """Order versions by their numbers."""
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))


class Catalogue:
    """Platform images by their four words, case-insensitively. Every region offers them all."""

    def __init__(self) -> None:
        self._images: dict[tuple[str, str, str, str], PlatformImage] = {}
        self.reset()

    def reset(self) -> None:
        """Back to the images that are always there."""
        self._images.clear()
        self.add(DEFAULTS)

    def add(self, images: Iterable[PlatformImage]) -> None:
        """Offer more images."""
        for image in images:
            self._images[(image.publisher.lower(), image.offer.lower(), image.sku.lower(), image.version)] = image

    def add_document(self, item: dict[str, Any]) -> None:
        """Offer an image as a seed describes it: the field names of PlatformImage."""
        item = dict(item)
        item["features"] = tuple((item.get("features") or {}).items())
        item["data_disk_luns"] = tuple(item.get("data_disk_luns") or ())
        self.add([PlatformImage(**item)])

    def withdraw(self, publisher: str, offer: str, sku: str) -> None:
        """Offer no version of a SKU any more."""
        words = (publisher.lower(), offer.lower(), sku.lower())
        for key in [key for key in self._images if key[:3] == words]:
            del self._images[key]

    def select(self, publisher: str, offer: str | None = None, sku: str | None = None) -> list[PlatformImage]:
        """Images under the given words, oldest version first."""
        wanted = [word.lower() for word in (publisher, offer, sku) if word is not None]
        found = [image for key, image in self._images.items() if list(key[: len(wanted)]) == wanted]
        return sorted(found, key=lambda image: version_key(image.version))

    def publishers(self) -> list[str]:
        """Names of all publishers, sorted."""
        return sorted({*WITHOUT_IMAGES, *(image.publisher for image in self._images.values())}, key=str.lower)

    def is_without_images(self, publisher: str) -> bool:
        """Whether a publisher is known, and has no images."""
        return publisher.lower() in map(str.lower, WITHOUT_IMAGES) and not self.select(publisher)

    def resolve(self, reference: dict[str, Any]) -> PlatformImage:
        """The image an imageReference means; `latest` is the newest that is not deprecated.

        Raises AzureError PlatformImageNotFound 404 when there is none.
        """
        version = str(reference.get("version") or "latest")
        words = [str(reference.get(word) or "") for word in ("publisher", "offer", "sku")]
        images = self.select(*words)
        if version.lower() == "latest" and images:
            return images[-1]
        for image in images:
            if image.version.lower() == version.lower():
                return image
        raise AzureError(
            404,
            "PlatformImageNotFound",
            f"The platform image '{':'.join([*words, version])}' is not available. Verify that all fields in the "
            "storage profile are correct. For more details about storage profile information, please refer to "
            "https://aka.ms/storageprofile",
            target="imageReference",
        )

    def deprecate(self, image: PlatformImage, status: dict[str, Any]) -> None:
        """Mark an image deprecated or scheduled for deprecation."""
        self.add([replace(image, deprecation=status)])
