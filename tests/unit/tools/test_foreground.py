# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What make runs in the foreground ends once, and without a traceback, and leaves no folder behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from repository import TESTS

LIMIT = 30.0

IMPORTING = "import pathlib, time\npathlib.Path('reached').touch()\ntime.sleep(60)\n"
WORKING = """
import pathlib, time
from embedded_azure.scratch import scratch_folder
with scratch_folder("watched-") as folder:
    try:
        (folder / "file").touch()
        pathlib.Path("reached").touch()
        time.sleep(60)
    finally:
        pathlib.Path("ending").touch()
        time.sleep(1)
        pathlib.Path("ended").touch()
"""
FULL = "with open('/dev/full', 'w') as file:\n    file.write('x')\n"


def start(folder: Path, program: str) -> subprocess.Popen[str]:
    (folder / "watched.py").write_text(program)
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{folder}", "TMPDIR": str(folder / "tmp")}
    command = [sys.executable, "-m", "foreground", "watched"]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def wait_for_file(process: subprocess.Popen[str], path: Path) -> None:
    end = time.monotonic() + LIMIT
    while not path.exists():
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["INT", "TERM", "HUP"])
@pytest.mark.parametrize("program", [IMPORTING, WORKING], ids=["importing", "working"])
def test_it_is_ended_without_a_traceback(tmp_path: Path, program: str, number: int) -> None:
    with start(tmp_path, program) as process:
        wait_for_file(process, tmp_path / "reached")
        process.send_signal(number)
        said = process.communicate(timeout=LIMIT)[1]
    assert (process.returncode, said) == (130, "\nInterrupted.\n")
    assert not list((tmp_path / "tmp").iterdir())


def test_what_clears_up_is_not_interrupted_again(tmp_path: Path) -> None:
    with start(tmp_path, WORKING) as process:
        wait_for_file(process, tmp_path / "reached")
        process.send_signal(signal.SIGINT)
        wait_for_file(process, tmp_path / "ending")
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert (tmp_path / "ended").exists()
    assert not list((tmp_path / "tmp").iterdir())


def test_the_folder_of_one_that_was_killed_goes_with_the_next_and_that_of_another_stays(tmp_path: Path) -> None:
    with start(tmp_path, WORKING) as killed:
        wait_for_file(killed, tmp_path / "reached")
        killed.kill()
        killed.communicate(timeout=LIMIT)
    (left,) = (tmp_path / "tmp").iterdir()
    (tmp_path / "tmp" / "watched-of-something-else").mkdir()
    (tmp_path / "reached").unlink()
    with start(tmp_path, WORKING) as first:
        wait_for_file(first, tmp_path / "reached")
        assert not left.exists()
        (tmp_path / "reached").unlink()
        with start(tmp_path, WORKING) as second:
            wait_for_file(second, tmp_path / "reached")
            assert len(list((tmp_path / "tmp").iterdir())) == 3
            for process in (first, second):
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=LIMIT)
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["watched-of-something-else"]


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    with start(tmp_path, FULL) as process:
        said = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert "No space is left" in said
