# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripts in guests by their names: what they have said so far, and that they can be ended."""

from __future__ import annotations

import tempfile
import time

from embedded_azure.guests.scripts import Scripts


def test_what_a_script_has_said_so_far() -> None:
    scripts = Scripts()
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = scripts.start("one", ["/bin/sh", "-c", "echo said; echo failed >&2; sleep 60"], stdout, stderr)
        assert process is not None
        deadline = time.monotonic() + 20
        while scripts.output("one") != ("said\n", "failed\n") and time.monotonic() < deadline:
            time.sleep(0.01)
        assert scripts.output("one") == ("said\n", "failed\n")
        scripts.end("one")
        assert process.wait(20) < 0
        scripts.forget("one")
    assert scripts.output("one") == ("", "")
