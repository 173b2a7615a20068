#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Says what makes this machine this one and no other, a word and a value in each line. Needs neither root nor Python.

say() {
    [ -n "$2" ] && echo "$1 $2"
}

say machine_id "$(cat /etc/machine-id 2>/dev/null)"
say boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
say hostname "$(cat /proc/sys/kernel/hostname 2>/dev/null)"
for key in /etc/ssh/ssh_host_*_key.pub; do
    [ -r "$key" ] && say host_key "$(cut -d' ' -f1,2 "$key" | sha256sum | cut -d' ' -f1)"
done
getent passwd | while IFS=: read -r name _ number _; do
    [ "$number" -ge 1000 ] && [ "$number" -lt 60000 ] && say user "$name"
done
exit 0
