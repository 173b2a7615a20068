# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(e): remove five hundred of two thousand images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clients.session import GROUP

from .measure import Measured
from .peers import Programs, Task, bench, images, processors
from .rows import Row

_IMAGES, _REMOVALS = 2000, 500
_RUNS = 3
_PEER_REMOVALS = 4
_CLI_REMOVALS = 4
_BURST, _PER_SECOND = 200, 10.0


def prune(programs: Programs, directory: Path) -> Iterator[Row]:
    """(e) by rules; the peers have none, and are told the names."""
    task: Task = {
        "name": "Prune",
        "golden.azure.vm_image_remove": {
            "resource_group": GROUP,
            "rules": {"family_tag": "family", "keep_newest": 1},
            "max_removals": _REMOVALS,
        },
        "register": "pruned",
        "failed_when": f"pruned.removed | length != {_REMOVALS}",
    }
    ours = [_measured(programs, directory, task, uncounted=["*"]) for _run in range(_RUNS)]
    limited = _measured(
        programs, directory, task, throttling=True, uncounted=["DeleteImages", "GetImages", "HighCostGetImages"]
    )
    peer, cli = _peers(programs, directory)
    times, cli_times = _REMOVALS / _PEER_REMOVALS, _REMOVALS / _CLI_REMOVALS
    cpus, walls = [each.cpu for each in ours], [each.wall for each in ours]
    note = f"{_PEER_REMOVALS} measured, times {times:g}"
    peer_cpu = peer.cpu * times
    yield Row("e", "500 of 2,000, CPU s", cpus, "azure_rm_image", [peer_cpu], note=note)
    yield Row("e", "500 of 2,000, wall s", walls, "azure_rm_image", [peer_cpu / processors()], note=note)
    cli_note = f"{_CLI_REMOVALS} measured, times {cli_times:g}"
    yield Row("e", "500 of 2,000, CPU s", cpus, "az image delete", [cli.cpu * cli_times], note=cli_note)
    yield Row("e", "500 of 2,000, wall s", walls, "az image delete", [cli.wall * cli_times], note=cli_note)
    budget = (_REMOVALS - _BURST) / _PER_SECOND
    yield Row("e", "500 of 2,000 within ARM's buckets, wall s", [limited.wall], "delete budget", [budget])


def _measured(programs: Programs, directory: Path, task: Task, **settings: object) -> Measured:
    with bench(programs, directory, images(_IMAGES), **settings) as place:
        return place.ours([task])


def _peers(programs: Programs, directory: Path) -> tuple[Measured, Measured]:
    names = [f"golden-{each:05d}" for each in range(_PEER_REMOVALS + _CLI_REMOVALS)]
    task: Task = {
        "name": "Remove",
        "azure.azcollection.azure_rm_image": {"resource_group": GROUP, "name": "{{ item }}", "state": "absent"},
        "loop": names[:_PEER_REMOVALS],
    }
    with bench(programs, directory, images(_IMAGES), uncounted=["*"]) as place:
        place.az_login()
        peer = place.azcollection([task])
        by_cli = [place.az("image", "delete", "-g", GROUP, "-n", name) for name in names[_PEER_REMOVALS:]]
    cli = Measured(sum(each.wall for each in by_cli), sum(each.cpu for each in by_cli), 0.0, "")
    return peer, cli
