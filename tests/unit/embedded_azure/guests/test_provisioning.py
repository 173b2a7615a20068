# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a first boot finds on its disk, and the script that runs a guest."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from embedded_azure.guests import Provisioning
from embedded_azure.guests.cgroups import hierarchies
from embedded_azure.guests.nspawn_machine import supervisor_script
from embedded_azure.guests.provisioning import OVF_ENVIRONMENT, SEED_DIRECTORY, SeedFile, seed_files
from embedded_azure.guests.supervised_machine import Record

PROVISIONING = Provisioning("azureuser", ("ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"), "vm-1", None, "i-1")


def contents(provisioning: Provisioning) -> dict[str, bytes]:
    return {file.path: file.content for file in seed_files(provisioning)}


def test_the_seed_names_instance_user_keys_and_hostname() -> None:
    files = contents(PROVISIONING)
    assert json.loads(files[f"{SEED_DIRECTORY}/meta-data"]) == {"instance-id": "i-1", "local-hostname": "vm-1"}
    header, _newline, body = files[f"{SEED_DIRECTORY}/vendor-data"].partition(b"\n")
    assert header == b"#cloud-config"
    (user,) = json.loads(body)["users"]
    assert user["name"] == "azureuser"
    assert user["sudo"] == "ALL=(ALL) NOPASSWD:ALL"
    assert user["ssh_authorized_keys"] == list(PROVISIONING.ssh_public_keys)


def test_the_agents_copy_names_the_user_as_azure_does() -> None:
    document = contents(Provisioning("a<b", (), "vm-1", None, "i-1"))[OVF_ENVIRONMENT].decode()
    assert "<ns1:UserName>a&lt;b</ns1:UserName>" in document
    assert "<ns1:HostName>vm-1</ns1:HostName>" in document


def test_custom_data_is_user_data_unchanged() -> None:
    custom = Provisioning("u", (), "vm-1", b"#!/bin/sh\necho hello\n", "i-1")
    assert contents(custom)[f"{SEED_DIRECTORY}/user-data"] == b"#!/bin/sh\necho hello\n"


def test_all_of_the_seed_is_for_root_alone() -> None:
    assert {file.mode for file in seed_files(PROVISIONING)} == {0o600}


def test_the_script_mounts_seeds_and_starts_again_after_a_reboot(tmp_path: Path) -> None:
    record = Record("vm", "golden-azure-1-2", "disk", ("/sys/fs/cgroup/x",))
    script = supervisor_script(
        record, tmp_path, Path("/disks/a b"), [["mount", "--bind", "root", "x"]], [SeedFile("etc/x", 0o600, b"")]
    )
    lines = script.splitlines()
    assert lines.index("echo $$ > /sys/fs/cgroup/x/cgroup.procs") < lines.index("cd '/disks/a b'")
    assert lines.index("mount --bind root x") < lines.index("install -D -m 600 seed/0 root/etc/x")
    assert '  [ "$status" -eq 133 ] || exit "$status"' in lines
    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0


def make_group(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "cgroup.procs").touch()
    return path


def test_hierarchies_of_version_2(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("0::/system.slice/runner.service\n", encoding="utf-8")
    group = make_group(tmp_path / "cgroup/system.slice/runner.service")
    assert hierarchies(tmp_path / "cgroup", own) == [group]


def test_hierarchies_where_both_versions_are_mounted(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("4:memory:/a\n3:name=systemd:/b\n0::/c\n", encoding="utf-8")
    groups = [make_group(tmp_path / "cgroup/systemd/b"), make_group(tmp_path / "cgroup/unified/c")]
    make_group(tmp_path / "cgroup/memory/a")
    assert hierarchies(tmp_path / "cgroup", own) == groups
