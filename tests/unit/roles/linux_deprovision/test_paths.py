# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ruff: noqa: S108
"""Cleaning stays on the OS disk and never goes through a link: trees made by hand, and random ones."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import deprovision_blockers
import deprovision_cleanup
import pytest
from deprovision_guest import Guest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from role_files import Tree, family_config

#: An OS disk with file systems of its own for /var/log and /home, a logical volume of it, a data disk, a share, memory.
DISKS = {"8:1": "sda/sda1", "8:2": "sda/sda2", "8:3": "sda/sda3", "8:17": "sdb/sdb1", "7:0": "loop0"}
ROOT_LINE = "1 0 8:1 / / rw - ext4 /dev/sda1 rw"


def guest_with(tree: Tree, *mounts: str, **changes: object) -> Guest:
    """Return a guest with these mounts: device, root and mount point, and optionally the kind."""
    lines = [ROOT_LINE]
    for number, mount in enumerate(mounts, 2):
        device, root, point, *rest = mount.split()
        kind = rest[0] if rest else "ext4"
        source, settings = [*rest[1:], "none", "rw"][:2] if len(rest) != 2 else (rest[1], "rw")
        lines.append(f"{number} 1 {device} {root} {point} rw - {kind} {source} {settings}")
    tree.write("/proc/self/mountinfo", "\n".join(lines) + "\n")
    for device, place in DISKS.items():
        folder = tree.root / "sys/devices" / place
        folder.mkdir(parents=True, exist_ok=True)
        if "/" in place:
            (folder / "partition").write_text("1\n", encoding="utf-8")
        link = tree.root / "sys/dev/block" / device
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(f"../../devices/{place}")
    return Guest({**family_config("Debian"), **changes}, root=str(tree.root))


def clean_all(guest: Guest) -> None:
    for _dummy in range(2):
        deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, []))


def link(tree: Tree, path: str, target: str) -> None:
    place = tree.root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


@pytest.mark.parametrize("target", ["/datadisk/db", "../../datadisk/db", "/opt/db"])
def test_a_link_among_the_logs_is_not_followed(tree: Tree, target: str) -> None:
    tree.write("/datadisk/db/table", "rows\n")
    tree.write("/datadisk/db/archive.gz", "rows\n")
    tree.write("/opt/db/table", "rows\n")
    tree.write("/opt/db/archive.gz", "rows\n")
    link(tree, "/var/log/db", target)
    tree.write("/var/log/syslog", "a line\n")
    tree.write("/var/log/syslog.1", "a line\n")
    clean_all(guest_with(tree, "8:17 / /datadisk"))
    assert tree.read("/var/log/syslog") == ""
    assert not tree.has("/var/log/syslog.1")
    for folder in ("/datadisk/db", "/opt/db"):
        assert tree.read(folder + "/table") == "rows\n"
        assert tree.read(folder + "/archive.gz") == "rows\n"


@pytest.mark.parametrize(
    ("mount", "cleaned"),
    [
        # File systems of the OS disk, as hardened images have them.
        ("8:2 / /var/log", True),
        ("8:2 /var/log /var/log", False),  # a folder of it: a bind mount
        ("8:1 /opt/db /var/log", False),
        ("8:1 / /var/log", False),  # all of /, once more
        ("8:17 / /var/log", False),
        ("0:40 / /var/log nfs4 server:/logs", False),
        ("0:41 / /var/log cifs //account/share", False),
        ("7:0 / /var/log", False),
        ("99:9 / /var/log", False),
        (
            "0:60 / /var/log overlay overlay lowerdir=/usr/log,upperdir=/sysroot/var/upper,workdir=/sysroot/var/work",
            True,
        ),
        ("0:60 / /var/log overlay overlay lowerdir=/usr/log,upperdir=/datadisk/upper,workdir=/datadisk/work", False),
        ("0:60 / /var/log overlay overlay lowerdir=/usr/log:/usr/other", False),
    ],
)
def test_what_is_mounted_is_cleaned_if_it_is_a_file_system_of_the_os_disk(
    tree: Tree, mount: str, cleaned: bool
) -> None:
    tree.write("/var/log/syslog", "a line\n")
    guest = guest_with(tree, "8:17 / /datadisk", mount)
    clean_all(guest)
    assert tree.read("/var/log/syslog") == ("" if cleaned else "a line\n")
    said = [warning["code"] for warning in deprovision_blockers.other_disk_warnings(guest)]
    assert ("other_disk_stays" in said) != cleaned


def test_a_file_system_deep_in_what_is_cleaned_is_told_by_its_disk(tree: Tree) -> None:
    for folder in ("own", "data", "data/own"):
        tree.write(f"/var/log/{folder}/x.log", "a line\n")
        tree.write(f"/var/log/{folder}/x.log.1", "a line\n")
    guest = guest_with(tree, "8:2 / /var/log/own", "8:17 / /var/log/data", "8:3 / /var/log/data/own")
    clean_all(guest)
    assert tree.read("/var/log/own/x.log") == ""
    assert not tree.has("/var/log/own/x.log.1")
    assert tree.read("/var/log/data/x.log") == tree.read("/var/log/data/own/x.log") == "a line\n"
    assert tree.has("/var/log/data/x.log.1")
    points = [warning["message"] for warning in deprovision_blockers.other_disk_warnings(guest)]
    assert any("/var/log/data " in message for message in points)


def test_a_logical_volume_is_told_by_all_of_its_disks(tree: Tree) -> None:
    for number, disks in (("253:0", ["sda/sda2"]), ("253:1", ["sda/sda3", "sdb/sdb1"])):
        name = f"dm-{number[-1]}"
        for disk in disks:
            link(tree, f"/sys/devices/virtual/{name}/slaves/{disk.partition('/')[2]}", f"../../../{disk}")
        link(tree, f"/sys/dev/block/{number}", f"../../devices/virtual/{name}")
    tree.write("/home/a/.bash_history")
    tree.write("/var/log/x", "a line\n")
    clean_all(guest_with(tree, "253:0 / /home", "253:1 / /var/log"))
    assert not tree.has("/home/a/.bash_history")
    assert tree.read("/var/log/x") == "a line\n"


def test_the_layout_of_a_distribution_is_followed_and_other_links_to_what_is_shared_are_not(tree: Tree) -> None:
    tree.write("/var/home/a/.bash_history")
    tree.write("/opt/dumps/core")
    link(tree, "/home", "var/home")
    link(tree, "/var/crash", "/opt/dumps")
    clean_all(guest_with(tree))
    assert not tree.has("/var/home/a/.bash_history")
    assert tree.has("/opt/dumps/core")


def test_the_state_of_the_agent_goes_wherever_it_lies_on_the_os_disk(tree: Tree) -> None:
    tree.write("/opt/waagent/ovf-env.xml")
    link(tree, "/var/lib/waagent", "/opt/waagent")
    guest = guest_with(tree)
    assert list(deprovision_blockers.other_disk_blockers(guest)) == []
    clean_all(guest)
    assert not tree.has("/opt/waagent/ovf-env.xml")


@pytest.mark.parametrize("named", [False, True])
def test_an_identity_on_another_disk_is_refused_unless_it_is_named(tree: Tree, named: bool) -> None:
    tree.write("/datadisk/waagent/ovf-env.xml")
    link(tree, "/var/lib/waagent", "/datadisk/waagent")
    guest = guest_with(tree, "8:17 / /datadisk")
    if named:
        guest.config["cleanup_specs"].append(
            {"what": "named", "paths": ["/datadisk/waagent/*"], "user_specified": True}
        )
    said = [blocker["code"] for blocker in deprovision_blockers.other_disk_blockers(guest)]
    assert said == ["identity_on_another_disk"]
    clean_all(guest)
    assert tree.has("/datadisk/waagent/ovf-env.xml") != named
    if named:
        assert list(deprovision_blockers.other_disk_blockers(guest)) == []


def test_folders_that_look_like_rotated_logs_stay(tree: Tree) -> None:
    for folder in ("app.1", "app-20260101", "app.old", "app.gz"):
        tree.write(f"/var/log/{folder}/keep/index", "")
        tree.write(f"/var/log/{folder}/old.log.2", "a line\n")
    clean_all(guest_with(tree))
    assert [tree.has(f"/var/log/{folder}/keep/index") for folder in ("app.1", "app-20260101", "app.old", "app.gz")] == [
        True
    ] * 4
    assert not tree.has("/var/log/app.1/old.log.2")


def test_a_file_with_another_name_elsewhere_keeps_its_content_there(tree: Tree) -> None:
    tree.write("/opt/data/table", "rows\n")
    (tree.root / "var/log").mkdir(parents=True)
    os.link(tree.root / "opt/data/table", tree.root / "var/log/table")
    clean_all(guest_with(tree))
    assert tree.read("/opt/data/table") == "rows\n"
    assert not tree.has("/var/log/table")


def test_what_is_mounted_in_a_folder_that_goes_does_not_keep_the_rest_of_it(tree: Tree) -> None:
    tree.write("/tmp/job/data/table", "rows\n")
    tree.write("/tmp/job/scratch")
    tree.write("/tmp/scratch")
    clean_all(guest_with(tree, "8:17 / /tmp/job/data"))
    assert tree.read("/tmp/job/data/table") == "rows\n"
    assert not tree.has("/tmp/job/scratch")
    assert not tree.has("/tmp/scratch")


def test_a_loop_of_links_ends(tree: Tree) -> None:
    link(tree, "/var/log/a", "b")
    link(tree, "/var/log/b", "a")
    link(tree, "/var/log/self", ".")
    link(tree, "/home", "home2")
    link(tree, "/home2", "home")
    tree.write("/var/log/x", "a line\n")
    clean_all(guest_with(tree))
    assert tree.read("/var/log/x") == ""


# -- random trees ---------------------------------------------------------------------------------------------------

#: Where things are put: what is cleaned, and what must stay as it is.
CLEANED = ["/var/log", "/var/log/app", "/var/log/db.1", "/tmp", "/var/tmp/deep", "/home/a", "/root", "/var/crash"]
KEPT = ["/opt/app", "/datadisk", "/datadisk/db", "/share/files", "/usr/lib/x", "/srv"]
NAMES = ["x", "x.log", "x.gz", "x.1", "x-20260101", ".bash_history", "table"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.sampled_from(CLEANED + KEPT), st.sampled_from(NAMES)),
        st.tuples(st.just("link"), st.sampled_from(CLEANED), st.sampled_from(CLEANED + KEPT)),
        st.tuples(st.just("up"), st.sampled_from(CLEANED), st.sampled_from(["..", ".", "../..", "../../.."])),
        st.tuples(st.just("hard"), st.sampled_from(CLEANED), st.sampled_from(NAMES)),
        st.tuples(st.just("bind"), st.sampled_from(CLEANED), st.sampled_from(["8:1 /opt/app", "8:17 /", "8:17 /db"])),
    ),
    min_size=1,
    max_size=14,
)


def build(tree: Tree, steps: list[tuple[str, str, str]]) -> list[str]:
    """Make a tree, step by step; return its mounts. What cannot be made, as something else is there already, is left out."""
    mounts = ["8:17 / /datadisk", "0:50 / /share nfs4 server:/share"]
    for folder in KEPT:
        tree.write(f"{folder}/table", "rows\n")
    for number, (what, folder, other) in enumerate(steps):
        place = tree.root / folder.lstrip("/")
        try:
            place.mkdir(parents=True, exist_ok=True)
            if what == "file":
                tree.write(f"{folder}/{other}", "text\n")
            elif what in ("link", "up"):
                (place / f"to{number}").symlink_to(other)
            elif what == "hard":
                os.link(tree.root / "opt/app/table", place / other)
            else:
                (place / f"on{number}").mkdir()
                tree.write(f"{folder}/on{number}/deep/x.gz", "rows\n")
                mounts.append(f"{other} {folder}/on{number}")
        except (FileExistsError, NotADirectoryError, FileNotFoundError, IsADirectoryError):
            continue
    return mounts


def content(tree: Tree, folder: str) -> dict[str, str]:
    """What lies in a folder, without following links."""
    base = tree.root / folder.lstrip("/")
    return {
        str(Path(place, name)): Path(place, name).read_text(encoding="utf-8")
        for place, _folders, names in os.walk(base)
        for name in names
        if not Path(place, name).is_symlink()
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_random_trees_keep_all_that_is_not_what_is_cleaned(steps: list[tuple[str, str, str]]) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        tree = Tree(root)
        mounts = build(tree, steps)
        guest = guest_with(tree, *mounts)
        kept = KEPT + [mount.split()[2] for mount in mounts]
        before = [content(tree, folder) for folder in kept]
        clean_all(guest)
        assert [content(tree, folder) for folder in kept] == before
        left = [path for path in content(tree, "/var/log") if path.endswith(("/x.gz", "/x.1")) and "/on" not in path]
        assert left == []
    finally:
        shutil.rmtree(root)
