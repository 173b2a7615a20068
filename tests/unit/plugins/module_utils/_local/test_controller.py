# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that works for whoever reads its output."""

from __future__ import annotations

import os
import subprocess
import sys

MODULE_UTILS = "ansible_collections.golden.azure.plugins.module_utils"

# Eight threads ask at the same time, as those of a capture of several machines do.
MANY_THREADS = f"""
from concurrent.futures import ThreadPoolExecutor
from {MODULE_UTILS}._local import controller

controller.watch_caller()
with ThreadPoolExecutor(8) as threads:
    list(threads.map(lambda _: [controller.check_controller() for _ in range(3000)], range(8)))
print("went on")
"""


def test_many_threads_ask_at_once() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", MANY_THREADS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "went on\n", "")
