# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The part of sysprep_facts.ps1 that finds what must not be in an image. Windows PowerShell 5.1.

$answerFiles = @(Read-Section -Name 'answer_files' -Body {
        $candidates = @(
            "$sysprepFolder\unattend.xml",
            "$sysprepFolder\Panther\unattend.xml",
            "$pantherFolder\unattend.xml",
            "$pantherFolder\Unattend\unattend.xml",
            "$pantherFolder\autounattend.xml",
            "$env:SystemDrive\unattend.xml",
            "$env:SystemDrive\autounattend.xml"
        )
        $registered = Read-RegistryValue -Path 'HKLM:\SYSTEM\Setup' -Name 'UnattendFile'
        foreach ($candidate in @($candidates + @($registered) | Where-Object -FilterScript { $_ } | Select-Object -Unique)) {
            if (Test-Path -LiteralPath $candidate) {
                "$candidate"
            }
        }
    })

$extensions = @(Read-Section -Name 'extensions' -Body {
        $folder = "$env:SystemDrive\Packages\Plugins"
        if (Test-Path -LiteralPath $folder) {
            foreach ($extension in @(Get-ChildItem -LiteralPath $folder -Directory)) {
                "$($extension.Name)"
            }
        }
    })

# The agent keeps a registry key for each version of an extension after its removal.
$handlers = @(Read-Section -Name 'extension_handlers' -Body {
        $top = Get-RegistryKey -Path 'HKLM:\SOFTWARE\Microsoft\Windows Azure\HandlerState'
        if ($null -ne $top) {
            foreach ($name in @($top.GetSubKeyNames())) {
                @{ name = $name; path = Join-Path -Path 'HKLM:\SOFTWARE\Microsoft\Windows Azure\HandlerState' -ChildPath $name }
            }
        }
    })

$profiles = @(Read-Section -Name 'profiles' -Body {
        foreach ($folder in @(Get-ChildItem -LiteralPath "$env:SystemDrive\Users" -Directory -Force)) {
            "$($folder.FullName)"
        }
        "$env:SystemRoot\System32\config\systemprofile"
    })

# The paths that match a pattern, including hidden files. Names like %ProgramData% are variables; registry keys are not patterns.
function Find-Path {
    param ([string] $Pattern)
    $expanded = [Environment]::ExpandEnvironmentVariables($Pattern)
    if ($expanded -like 'HK*:\*') {
        if (Test-Path -LiteralPath $expanded) {
            $expanded
        }
        return
    }
    foreach ($item in @(Get-Item -Path $expanded -Force -ErrorAction SilentlyContinue)) {
        "$($item.FullName)"
    }
}

function Find-Leftover {
    param ([string] $Kind, [string] $Pattern)
    foreach ($path in @(Find-Path -Pattern $Pattern)) {
        @{ kind = $Kind; path = $path }
    }
}

$leftovers = @(Read-Section -Name 'leftovers' -Body {
        Find-Leftover -Kind 'custom_data' -Pattern "$env:SystemDrive\AzureData"
        Find-Leftover -Kind 'ssh_host_keys' -Pattern "$env:ProgramData\ssh\ssh_host_*"
        Find-Leftover -Kind 'ssh_authorized_keys' -Pattern "$env:ProgramData\ssh\administrators_authorized_keys"
        Find-Leftover -Kind 'temporary_files' -Pattern "$env:SystemRoot\Temp\*"
        foreach ($userFolder in $profiles) {
            $history = "$userFolder\AppData\Roaming\Microsoft\Windows\PowerShell\PSReadLine\*_history.txt"
            Find-Leftover -Kind 'powershell_history' -Pattern $history
            Find-Leftover -Kind 'transcripts' -Pattern "$userFolder\Documents\PowerShell_transcript.*.txt"
            Find-Leftover -Kind 'transcripts' -Pattern "$userFolder\Documents\2*\PowerShell_transcript.*.txt"
            Find-Leftover -Kind 'ssh_authorized_keys' -Pattern "$userFolder\.ssh\authorized_keys"
            Find-Leftover -Kind 'temporary_files' -Pattern "$userFolder\AppData\Local\Temp\*"
            # The Azure CLI and PowerShell; azd; the cache of tokens that Microsoft's libraries share; AWS; gcloud.
            foreach ($name in @('.azure', '.azd\auth', 'AppData\Local\.IdentityService', '.aws', 'AppData\Roaming\gcloud')) {
                Find-Leftover -Kind 'cloud_credentials' -Pattern "$userFolder\$name"
            }
        }
        # Ansible and Packer run some commands as tasks, with the password of the build, and do not remove them if they are interrupted.
        if (Get-Command -Name Get-ScheduledTask -ErrorAction SilentlyContinue) {
            $names = @('ansible-win*', 'ansible-ansible.windows.*', 'packer-*', 'WinRM_Elevated_Shell*')
            foreach ($task in @(Get-ScheduledTask -TaskName $names -ErrorAction SilentlyContinue)) {
                @{ kind = 'scheduled_tasks'; path = "$($task.TaskPath)$($task.TaskName)" }
            }
        }
    })

$autologon = Read-Section -Name 'autologon' -Body {
    $winlogon = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon'
    $password = Read-RegistryValue -Path $winlogon -Name 'DefaultPassword'
    @{ password = [bool]$password; user = "$(Read-RegistryValue -Path $winlogon -Name 'DefaultUserName')" }
}

$privateKeys = @(Read-Section -Name 'private_keys' -Body {
        $store = New-Object -TypeName Security.Cryptography.X509Certificates.X509Store -ArgumentList 'My', 'LocalMachine'
        $store.Open('ReadOnly')
        try {
            foreach ($certificate in $store.Certificates) {
                if ($certificate.HasPrivateKey) {
                    @{ subject = "$($certificate.Subject)"; issuer = "$($certificate.Issuer)"; thumbprint = "$($certificate.Thumbprint)" }
                }
            }
        }
        finally {
            $store.Close()
        }
    })

# The certificates of HTTPS listeners contain the computer name.
$listeners = @(Read-Section -Name 'winrm_listeners' -Body {
        $top = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'
        $key = Get-RegistryKey -Path $top
        if ($null -ne $key) {
            foreach ($name in @($key.GetSubKeyNames())) {
                $thumbprint = Read-RegistryValue -Path "$top\$name" -Name 'certThumbprint'
                if ($thumbprint) {
                    @{ name = $name; thumbprint = "$thumbprint" }
                }
            }
        }
    })

# The profiles of users, and whether they are in use.
$userProfiles = @(Read-Section -Name 'user_profiles' -Body {
        foreach ($found in @(Get-CimInstance -ClassName Win32_UserProfile -Filter 'Special = False')) {
            @{ path = "$($found.LocalPath)"; sid = "$($found.SID)"; loaded = [bool]$found.Loaded }
        }
    })

# Agents, registrations and keys that identify the machine: the entries of the role's table that exist on the guest.
$identities = @(Read-Section -Name 'known_identities' -Body {
        foreach ($entry in $Known) {
            $found = @(foreach ($pattern in $entry.paths) {
                    Find-Path -Pattern $pattern
                })
            $installed = @(foreach ($name in $entry.services) {
                    if ($null -ne (Get-Service -Name $name -ErrorAction SilentlyContinue)) {
                        "$name"
                    }
                })
            # An agent without its identity is prepared for images already.
            if ($found.Count -gt 0 -or (@($entry.paths).Count -eq 0 -and $installed.Count -gt 0)) {
                @{
                    id       = "$($entry.id)"
                    what     = "$($entry.what)"
                    advice   = "$($entry.advice)"
                    source   = "$($entry.source)"
                    removal  = "$($entry.removal)"
                    services = $installed
                    paths    = $found
                }
            }
        }
    })
