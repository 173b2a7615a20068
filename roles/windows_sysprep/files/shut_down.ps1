# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Delete what a connection needs up to the end, such as the host keys of OpenSSH, and shut down in the same step, because no other one may
# reach the guest afterwards. Windows PowerShell 5.1.

[CmdletBinding()]
param ([string[]] $Paths, [int] $Delay)
$ErrorActionPreference = 'Stop'
# removal_functions.ps1 comes here.

$left = @(Select-Remaining -Tried @(Remove-Path -Paths $Paths))
# What a program writes to its standard error ends a script of Windows PowerShell otherwise.
$ErrorActionPreference = 'Continue'
$output = & "$env:SystemRoot\System32\shutdown.exe" '/s' '/t' "$Delay" '/c' 'Shutdown after sysprep'
$result = @{ rc = $LASTEXITCODE; left = $left; output = @($output | ForEach-Object -Process { "$_" }) -join ' ' }
$Ansible.Changed = $true
$Ansible.Result = ConvertTo-Json -InputObject $result -Depth 3 -Compress
