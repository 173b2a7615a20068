# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs a script of the role windows_sysprep on a machine of cases.json, as win_powershell would.

$testFolder = $PSScriptRoot
$roleFiles = [IO.Path]::Combine($testFolder, '..', '..', 'roles', 'windows_sysprep', 'files')

function Get-TestText {
    param ([string] $Path)
    [IO.File]::ReadAllText($Path)
}

# Some scripts have lines that say which other file comes there.
function Join-Part {
    param ([string] $Text)
    foreach ($part in @('functions.ps1', 'leftover_facts.ps1', 'removal_functions.ps1')) {
        $Text = $Text.Replace("# $part comes here.", (Get-TestText -Path ([IO.Path]::Combine($roleFiles, $part))))
    }
    $Text
}

# With doubles in the place of what cannot be a function: programs below the Windows folder, and the user.
function Get-RoleScript {
    param ([string] $Name)
    $text = Join-Part -Text (Get-TestText -Path ([IO.Path]::Combine($roleFiles, $Name)))
    $text = $text.Replace('[Security.Principal.WindowsIdentity]::GetCurrent()', '(Get-TestIdentity)')
    foreach ($program in @('shutdown.exe', 'netsh.exe')) {
        $text = $text.Replace('& "$env:SystemRoot\System32\' + $program + '"', "Invoke-TestProgram '$program'")
    }
    if ($text -match '& "\$env:') {
        throw "$Name starts a program for which there is no double."
    }
    $text
}

# The stock machine, with what a case has otherwise. A registry key that is null is not there.
function Get-TestMachine {
    param ($Given)
    $machine = Get-TestText -Path ([IO.Path]::Combine($testFolder, 'stock.json')) | ConvertFrom-Json
    foreach ($part in $Given.PSObject.Properties) {
        if ($part.Name -notin @('registry', 'cim')) {
            $machine.($part.Name) = $part.Value
            continue
        }
        foreach ($entry in $part.Value.PSObject.Properties) {
            $machine.($part.Name).PSObject.Properties.Remove($entry.Name)
            if ($null -ne $entry.Value) {
                $machine.($part.Name) | Add-Member -MemberType NoteProperty -Name $entry.Name -Value $entry.Value
            }
        }
    }
    $machine
}

function Invoke-RoleScript {
    param ([string] $Name, $Machine, $Parameters, [string] $Culture)
    $global:TestMachine = $Machine
    $Ansible = [pscustomobject]@{ Changed = $true; Result = $null }
    $given = @{}
    foreach ($parameter in $Parameters.PSObject.Properties) {
        $given[$parameter.Name] = $parameter.Value
    }
    $thread = [Threading.Thread]::CurrentThread
    $before = $thread.CurrentCulture
    try {
        if ($Culture) {
            $thread.CurrentCulture = [Globalization.CultureInfo]::GetCultureInfo($Culture)
        }
        $null = & ([scriptblock]::Create((Get-RoleScript -Name $Name))) @given
    }
    finally {
        $thread.CurrentCulture = $before
    }
    [pscustomobject]@{ changed = $Ansible.Changed; result = ($Ansible.Result | ConvertFrom-Json) }
}

# A value as text that does not depend on the order of properties: lists of one stay lists, and numbers are numbers.
function Format-Canonical {
    param ($Value)
    if ($null -eq $Value) {
        return 'null'
    }
    if ($Value -is [array]) {
        return '[' + (@($Value | ForEach-Object -Process { Format-Canonical -Value $_ }) -join ',') + ']'
    }
    if ($Value -is [Management.Automation.PSCustomObject]) {
        $names = @($Value.PSObject.Properties | ForEach-Object -Process { $_.Name } | Sort-Object)
        $parts = @($names | ForEach-Object -Process { "$_=" + (Format-Canonical -Value $Value.$_) })
        return '{' + ($parts -join ',') + '}'
    }
    if ($Value -is [datetime]) {
        return $Value.ToUniversalTime().ToString('s', [Globalization.CultureInfo]::InvariantCulture)
    }
    if ($Value -is [string] -or $Value -is [bool]) {
        return "$($Value.GetType().Name):$Value"
    }
    ([long]$Value).ToString([Globalization.CultureInfo]::InvariantCulture)
}
