# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pristine root: built whole or not at all."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from embedded_azure.guests import GuestError, rootfs

pytestmark = pytest.mark.guest

# Stands in for mmdebstrap: makes the few directories the build goes on with.
FAKE_BUILDER = """#!/bin/sh
set -e
for argument; do case $argument in */partial-*/root) root=$argument ;; esac; done
echo "I: pretending" >&2
mkdir -p "$root/etc/ssh" "$root/etc/systemd/system/multi-user.target.wants"
echo builder >"$root/etc/hostname"
touch "$root/etc/ssh/ssh_host_rsa_key"
for unit in ssh.service walinuxagent.service; do
    ln -s /none "$root/etc/systemd/system/multi-user.target.wants/$unit"
done
echo called >>"$CALLS"
%s
"""


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a stand-in before the real mmdebstrap; return the path of its program, to write."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return programs / "mmdebstrap"


LIMIT = 30.0
# Builds as `make demo` does.
BUILD = """
import foreground, pathlib, sys
foreground.install()
from embedded_azure.guests.rootfs import ensure_root
ensure_root(pathlib.Path(sys.argv[1]))
"""
STALL = """mktemp >/dev/null; mount -t tmpfs tmpfs "$root/etc"; touch "$REACHED"; sleep 61"""


def write(builder: Path, end: str = "") -> None:
    builder.write_text(FAKE_BUILDER % end, encoding="utf-8")
    builder.chmod(0o755)


def calls(tmp_path: Path) -> int:
    path = tmp_path / "calls"
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def test_builds_once_and_keeps_nothing_of_the_building_machine(tmp_path: Path, builder: Path) -> None:
    write(builder)
    said: list[str] = []
    root = rootfs.ensure_root(tmp_path / "cache", said.append)
    assert rootfs.ensure_root(tmp_path / "cache") == root
    assert calls(tmp_path) == 1
    assert "pretending" in said
    assert not (root / "etc/hostname").exists()
    assert not list((root / "etc/ssh").iterdir())
    assert (root / "etc/machine-id").read_bytes() == b""
    assert "Azure" in (root / "etc/cloud/cloud.cfg.d/90_azure.cfg").read_text(encoding="utf-8")


def test_a_failed_build_leaves_nothing_and_the_next_one_succeeds(tmp_path: Path, builder: Path) -> None:
    write(builder, "echo 'E: no mirror' >&2; exit 25")
    with pytest.raises(GuestError, match=r"mmdebstrap ended 25.*no mirror"):
        rootfs.ensure_root(tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["build.lock"]
    write(builder)
    assert rootfs.ensure_root(tmp_path / "cache").is_dir()


def test_what_a_killed_build_left_does_not_count(tmp_path: Path, builder: Path) -> None:
    leftover = tmp_path / "cache" / "partial-killed" / "root"
    leftover.mkdir(parents=True)
    write(builder)
    assert rootfs.ensure_root(tmp_path / "cache").is_dir()
    assert not leftover.exists()


def test_what_a_killed_build_left_goes_though_the_root_is_there(tmp_path: Path, builder: Path) -> None:
    write(builder)
    rootfs.ensure_root(tmp_path / "cache")
    leftover = tmp_path / "cache" / "partial-killed" / "root"
    leftover.mkdir(parents=True)
    rootfs.ensure_root(tmp_path / "cache")
    assert not leftover.parent.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["INT", "TERM", "KILL"])
def test_an_interrupted_build_leaves_nothing(
    tmp_path: Path, builder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write(builder, STALL)
    reached = tmp_path / "reached"
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("REACHED", str(reached))
    with subprocess.Popen([sys.executable, "-c", BUILD, str(tmp_path / "cache")], stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + LIMIT
        while not reached.exists():
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        process.wait(LIMIT)
    while any(b"\0".join((b"sleep", b"61")) in line for line in command_lines()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert str(tmp_path) not in Path("/proc/mounts").read_text(encoding="utf-8")
    assert not list((tmp_path / "tmp").iterdir())
    if number != signal.SIGKILL:
        assert [path.name for path in (tmp_path / "cache").iterdir()] == ["build.lock"]
    write(builder)
    root = rootfs.ensure_root(tmp_path / "cache")
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {"build.lock", root.name}


def command_lines() -> list[bytes]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return lines


def test_a_full_disk_says_what_is_needed(tmp_path: Path, builder: Path) -> None:
    write(builder, "echo 'dpkg: error: No space left on device' >&2; echo 'E: cleaning up' >&2; exit 25")
    with pytest.raises(GuestError, match=r"takes 500 MB, and [0-9]+ MB are free"):
        rootfs.ensure_root(tmp_path / "cache")


def test_two_at_once_build_once(tmp_path: Path, builder: Path) -> None:
    write(builder)
    threads = [threading.Thread(target=rootfs.ensure_root, args=(tmp_path / "cache",)) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls(tmp_path) == 1


def test_another_recipe_is_another_root(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rootfs.recipe_digest()
    monkeypatch.setattr(rootfs, "PACKAGES", (*rootfs.PACKAGES, "hello"))
    assert rootfs.recipe_digest() != before
