#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The traces of a machine's life: what must go, and what must stay.
set -eu

# A second administrator, who goes, and an keeper, who stays; their rules are in one file.
useradd --create-home --shell /bin/bash builder
useradd --create-home --shell /bin/bash keeper
printf '%s\n' '# Who administers this machine' 'builder ALL=(ALL) NOPASSWD: ALL' 'keeper ALL=(ALL) NOPASSWD: ALL' \
    >/etc/sudoers.d/people
chmod 0440 /etc/sudoers.d/people

for path in \
    /root/.bash_history /home/keeper/.bash_history /root/.ssh/authorized_keys /var/log/azure/extension/status.log \
    /var/log/old.log.1 /var/lib/waagent/Certificates.xml /var/lib/dhcp/dhclient.eth0.leases /etc/resolv.conf \
    /etc/netplan/50-cloud-init.yaml /etc/cloud/cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg \
    /var/cache/apt/archives/old.deb /var/crash/core /var/spool/cron/crontabs/azureuser \
    /var/lib/agent-of-ours/identity /opt/application/data /var/lib/cloud/scripts/per-boot/application.sh \
    /tmp/scratch /root/.ansible/tmp/leftover; do
    mkdir -p "${path%/*}"
    echo "# left by this machine" >"$path"
done
mkdir -p /var/log/journal
systemctl restart systemd-journald
journalctl --flush
# sudo itself leaves a file at its first use.
runuser -u azureuser -- sudo -n true
