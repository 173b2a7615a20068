#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks of a deprovisioned guest (see ../../shared/checks.sh).

for user in azureuser builder; do
    for file in passwd shadow group gshadow subuid subgid; do no_line "^$user:" "/etc/$file"; done
    gone "/home/$user"
    what="no sudo rule of $user"
    if grep -rq "^$user" /etc/sudoers /etc/sudoers.d; then echo "FAILED  $what"; else echo "ok      $what"; fi
done
gone /etc/sudoers.d/90-cloud-init-users /var/spool/cron/crontabs/azureuser
says "the keeper keeps the sudo rule" grep -q "^keeper ALL" /etc/sudoers.d/people
says "the sudo rules are valid" visudo -c
says "the keeper stays" id keeper

says "no SSH host key" test -z "$(ls /etc/ssh/ssh_host_* 2>/dev/null)"
gone /root/.ssh/authorized_keys
says "the machine id is an empty file" test -f /etc/machine-id -a ! -s /etc/machine-id
says "D-Bus has no machine id of its own" test ! -f /var/lib/dbus/machine-id -o -L /var/lib/dbus/machine-id
says "the hostname is nobody's" grep -Eqx "localhost(\.localdomain)?" /etc/hostname
no_line deprovision-debian /etc/hosts

gone /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem /var/lib/cloud/seed
gone /var/lib/waagent/ovf-env.xml /var/lib/waagent/Certificates.xml /var/log/azure/extension /var/log/waagent.log
gone /etc/netplan/50-cloud-init.yaml /etc/cloud/cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg
gone /var/lib/dhcp/dhclient.eth0.leases /etc/resolv.conf /root/.bash_history /home/keeper/.bash_history
gone /var/log/old.log.1 /var/cache/apt/archives/old.deb /var/crash/core /root/.ansible /var/lib/agent-of-ours/identity
says "no journal of this machine" test -z "$(ls /var/log/journal 2>/dev/null)"

stays /opt/application/data /var/lib/cloud/scripts/per-boot/application.sh /etc/cloud/cloud.cfg.d/90_azure.cfg
says "the agent is enabled" systemctl is-enabled walinuxagent.service
says "cloud-init is enabled" systemctl is-enabled cloud-init.service cloud-final.service
says "sshd is enabled" systemctl is-enabled ssh.service
