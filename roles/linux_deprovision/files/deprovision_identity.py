# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity that the guest reports; reads only. The filter guest_identity compares it."""

from __future__ import annotations

import re
import urllib.request
import uuid

from deprovision_guest import Guest

SMBIOS = "/sys/class/dmi/id/product_uuid"

#: This api-version, which cloud-init uses as well, is supported by old and new hosts of Azure. Source:
#: https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
METADATA_URL = "http://169.254.169.254/metadata/instance/compute/vmId?api-version=2019-06-01&format=text"
METADATA_LIMIT_SECONDS = 3


def identity(guest: Guest, metadata_url: str = METADATA_URL) -> dict:
    """Return the id of the guest and its source, or the reason why there is none.

    A container has access to the SMBIOS and the metadata service of its host, neither of which identifies the container. Its container
    manager can set an id (https://systemd.io/CONTAINER_INTERFACE, container_uuid).

    Args:
        guest: the guest.
        metadata_url: URL of the instance metadata service, which is queried only if there is no SMBIOS UUID.
    """
    environment = dict(entry.partition("=")[::2] for entry in guest.read("/proc/1/environ").split("\0"))
    if in_container(guest, environment):
        found = normalized_uuid(environment.get("container_uuid", ""))
        return identity_result(found, "container_uuid", "it is a container without a container_uuid")
    found = normalized_uuid(guest.read(SMBIOS))
    if found:
        return identity_result(found, "SMBIOS UUID")
    answer, error_text = query_metadata_service(metadata_url)
    found = normalized_uuid(answer)
    return identity_result(
        found,
        "instance metadata",
        f"{SMBIOS} contains no UUID, and the instance metadata service returned none ({error_text or 'unexpected response'})",
    )


def identity_result(found: str, source: str, reason: str = "") -> dict:
    """Return an id and its source, or the reason why there is none."""
    return {"id": found, "source": source, "reason": ""} if found else {"id": "", "source": "", "reason": reason}


def in_container(guest: Guest, environment: dict) -> bool:
    """Return whether the guest is a container, by the files that systemd, Docker and Podman create."""
    files = ("/run/systemd/container", "/.dockerenv", "/run/.containerenv")
    return bool(environment.get("container")) or any(guest.exists(path) for path in files)


def normalized_uuid(text: str) -> str:
    """Return a UUID in lower case; an empty string for an invalid one, and for the two values that mean that it is not set in SMBIOS.

    Source: SMBIOS specification (DSP0134) 7.2.1.
    """
    bare = text.strip().strip("{}").replace("-", "").lower()
    if not re.match(r"^[0-9a-f]{32}$", bare) or bare in ("0" * 32, "f" * 32):
        return ""
    return str(uuid.UUID(bare))


def query_metadata_service(url: str) -> tuple[str, str]:
    """Return the response of the instance metadata service and an error; never through a proxy, which would be another machine."""
    request = urllib.request.Request(url, headers={"Metadata": "true"})  # noqa: S310 (a constant URL)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=METADATA_LIMIT_SECONDS) as answer:
            return answer.read(200).decode("utf-8", "replace"), ""
    except (OSError, ValueError) as error:
        # The reason only, without the type of the error.
        return "", str(getattr(error, "reason", "") or error)
