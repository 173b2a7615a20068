#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Download the wheel of a requirement (NAME==VERSION) into a folder, for any Python: download_wheel.sh REQUIREMENT FOLDER.
# Environments that uv makes have no pip: uv brings one of its own, and without uv any other Python's does.
set -eu

options=(--quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.13 --dest "$2" "$1")
if [ -n "$(type -P uvx)" ]; then
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
    export UV_CACHE_DIR=${UV_CACHE_DIR:-$root/.cache/uv}
    exec uvx --quiet pip download "${options[@]}"
fi
for python in $(type -ap python3); do
    if "$python" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("pip") is None)'; then
        exec "$python" -m pip download "${options[@]}"
    fi
done
echo "cannot download $1: neither uvx nor a python3 with pip is on PATH; install uv" >&2
exit 1
