# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machine the guest says it is; reads only, and compares nothing: the filter guest_identity does."""

from __future__ import annotations

import re
import urllib.request
import uuid

from deprovision_guest import Guest

SMBIOS = "/sys/class/dmi/id/product_uuid"

#: The oldest api-version that cloud-init asks for, too; newer and older hosts of Azure answer it. Source:
#: https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
METADATA_URL = "http://169.254.169.254/metadata/instance/compute/vmId?api-version=2019-06-01&format=text"
METADATA_LIMIT_SECONDS = 3


def identity(guest: Guest, metadata_url: str = METADATA_URL) -> dict:
    """Return the id that the guest says is its own, where from, and if it says none, why.

    A container sees the SMBIOS and the metadata service of its host, neither of which is its own. Where its manager gave it
    an id, that is its own (https://systemd.io/CONTAINER_INTERFACE, container_uuid).

    Args:
        guest: the guest.
        metadata_url: the instance metadata service, which is asked only if there is no SMBIOS.
    """
    environment = dict(entry.partition("=")[::2] for entry in guest.read("/proc/1/environ").split("\0"))
    if in_container(guest, environment):
        given = valid(environment.get("container_uuid", ""))
        return claim(given, "container_uuid", "it is a container to which its manager gave no id")
    given = valid(guest.read(SMBIOS))
    if given:
        return claim(given, "SMBIOS UUID")
    answer, trouble = ask_metadata_service(metadata_url)
    given = valid(answer)
    return claim(
        given,
        "instance metadata",
        f"{SMBIOS} holds no UUID, and the instance metadata service gave none ({trouble or 'it answered something else'})",
    )


def claim(given: str, source: str, reason: str = "") -> dict:
    """Return what is known: an id and its source, or the reason why there is none."""
    return {"id": given, "source": source, "reason": ""} if given else {"id": "", "source": "", "reason": reason}


def in_container(guest: Guest, environment: dict) -> bool:
    """Say whether the guest is a container, by the marks that systemd, Docker and Podman leave."""
    marks = ("/run/systemd/container", "/.dockerenv", "/run/.containerenv")
    return bool(environment.get("container")) or any(guest.exists(mark) for mark in marks)


def valid(text: str) -> str:
    """Return a UUID in small letters; nothing for what is none, and for the two values by which SMBIOS says that it is not set.

    Source: SMBIOS specification (DSP0134) 7.2.1.
    """
    bare = text.strip().strip("{}").replace("-", "").lower()
    if not re.match(r"^[0-9a-f]{32}$", bare) or bare in ("0" * 32, "f" * 32):
        return ""
    return str(uuid.UUID(bare))


def ask_metadata_service(url: str) -> tuple[str, str]:
    """Return what the instance metadata service says, and what went wrong; never through a proxy, which would be another machine."""
    request = urllib.request.Request(url, headers={"Metadata": "true"})  # noqa: S310 (the address is ours)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=METADATA_LIMIT_SECONDS) as answer:
            return answer.read(200).decode("utf-8", "replace"), ""
    except (OSError, ValueError) as error:
        # Of a refused connection, a time-out, an HTTP status: the reason alone.
        return "", str(getattr(error, "reason", "") or error)
