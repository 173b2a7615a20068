# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m matrix [--only PAIR,...] [--short]`: run the collection's tests on each ansible-core; print a table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from clients.session import ClientError

from .environments import Environment, MissingPython, prepare
from .pairs import Pair, find_pairs
from .suites import SANITY, Result, find_suites, run_sanity, run_suite


def main() -> int:
    """Run it.

    :returns: 0 when all that could be run passed, 1 when not, 2 for a pair or a suite that there is not.
    """
    parser = argparse.ArgumentParser(prog="python -m matrix", description=main.__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="names of pairs, separated by commas")
    parser.add_argument("--short", action="store_true", help="only what .ci/run has time for")
    parser.add_argument("--suites", default="", help="names of suites, separated by commas")
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="where environments are installed")
    parser.add_argument("--logs", type=Path, default=Path("build/matrix"), help="where the output of the tests goes")
    parser.add_argument("workers", nargs="*", help="options for pytest")
    options = parser.parse_args()
    try:
        pairs = find_pairs(options.only)
        suites = find_suites(options.suites, options.short)
    except ValueError as unknown:
        print(unknown, file=sys.stderr)
        return 2
    options.logs.mkdir(parents=True, exist_ok=True)
    rows = [["ansible-core", "Python", "SDK, identity", "modules on", *suites, SANITY, "minutes"]]
    succeeded = True
    for pair in pairs:
        head = [pair.name, pair.python, "", pair.module_python]
        try:
            environment = prepare(pair, options.cache.resolve())
        except (MissingPython, ClientError) as reason:
            rows.append([*head, f"NOT RUN: {reason}"])
            succeeded = succeeded and isinstance(reason, MissingPython)
            continue
        core, *sdk = environment.versions
        results = _run(pair, environment, suites, options)
        succeeded = succeeded and not any(result.failed for result in results.values())
        cells = [results[name].text if name in results else "-" for name in (*suites, SANITY)]
        minutes = sum(result.seconds for result in results.values()) / 60
        rows.append([core, pair.python, ", ".join(sdk), pair.module_python, *cells, f"{minutes:.0f}"])
    print("\n" + _table(rows))
    return 0 if succeeded else 1


def _run(
    pair: Pair, environment: Environment, suites: dict[str, tuple[str, ...]], options: argparse.Namespace
) -> dict[str, Result]:
    results = {}
    for name, arguments in suites.items():
        log = options.logs / f"{pair.name}-{name}.log"
        results[name] = run_suite(arguments, environment, options.workers, log)
        _say(pair, name, results[name], log)
    if pair.sanity and options.suites in ("", SANITY):
        log = options.logs / f"{pair.name}-sanity.log"
        results[SANITY] = run_sanity(environment, log)
        _say(pair, SANITY, results[SANITY], log)
    return results


def _say(pair: Pair, name: str, result: Result, log: Path) -> None:
    where = f"; see {log}" if result.failed else ""
    print(f"ansible-core {pair.name}, {name}: {result.text} in {result.seconds:.0f} s{where}", flush=True)


def _table(rows: list[list[str]]) -> str:
    whole = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[column]) for row in whole) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths], strict=False)).rstrip() for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
