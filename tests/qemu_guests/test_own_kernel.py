# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on guests with kernels of their own, which Azure's datasource provisions."""

from __future__ import annotations

from pathlib import Path

import pytest
from guest_capture import CLONE_USER, capture
from guest_play import TRACES, Play
from guest_support import USER, Key, boot, must_run

from embedded_azure.guests.qemu import QemuGuests
from proof import collect_by_ssh, failed, prove

pytestmark = pytest.mark.guest

VM_ID = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
OTHER_VM_ID = "0f1e2d3c-4b5a-4968-8776-655443322110"
THIRD_VM_ID = "9a8b7c6d-5e4f-4031-9223-344556677889"


def test_a_machine_is_provisioned_by_azures_datasource_and_its_agent_works(guests: QemuGuests, key: Key) -> None:
    boot(guests, key, "provisioned", uuid=VM_ID)
    assert must_run(guests, "provisioned", "cloud-init query platform").strip() == "azure"
    assert must_run(guests, "provisioned", "cat /sys/class/dmi/id/product_uuid").strip().lower() == VM_ID
    assert must_run(guests, "provisioned", "systemctl is-active walinuxagent").strip() == "active"
    asked = guests.requests("provisioned")
    # It has asked for itself, and has said that it is ready.
    assert any(request["path"].startswith("/metadata/instance?") for request in asked)
    assert any("<State>Ready</State>" in request["body"] for request in asked if "comp=health" in request["path"])
    guests.delete_machine("provisioned")


def test_clones_of_a_prepared_disk_are_machines_of_their_own(guests: QemuGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "source", uuid=VM_ID)
    must_run(guests, "source", "mkdir /opt/application; echo golden >/opt/application/data")

    # Another machine's id: nothing is done to it.
    before = must_run(guests, "source", "cat /etc/machine-id; ls /etc/ssh")
    refused = Play(guests, key, tmp_path, "source").run("-e", f"linux_deprovision_vm_id={OTHER_VM_ID}")
    assert refused.returncode != 0
    assert "guest_is_another_machine" in refused.stdout
    assert must_run(guests, "source", "cat /etc/machine-id; ls /etc/ssh") == before

    captured = capture(guests, key, tmp_path, "source", ["-e", f"linux_deprovision_vm_id={VM_ID}"])
    assert not failed(captured.rows), [row for row in captured.rows if not row.ok]
    assert captured.shared == {}
    assert captured.recognised == "Debian"
    # The clone has what Azure gave to it, and not what the source had.
    assert must_run(guests, "source-a", f"getent passwd {CLONE_USER} >&2; hostname").strip() == "source-a"


def test_the_proof_fails_for_copies_of_a_disk_that_nobody_prepared(guests: QemuGuests, key: Key) -> None:
    boot(guests, key, "unprepared", uuid=VM_ID)
    must_run(guests, "unprepared", "mkdir /opt/application; echo golden >/opt/application/data")
    source = collect_by_ssh(guests.ssh_access("unprepared"), USER, key.private, "unprepared", TRACES)
    copies = []
    for name, vm_id in (("copy-a", OTHER_VM_ID), ("copy-b", THIRD_VM_ID)):
        # As it is at one moment, while it runs.
        boot(guests, key, name, "unprepared", uuid=vm_id)
        copies.append(collect_by_ssh(guests.ssh_access(name), USER, key.private, name, TRACES))
        guests.delete_machine(name)
    assert failed(prove(source, copies))

    guests.restart("unprepared")
    again = collect_by_ssh(guests.ssh_access("unprepared"), USER, key.private, "unprepared", TRACES)
    assert again.boot_id != source.boot_id
    assert again.machine_id == source.machine_id
