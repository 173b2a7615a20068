# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Delete files and folders right before sysprep. A file in use stays, with the reason, and the rest is deleted all the same.
# Windows PowerShell 5.1.

[CmdletBinding()]
param ([string[]] $Paths)
$ErrorActionPreference = 'Stop'

$removed = @()
$left = @()
foreach ($path in $Paths) {
    if (-not (Test-Path -LiteralPath $path)) {
        continue
    }
    $reasons = @()
    Remove-Item -LiteralPath $path -Recurse -Force -ErrorAction SilentlyContinue -ErrorVariable +reasons
    if (Test-Path -LiteralPath $path) {
        $reason = 'no reason given'
        if ($reasons.Count -gt 0) {
            $reason = "$($reasons[0])"
        }
        $left += @{ path = $path; reason = $reason }
    }
    else {
        $removed += $path
    }
}
$Ansible.Changed = $removed.Count -gt 0
$Ansible.Result = ConvertTo-Json -InputObject @{ removed = $removed; left = $left } -Depth 3 -Compress
