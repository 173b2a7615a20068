# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However setting up .venv ends, the next one makes it whole; stand-ins play Python, pip and uv."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from repository import TESTS

SCRIPT = TESTS / "tools" / "make_environment.py"
STAGES = ("venv", "pip", "uv")
LIMIT = 20.0

# Each stage leaves something half-made before it stalls or fails, and each refuses what another has left half-made.
PROGRAM = """#!/bin/bash
stage={stage} here={here}
[ "$1" = -c ] && {{ echo "$(cat $here/version)"; exit 0; }}
[ "$stage" = venv ] && mkdir -p .venv/bin
[ -e .venv/half ] && {{ echo "Traceback (most recent call last):"; echo "KeyError: half-made"; exit 1; }}
echo $stage >.venv/half
echo "noise of $stage" >&2
if [ "$(cat $here/stall)" = "$stage" ]; then echo $$ >$here/reached; exec sleep 60; fi
if [ "$(cat $here/fail)" = "$stage" ]; then cat $here/message >&2; exit 1; fi
case $stage in
venv) cp $here/programs/pip .venv/bin/; ln -sf true .venv/bin/python ;;
pip) cp $here/programs/uv .venv/bin/ ;;
uv) echo whole >.venv/packages ;;
esac
rm .venv/half
echo $stage >>$here/stages
"""


@dataclass
class Setup:
    """A folder in which .venv is made."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "programs").mkdir()
        for stage in STAGES:
            path = self.folder / "programs" / stage
            path.write_text(PROGRAM.format(stage=stage, here=self.folder))
            path.chmod(0o755)
        (self.folder / "lock").write_text("some==1.0\nuv==0.9\n")
        self.tell("version", "3 12")
        for name in ("stall", "fail", "stages"):
            self.tell(name, "")

    def tell(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), ".venv", "lock", str(self.folder / "programs" / "venv")]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, stdout=pipe, stderr=pipe, text=True)

    def run(self) -> tuple[int, str, str]:
        with self.start() as process:
            out, err = process.communicate(timeout=LIMIT)
        return process.returncode, out, err

    def interrupt(self, stage: str, number: int) -> tuple[int, str, str]:
        """Send a signal once a stage has begun."""
        self.tell("stall", stage)
        with self.start() as process:
            end = time.monotonic() + LIMIT
            while not (self.folder / "reached").exists():
                assert time.monotonic() < end and process.poll() is None
                time.sleep(0.02)
            process.send_signal(number)
            out, err = process.communicate(timeout=LIMIT)
        self.tell("stall", "")
        return process.returncode, out, err

    @property
    def is_whole(self) -> bool:
        return (self.folder / ".venv/packages").exists() and not (self.folder / ".venv/half").exists()

    @property
    def stages(self) -> list[str]:
        return (self.folder / "stages").read_text().split()


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def ends(program: int) -> bool:
    """Whether a process ends, which it may take a moment for."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        state = Path(f"/proc/{program}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["INT", "TERM", "KILL"])
@pytest.mark.parametrize("stage", STAGES)
def test_what_is_interrupted_is_made_anew(setup: Setup, stage: str, number: int) -> None:
    code, out, err = setup.interrupt(stage, number)
    assert code == -number
    assert out == "setting up .venv (once)\n"
    assert len(err.splitlines()) == (number != signal.SIGKILL)
    assert ends(int((setup.folder / "reached").read_text()))
    setup.tell("stages", "")
    assert setup.run()[0] == 0
    assert setup.is_whole
    assert setup.stages == list(STAGES)


def test_it_is_made_once(setup: Setup) -> None:
    assert setup.run() == (0, "setting up .venv (once)\n", "")
    assert setup.run() == (0, "", "")
    assert setup.stages == list(STAGES)


def test_an_update_that_is_interrupted_is_made_anew(setup: Setup) -> None:
    setup.run()
    ready = setup.folder / ".venv/bin/.ready"
    os.utime(ready, (1, 1))
    setup.interrupt("uv", signal.SIGINT)
    assert not ready.exists()
    assert setup.run()[0] == 0
    assert setup.is_whole


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_says_what_is_needed(setup: Setup, stage: str) -> None:
    setup.tell("fail", stage)
    setup.tell("message", "Traceback (most recent call last):\nOSError: [Errno 28] No space left on device\nnoise\n")
    code, _out, err = setup.run()
    assert code == 1
    assert len(err.splitlines()) == 1
    assert "700 MB" in err and "Traceback" not in err
    setup.tell("fail", "")
    assert setup.run()[0] == 0
    assert setup.is_whole


def test_a_failure_is_told_in_one_line(setup: Setup) -> None:
    setup.tell("fail", "uv")
    setup.tell("message", "a\nb\nno such package\n\n")
    assert setup.run()[2] == "setting up .venv failed: no such package\n"
    # As uv says it: the reason, its causes, and a hint that may have nothing to do with them.
    setup.tell("message", "Resolved\nerror: Request failed\n  Caused by: no such host\n\nhint: Consider another flag\n")
    assert setup.run()[2] == "setting up .venv failed: error: Request failed; Caused by: no such host\n"


@pytest.mark.parametrize("version", ["3 10", "3 15"])
def test_other_pythons_are_refused(setup: Setup, version: str) -> None:
    setup.tell("version", version)
    code, _out, err = setup.run()
    assert (code, len(err.splitlines())) == (1, 1)
    assert "make PYTHON=" in err
    assert not setup.stages


def test_two_at_once_make_it_once(setup: Setup) -> None:
    setup.tell("stall", "venv")
    with setup.start() as first:
        end = time.monotonic() + LIMIT
        while not (setup.folder / "reached").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        with setup.start() as second:
            assert second.stdout is not None
            assert second.stdout.readline() == "waiting for another make to set up the same folder\n"
            first.send_signal(signal.SIGTERM)
            first.communicate(timeout=LIMIT)
            setup.tell("stall", "")
            second.communicate(timeout=LIMIT)
    assert second.returncode == 0
    assert setup.is_whole
    assert setup.stages == list(STAGES)
