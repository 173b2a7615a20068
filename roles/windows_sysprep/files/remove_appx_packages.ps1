# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Remove the AppX packages named, for all users. Windows PowerShell 5.1.

[CmdletBinding()]
param ([string[]] $Names)
$ErrorActionPreference = 'Stop'

$removed = @()
foreach ($name in $Names) {
    foreach ($package in @(Get-AppxPackage -AllUsers | Where-Object -Property Name -EQ -Value $name)) {
        Remove-AppxPackage -Package $package.PackageFullName -AllUsers
        $removed += "$($package.PackageFullName)"
    }
}
$Ansible.Changed = $removed.Count -gt 0
$Ansible.Result = ConvertTo-Json -InputObject @{ removed = $removed } -Compress
