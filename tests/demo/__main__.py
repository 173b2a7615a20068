# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m demo [--os linux|windows]`: run the demo and clean up after it, whatever ends it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from azure.core.exceptions import AzureError

import foreground
from embedded_azure import EmbeddedAzure, StartError
from embedded_azure.guests import GuestBackend, GuestError
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements
from embedded_azure.guests.rootfs import ensure_root
from embedded_azure.scratch import scratch_folder

from . import control_plane, windows
from .console import Console
from .playbook import PlaybookFailed
from .scenario import Scenario

CACHE = Path(".cache")


def main() -> int:
    """Run the demo.

    :returns: 0 when the image was proved, 1 when not, 130 when interrupted.
    """
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="From a machine to an image, on embedded Azure."
    )
    parser.add_argument("--os", choices=["linux", "windows"], default="linux", help="what the machine runs")
    options = parser.parse_args()
    foreground.install()
    console = Console()
    console.block("golden.azure: capture a machine on embedded Azure, and prove what was captured\n")
    try:
        with scratch_folder("golden-azure-demo-") as directory:
            proved = windows.run(console, directory) if options.os == "windows" else _run(console, directory)
        return 0 if proved else 1
    except KeyboardInterrupt:
        console.block("\nInterrupted; everything that was started has been ended.")
        return foreground.INTERRUPTED
    except (GuestError, StartError, PlaybookFailed, AzureError, subprocess.SubprocessError, ValueError) as failure:
        console.block(f"\nFAILED: {' '.join(str(failure).split())}")
        return 1


def _run(console: Console, directory: Path) -> bool:
    missing = missing_requirements()
    if missing or os.environ.get("GUESTS") == "none":
        with EmbeddedAzure(retry_after=1, work_directory=directory / "azure") as azure:
            return control_plane.run(azure, console, directory, missing or ["GUESTS=none was asked for."])
    guests = _guests(console)
    with EmbeddedAzure(guests=guests, retry_after=1, work_directory=directory / "azure") as azure:
        return Scenario(azure, guests, console, directory).run()


def _guests(console: Console) -> GuestBackend:
    with console.stage("Prepare a Debian 12 to boot guests from (built once, then kept)"):
        ensure_root(CACHE / "guests", console.line)
    return NspawnGuests(CACHE / "guests", CACHE / "demo-guests")


if __name__ == "__main__":
    sys.exit(main())
