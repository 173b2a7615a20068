# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of a real Debian that runs: the source goes on as if nothing had happened, and clones of the copy are their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from guest_machines import GROUP, GuestMachines
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements

NETWORK = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/network/providers/Microsoft.Network"

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run"),
]


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[GuestMachines]:
    guests = NspawnGuests(ROOT / ".cache" / "guests", tmp_path / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        subnets = [{"name": name, "properties": {}} for name in ("quarantine", "verify")]
        network = {
            "id": f"{NETWORK}/virtualNetworks/build",
            "location": "westeurope",
            "properties": {"subnets": subnets},
        }
        azure.seed({"groups": {GROUP: "westeurope", "network": "westeurope"}, "resources": [network]})
        yield GuestMachines(azure, guests, tmp_path)


@pytest.fixture
def azure(machines: GuestMachines) -> EmbeddedAzure:
    return machines.azure


def play(hosts: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Play", "hosts": hosts, "gather_facts": False, "tasks": list(tasks)}


@pytest.mark.sweep
def test_a_copy_is_made_prepared_captured_and_verified_while_its_source_runs(machines, playbooks):
    machines.boot("reference")
    source = machines.id_of("reference")
    seen = machines.look("reference")
    copy = source.replace(f"/{GROUP}/", "/copy/").replace("/reference", "/copy")
    made = {
        "name": "copy",
        "resource_group": "copy",
        "create_resource_group": True,
        "source_vm": source,
        "isolated_subnet": f"{NETWORK}/virtualNetworks/build/subnets/quarantine",
        "for_managed_image": True,
    }
    proxy = f'-o ProxyCommand="nc -X 5 -x localhost:{machines.azure.socks_port} %h %p"'
    reach = {
        "name": "golden",
        "ansible_host": "{{ copy.instance.private_ip_address }}",
        "ansible_user": "{{ copy.instance.admin_username }}",
        "ansible_ssh_private_key_file": str(machines.key),
        "ansible_ssh_common_args": f"-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null {proxy}",
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    capture = {
        "source_vm": copy,
        "image": "golden",
        "resource_group": GROUP,
        "generalize": True,
        "shutdown_timeout": 120,
    }
    verify = {
        "image_verify_image": machines.id_of("golden", "images"),
        "image_verify_subnet": f"{NETWORK}/virtualNetworks/build/subnets/verify",
        "image_verify_ssh_common_args": proxy,
        "image_verify_absent_users": ["azureuser"],
        "image_verify_log_directory": str(playbooks.directory),
    }
    plays = [
        play(
            "localhost",
            {"name": "Copy", "golden.azure.vm_image_instance": made, "register": "copy"},
            {"name": "Take it into the inventory", "ansible.builtin.add_host": reach},
        ),
        play(
            "golden",
            {
                "name": "Prepare",
                "ansible.builtin.include_role": {"name": "golden.azure.linux_deprovision"},
                "vars": {"linux_deprovision_vm_id": "{{ hostvars.localhost.copy.instance.vm_id }}"},
            },
        ),
        play(
            "localhost",
            {"name": "Capture", "golden.azure.vm_image_capture": capture},
            {
                "name": "Remove",
                "golden.azure.vm_image_instance": {"name": "copy", "resource_group": "copy", "state": "absent"},
            },
            {"name": "Verify", "ansible.builtin.include_role": {"name": "golden.azure.image_verify"}, "vars": verify},
        ),
    ]
    before = set(machines.azure.resources())
    machines.azure.clear_requests()
    path = machines.directory / "play.yml"
    path.write_text(yaml.safe_dump(plays))
    finished = playbooks.run(path)
    assert finished.returncode == 0, finished.stdout[-6000:]
    assert "has the hostname, accounts, scheduled jobs and agents" in finished.stderr + finished.stdout
    # The source: neither stopped nor restarted, and nothing was ever written to it.
    assert machines.look("reference") == seen
    written = [entry.path for entry in machines.azure.requests if entry.method != "GET"]
    assert not [path for path in written if path.lower().startswith(source.lower())]
    assert set(machines.azure.resources()) - before == {machines.id_of("golden", "images")}
