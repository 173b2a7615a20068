#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the collection's tarball into build/, and have Galaxy's importer look at it: what that says goes into build/importer.log.
set -eu

stage=$(tests/tools/stage_collection.sh)
output=$PWD/build
rm -f "$output"/golden-azure-*.tar.gz
(cd "$stage" && ansible-galaxy collection build --force --output-path "$output" >/dev/null)
tarball=$(echo "$output"/golden-azure-*.tar.gz)

# The importer would run ansible-test in a container, and ansible-lint for at most 180 s; make lint runs both.
settings=$PWD/.cache/galaxy-importer.cfg
printf '[galaxy-importer]\nRUN_ANSIBLE_TEST = False\nRUN_ANSIBLE_LINT = False\nCHECK_REQUIRED_TAGS = True\n' >"$settings"
cd "$output"
echo "built ${tarball#"${output%/build}"/}; Galaxy's importer looks at it"
# Automation Hub refuses what the importer has warned of.
findings='^(WARNING|ERROR|CRITICAL)'
if ! GALAXY_IMPORTER_CONFIG=$settings python -m galaxy_importer.main "$tarball" >importer.log 2>&1 || grep -qE "$findings" importer.log; then
    grep -E "$findings" importer.log >&2 || tail -n 3 importer.log >&2
    echo "Galaxy's importer refuses the collection: see build/importer.log" >&2
    exit 1
fi
echo "Galaxy's importer takes it"
