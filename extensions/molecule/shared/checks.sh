#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# What checks of a guest are written with. Each says one line: "ok" or "FAILED" and what was looked at.
set -u

# DESCRIPTION COMMAND...
says() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "ok      $what"; else echo "FAILED  $what"; fi; }
gone() { for path in "$@"; do says "gone: $path" test ! -e "$path"; done; }
stays() { for path in "$@"; do says "stays: $path" test -e "$path"; done; }
no_line() { if grep -Eq "$1" "$2"; then echo "FAILED  no $1 in $2"; else echo "ok      no $1 in $2"; fi; }
