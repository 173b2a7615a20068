# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is run for each pair, and what came of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree

from .environments import Environment

#: What make sweep tries is tried on one ansible-core only.
_USUAL = ("-m", "not sweep")
#: Name of a suite -> what pytest runs.
SUITES: dict[str, tuple[str, ...]] = {
    "unit": ("tests/unit/plugins",),
    "targets": ("tests/integration/test_targets.py", "-k", "in_process"),
    "modules": ("tests/integration/test_targets.py", "-k", "as_module", *_USUAL),
    "captures": (
        "tests/integration/test_captures.py",
        "tests/integration/test_capture_linux.py",
        "tests/integration/test_capture_copy.py",
        *_USUAL,
    ),
    "windows": (
        "tests/integration/test_capture_windows.py",
        "tests/integration/test_capture_windows_identity.py",
        "tests/integration/test_azure_playbook.py",
        *_USUAL,
    ),
    "refresh": ("tests/integration/test_refresh.py", "-k", "approval or plans or badly"),
    # Each part of Ansible that is not documented, taken away in turn: that differs with the ansible-core.
    "internals": ("tests/integration/test_internals.py", "tests/integration/test_both_ways.py"),
    # What ansible-runner, and with it AWX, makes of lines that workers show; its releases differ there, as those of ansible-core do.
    "progress": ("tests/integration/test_progress_channels.py",),
}
#: Those that .ci/run has time for: the playbooks with one capture of each kind.
SHORT: dict[str, tuple[str, ...]] = {
    "unit": SUITES["unit"],
    "targets": (*SUITES["targets"], *_USUAL),
    "modules": SUITES["modules"],
    "captures": (
        "tests/integration/test_capture_linux.py::test_the_whole_way_for_a_machine_named_by_variables",
        "tests/integration/test_capture_windows.py::test_the_whole_way",
    ),
    "internals": (*SUITES["internals"], *_USUAL),
}
#: What is run besides, for some pairs.
SANITY = "sanity"
#: Seconds after which a suite is taken for hung.
_LIMIT = 3600
_CANNOT_START = 255


@dataclass(frozen=True)
class Result:
    """What came of one suite."""

    passed: int
    failed: int
    skipped: int
    seconds: float

    @property
    def text(self) -> str:
        """For the table."""
        return f"{self.passed} passed" + (f", {self.failed} FAILED" if self.failed else "")


def find_suites(names: str, short: bool) -> dict[str, tuple[str, ...]]:
    """The suites with these names, separated by commas; all for none.

    :raises ValueError: for a name that there is not.
    """
    suites = SHORT if short else SUITES
    if not names:
        return suites
    unknown = [name for name in names.split(",") if name not in (*suites, SANITY)]
    if unknown:
        raise ValueError(f"There is no suite {', '.join(unknown)}; there are {', '.join((*suites, SANITY))}.")
    return {name: suites[name] for name in names.split(",") if name in suites}


def run_suite(arguments: Sequence[str], environment: Environment, workers: Sequence[str], log: Path) -> Result:
    """Run pytest in a pair's environment, with its output in a file."""
    report = log.with_suffix(".xml")
    report.unlink(missing_ok=True)
    command = [environment.directory / "bin" / "python", "-m", "pytest", "-p", "no:cacheprovider", *workers]
    began = time.monotonic()
    with log.open("wb") as output:
        try:
            status = subprocess.run(
                [*command, f"--junitxml={report}", *arguments],
                env=_variables(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_LIMIT,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            status = _CANNOT_START
    return _read(report, status, time.monotonic() - began)


def run_sanity(environment: Environment, log: Path) -> Result:
    """Run ansible-test sanity with the pair's ansible-core."""
    began = time.monotonic()
    with log.open("wb") as output:
        status = subprocess.run(
            ["tests/tools/run_sanity.sh"],
            env=_variables(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT,
            check=False,
        ).returncode
    return Result(int(status == 0), int(status != 0), 0, time.monotonic() - began)


def _variables(environment: Environment) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{environment.directory / 'bin'}:{os.environ['PATH']}",
        "MODULE_PYTHON": environment.module_python,
    }


def _read(report: Path, status: int, seconds: float) -> Result:
    if not report.exists():
        return Result(0, 1, 0, seconds)
    counts = {"failures": 0, "errors": 0, "skipped": 0, "tests": 0}
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        for name in counts:
            counts[name] += int(suite.get(name, "0"))
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    # Nothing collected, or a fault of pytest's own, is no success.
    return Result(passed, max(failed, int(status != 0)), counts["skipped"], seconds)
