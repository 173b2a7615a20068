# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m conformance --traffic DIR`: replay recorded traffic against the embedded Azure."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from embedded_azure import DrivenClock, EmbeddedAzure

from .mutations import MutationTest
from .replay import Replay, Result
from .report import Report
from .timing import DURATION
from .traffic import SUBSCRIPTION, Recorded, load
from .wire import Mutation, Wire


def replay(scenarios: dict[str, list[Recorded]], mutate: Mutation | None = None) -> Iterator[Result]:
    """Replay all scenarios, each on an empty embedded Azure."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        azure = EmbeddedAzure(
            work_directory=Path(directory),
            clock=DrivenClock(),
            subscription=SUBSCRIPTION,
            durations={"*": DURATION},
            page_size=1000,
        )
        with azure:
            wire = Wire(azure, mutate)
            for scenario in scenarios.values():
                yield from Replay(azure, wire, scenario).run()
            wire.close()


def main(argv: list[str] | None = None) -> int:
    """Print the report; exit 1 below a wanted share of matches, 2 when there is no traffic."""
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("--traffic", type=Path, required=True, help="directory of recorded traffic (JSON lines)")
    parser.add_argument("--scenario", default="", help="only scenarios whose name contains this")
    parser.add_argument("--examples", type=int, default=3, help="how many differences to show for each operation")
    parser.add_argument("--mutations", action="store_true", help="spoil answers that match, and count what is noticed")
    parser.add_argument("--at-least", type=float, default=0.0, help="percent of matches below which to fail")
    options = parser.parse_args(argv)
    scenarios = {name: lines for name, lines in load(options.traffic).items() if options.scenario in name}
    if not scenarios:
        print(f"conformance: there is no recorded traffic in {options.traffic}.", file=sys.stderr)
        return 2
    test = MutationTest()
    results = replay(scenarios)
    report = Report(test.spoil(results) if options.mutations else results)
    print(report.text(options.examples))
    if options.mutations:
        print(test.text())
    share = 100 * report.matched / max(len(report.covered), 1)
    if share < options.at_least:
        print(f"conformance: {share:.1f}% is below the {options.at_least}% that was reached before.", file=sys.stderr)
        return 1
    if options.mutations and not test.passed:
        print("conformance: the comparison notices too few wrong answers.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
