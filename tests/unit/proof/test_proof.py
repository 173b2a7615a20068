# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof: every way clones can fail to be machines of their own makes it fail."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from proof import Identity, Traces, failed, identity_script, parse_identity, prove, render

SOURCE = Identity("source", "0" * 31 + "1", "boot-0", "source", ("SHA256:a", "SHA256:b"), True, "golden", "1.0")
CLONES = (
    Identity("clone-a", "0" * 31 + "2", "boot-1", "clone-a", ("SHA256:c", "SHA256:d"), False, "golden", "1.0"),
    Identity("clone-b", "0" * 31 + "3", "boot-2", "clone-b", ("SHA256:e", "SHA256:f"), False, "golden", "1.0"),
)


def failures(*clones: Identity, source: Identity = SOURCE) -> dict[str, str]:
    """Return the failed rows: check -> why."""
    return {row.check: row.why for row in prove(source, clones) if not row.ok}


def test_clones_with_an_identity_of_their_own_pass() -> None:
    rows = prove(SOURCE, CLONES)
    assert not failed(rows)
    assert [row.why for row in rows] == [""] * 7


def test_clones_of_an_unprepared_copy_fail() -> None:
    copies = [replace(SOURCE, name=name, boot_id=name, hostname=name) for name in ("copy-a", "copy-b")]
    found = failures(*copies)
    assert list(found) == ["machine-id", "SSH host keys", "old user"]
    assert found["machine-id"] == "source and copy-a; source and copy-b; copy-a and copy-b share the machine-id."
    assert found["old user"] == "copy-a and copy-b still have the user of the source."
    assert failed(prove(SOURCE, copies))


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"machine_id": SOURCE.machine_id}, "machine-id"),
        ({"machine_id": CLONES[0].machine_id}, "machine-id"),
        ({"machine_id": ""}, "machine-id"),
        ({"machine_id": "uninitialized"}, "machine-id"),
        ({"host_keys": ("SHA256:new", "SHA256:b")}, "SSH host keys"),
        ({"host_keys": CLONES[0].host_keys}, "SSH host keys"),
        ({"host_keys": ()}, "SSH host keys"),
        ({"hostname": "source"}, "hostname"),
        ({"hostname": "localhost.localdomain"}, "hostname"),
        ({"hostname": ""}, "hostname"),
        ({"boot_id": "boot-1"}, "boot id"),
        ({"boot_id": ""}, "boot id"),
        ({"user_present": True}, "old user"),
        ({"file_content": ""}, "file"),
        ({"file_content": "other"}, "file"),
        ({"package": ""}, "package"),
        ({"package": "2.0"}, "package"),
    ],
)
def test_one_flaw_of_one_clone_fails_its_row_and_no_other(change: dict[str, object], check: str) -> None:
    assert list(failures(CLONES[0], replace(CLONES[1], **change))) == [check]


@pytest.mark.parametrize(
    ("change", "check"),
    [({"user_present": False}, "old user"), ({"file_content": ""}, "file"), ({"package": ""}, "package")],
)
def test_a_source_without_the_traces_proves_nothing(change: dict[str, object], check: str) -> None:
    found = failures(*CLONES, source=replace(SOURCE, **change))
    assert "says nothing" in found[check]


def test_one_clone_is_no_proof() -> None:
    with pytest.raises(ValueError, match="two clones"):
        prove(SOURCE, CLONES[:1])


def test_the_table_fits_and_shows_verdicts_and_reasons() -> None:
    long = replace(SOURCE, file_content="a long content\nwith a second line " * 9)
    copies = [replace(long, name=name, boot_id=name, hostname=name) for name in ("copy-a", "copy-b")]
    text = render("Clones of an unprepared copy", "source", [copy.name for copy in copies], prove(long, copies))
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= 100
    assert lines[0] == "Clones of an unprepared copy"
    verdicts = {line.split("  ")[0]: line.split()[-1] for line in lines[4:-1] if not line.startswith(" ")}
    assert verdicts == {
        "machine-id": "FAILED",
        "SSH host keys": "FAILED",
        "hostname": "ok",
        "boot id": "ok",
        "old user": "FAILED",
        "file": "ok",
        "package": "ok",
    }
    assert "    ! copy-a and copy-b still have the user of the source." in lines
    assert "…" in text


def test_the_table_takes_three_clones() -> None:
    clones = [
        *CLONES,
        replace(CLONES[0], name="clone-c", machine_id="f" * 32, boot_id="x", hostname="c", host_keys=("k",)),
    ]
    text = render("Three", "source", [clone.name for clone in clones], prove(SOURCE, clones))
    assert max(len(line) for line in text.splitlines()) <= 100


def test_the_script_asks_the_machine_it_runs_on() -> None:
    script = identity_script(Traces("root", "/etc/hostname", "no-such-package"))
    answer = subprocess.run(["sh"], input=script, text=True, capture_output=True, check=True).stdout
    identity = parse_identity("here", answer)
    assert identity.user_present
    assert identity.package == ""
    assert identity.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def test_names_with_quotes_do_not_break_the_script() -> None:
    script = identity_script(Traces("o'brien", '/opt/it\'s "here"', "x"))
    answer = subprocess.run(["sh"], input=script, text=True, capture_output=True, check=True).stdout
    assert json.loads(answer)["user_present"] is False
