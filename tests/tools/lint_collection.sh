#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The checks of a collection that want it staged: ansible-test sanity, ansible-lint, antsibull-docs, antsibull-changelog.
set -eu

# The modules of ansible.windows, so that ansible-lint knows them.
tests/tools/install_collections.sh
say() { printf '\n== %s\n' "$1"; }

say "ansible-test sanity"
tests/tools/run_sanity.sh

stage=$(tests/tools/stage_collection.sh)
export HOME=$PWD/.cache/home
export ANSIBLE_COLLECTIONS_PATH=${stage%/ansible_collections/*}:$PWD/.cache/dependencies
unset PYTHONPATH

cd "$stage"

say "ansible-lint, profile production"
ansible-lint --profile production --offline --strict --nocolor

say "antsibull-docs"
antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .

say "antsibull-changelog"
antsibull-changelog lint
echo "all clean"
