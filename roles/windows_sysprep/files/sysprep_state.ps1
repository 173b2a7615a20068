# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# How far sysprep has come, as JSON. Reads only, decides nothing: the filter sysprep_progress does.
# Windows PowerShell 5.1. ResultsFile is where Ansible's asynchronous job leaves its result, with sysprep's exit code.

[CmdletBinding()]
param ([string] $ResultsFile)
$ErrorActionPreference = 'Stop'

$key = Get-Item -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State' -ErrorAction SilentlyContinue
$imageState = $null
if ($null -ne $key) {
    $imageState = $key.GetValue('ImageState')
}

$job = $null
if ($ResultsFile -and (Test-Path -LiteralPath $ResultsFile)) {
    $job = [IO.File]::ReadAllText($ResultsFile)
}

$agentVersions = @(foreach ($name in @('WindowsAzureGuestAgent', 'WaAppAgent')) {
        foreach ($process in @(Get-Process -Name $name -ErrorAction SilentlyContinue)) {
            "$name $($process.FileVersion)"
        }
    })

$bootTime = (Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime).LastBootUpTime
$state = @{
    image_state     = $imageState
    sysprep_running = [bool](Get-Process -Name 'sysprep' -ErrorAction SilentlyContinue)
    job             = $job
    boot_time       = $bootTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    agent_versions  = $agentVersions
}
$Ansible.Changed = $false
$Ansible.Result = ConvertTo-Json -InputObject $state -Depth 3 -Compress
