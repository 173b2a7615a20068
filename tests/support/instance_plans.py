# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the plan of an instance are made of: a request, what is there, and an image."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    IMAGE,
    SUBNET,
    VIRTUAL_MACHINE,
    ResourceId,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.request import (
    InstanceRequest,
    InstanceSource,
    InstanceState,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
MACHINE = ResourceId(SUBSCRIPTION, "build", VIRTUAL_MACHINE, ("a-machine-of-a-long-name",))
SUBNET_ID = ResourceId(SUBSCRIPTION, "net", SUBNET, ("build", "a"))
SOURCES = {
    "image": InstanceSource("image", ResourceId(SUBSCRIPTION, "images", IMAGE, ("golden",))),
    "gallery_version_id": InstanceSource(
        "gallery_version_id", ResourceId(SUBSCRIPTION, "images", GALLERY_VERSION, ("golden", "web", "1.0.0"))
    ),
    "marketplace": InstanceSource("marketplace", urn=("Debian", "debian-13", "13-gen2", "latest")),
    "source_vm": InstanceSource("source_vm", ResourceId(SUBSCRIPTION, "images", VIRTUAL_MACHINE, ("web",))),
}
NETWORK = {"location": "westeurope", "properties": {"subnets": [{"id": str(SUBNET_ID)}]}}
GROUP = {"location": "westeurope", "properties": {"provisioningState": "Succeeded"}}


def request(kind: str = "marketplace", **options: Any) -> InstanceRequest:
    """A request for an instance of a source of that kind."""
    login = {} if kind == "source_vm" else {"ssh_public_key": "ssh-ed25519 AAAA"}
    return InstanceRequest(machine=MACHINE, source=SOURCES[kind], subnet=SUBNET_ID, **{**login, **options})


def state(image_: SourceImage | None = None, **found: Any) -> InstanceState:
    """What is there: a group and a network, and what is named."""
    known = {"group": GROUP, "vm": None, "location": "westeurope", "network": NETWORK, **found}
    return InstanceState(image=image_, **known)


def source(**traits: Any) -> SourceImage:
    """An image for Linux with these traits."""
    return SourceImage(**{"reference": {"sku": "x"}, "os_type": "Linux", **traits})


def codes(plan: Any) -> list[str]:
    """The codes of a plan's blockers."""
    return [blocker.code for blocker in plan.blockers]
