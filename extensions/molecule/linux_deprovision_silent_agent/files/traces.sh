#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# An agent that fails silently, and what it should have removed.
set -eu
echo 'root:source' | chpasswd
mv /usr/sbin/waagent /usr/sbin/waagent.real
cat >/usr/sbin/waagent <<'END'
#!/bin/sh
echo "ERROR Failed to run 'deprovision+user': [Errno 2] No such file or directory: '/etc/sysconfig/network-scripts/ifcfg-eth0'"
END
chmod +x /usr/sbin/waagent
for path in /var/lib/waagent/Some.Extension-1.0/mrseq /home/azureuser/waagent/x /var/lib/dhcp/dhclient.eth0.leases; do
    mkdir -p "${path%/*}"
    echo "# left by this machine" >"$path"
done
