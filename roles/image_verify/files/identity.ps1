# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The identifiers of this machine, a word and a value in each line, as identity.sh prints those of Linux. Windows PowerShell 5.1.
# Azure keeps the last 4096 bytes of what a run command prints, so what matters most comes last. What cannot be read is not there.

[CmdletBinding()]
param ()
$ErrorActionPreference = 'Stop'

function Write-Identifier {
    param ([string] $Word, [scriptblock] $Read)
    try {
        foreach ($value in @(& $Read)) {
            if ("$value") {
                "$Word $value"
            }
        }
    }
    catch {
        # Said where a value is needed: a machine without one is a finding.
        $null = $_
    }
}

function Read-RegistryValue {
    param ([string] $Path, [string] $Name)
    $key = Get-Item -LiteralPath $Path -ErrorAction SilentlyContinue
    if ($null -ne $key) {
        $key.GetValue($Name)
    }
}

function Get-Digest {
    param ([byte[]] $Bytes)
    $algorithm = [Security.Cryptography.SHA256]::Create()
    try {
        $digest = [BitConverter]::ToString($algorithm.ComputeHash($Bytes))
    }
    finally {
        $algorithm.Dispose()
    }
    $digest.Replace('-', '').Substring(0, 32).ToLowerInvariant()
}

# Also of a file that a service writes to.
function Read-File {
    param ([string] $Path)
    $stream = New-Object -TypeName IO.FileStream -ArgumentList $Path, 'Open', 'Read', 'ReadWrite'
    $memory = New-Object -TypeName IO.MemoryStream
    try {
        $stream.CopyTo($memory)
        Write-Output -InputObject $memory.ToArray() -NoEnumerate
    }
    finally {
        $stream.Dispose()
        $memory.Dispose()
    }
}

# Of a registry key its values, of a folder its files.
function Get-DigestOfPath {
    param ([string] $Path)
    $lines = @()
    if ($Path -like 'HK*:\*') {
        $key = Get-Item -LiteralPath $Path
        $lines = @(foreach ($name in @($key.GetValueNames() | Sort-Object)) {
                "$name $($key.GetValue($name))"
            })
    }
    else {
        $files = @(Get-ChildItem -LiteralPath $Path -Recurse -File -Force | Sort-Object -Property FullName)
        $lines = @(foreach ($file in $files) {
                "$($file.Name) $(Get-Digest -Bytes (Read-File -Path $file.FullName))"
            })
    }
    if ($lines.Count -gt 0) {
        Get-Digest -Bytes ([Text.Encoding]::UTF8.GetBytes($lines -join ';'))
    }
}

# By the table of the role windows_sysprep: the id of an entry, and a path of it.
$table = @'
@TABLE@
'@
foreach ($line in @($table.Split([char]10))) {
    $id, $path = $line.Trim().Split(' ', 2)
    if ($path) {
        Write-Identifier -Word 'agent' -Read {
            $expanded = [Environment]::ExpandEnvironmentVariables($path)
            $found = @($expanded)
            if ($expanded -notlike 'HK*:\*') {
                $found = @(Get-Item -Path $expanded -Force | ForEach-Object -Process { "$($_.FullName)" })
            }
            foreach ($each in $found) {
                $digest = Get-DigestOfPath -Path $each
                if ($digest) {
                    "$id $each $digest"
                }
            }
        }
    }
}

Write-Identifier -Word 'user' -Read {
    foreach ($account in @(Get-CimInstance -ClassName Win32_UserAccount -Filter 'LocalAccount = True')) {
        "$($account.Name)"
    }
}

# Which Microsoft certificates Secure Boot uses.
Write-Identifier -Word 'secure_boot' -Read {
    $key = 'HKLM:\SYSTEM\CurrentControlSet\Control\SecureBoot'
    $facts = @{
        enabled = (Read-RegistryValue -Path "$key\State" -Name 'UEFISecureBootEnabled') -eq 1
        status  = "$(Read-RegistryValue -Path "$key\Servicing" -Name 'UEFICA2023Status')"
        capable = Read-RegistryValue -Path "$key\Servicing" -Name 'WindowsUEFICA2023Capable'
    }
    ConvertTo-Json -InputObject $facts -Compress
}

# Certificates of HTTPS listeners.
Write-Identifier -Word 'winrm_key' -Read {
    foreach ($listener in @(Get-ChildItem -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener')) {
        $listener.GetValue('certThumbprint')
    }
}

Write-Identifier -Word 'host_key' -Read {
    foreach ($key in @(Get-Item -Path "$env:ProgramData\ssh\ssh_host_*_key.pub" -Force)) {
        $algorithm, $public, $comment = "$(Get-Content -LiteralPath $key.FullName -TotalCount 1)".Split(' ', 3)
        $null = $comment
        Get-Digest -Bytes ([Text.Encoding]::ASCII.GetBytes("$algorithm $public"))
    }
}

Write-Identifier -Word 'image_state' -Read {
    Read-RegistryValue -Path 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State' -Name 'ImageState'
}
Write-Identifier -Word 'hostname' -Read { $env:COMPUTERNAME }
Write-Identifier -Word 'machine_guid' -Read {
    Read-RegistryValue -Path 'HKLM:\SOFTWARE\Microsoft\Cryptography' -Name 'MachineGuid'
}
# Of the machine: that of each local account, without its last number.
Write-Identifier -Word 'machine_sid' -Read {
    $filter = "LocalAccount = True AND SID LIKE 'S-1-5-21-%-500'"
    "$((Get-CimInstance -ClassName Win32_UserAccount -Filter $filter).SID)" -replace '-500$', ''
}
Write-Identifier -Word 'system' -Read { 'windows' }
