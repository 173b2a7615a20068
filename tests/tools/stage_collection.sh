#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copy the files that git knows, or would take, to where ansible-test wants a collection to lie, in the folder given or in
# build/stage; prints that folder.
set -eu

stage=${1:-$PWD/build/stage}/ansible_collections/golden/azure
rm -rf "$stage"
mkdir -p "$stage"
git ls-files --cached --others --exclude-standard -z |
    while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
    tar --create --null --files-from=- --file=- | tar --extract --directory="$stage" --file=-
# A repository of its own: ansible-test would else ask the one around it, which ignores this folder.
git init --quiet "$stage"
echo "$stage"
