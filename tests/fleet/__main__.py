# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m fleet`: refresh a fleet of golden images on embedded Azure, and clean up after it, whatever ends it."""

from __future__ import annotations

import argparse
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import foreground
from demo.console import Console
from embedded_azure import EmbeddedAzure, StartError
from embedded_azure.guests import GuestError
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements
from embedded_azure.guests.rootfs import ensure_root
from embedded_azure.guests.windows import StandInWindows
from embedded_azure.scratch import scratch_folder

from .guests import MixedGuests
from .runs import Fleet
from .scenario import Scenario

CACHE = Path(".cache")


def main() -> int:
    """Run it.

    :returns: 0 when everything is as it must be, 1 when not, 2 when this machine cannot, 130 when interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m fleet", description="Refresh six golden images on embedded Azure.")
    parser.add_argument("--reports", type=Path, help="where to keep the reports (default: build/fleet)")
    options = parser.parse_args()
    foreground.install()
    # Of relays that had ended before it looked: how is of no interest.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    console = Console()
    console.block("golden.azure: refresh six golden images on embedded Azure, one of which fails on purpose\n")
    missing = missing_requirements()
    if missing:
        console.block(f"Four of the images need real Linux guests. {' '.join(missing)}")
        return 2
    try:
        # Sockets have short paths only.
        with scratch_folder("fleet-") as directory:
            return 0 if _run(console, directory, options.reports or Path("build/fleet")) else 1
    except KeyboardInterrupt:
        console.block("\nInterrupted; everything that was started has been ended.")
        return foreground.INTERRUPTED
    except (GuestError, StartError, subprocess.SubprocessError, ValueError) as failure:
        console.block(f"\nFAILED: {' '.join(str(failure).split())[:2000]}")
        return 1


def _run(console: Console, directory: Path, reports: Path) -> bool:
    with console.stage("Prepare a Debian 12 to boot guests from (built once, then kept)"):
        ensure_root(CACHE / "guests", console.line)
    windows = StandInWindows(directory / "windows", {"build-win-server": ({}, {"panther": True})})
    guests = MixedGuests(NspawnGuests(CACHE / "guests", CACHE / "fleet-guests"), windows)
    with EmbeddedAzure(guests=guests, retry_after=1, work_directory=directory / "azure") as azure:
        fleet = Fleet(azure, windows, directory)
        proved = Scenario(fleet, console).run()
    shutil.rmtree(reports, ignore_errors=True)
    if (directory / "reports").is_dir():
        shutil.copytree(directory / "reports", reports)
        console.block(f"The reports lie in {reports}; open one in a browser.")
    console.block(f"{'Done' if proved else 'Ended'} in {console.elapsed:.0f} s.")
    return proved


if __name__ == "__main__":
    sys.exit(main())
