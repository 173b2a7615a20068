#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the documentation site into build/docs/html: the guides as they lie in the repository, and a page for each module, role
# and plugin by antsibull-docs. A warning is an error.
set -eu

stage=$(tests/tools/stage_collection.sh "$PWD/build/docs/stage")
source=$PWD/build/docs/source
rm -rf "$source" "$PWD/build/docs/html"
[ -e changelogs/changelog.yaml ] || rm "$stage/docs/docsite/config.yml" # before the first release there is no changelog
mkdir -p "$source/collections" .cache/home
python tests/tools/write_site.py "$source"
ANSIBLE_COLLECTIONS_PATH=${stage%/ansible_collections/*} HOME=$PWD/.cache/home antsibull-docs collection --use-current --squash-hierarchy \
    --fail-on-error --no-add-antsibull-docs-version --dest-dir "$source/collections" golden.azure >build/docs/antsibull-docs.log 2>&1 ||
    { tail -n 20 build/docs/antsibull-docs.log >&2; exit 1; }
# The theme shows the contents of a page beside it.
sed -i '/^\.\. contents::/,/^$/d' "$source"/collections/*.rst
sphinx-build --quiet --fresh-env -W --keep-going --jobs auto --builder html "$source" build/docs/html
if wrong=$(grep -rlE 'class="(problematic|system-message)|Adding a table of contents in Furo' build/docs/html --include='*.html'); then
    echo "pages that show an error instead of text: $wrong" >&2
    exit 1
fi
echo "the site is in build/docs/html"
