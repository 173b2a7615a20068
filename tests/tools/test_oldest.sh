#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Modules, roles and playbooks with the oldest releases of ansible-core and of the SDK that the collection says it works with;
# all else as it is locked.
set -eu

environment=$PWD/.cache/oldest
if ! [ "$environment/.ready" -nt tests/tools/oldest-requirements.txt ] || ! [ "$environment/.ready" -nt requirements-dev.lock ]; then
    echo "setting up $environment (once)"
    uv venv --quiet --clear --python .venv/bin/python "$environment"
    uv pip install --quiet --python "$environment/bin/python" --override tests/tools/oldest-requirements.txt \
        --requirements requirements-dev.lock
    touch "$environment/.ready"
fi
export PATH="$environment/bin:$PATH"
ansible --version | head -1
pytest -p no:cacheprovider --numprocesses 2 --dist loadgroup tests/unit/plugins tests/integration/test_targets.py \
    tests/integration/test_captures.py tests/integration/test_capture_windows.py tests/integration/test_refresh.py "$@"
