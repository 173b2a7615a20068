# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The capture playbooks with a copy: the virtual machine itself is not changed, and the copy is removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guest_machines import GROUP, USER, GuestMachines
from predicted_writes import is_write, sent_writes
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/build"
QUARANTINE = f"{NETWORK}/subnets/quarantine"

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run"),
]


def network() -> dict[str, Any]:
    subnets = [{"name": name, "properties": {}} for name in ("quarantine", "verify")]
    resource = {"id": NETWORK, "location": "westeurope", "properties": {"subnets": subnets}}
    return {"groups": {GROUP: "westeurope", "network": "westeurope"}, "resources": [resource]}


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[GuestMachines]:
    guests = NspawnGuests(ROOT / ".cache" / "guests", tmp_path / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed(network())
        yield GuestMachines(azure, guests, tmp_path)


@pytest.fixture
def azure(machines: GuestMachines) -> EmbeddedAzure:
    return machines.azure


def capture(playbooks: Any, machines: GuestMachines, *arguments: str, **more: Any) -> Any:
    return playbooks.run("golden.azure.capture_linux", "-e", variables(machines, **more), *arguments)


def variables(machines: GuestMachines, **more: Any) -> str:
    proxy = f'-o ProxyCommand="nc -X 5 -x localhost:{machines.azure.socks_port} %h %p"'
    return json.dumps(
        {
            "capture_source_vm": "web",
            "capture_guest_user": USER,
            "resource_group": GROUP,
            "capture_image_name": "golden-web",
            "capture_generalize": True,
            "capture_copy_subnet": QUARANTINE,
            "ansible_ssh_private_key_file": str(machines.key),
            "ansible_ssh_common_args": f"-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR {proxy}",
            **more,
        }
    )


def test_a_machine_that_stays_in_use(machines: GuestMachines, playbooks: Any) -> None:
    """Check mode, the run, again, and check mode again."""
    azure = machines.azure
    machines.boot("web")
    seen = machines.look("web")
    source = machines.id_of("web")
    before = set(azure.resources())
    azure.clear_requests()

    planned = capture(playbooks, machines, "--check", "--diff")
    assert planned.returncode == 0, planned.stdout
    assert sent_writes(azure.requests) == []
    for text in ("web-copy", "prepare the guest of virtual machine 'web-copy'", "create the image 'golden-web'"):
        assert text in planned.stdout

    made = capture(playbooks, machines)
    assert made.returncode == 0, made.stdout
    assert machines.look("web") == seen
    written = [entry.path.lower() for entry in azure.requests if is_write(entry)]
    assert not [path for path in written if path.startswith(source.lower())]
    # The copy, what belongs to it, and its lease are removed.
    assert set(azure.resources()) - before == {machines.id_of("golden-web", "images")}

    azure.clear_requests()
    for arguments in ((), ("--check",)):
        again = capture(playbooks, machines, *arguments)
        assert again.returncode == 0, again.stdout
        assert "changed=0" in again.stdout
        assert "changed=1" not in again.stdout
    assert sent_writes(azure.requests) == []


def test_a_copy_whose_guest_cannot_be_prepared(machines: GuestMachines, playbooks: Any) -> None:
    """The copy is removed, although its capture has failed."""
    azure = machines.azure
    machines.boot("web")
    machines.guests.run(machines.id_of("web").lower(), "touch /etc/cloud/cloud-init.disabled", 60.0)
    seen = machines.look("web")
    before = set(azure.resources())
    refused = capture(playbooks, machines)
    assert refused.returncode != 0
    assert "cloud-init" in refused.stdout
    assert machines.look("web") == seen
    assert set(azure.resources()) == before
