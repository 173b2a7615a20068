#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The checks of a collection that want it staged: ansible-test sanity, ansible-lint, antsibull-docs, antsibull-changelog.
set -eu

# The modules of ansible.windows, so that ansible-lint knows them.
tests/tools/install_collections.sh
stage=$(tests/tools/stage_collection.sh)
export HOME=$PWD/.cache/home
export ANSIBLE_COLLECTIONS_PATH=${stage%/ansible_collections/*}:$PWD/.cache/dependencies
unset PYTHONPATH

# ansible-test downloads get-pip for the environments of its sanity tests, ten of them: pip's own wheel does as well.
cache=$HOME/.ansible/test/cache
if ! [ -d "$cache/pip" ]; then
    mkdir -p "$cache"
    tests/tools/download_wheel.sh pip==24.2 "$cache"
    python -m zipfile -e "$cache/pip-24.2-py3-none-any.whl" "$cache/unpacked"
    mv "$cache/unpacked" "$cache/pip"
fi
cat >"$cache/get_pip_24_2.py" <<'PYTHON'
import os
import subprocess
import sys

cache = os.path.dirname(__file__)
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
pip = [sys.executable, os.path.join(cache, "pip", "pip"), "install", "--ignore-installed", "--no-index"]
subprocess.check_call([*pip, "--find-links", cache, *arguments])
PYTHON

say() { printf '\n== %s\n' "$1"; }
cd "$stage"
version=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

say "ansible-test sanity"
ansible-test sanity --python "$version" --color no

say "ansible-lint, profile production"
ansible-lint --profile production --offline --strict --nocolor

say "antsibull-docs"
antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .

say "antsibull-changelog"
antsibull-changelog lint
echo "all clean"
