#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests of PowerShell. Where they cannot run, this says so and fails, so that nobody takes them for passed.
set -eu
if ! command -v pwsh >/dev/null 2>&1; then
    echo "The tests of PowerShell did not run: pwsh is not installed (https://learn.microsoft.com/powershell/scripting/install)." >&2
    exit 2
fi
exec pwsh -NoProfile -NonInteractive -File tests/powershell/run.ps1
