# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m bench`: measure all cases, print a table, write build/bench.json and build/bench.svg."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from clients.session import ClientError

from . import budget, capturing, mechanisms, pruning, reading
from .measure import BenchError
from .peers import Programs, install, processors
from .picture import picture
from .rows import Row, table

# Processes that wanted to run before anything was measured.
_BUSY = 0.5

_CASES: dict[str, Callable[[Programs, Path], Iterator[Row]]] = {
    "a": reading.few,
    "b": reading.many,
    "c": capturing.captures,
    "d": budget.within_budget,
    "e": pruning.prune,
    "f": mechanisms.mechanisms,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit 1 when a limit does not hold, 2 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="where the peers are installed")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where results are written")
    parser.add_argument("--only", default="", help="letters of the cases to measure, such as ad")
    options = parser.parse_args(argv)
    wanted = [case for case in _CASES if case in (options.only or "abcdef")]
    rows: list[Row] = []
    load = os.getloadavg()[0]
    try:
        programs = install(options.cache.resolve())
        with tempfile.TemporaryDirectory(prefix="golden-azure-bench-") as directory:
            for case in wanted:
                started = time.monotonic()
                rows += _CASES[case](programs, Path(directory))
                print(f"({case}) measured in {time.monotonic() - started:.0f} s", flush=True)
    except (BenchError, ClientError) as reason:
        # What was measured before took minutes.
        print(f"{table(rows)}\n" if rows else "")
        print(f"bench: {reason}", file=sys.stderr)
        return 2
    options.build.mkdir(parents=True, exist_ok=True)
    text = json.dumps([row.as_dict() for row in rows], indent=2)
    (options.build / "bench.json").write_text(text + "\n", encoding="utf-8")
    (options.build / "bench.svg").write_text(picture(rows), encoding="utf-8")
    print(f"\nMedians on {processors()} processors, in brackets the least and the most.")
    if load > _BUSY:
        print(f"The machine was busy before (load {load:.1f}): times of the clock say little, ratios of CPU more.")
    print(f"\n{table(rows)}")
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
