# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(c): a hundred captures whose operations take seconds, in one task, and one host each; and by the peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clients.session import GROUP

from .measure import Measured
from .peers import Programs, Task, bench, machines, processors
from .rows import Row

_MACHINES = 100
_RUNS = 3
_DEALLOCATION, _GENERALIZATION, _IMAGE = 3.0, 0.2, 3.0
_CRITICAL_PATH = _DEALLOCATION + _GENERALIZATION + _IMAGE
# The peers take so long that some machines have to do; the rest is as many times that.
_PEER_MACHINES = 4
_CLI_MACHINES = 2
_DURATIONS = {"deallocate": _DEALLOCATION, "PUT Microsoft.Compute/images": _IMAGE}


def _our_options(machine: str) -> dict[str, object]:
    return {"resource_group": GROUP, "source_vm": machine, "image": f"golden-{machine}", "generalize": True}


def captures(programs: Programs, directory: Path) -> Iterator[Row]:
    """(c) all ways to capture a hundred machines."""
    together = {"captures": [_our_options(f"web-{each:04d}") for each in range(_MACHINES)]}
    one_task: list[Task] = [{"name": "Capture", "golden.azure.vm_image_capture": together}]
    each_host: list[Task] = [
        {"name": "Capture", "golden.azure.vm_image_capture": _our_options("{{ inventory_hostname }}")}
    ]
    hosts = [f"web-{each:04d}" for each in range(_MACHINES)]
    base = _measured(programs, directory, [{"name": "Nothing", "ansible.builtin.debug": {"msg": ""}}], memory=True)
    ours, hostwise = [], []
    for _run in range(_RUNS):
        ours.append(_measured(programs, directory, one_task))
        hostwise.append(_measured(programs, directory, each_host, hosts=hosts, forks=_MACHINES))
    watched = _measured(programs, directory, one_task, memory=True)
    peer = _azcollection(programs, directory)
    cli_cpu, cli_wall = _azure_cli(programs, directory)
    times = _MACHINES / _PEER_MACHINES
    peer_cpu = peer.cpu * times
    # With as many forks as help: then the processors are the limit.
    peer_wall = max(peer.wall, peer_cpu / processors())
    path = [_CRITICAL_PATH]
    yield Row("c", "100 in one task, wall s", [each.wall for each in ours], "critical path", path, limit=1.25)
    yield Row(
        "c",
        "100 in one task, MB above base",
        [watched.memory - base.memory],
        "base",
        [base.memory],
        80.0,
        absolute=True,
    )
    yield Row("c", "100 hosts, 100 forks, wall s", [each.wall for each in hostwise], "critical path", path, limit=2.5)
    for name, measured in (("100 in one task", ours), ("100 hosts, 100 forks", hostwise)):
        steps = [each.wall - base.wall for each in measured]
        yield Row("c", f"{name}, wall s without the playbook's base", steps, "critical path", path)
    yield Row("c", "100 in one task, CPU s", [e.cpu for e in ours], "100 hosts, 100 forks", [e.cpu for e in hostwise])
    note = f"{_PEER_MACHINES} measured, times {times:g}"
    yield Row("c", "100 in one task, CPU s", [each.cpu for each in ours], "azcollection", [peer_cpu], note=note)
    yield Row("c", "100 in one task, wall s", [each.wall for each in ours], "azcollection", [peer_wall], note=note)
    cli_times = _MACHINES / _CLI_MACHINES
    cli_note = f"{_CLI_MACHINES} measured, times {cli_times:g}"
    yield Row("c", "100 in one task, CPU s", [e.cpu for e in ours], "az", [cli_cpu * cli_times], note=cli_note)
    yield Row("c", "100 in one task, wall s", [e.wall for e in ours], "az", [cli_wall * cli_times], note=cli_note)


def _measured(programs: Programs, directory: Path, tasks: list[Task], **settings: object) -> Measured:
    """Run tasks on an Azure of their own, without limits: those are the subject of (d)."""
    with bench(programs, directory, machines(_MACHINES), durations=_DURATIONS, uncounted=["*"]) as place:
        place.azure.faults.add("POST", "/generalize", times=0, delay=_GENERALIZATION)
        return place.ours(tasks, **settings)


def _azcollection(programs: Programs, directory: Path) -> Measured:
    """The three tasks that a user of azure.azcollection writes."""
    machine = {"resource_group": GROUP, "name": "{{ inventory_hostname }}"}
    image = {"resource_group": GROUP, "name": "golden-{{ inventory_hostname }}", "source": "{{ inventory_hostname }}"}
    tasks: list[Task] = [
        {"name": "Deallocate", "azure.azcollection.azure_rm_virtualmachine": {**machine, "allocated": False}},
        {"name": "Generalize", "azure.azcollection.azure_rm_virtualmachine": {**machine, "generalized": True}},
        {"name": "Capture", "azure.azcollection.azure_rm_image": {**image, "hyper_v_generation": "V2"}},
    ]
    with bench(programs, directory, machines(_PEER_MACHINES), durations=_DURATIONS, uncounted=["*"]) as place:
        place.azure.faults.add("POST", "/generalize", times=0, delay=_GENERALIZATION)
        hosts = [f"web-{each:04d}" for each in range(_PEER_MACHINES)]
        return place.azcollection(tasks, hosts=hosts, forks=_PEER_MACHINES)


def _azure_cli(programs: Programs, directory: Path) -> tuple[float, float]:
    """CPU and wall of the three commands that a user of az types for each machine, one after the other."""
    with bench(programs, directory, machines(_CLI_MACHINES), durations=_DURATIONS, uncounted=["*"]) as place:
        place.azure.faults.add("POST", "/generalize", times=0, delay=_GENERALIZATION)
        place.az_login()
        measured = []
        for each in range(_CLI_MACHINES):
            name = f"web-{each:04d}"
            measured.append(place.az("vm", "deallocate", "-g", GROUP, "-n", name))
            measured.append(place.az("vm", "generalize", "-g", GROUP, "-n", name))
            create = ("image", "create", "-g", GROUP, "-n", f"golden-{name}", "--source", name)
            measured.append(place.az(*create, "--hyper-v-generation", "V2"))
    return sum(each.cpu for each in measured), sum(each.wall for each in measured)
