#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make what lies here the release VERSION: the version in galaxy.yml and in the code, and the changelog of its fragments, which
# go into it. Nothing is committed, tagged or published: release.sh VERSION
set -eu

version=${1:-}
[[ $version =~ ^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$ ]] || { echo "say which release: make release VERSION=1.0.0" >&2; exit 2; }
if [ -n "$(git status --porcelain)" ]; then
    echo "there are changes that are not committed: commit them, so that a release is all that changes" >&2
    exit 2
fi
former=$(sed -n 's/^version: //p' galaxy.yml)
if [ "$(printf '%s\n' "$former" "$version" | sort --version-sort | tail -n 1)" != "$version" ]; then
    echo "$version comes before $former, the version in galaxy.yml: say a later one" >&2
    exit 2
fi
if grep -qs "^  $version:" changelogs/changelog.yaml; then
    echo "$version is in the changelog already: say a later one" >&2
    exit 2
fi
if ! compgen -G "changelogs/fragments/*.yml" >/dev/null; then
    echo "no fragment in changelogs/fragments says what is new" >&2
    exit 2
fi

sed -i "s/^version: .*/version: $version/" galaxy.yml
sed -i "s/^COLLECTION_VERSION = .*/COLLECTION_VERSION = \"$version\"/" plugins/module_utils/_core/version.py

# antsibull-changelog wants the collection where Ansible finds it.
stage=$(tests/tools/stage_collection.sh "$PWD/build/release")
(
    cd "$stage"
    unset PYTHONPATH
    export ANSIBLE_COLLECTIONS_PATH=${stage%/ansible_collections/*} HOME=$PWD/.cache/home
    mkdir -p "$HOME"
    antsibull-changelog release --version "$version" >/dev/null
    antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml
)
cp "$stage/CHANGELOG.rst" CHANGELOG.rst
cp "$stage/changelogs/changelog.yaml" changelogs/changelog.yaml
python tests/tools/indent_lists.py changelogs/changelog.yaml
git ls-files -z changelogs/fragments | xargs -0 --no-run-if-empty rm -f --
mkdir -p changelogs/fragments
touch changelogs/fragments/.keep
echo "this is $version now: read CHANGELOG.rst, run make test lint docs build, then commit, merge, and push the tag $version"
