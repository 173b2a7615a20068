#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks of a guest whose provisioned user was kept (see ../../shared/checks.sh).

what="the user stays"; says id azureuser
what="the sudo rule stays"; says grep -rq "^azureuser ALL" /etc/sudoers.d
what="the sudo rules are valid"; says visudo -c
stays /home/azureuser/data /home/azureuser/.ssh/authorized_keys
gone /home/azureuser/.bash_history /home/builder /etc/sudoers.d/builder
for file in passwd shadow group gshadow subuid subgid; do no_line "^builder:" "/etc/$file"; done
gone /etc/shadow- /etc/passwd- /var/lib/cloud/instance /var/lib/waagent/ovf-env.xml /root/.ssh/authorized_keys
what="no SSH host key"; says test -z "$(ls /etc/ssh/ssh_host_* 2>/dev/null)"
what="the machine id is an empty file"; says test -f /etc/machine-id -a ! -s /etc/machine-id
