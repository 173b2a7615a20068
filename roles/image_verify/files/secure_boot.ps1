# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Returns which Microsoft certificates Secure Boot uses, as JSON. The filter secure_boot_warnings evaluates the result.

[CmdletBinding()]
param ()
$ErrorActionPreference = 'Stop'

function Read-RegistryValue {
    param ([string] $Path, [string] $Name)
    $key = Get-Item -LiteralPath $Path -ErrorAction SilentlyContinue
    if ($null -ne $key) {
        $key.GetValue($Name)
    }
}

$key = 'HKLM:\SYSTEM\CurrentControlSet\Control\SecureBoot'
$facts = @{
    enabled = [int](Read-RegistryValue -Path "$key\State" -Name 'UEFISecureBootEnabled') -eq 1
    status  = "$(Read-RegistryValue -Path "$key\Servicing" -Name 'UEFICA2023Status')"
    capable = [int](Read-RegistryValue -Path "$key\Servicing" -Name 'WindowsUEFICA2023Capable')
}
ConvertTo-Json -InputObject $facts -Compress
