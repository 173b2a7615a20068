# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The state of sysprep, as JSON. Reads only; the filter sysprep_progress evaluates the state.
# Windows PowerShell 5.1. ResultsFile is the result file of Ansible's asynchronous job, which contains sysprep's exit code.

[CmdletBinding()]
param ([string] $ResultsFile)
$ErrorActionPreference = 'Stop'

$key = Get-Item -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State' -ErrorAction SilentlyContinue
$imageState = $null
if ($null -ne $key) {
    $imageState = $key.GetValue('ImageState')
}

$job = $null
$jobAge = $null
if ($ResultsFile -and (Test-Path -LiteralPath $ResultsFile)) {
    $job = [IO.File]::ReadAllText($ResultsFile)
    $jobAge = [long]([datetime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($ResultsFile)).TotalSeconds
}

$agentVersions = @(foreach ($name in @('WindowsAzureGuestAgent', 'WaAppAgent')) {
        foreach ($process in @(Get-Process -Name $name -ErrorAction SilentlyContinue)) {
            "$name $($process.FileVersion)"
        }
    })

# A query that fails must not end the monitoring, so the other values are returned nevertheless. LastBootUpTime changes with the clock, but the
# uptime does not.
$bootTime = $null
$uptime = $null
$properties = @('LastBootUpTime', 'LocalDateTime')
$operatingSystem = Get-CimInstance -ClassName Win32_OperatingSystem -Property $properties -ErrorAction SilentlyContinue
if ($null -ne $operatingSystem -and $null -ne $operatingSystem.LastBootUpTime) {
    $utc = $operatingSystem.LastBootUpTime.ToUniversalTime()
    $bootTime = $utc.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
    $uptime = [long]($operatingSystem.LocalDateTime - $operatingSystem.LastBootUpTime).TotalSeconds
}

$bootId = $null
$prefetch = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters'
$key = Get-Item -LiteralPath $prefetch -ErrorAction SilentlyContinue
if ($null -ne $key) {
    $bootId = $key.GetValue('BootId')
}

$state = @{
    image_state     = $imageState
    sysprep_running = [bool](Get-Process -Name 'sysprep' -ErrorAction SilentlyContinue)
    job             = $job
    job_age         = $jobAge
    boot_time       = $bootTime
    uptime          = $uptime
    boot_id         = $bootId
    agent_versions  = $agentVersions
}
$Ansible.Changed = $false
$Ansible.Result = ConvertTo-Json -InputObject $state -Depth 3 -Compress
