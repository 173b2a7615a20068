#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints the identifiers of this machine, a key and a value in each line. Requires neither root nor Python.

say() {
    [ -n "$2" ] && echo "$1 $2"
}

say machine_id "$(cat /etc/machine-id 2>/dev/null)"
say boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
say hostname "$(cat /proc/sys/kernel/hostname 2>/dev/null)"
for key in /etc/ssh/ssh_host_*_key.pub; do
    [ -r "$key" ] && say host_key "$(cut -d' ' -f1,2 "$key" | sha256sum | cut -d' ' -f1)"
done
# The keys that sshd presents, wherever it has them: at its port on loopback, and at the address by which this login came.
if command -v ssh-keyscan >/dev/null 2>&1; then
    # shellcheck disable=SC2086
    set -- ${SSH_CONNECTION:-}
    for port in ${4:-} $(sshd -T 2>/dev/null | sed -n 's/^port //p') 22; do
        for address in 127.0.0.1 ${3:-}; do
            ssh-keyscan -T 5 -p "$port" -t rsa,ecdsa,ed25519 "$address" 2>/dev/null
        done
    done | grep -v '^#' | cut -d' ' -f2,3 | sort -u | while read -r key; do
        say host_key "$(echo "$key" | sha256sum | cut -d' ' -f1)"
    done
fi
getent passwd | while IFS=: read -r name _ number _; do
    [ "$number" -ge 1000 ] && [ "$number" -lt 60000 ] && say user "$name"
done
# What else identifies a machine, by the table of the role linux_deprovision: a word, the id of the entry, the path and a digest.
while read -r word entry pattern; do
    for path in $pattern; do
        if [ -f "$path" ] && [ -r "$path" ] && [ -s "$path" ]; then
            say "$word" "$entry $path $(sha256sum <"$path" | cut -d' ' -f1)"
        fi
    done
done <<'TABLE'
@TABLE@
TABLE
# The Microsoft certificates that Secure Boot uses, if it is enabled: those from 2011 have expired.
variables=/sys/firmware/efi/efivars
global=8be4df61-93ca-11d2-aa0d-00e098032b8c
db=$variables/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f
if [ "$(od -An -tu1 -j4 -N1 "$variables/SecureBoot-$global" 2>/dev/null | tr -d ' ')" = 1 ]; then
    if grep -aq 'Microsoft UEFI CA 2023' "$db" && grep -aq 'KEK 2K CA 2023' "$variables/KEK-$global"; then
        say secure_boot 2023
    elif grep -aq 'Microsoft Corporation UEFI CA 2011' "$db"; then
        say secure_boot 2011
    fi
fi 2>/dev/null
exit 0
