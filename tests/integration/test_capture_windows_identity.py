# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook capture_windows at guests that are, or may be, another machine than the one to capture."""

from __future__ import annotations

from typing import Any

import pytest
from windows_captures import ENCRYPTION, MONITOR, REPAIRS, Machines

from embedded_azure.guests.windows import COMPLETE
from embedded_azure.seed import machine_body

CHECK = pytest.mark.parametrize("arguments", [("--check",), ()], ids=["check", "run"])
SILENT = {"id": "", "source": "", "reason": "SMBIOS has no UUID"}
CONSENT = "windows_sysprep_allow_unknown_identity"


def assert_left_alone(machines: Machines, finished: Any, code: str, *looked_at: str) -> None:
    """See that a run was refused, and that machines were looked at, at most."""
    assert finished.returncode == 2, finished.stdout[-5000:]
    assert f'"code": "{code}"' in finished.stdout, finished.stdout[-5000:]
    assert machines.writes() == []
    assert machines.image("web") is None
    for name in ("web", "other"):
        assert machines.kinds(name) == ["facts"] * (name in looked_at)
        assert machines.guests.is_running(name)
        assert machines.guests.guest(name).read()["facts"]["image_state"] == COMPLETE


@CHECK
@pytest.mark.parametrize(
    ("extensions", "variables"),
    [
        pytest.param((), {}, id="plain"),
        pytest.param((), {"capture_snapshot_disks": True, CONSENT: True}, id="backup", marks=pytest.mark.sweep),
        pytest.param(
            (ENCRYPTION, MONITOR), {"windows_sysprep_actions": REPAIRS}, id="repairs", marks=pytest.mark.sweep
        ),
    ],
)
def test_an_address_of_another_machine(
    windows_machines: Machines, arguments: Any, extensions: Any, variables: Any
) -> None:
    windows_machines.boot("web", extensions=extensions)
    windows_machines.boot("other")
    windows_machines.azure.clear_requests()
    finished = windows_machines.capture_all({"web": {"ansible_host": "other"}}, *arguments, **variables)
    assert_left_alone(windows_machines, finished, "guest_is_another_machine", "other")


@pytest.mark.sweep
@CHECK
def test_a_guest_that_does_not_say_who_it_is(windows_machines: Machines, arguments: Any) -> None:
    for name in ("web", "other"):
        windows_machines.boot(name)
    with windows_machines.guests.guest("web").change() as state:
        state["facts"]["machine"] = SILENT
    windows_machines.azure.clear_requests()
    assert_left_alone(windows_machines, windows_machines.capture("web", *arguments), "guest_identity_unknown", "web")
    finished = windows_machines.capture("web", *arguments, **{CONSENT: True})
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert (windows_machines.image("web") is None) == bool(arguments)


@pytest.mark.sweep
@CHECK
def test_azure_that_returns_no_id(windows_machines: Machines, arguments: Any) -> None:
    for name in ("web", "other"):
        windows_machines.boot(name)
    windows_machines.azure.cloud.store.get(windows_machines.id_of("web")).properties.pop("vmId")
    windows_machines.azure.clear_requests()
    assert_left_alone(windows_machines, windows_machines.capture("web", *arguments), "guest_identity_unknown", "web")
    assert windows_machines.capture("web", "--check", **{CONSENT: True}).returncode == 0


@pytest.mark.sweep
def test_of_a_copy_its_own_id_counts(windows_machines: Machines) -> None:
    """Also when it is booted again; its disk has been the other machine's."""
    for name in ("web", "other"):
        windows_machines.boot(name)
    disk = windows_machines.azure.resources()[windows_machines.id_of("web")]["properties"]["storageProfile"]["osDisk"][
        "managedDisk"
    ]
    copied = {
        "id": windows_machines.id_of("copied", "disks"),
        "location": "westeurope",
        "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": disk["id"]}, "osType": "Windows"},
    }
    body = machine_body({"name": "copy", "os_type": "Windows"}, "westeurope")
    del body["properties"]["osProfile"]
    attached = {"createOption": "Attach", "osType": "Windows", "managedDisk": {"id": copied["id"]}}
    body["properties"]["storageProfile"] = {"osDisk": attached}
    windows_machines.azure.seed({"resources": [copied, {"id": windows_machines.id_of("copy"), **body}]})
    for action in ("deallocate", "start"):
        windows_machines.azure.act(windows_machines.id_of("copy"), action)
    windows_machines.azure.clear_requests()
    refused = windows_machines.capture_all({"web": {"ansible_host": "copy"}})
    assert refused.returncode == 2
    assert '"code": "guest_is_another_machine"' in refused.stdout
    assert windows_machines.writes() == []
    finished = windows_machines.capture("copy")
    assert finished.returncode == 0, finished.stdout[-5000:]
    assert windows_machines.image("copy") is not None
    assert windows_machines.kinds("web") == []
