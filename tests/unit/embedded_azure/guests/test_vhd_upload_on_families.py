# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines from elsewhere are checked and repaired before their disks are uploaded, by the playbook, family by family."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from guest_play import CHECK_PLAYBOOK, Play
from guest_support import Key, boot, must_run
from repository import ROOT
from spoofed_families import FAMILIES, script
from upload_guests import EVERYWHERE, MAC, PLAIN, UUID, plain_script, without_agents_script

from embedded_azure.guests.nspawn import NspawnGuests

pytestmark = pytest.mark.guest

SPECIFICATION = ROOT / "roles/linux_deprovision/meta/argument_specs.yml"
OPTIONS = yaml.safe_load(SPECIFICATION.read_text(encoding="utf-8"))["argument_specs"]["check_vhd_upload"]["options"]
REPAIRS = ",".join(OPTIONS["linux_deprovision_vhd_upload_repairs"]["choices"])
ACCEPTED = ",".join(OPTIONS["linux_deprovision_vhd_upload_accept"]["choices"])
#: All files that a repair could change.
FILES = "cd /; find boot etc usr/local lib/modules/ swapfile -type f -print0 | sort -z | xargs -0 sha256sum"


@pytest.mark.parametrize(
    "family", [pytest.param(name, marks=() if name == "Debian" else pytest.mark.sweep) for name in PLAIN]
)
def test_a_machine_is_refused_repaired_and_fit(guests: NspawnGuests, key: Key, tmp_path: Path, family: str) -> None:
    plain, name = PLAIN[family], f"plain-{family.lower()}"
    boot(guests, key, name)
    must_run(guests, name, script(FAMILIES[plain.release]) if plain.release else ":")
    must_run(guests, name, plain_script(plain))
    play = Play(guests, key, tmp_path, name, playbook=CHECK_PLAYBOOK)

    refused = play.run()
    assert refused.returncode == 2, refused.stdout
    assert codes(play) == EVERYWHERE | plain.codes
    assert changed(refused.stdout) == 0
    for code in EVERYWHERE:
        assert f"add the repair '{code}'" in refused.stdout

    before = must_run(guests, name, FILES)
    foretold = play.run("--check", "-e", f"linux_deprovision_vhd_upload_repairs={REPAIRS}")
    assert foretold.returncode == 0, foretold.stdout + foretold.stderr
    planned = play.result()
    assert planned["outcome"] == "would_repair" and changed(foretold.stdout) == 1
    assert must_run(guests, name, FILES) == before

    repaired = play.run("-e", f"linux_deprovision_vhd_upload_repairs={REPAIRS}")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    done = play.result()
    assert done["outcome"] == "repaired" and done["changes"] == planned["changes"]
    assert done["blockers"] == [] and changed(repaired.stdout) == 1
    after = must_run(
        guests, name, f"cat /etc/fstab {plain.grub} {plain.network[0]} /boot/loader/entries/*.conf 2>/dev/null || true"
    )
    assert f"UUID={UUID} / ext4" in after and "console=ttyS0,115200n8" in after and f"root=UUID={UUID}" in after
    assert MAC not in after and "swap" not in after

    again = play.run("-e", f"linux_deprovision_vhd_upload_repairs={REPAIRS}")
    assert again.returncode == 0 and changed(again.stdout) == 0, again.stdout
    assert play.result()["outcome"] == "ready"
    nothing = play.run("--check", "-e", f"linux_deprovision_vhd_upload_repairs={REPAIRS}")
    assert nothing.returncode == 0 and changed(nothing.stdout) == 0, nothing.stdout
    assert play.result()["outcome"] == "ready" and play.result()["changes"] == []
    guests.delete_machine(name)
    guests.delete_disk(f"disks/{name}")


@pytest.mark.sweep
def test_what_is_not_named_stays_and_refuses(guests: NspawnGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "partly")
    must_run(guests, "partly", plain_script(PLAIN["Debian"]))
    play = Play(guests, key, tmp_path, "partly", playbook=CHECK_PLAYBOOK)
    partly = play.run("-e", "linux_deprovision_vhd_upload_repairs=swap_on_os_disk")
    assert partly.returncode == 2
    assert codes(play) == (EVERYWHERE | PLAIN["Debian"].codes) - {"swap_on_os_disk"}
    assert "swap" not in must_run(guests, "partly", "cat /etc/fstab")
    assert "/dev/vda1" in must_run(guests, "partly", "cat /etc/fstab")

    # What is accepted is reported, and stays.
    accepted = play.run("-e", f"linux_deprovision_vhd_upload_accept={ACCEPTED}")
    assert accepted.returncode == 0, accepted.stdout
    assert changed(accepted.stdout) == 0 and codes(play) == set()
    warned = {each["code"] for each in play.result()["warnings"]}
    assert warned >= (EVERYWHERE | PLAIN["Debian"].codes) - {"swap_on_os_disk"}

    # A program that fails is named, and what it was to repair stays.
    must_run(guests, "partly", "printf '#!/bin/sh\\necho out of order; exit 3\\n' >/usr/local/sbin/update-initramfs")
    named = f"linux_deprovision_vhd_upload_repairs={REPAIRS} linux_deprovision_vhd_upload_accept={ACCEPTED}"
    failed = play.run("-e", named)
    assert failed.returncode == 2
    assert "The program update-initramfs failed with status 3 (out of order)." in failed.stdout
    assert "hyperv_drivers" in codes(play)

    unknown = play.run("-e", "linux_deprovision_vhd_upload_repairs=everything")
    assert unknown.returncode == 2 and "everything" in unknown.stdout

    flatcar = "rm -f /etc/os-release; printf 'NAME=Flatcar\\nID=flatcar\\nID_LIKE=coreos\\n' >/etc/os-release"
    must_run(guests, "partly", flatcar)
    other = play.run()
    assert other.returncode == 2 and "distribution_not_supported" in other.stdout, other.stdout
    guests.delete_machine("partly")


@pytest.mark.sweep
def test_the_agents_are_installed_by_the_package_manager(guests: NspawnGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "bare")
    must_run(guests, "bare", without_agents_script())
    play = Play(guests, key, tmp_path, "bare", playbook=CHECK_PLAYBOOK)
    refused = play.run()
    assert refused.returncode == 2, refused.stdout
    # What cloud-init has written for this machine is only written anew if there is a cloud-init.
    assert codes(play) == {"agent_missing", "network_hardware_address"}
    # What is installed comes with configurations that are findings of their own.
    partly = play.run("-e", "linux_deprovision_vhd_upload_repairs=agent_missing")
    assert partly.returncode == 2 and codes(play) == {"cloud_init_without_azure", "resource_disk"}
    must_run(guests, "bare", "dpkg --purge waagent cloud-init >/dev/null 2>&1; rm -rf /etc/cloud")
    named = "linux_deprovision_vhd_upload_repairs=agent_missing,cloud_init_without_azure,resource_disk"
    repaired = play.run("-e", named)
    assert repaired.returncode == 0, repaired.stdout
    done = play.result()
    assert done["outcome"] == "repaired" and any("install cloud-init waagent" in line for line in done["changes"])
    assert "leave the resource disk to cloud-init in /etc/waagent.conf" in done["changes"]
    seen = must_run(
        guests,
        "bare",
        "dpkg-query -W waagent cloud-init; systemctl is-enabled walinuxagent; cat /etc/waagent.conf /etc/cloud/cloud.cfg",
    )
    assert seen.count("9999") == 2 and "enabled" in seen and "=y" not in seen and "[ Azure ]" in seen
    again = play.run("-e", named)
    assert again.returncode == 0 and changed(again.stdout) == 0
    guests.delete_machine("bare")


def codes(play: Play) -> set[str]:
    return {each["code"] for each in play.result()["blockers"]}


def changed(output: str) -> int:
    return int(re.findall(r"changed=(\d+)", output)[-1])
