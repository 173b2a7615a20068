#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks of a guest whose provisioned user was kept (see ../../shared/checks.sh).

says "the user stays" id azureuser
says "the sudo rule stays" grep -rq "^azureuser ALL" /etc/sudoers.d
says "the sudo rules are valid" visudo -c
stays /home/azureuser/data /home/azureuser/.ssh/authorized_keys
gone /home/azureuser/.bash_history /home/builder /etc/sudoers.d/builder
for file in passwd shadow group gshadow subuid subgid; do no_line "^builder:" "/etc/$file"; done
gone /etc/shadow- /etc/passwd- /var/lib/cloud/instance /var/lib/waagent/ovf-env.xml /root/.ssh/authorized_keys
says "no SSH host key" test -z "$(ls /etc/ssh/ssh_host_* 2>/dev/null)"
says "the machine id is an empty file" test -f /etc/machine-id -a ! -s /etc/machine-id
