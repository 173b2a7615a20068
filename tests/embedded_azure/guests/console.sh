#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Stands in for ssh where a guest has no login (any more): `console.sh [options] HOST COMMAND` runs the command as root in the
# guest whose network namespace is HOST. For ansible_ssh_executable.
set -eu

host=""
command=""
for argument; do
    host=$command
    command=$argument
done
for process in $(ip netns pids "$host"); do
    # The guest's systemd is the process which is number 1 in there.
    if grep -Eq '^NSpid:.*[[:space:]]1$' "/proc/$process/status"; then
        exec nsenter --target="$process" --mount --uts --ipc --net --pid --cgroup --root --wd \
            /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 /bin/sh -c "$command"
    fi
done
echo "No guest runs in the network namespace $host." >&2
exit 255
