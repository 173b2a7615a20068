#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-test sanity, of the ansible-core that is first on PATH, on the staged collection; without an ignore file.
set -eu

# Staged for this run alone: several releases may be tested at the same time.
stage=$(tests/tools/stage_collection.sh "$(mktemp -d "${TMPDIR:-/tmp}/golden-azure-sanity-XXXXXX")")
trap 'rm -rf "${stage%/ansible_collections/*}"' EXIT
export HOME=$PWD/.cache/home
unset PYTHONPATH ANSIBLE_COLLECTIONS_PATH

# ansible-test makes environments for its tests, and downloads get-pip for them from a host of its own. What it asks
# get-pip for, pip's own package does as well, in the release that this ansible-test is built for.
cache=$HOME/.ansible/test/cache
release=$(python - <<'PYTHON'
import re
from pathlib import Path

import ansible_test

source = Path(ansible_test.__file__).with_name("_internal") / "python_requirements.py"
print(re.search(r"pip='([0-9.]+)'", source.read_text(encoding="utf-8")).group(1))
PYTHON
)
pip=$cache/pip-$release
(
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    if ! [ -d "$pip" ]; then
        rm -rf "$pip.new"
        uv pip install --quiet --python "$(command -v python)" --no-deps --target "$pip.new" "pip==$release"
        mv "$pip.new" "$pip"
    fi
    cat >"$cache/get_pip_${release//./_}.py" <<PYTHON
import subprocess
import sys

arguments = [one for one in sys.argv[1:] if one not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "$pip/pip", "install", "--quiet", "--ignore-installed", *arguments])
PYTHON
)

version=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
cd "$stage"
ansible-test sanity --python "$version" --color no
