# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark's own parts: rows and their limits, table and picture, measuring a program."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from bench.measure import BenchError, run
from bench.picture import picture
from bench.rows import Row, table

FAST = Row("a", "CPU s", [1.0, 3.0, 2.0], "peer", [20.0, 10.0, 30.0], limit=0.2)
SLOW = Row("b", "wall s", [5.0], "peer <b>", [10.0], limit=0.2, note="extrapolated")
COUNT = Row("d", "429", [0.0], limit=0.0, absolute=True)
LOOSE = Row("e", "MB", [7.0], "peer", [3.5])


def test_medians_ratio_and_limit() -> None:
    assert (FAST.our_median, FAST.peer_median, FAST.ratio, FAST.holds) == (2.0, 20.0, 0.1, True)
    assert (SLOW.ratio, SLOW.holds) == (0.5, False)
    assert (COUNT.ratio, COUNT.holds) == (None, True)
    assert (LOOSE.ratio, LOOSE.holds) == (2.0, None)
    assert Row("d", "429", [1.0], limit=0.0, absolute=True).holds is False


def test_the_table_says_what_holds() -> None:
    lines = table([FAST, SLOW, COUNT, LOOSE]).splitlines()
    assert re.sub(" +", " ", lines[2]) == "a CPU s 2 [1 .. 3] peer 20 [10 .. 30] 0.100 ratio <= 0.2 ok"
    assert lines[3].endswith("FAILED")
    assert "peer <b> (extrapolated)" in lines[3]
    assert lines[4].endswith("value <= 0  ok")
    assert lines[5].endswith("2.000")


def test_rows_for_programs() -> None:
    told = json.loads(json.dumps(FAST.as_dict()))
    assert {key: told[key] for key in ("case", "metric", "ours", "peer", "peer_value", "ratio", "limit")} == {
        "case": "a",
        "metric": "CPU s",
        "ours": 2.0,
        "peer": "peer",
        "peer_value": 20.0,
        "ratio": 0.1,
        "limit": 0.2,
    }


def test_the_picture_has_a_bar_for_each_ratio() -> None:
    drawn = picture([FAST, SLOW, COUNT, LOOSE])
    widths = [float(width) for width in re.findall(r'<rect x="\d+" y="\d+" width="([\d.]+)"', drawn)]
    assert len(widths) == 3
    assert widths[1] / widths[0] == pytest.approx(5, rel=0.01)
    assert "peer &lt;b&gt;" in drawn


def test_a_program_is_measured_with_its_children(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\n"
    hold = "block = bytearray(60_000_000); import time; time.sleep(0.8)\n"
    code = f"import os, subprocess, sys; subprocess.run([sys.executable, '-c', {burn + hold!r}]); print('done')"
    measured = run([sys.executable, "-c", code], {}, tmp_path, 30, memory=True)
    assert measured.output.strip() == "done"
    assert measured.cpu > 0.3
    assert measured.wall > 0.8
    assert measured.memory > 55


def test_a_program_that_fails_or_hangs_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="ended with status 3: no way"):
        run([sys.executable, "-c", "print('no way'); raise SystemExit(3)"], {}, tmp_path, 30)
    with pytest.raises(BenchError, match="ended with status -9"):
        run([sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path, 0.5)
