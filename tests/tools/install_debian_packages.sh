#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Install the Debian packages named as arguments, those that are missing. Where that is not possible, say so in one line
# and go on: what needs them says itself that it does without.
set -eu

missing=()
for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "tests of real guests and browsers need root on Debian and the packages: ${missing[*]}; going on without them"
    exit 0
fi
echo "installing Debian packages (once): ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install() {
    # What an interrupted run has left half-configured stops every later one.
    dpkg --configure -a && apt-get update -q &&
        apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}"
}
# Only why it failed is shown, and nothing is written for that: a disk may be full.
if ! said=$(install 2>&1); then
    if grep -qiE "no space left on device|enough free space" <<<"$said"; then
        free=$(df --output=avail --block-size=MB / | tail -n 1)
        echo "no space is left for Debian packages: they take about 500 MB, and ${free// /} are free; make room and run make again" >&2
    else
        grep -E "^(E|dpkg): " <<<"$said" | tail -n 1 >&2 || tail -n 1 <<<"$said" >&2
    fi
    echo "these Debian packages could not be installed: ${missing[*]}; going on without them" >&2
fi
