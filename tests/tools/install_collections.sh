#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Put the collections that roles need at run time into .cache/dependencies, without Galaxy: they are taken from the
# Python package `ansible`, in the version fixed here. Prints the folder.
set -eu

PACKAGE=ansible==12.3.0 # carries ansible.windows 3.3.0 and awx.awx 24.6.1
COLLECTIONS=(ansible/windows awx/awx)

target=$PWD/.cache/dependencies
mkdir -p "$PWD/.cache"
exec 9>"$target.lock"
flock 9 # one at a time; others find it done
if [ "$(cat "$target/version" 2>/dev/null)" != "$PACKAGE ${COLLECTIONS[*]}" ]; then
    download=$(mktemp -d)
    trap 'rm -rf "$download"' EXIT
    tests/tools/download_wheel.sh "$PACKAGE" "$download" >&2
    rm -rf "$target"
    mkdir -p "$target"
    python3 - "$download"/ansible-*.whl "$target" "${COLLECTIONS[@]}" <<'PYTHON'
import sys
import zipfile

wheel, target, *collections = sys.argv[1:]
wanted = tuple(f"ansible_collections/{name}/" for name in collections)
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(wanted) and "/tests/" not in name:
            archive.extract(name, target)
PYTHON
    echo "$PACKAGE ${COLLECTIONS[*]}" >"$target/version"
fi
echo "$target"
