#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The modules with the oldest releases of ansible-core and of the SDK that the collection says it works with.
set -eu

environment=.cache/oldest
if ! [ "$environment/.ready" -nt tests/tools/oldest-requirements.txt ]; then
    echo "setting up $environment (once)"
    uv venv --quiet --clear --python .venv/bin/python "$environment"
    uv pip install --quiet --python "$environment/bin/python" -r tests/tools/oldest-requirements.txt \
        aiohttp cryptography hypothesis pyjwt pytest pyyaml requests responses
    touch "$environment/.ready"
fi
"$environment/bin/python" -m pytest -p no:cacheprovider tests/unit/plugins tests/integration/test_targets.py "$@"
