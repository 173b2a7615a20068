# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Delete files that connections require, such as the host keys of OpenSSH, and shut down in the same step, because the guest may not be
# reachable afterwards. Windows PowerShell 5.1.

[CmdletBinding()]
param ([string[]] $Paths, [int] $Delay)
$ErrorActionPreference = 'Stop'
# removal_functions.ps1 comes here.

$left = @(Select-Remaining -Tried @(Remove-Path -Paths $Paths))
# Otherwise, output of a program on standard error would end a script of Windows PowerShell.
$ErrorActionPreference = 'Continue'
$output = & "$env:SystemRoot\System32\shutdown.exe" '/s' '/t' "$Delay" '/c' 'Shutdown after sysprep'
$result = @{ rc = $LASTEXITCODE; left = $left; output = @($output | ForEach-Object -Process { "$_" }) -join ' ' }
$Ansible.Changed = $true
$Ansible.Result = ConvertTo-Json -InputObject $result -Depth 3 -Compress
