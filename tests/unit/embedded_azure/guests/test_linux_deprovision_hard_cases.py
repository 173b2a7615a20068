# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision on a real guest on which everything is where it usually is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from guest_play import TRACES, Play, replace_program, wait_until_off
from guest_support import USER, Key, boot, must_run

from embedded_azure.guests.nspawn import NspawnGuests
from proof import collect_by_ssh, failed, prove

pytestmark = [pytest.mark.guest, pytest.mark.sweep]

#: What upstream's agent does where ifcfg-eth0 is missing (WALinuxAgent#2593): it logs that, does no more, and ends with status 0.
SILENT_AGENT = "rm -f /etc/ssh/ssh_host_*; echo \"ERROR Failed to run 'deprovision+user': No such file: ifcfg-eth0\""

SOURCE = r"""
set -eu
mkdir -p /opt/application /opt/database /var/log/app.1/keep /var/log/bound /var/log/memory /opt/keys /etc/ssh/keys
echo golden >/opt/application/data
# Links and mounts among the logs, and a folder that looks like a rotated log.
for name in table archive.gz; do echo rows >/opt/database/$name; done
ln -s /opt/database /var/log/database
mount --bind /opt/database /var/log/bound
mount -t tmpfs memory /var/log/memory
echo rows >/var/log/memory/x.gz
echo index >/var/log/app.1/keep/index.db
ln /opt/database/table /var/log/same-table
echo 'a line' >/var/log/app.log
# Keys elsewhere.
ssh-keygen -q -t ed25519 -N '' -f /opt/keys/host
{
    echo 'HostKey /opt/keys/host'
    echo 'HostKey /etc/ssh/ssh_host_rsa_key'
    echo 'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u'
} >/etc/ssh/sshd_config.d/mine.conf
cp /home/azureuser/.ssh/authorized_keys /etc/ssh/keys/azureuser
cp /home/azureuser/.ssh/authorized_keys /etc/ssh/keys/root
systemctl reload ssh
# Users, their rules, and copies of both.
useradd --create-home keeper
echo 'root:source' | chpasswd
echo 'azureuser:source' | chpasswd
cp /etc/shadow /etc/shadow.bak
printf 'User_Alias ADMINS = azureuser, keeper\nADMINS ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/people
chmod 0440 /etc/sudoers.d/people
# Other identities.
for path in /var/ossec/etc/client.keys /etc/krb5.keytab /var/lib/mysql/auto.cnf /etc/salt/minion_id /root/.azure/msal_token_cache.json \
    /etc/letsencrypt/accounts/x /var/lib/waagent/Some.Extension-1.0/mrseq /home/azureuser/waagent/x; do
    mkdir -p "${path%/*}"
    echo identity >"$path"
done
# Nobody may change this.
cat >/run/flag.py <<'END'
import array, fcntl, os, sys
handle = os.open("/etc/ssh/ssh_host_rsa_key.pub", os.O_RDONLY)
flags = array.array("i", [0, 0])
fcntl.ioctl(handle, 0x80086601, flags)
flags[0] = flags[0] | 0x10 if sys.argv[1] == "on" else flags[0] & ~0x10
fcntl.ioctl(handle, 0x40086602, flags)
END
python3 /run/flag.py on
"""

LOOK = r"""
set -eu
cat /opt/database/table /opt/database/archive.gz
ls /var/log/app.1/keep
for path in /opt/keys/host /etc/ssh/keys/azureuser /etc/ssh/keys/root /etc/shadow.bak /etc/krb5.keytab /var/lib/mysql/auto.cnf \
    /etc/salt/minion_id /root/.azure/msal_token_cache.json /var/lib/waagent/Some.Extension-1.0 /home/azureuser; do
    [ ! -e "$path" ] || echo "left: $path"
done
grep -rlE '^azureuser:' /etc /var/backups 2>/dev/null || true
grep -o '^root:[*!]' /etc/shadow
visudo -cq && cat /etc/sudoers.d/people
wc -c </var/ossec/etc/client.keys
"""


def test_everything_is_where_it_usually_is_not(guests: NspawnGuests, key: Key, tmp_path: Path) -> None:
    boot(guests, key, "hard")
    must_run(guests, "hard", SOURCE)
    source = collect_by_ssh(guests.ssh_access("hard"), USER, key.private, "hard", TRACES)
    replace_program(guests, "hard", "/usr/sbin/waagent", SILENT_AGENT)
    play = Play(guests, key, tmp_path, "hard")

    refused = play.run("-e", "linux_deprovision_known_agents=true")
    assert refused.returncode == 2, refused
    assert '"code": "path_protected"' in refused.stdout
    assert "chattr -i /etc/ssh/ssh_host_rsa_key.pub" in refused.stdout
    must_run(guests, "hard", "test -e /opt/keys/host; test -e /etc/krb5.keytab; python3 /run/flag.py off")

    run = play.run("-e", "linux_deprovision_known_agents=true")
    assert run.returncode == 0, run
    result = play.result()
    assert result["outcome"] == "deprovisioned"
    assert any("Failed to run" in note for note in result["notes"])
    assert result["users"] == [USER]
    said = {(warning["code"], warning.get("identity", "")) for warning in result["warnings"]}
    assert {("other_disk_stays", ""), ("user_stays", ""), ("known_identity_stays", "letsencrypt")} <= said
    assert "SSH host key: /opt/keys/host" in result["removed"]
    wait_until_off(guests, "hard")

    found = []
    for name in ("hard-a", "hard-b"):
        boot(guests, key, name, "hard", user="newuser")
        found.append(collect_by_ssh(guests.ssh_access(name), "newuser", key.private, name, TRACES))
        assert must_run(guests, name, LOOK).splitlines() == [
            *("rows", "rows", "index.db"),
            "root:*",
            *("User_Alias ADMINS = keeper", "ADMINS ALL=(ALL) NOPASSWD: ALL"),
            "0",
        ]
    rows = prove(source, found)
    assert not failed(rows), [row for row in rows if not row.ok]
