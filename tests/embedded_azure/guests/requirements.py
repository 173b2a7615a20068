# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this machine must have before it can run guests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from .base import GuestError
from .cgroups import hierarchies
from .mirrors import debian_sources

# Program, Debian package.
PROGRAMS = (
    ("systemd-nspawn", "systemd-container"),
    ("mmdebstrap", "mmdebstrap"),
    ("ip", "iproute2"),
    ("nsenter", "util-linux"),
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
    ("mount", "mount"),
    ("ssh", "openssh-client"),
)


def missing_programs(programs: Sequence[tuple[str, str]]) -> list[str]:
    """Say which of the programs, each with its Debian package, are not installed."""
    return [
        f"The program {program} is missing: install the Debian package {package}."
        for program, package in programs
        if shutil.which(program) is None
    ]


def missing_requirements() -> list[str]:
    """Say, a sentence each, what keeps this machine from running guests; empty when nothing does."""
    if os.geteuid() != 0:
        return ["Guests need root: run it as root."]
    missing = missing_programs(PROGRAMS)
    if missing:
        return missing
    if not debian_sources():
        missing.append("The apt sources of this machine name no Debian mirror to build the guests from.")
    namespaces = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "true"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    if namespaces.returncode != 0:
        missing.append("Guests need the right to make namespaces and mounts (CAP_SYS_ADMIN), which this root lacks.")
    missing += _missing_cgroups()
    return missing


def _missing_cgroups() -> list[str]:
    try:
        for group in hierarchies():
            probe = group / f"golden-azure-probe-{os.getpid()}"
            probe.mkdir()
            probe.rmdir()
    except GuestError as error:
        return [str(error)]
    except OSError as error:
        return [f"Guests need writable control groups, and {error.filename} is not: {error.strerror}."]
    return []
