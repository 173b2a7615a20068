# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Remove the specified AppX packages for all users. Windows PowerShell 5.1.

[CmdletBinding()]
param ([string[]] $Names)
$ErrorActionPreference = 'Stop'

# A removal sometimes fails at the first attempt. A package that cannot be removed does not prevent the removal of the others.
function Remove-Package {
    param ([string] $FullName)
    $attempt = 1
    while ($true) {
        try {
            Remove-AppxPackage -Package $FullName -AllUsers -ErrorAction Stop
            return ''
        }
        catch {
            $reason = "$($_.Exception.Message)"
        }
        if ($attempt -ge 3) {
            return $reason
        }
        $attempt += 1
        Start-Sleep -Seconds 5
    }
}

$removed = @()
$failed = @()
foreach ($name in $Names) {
    foreach ($package in @(Get-AppxPackage -AllUsers | Where-Object -Property Name -EQ -Value $name)) {
        $fullName = "$($package.PackageFullName)"
        $reason = Remove-Package -FullName $fullName
        if ($reason) {
            $failed += @{ package = $fullName; reason = $reason }
        }
        else {
            $removed += $fullName
        }
    }
}
$Ansible.Changed = $removed.Count -gt 0
$Ansible.Result = ConvertTo-Json -InputObject @{ removed = $removed; failed = $failed } -Depth 3 -Compress
