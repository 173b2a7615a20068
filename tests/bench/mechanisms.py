# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""(f): what this collection's own mechanisms for speed save, each taken away in turn, in the same run.

docs/architecture.md says what was measured. One that saves less than a twentieth, and promises nothing else, is to go.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import certifi
from ansible_collections.golden.azure.plugins.module_utils._engine import operation_watcher
from ansible_collections.golden.azure.plugins.module_utils._engine.cached_reader import CachedReader

from .budget import reads_of_many
from .measure import Measured
from .peers import Bench, Programs, Task, bench, images
from .rows import Row

_PAIRS = 4
_FEW = 10
#: Tasks in a playbook of short ones.
_TASKS = 20
_MACHINES = 100
_READ: Task = {
    "name": "Read",
    "golden.azure.vm_image_info": {},
    "register": "found",
    "failed_when": "found.images | length == 0",
}

# Loaded by Ansible in its parent process, before the action plugins are.
_WITHOUT = """
import contextlib
import os

from ansible.plugins.callback import CallbackBase
from ansible_collections.golden.azure.plugins.module_utils._azure import tls
from ansible_collections.golden.azure.plugins.plugin_utils import in_process


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_NAME = "without"

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        mechanism = os.environ["WITHOUT"]
        if mechanism == "shared TLS context":
            tls.trusted_context = lambda bundle: tls._context.__wrapped__(bundle, 0, 0)
            tls.functools = type("Uncached", (), {"lru_cache": staticmethod(lambda maxsize: lambda function: function)})
            tls.prepare = lambda: None
        elif mechanism == "no garbage collection while importing":
            in_process._no_garbage_collection = contextlib.nullcontext
        elif mechanism != "nothing":
            raise ValueError(mechanism)
"""


def mechanisms(programs: Programs, directory: Path) -> Iterator[Row]:
    """(f) each with and without, alternating."""
    yield from _short_tasks(programs, directory)
    yield from _requests()


def _short_tasks(programs: Programs, directory: Path) -> Iterator[Row]:
    with bench(programs, directory, images(_FEW)) as place:
        play = _player(place)
        tasks = [_READ] * _TASKS
        cached = [{**_READ, "golden.azure.vm_image_info": {"token_cache": "run"}}] * _TASKS
        play(tasks, "nothing")
        as_modules = [{**_READ, "vars": {"golden_azure_in_process": False}}] * _TASKS
        base, tls, imports, kept, modules = [], [], [], [], []
        for _pair in range(_PAIRS):
            base.append(play(tasks, "nothing"))
            tls.append(play(tasks, "shared TLS context"))
            imports.append(play(tasks[:1], "no garbage collection while importing"))
            kept.append(play(cached, "nothing"))
            modules.append(play(as_modules, "nothing"))
        single = [play(tasks[:1], "nothing") for _pair in range(_PAIRS)]
    yield _row(f"{_TASKS} short tasks, CPU s", base, "as ordinary modules", modules)
    yield _row(f"{_TASKS} short tasks, CPU s", base, "without the shared TLS context", tls)
    yield _row(f"{_TASKS} short tasks, CPU s, token_cache: run", kept, "token_cache: task", base)
    yield _row("one short task, CPU s", single, "with garbage collection while importing", imports)


def _requests() -> Iterator[Row]:
    """What many captures in one task read, which Azure limits."""
    reads = float(reads_of_many(_MACHINES))
    with mock.patch.object(CachedReader, "_once", lambda _self, _question, query: query()):
        uncached = float(reads_of_many(_MACHINES))
    with mock.patch.object(operation_watcher, "_listing_for", lambda _pending: None):
        polled = float(reads_of_many(_MACHINES))
    yield Row("f", f"{_MACHINES} captures, reads", [reads], "without the cached reader", [uncached])
    yield Row("f", f"{_MACHINES} captures, reads", [reads], "polling each instead of listing", [polled])


def _player(place: Bench) -> Any:
    """Runs tasks without a mechanism, trusting as many authorities as people do."""
    (place.directory / "callback_plugins").mkdir()
    (place.directory / "callback_plugins" / "without.py").write_text(_WITHOUT, encoding="utf-8")
    bundle = place.directory / "authorities.pem"
    own = place.azure.environment()["REQUESTS_CA_BUNDLE"]
    bundle.write_text(Path(own).read_text() + Path(certifi.where()).read_text(), encoding="utf-8")
    environment = {
        "REQUESTS_CA_BUNDLE": str(bundle),
        "ANSIBLE_CALLBACKS_ENABLED": "without",
        "ANSIBLE_CALLBACK_PLUGINS": str(place.directory / "callback_plugins"),
    }

    def play(tasks: list[Task], without: str) -> Measured:
        return place.ours(tasks, variables={**environment, "WITHOUT": without})

    return play


def _row(metric: str, ours: list[Measured], without: str, others: list[Measured]) -> Row:
    return Row("f", metric, [each.cpu for each in ours], without, [each.cpu for each in others])
