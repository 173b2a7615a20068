# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The part of sysprep_facts.ps1 that looks for what must not be in an image. Windows PowerShell 5.1.

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

# What the agent knows of extensions outlives their removal: a key for each version.
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

# What is found at a pattern, hidden files too.
function Find-Leftover {
    param ([string] $Kind, [string] $Pattern)
    foreach ($item in @(Get-Item -Path $Pattern -Force -ErrorAction SilentlyContinue)) {
        @{ kind = $Kind; path = "$($item.FullName)" }
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
            foreach ($name in @('.azure', '.aws', 'AppData\Roaming\gcloud')) {
                Find-Leftover -Kind 'cloud_credentials' -Pattern "$userFolder\$name"
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

# Listeners for HTTPS have a certificate for the name that the machine had.
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

# Agents that report to a service under an ID of this machine, by their services.
$agents = @(Read-Section -Name 'identity_agents' -Body {
        $names = @('HealthService', 'himds', 'GCArcService', 'CSFalconService', 'SplunkForwarder', 'puppet', 'CcmExec')
        foreach ($name in $names) {
            $service = Get-Service -Name $name -ErrorAction SilentlyContinue
            if ($null -ne $service) {
                "$($service.Name)"
            }
        }
    })
