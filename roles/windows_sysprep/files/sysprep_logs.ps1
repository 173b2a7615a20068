# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The last lines of sysprep's logs, and its start time, as JSON. Windows PowerShell 5.1.

[CmdletBinding()]
param ([int] $Lines = 200, [int] $Elapsed = 0)
$ErrorActionPreference = 'Stop'

$folder = Join-Path -Path $env:SystemRoot -ChildPath 'System32\Sysprep\Panther'
$logs = @{}
foreach ($name in @('setuperr.log', 'setupact.log')) {
    $path = Join-Path -Path $folder -ChildPath $name
    if (Test-Path -LiteralPath $path) {
        $tail = @(Get-Content -LiteralPath $path -Tail $Lines | ForEach-Object -Process { "$_" })
        $logs[$name] = $tail -join "`n"
    }
}
# The logs contain the local time of the guest, whose clock may differ from that of the controller, so the start time is converted.
$logs['started'] = (Get-Date).AddSeconds(-$Elapsed).ToString('yyyy-MM-dd HH:mm:ss', [Globalization.CultureInfo]::InvariantCulture)
$Ansible.Changed = $false
$Ansible.Result = ConvertTo-Json -InputObject $logs -Compress
