# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(a) and (b): information on images, ten and ten thousand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .measure import Measured
from .peers import Bench, Programs, Task, bench, images
from .rows import Row

_PAIRS = 4
# Further tasks in a playbook: ours take so little that many are needed to see them.
_OURS_MORE, _PEERS_MORE = 20, 2
_MANY = 10_000
_MANY_PAIRS = 3
#: What a playbook that compares images needs.
_SOME = ["id", "name", "family", "location", "tags", "created_at", "deprecated", "os_type"]
_PEER = "azure_rm_image_info"
# What ansible-playbook itself takes for rows that cost nothing to get.
_HANDING_OVER = """
import json
from pathlib import Path
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return json.loads(Path(self._task.args["file"]).read_text())
"""


def _our_task(**options: object) -> Task:
    return {
        "name": "Read",
        "golden.azure.vm_image_info": options,
        "register": "found",
        "failed_when": "found.images | length == 0",
    }


def _peer_task() -> Task:
    return {
        "name": "Read",
        "azure.azcollection.azure_rm_image_info": {},
        "register": "found",
        "failed_when": "found.images | length == 0",
    }


def few(programs: Programs, directory: Path) -> Iterator[Row]:
    """(a) ten images: a playbook with one task, and what a further task adds."""
    with bench(programs, directory, images(10)) as place:
        place.az_login()
        one, more, cached, peer_one, peer_more, cli = [], [], [], [], [], []
        _warm_up(place)
        for _pair in range(_PAIRS):
            one.append(place.ours([_our_task()]))
            peer_one.append(place.azcollection([_peer_task()]))
            more.append(place.ours([_our_task()] * (1 + _OURS_MORE)))
            peer_more.append(place.azcollection([_peer_task()] * (1 + _PEERS_MORE)))
            cached.append(place.ours([_our_task(token_cache="run")] * (1 + _OURS_MORE)))
            cli.append(place.az("image", "list"))
        memory = place.ours([_our_task()], memory=True).memory
        peer_memory = place.azcollection([_peer_task()], memory=True).memory
    further = [(b.cpu - a.cpu) / _OURS_MORE for a, b in zip(one, more, strict=True)]
    peer_further = [(b.cpu - a.cpu) / _PEERS_MORE for a, b in zip(peer_one, peer_more, strict=True)]
    further_cached = [(b.cpu - a.cpu) / _OURS_MORE for a, b in zip(one, cached, strict=True)]
    yield Row("a", "further task, CPU s", further, _PEER, peer_further, limit=1 / 30)
    yield Row("a", "further task, CPU s, token_cache: run", further_cached, "token_cache: task", further)
    yield Row("a", "playbook, wall s", _walls(one), _PEER, _walls(peer_one), limit=0.3)
    yield Row("a", "playbook, CPU s", _cpus(one), _PEER, _cpus(peer_one))
    yield Row("a", "playbook, memory MB", [memory], _PEER, [peer_memory])
    yield Row("a", "playbook, CPU s", _cpus(one), "az image list", _cpus(cli))


def many(programs: Programs, directory: Path) -> Iterator[Row]:
    """(b) ten thousand images."""
    with bench(programs, directory, images(_MANY)) as place:
        place.az_login()
        base, full, some, chosen, peer, cli, floor = [], [], [], [], [], [], []
        handing_over = _handing_over(place)
        for _pair in range(_MANY_PAIRS):
            floor.append(place.ours([handing_over]))
            base.append(place.ours([{"name": "Nothing", "ansible.builtin.debug": {"msg": ""}}]))
            full.append(place.ours([_our_task()]))
            peer.append(place.azcollection([_peer_task()]))
            some.append(place.ours([_our_task(properties=_SOME)]))
            chosen.append(place.ours([_our_task(properties=["name", "location"])]))
            cli.append(place.az("image", "list"))
    yield Row("b", "10,000 full rows, CPU s", _cpus(full), _PEER, _cpus(peer), limit=0.25)
    yield Row("b", "10,000, two properties, CPU s", _cpus(chosen), _PEER, _cpus(peer), limit=0.15)
    above = [_cpu_above(each, base) for each in (full, chosen, peer)]
    yield Row("b", "10,000 full rows, CPU s above an empty playbook", above[0], _PEER, above[2])
    yield Row("b", "10,000, two properties, CPU s above an empty playbook", above[1], _PEER, above[2])
    # What the documentation of the option says.
    eight = _cpu_above(some, base)
    yield Row("b", "10,000, eight properties, CPU s above an empty playbook", eight, "full rows", above[0])
    yield Row("b", "10,000 full rows, CPU s", _cpus(full), "Ansible alone, same rows", _cpus(floor))
    yield Row("b", "10,000 full rows, CPU s", _cpus(full), "az image list", _cpus(cli), limit=1.0)
    yield Row("b", "10,000, two properties, CPU s", _cpus(chosen), "az image list", _cpus(cli), limit=1.0)
    yield Row("b", "10,000 full rows, wall s", _walls(full), _PEER, _walls(peer))
    yield Row("b", "10,000, two properties, wall s", _walls(chosen), _PEER, _walls(peer))


def _handing_over(place: Bench) -> Task:
    """A task that only returns what ours does."""
    rows = place.directory / "rows.json"
    (place.directory / "action_plugins").mkdir()
    (place.directory / "action_plugins" / "hand_over.py").write_text(_HANDING_OVER, encoding="utf-8")
    written = {"content": "{{ found | to_json }}", "dest": str(rows)}
    place.ours([_our_task(), {"name": "Keep", "ansible.builtin.copy": written}])
    return {"name": "Hand over", "hand_over": {"file": str(rows)}, "register": "found"}


def _warm_up(place: Bench) -> None:
    """What is read and compiled for the first time is nobody's cost."""
    place.ours([_our_task()])
    place.azcollection([_peer_task()])


def _cpu_above(measured: list[Measured], base: list[Measured]) -> list[float]:
    return [each.cpu - empty.cpu for each, empty in zip(measured, base, strict=True)]


def _walls(measured: list[Measured]) -> list[float]:
    return [each.wall for each in measured]


def _cpus(measured: list[Measured]) -> list[float]:
    return [each.cpu for each in measured]
