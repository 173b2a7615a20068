#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks of guests that pass for other distributions (see ../../shared/checks.sh).

says "the password of root is locked" grep -Eq '^root:[*!]' /etc/shadow
for file in passwd shadow group gshadow subuid subgid; do no_line "^azureuser:" "/etc/$file"; done
gone /home/azureuser /etc/sudoers.d/90-cloud-init-users /etc/shadow- /etc/passwd- /var/lib/cloud/instance
gone /var/lib/waagent/ovf-env.xml /var/lib/zypp/AnonymousUniqueId /etc/lvm/devices/system.devices
gone /var/cache/dnf/x /var/cache/zypp/x /var/cache/libdnf5/x /etc/udev/rules.d/85-persistent-net-cloud-init.rules
says "no SSH host key" test -z "$(ls /etc/ssh/ssh_host_* 2>/dev/null)"
says "the machine id is an empty file" test -f /etc/machine-id -a ! -s /etc/machine-id
stays /opt/application/data
