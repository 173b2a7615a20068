# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Run the tests with Pester 5 or 6, the newest that is installed or the one of PesterVersion. Ends with 0 only if all of them ran and passed.

[CmdletBinding()]
param ([string] $PesterVersion)
$ErrorActionPreference = 'Stop'

$installed = @(Get-Module -ListAvailable -Name Pester | Where-Object -FilterScript { -not $PesterVersion -or "$($_.Version)" -eq $PesterVersion })
$pester = $installed | Sort-Object -Property Version -Descending | Select-Object -First 1
if ($null -eq $pester -or $pester.Version.Major -lt 5) {
    Write-Output -InputObject 'The tests of PowerShell did not run: Pester 5 or later is not installed (Install-Module -Name Pester).'
    exit 2
}
Import-Module -Name Pester -RequiredVersion $pester.Version
Write-Output -InputObject "PowerShell $($PSVersionTable.PSVersion), Pester $($pester.Version)"
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$run = Invoke-Pester -Configuration $configuration
if ("$($run.Result)" -ne 'Passed' -or $run.PassedCount -eq 0 -or $run.SkippedCount -gt 0) {
    exit 1
}
