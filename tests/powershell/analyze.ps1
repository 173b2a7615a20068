# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


# PSScriptAnalyzer over the scripts of the roles, as they reach a guest. Ends with 0 only if it finds nothing.

[CmdletBinding()]
param ()
$ErrorActionPreference = 'Stop'

. ([IO.Path]::Combine($PSScriptRoot, 'helpers.ps1'))
Import-Module -Name PSScriptAnalyzer
$settings = [IO.Path]::Combine($PSScriptRoot, 'analyzer_settings.psd1')
$parts = @('functions.ps1', 'leftover_facts.ps1', 'removal_functions.ps1')
$roles = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'roles')
$count = 0
foreach ($path in @([IO.Directory]::GetFiles($roles, '*.ps1', 'AllDirectories'))) {
    $name = [IO.Path]::GetFileName($path)
    if ($parts -notcontains $name) {
        $text = Join-Part -Text (Get-TestText -Path $path)
        foreach ($finding in @(Invoke-ScriptAnalyzer -ScriptDefinition $text -Settings $settings)) {
            $count += 1
            Write-Output -InputObject "$name line $($finding.Line): $($finding.RuleName): $($finding.Message)"
        }
    }
}
if ($count -gt 0) {
    exit 1
}
