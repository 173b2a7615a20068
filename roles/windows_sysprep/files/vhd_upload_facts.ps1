# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Registry values, boot configuration, services, system files and network settings that determine whether a Windows disk from
# outside Azure works on Azure, as JSON. Reads only; the filter vhd_upload_findings evaluates them. Windows PowerShell 5.1.
# Registry: a list of path and name; Services: a list of names; BootManager: the identifier of this object; BootElements: a list of object,
# element and identifier, which the default operating system does not have.

[CmdletBinding()]
param ([object[]] $Registry, [string[]] $Services, [string] $BootManager, [object[]] $BootElements)
$ErrorActionPreference = 'Stop'
# functions.ps1 comes here.

$values = @(Read-Section -Name 'registry' -Body {
        foreach ($wanted in $Registry) {
            $value = $null
            $key = Get-RegistryKey -Path "$($wanted.path)"
            if ($null -ne $key) {
                $value = $key.GetValue($wanted.name, $null, 'DoNotExpandEnvironmentNames')
            }
            if ($value -is [array]) {
                $value = @($value) -join ';'
            }
            @{ path = "$($wanted.path)"; name = "$($wanted.name)"; value = $value }
        }
    })

# The registry has the boot configuration data independent of the language, unlike the output of bcdedit.exe. Element 23000003 of the boot
# manager is the identifier of the default operating system.
$boot = @(Read-Section -Name 'boot_configuration' -Body {
        $store = 'HKLM:\BCD00000000\Objects'
        $default = "$(Read-RegistryValue -Path "$store\$BootManager\Elements\23000003" -Name 'Element')"
        if (-not $default) {
            throw 'The boot configuration data does not name a default operating system.'
        }
        foreach ($wanted in $BootElements) {
            $identifier = "$($wanted.identifier)"
            if (-not $identifier) {
                $identifier = $default
            }
            $bytes = Read-RegistryValue -Path "$store\$identifier\Elements\$($wanted.element)" -Name 'Element'
            if ($null -ne $bytes) {
                $bytes = @($bytes) -join ';'
            }
            @{ object = "$($wanted.object)"; element = "$($wanted.element)"; bytes = $bytes }
        }
    })

$found = @(Read-Section -Name 'services' -Body {
        foreach ($name in $Services) {
            $service = Get-Service -Name $name -ErrorAction SilentlyContinue
            if ($null -ne $service) {
                @{ name = $name; status = "$($service.Status)"; start_type = "$($service.StartType)" }
            }
        }
    })

$routes = @(Read-Section -Name 'static_routes' -Body {
        $persistent = @(Get-NetRoute -PolicyStore PersistentStore -ErrorAction SilentlyContinue)
        foreach ($route in $persistent) {
            "$($route.DestinationPrefix) via $($route.NextHop)"
        }
    })

$addresses = @(Read-Section -Name 'static_addresses' -Body {
        foreach ($address in @(Get-NetIPAddress -AddressFamily IPv4 -PrefixOrigin Manual -ErrorAction SilentlyContinue)) {
            if ("$($address.IPAddress)" -ne '127.0.0.1') {
                "$($address.IPAddress) on $($address.InterfaceAlias)"
            }
        }
    })

$profiles = @(Read-Section -Name 'firewall_profiles' -Body {
        foreach ($item in @(Get-NetFirewallProfile)) {
            @{ name = "$($item.Name)"; enabled = [bool]("$($item.Enabled)" -eq 'True') }
        }
    })

$rules = @(Read-Section -Name 'firewall_rules' -Body {
        foreach ($name in @('RemoteDesktop-UserMode-In-*', 'FPS-ICMP4-ERQ-In')) {
            foreach ($rule in @(Get-NetFirewallRule -Name $name -ErrorAction SilentlyContinue)) {
                @{ name = "$($rule.Name)"; enabled = [bool]("$($rule.Enabled)" -eq 'True') }
            }
        }
    })

$platform = @(Read-Section -Name 'platform_rules' -Body {
        foreach ($rule in @(Get-NetFirewallRule -DisplayName 'AzurePlatform' -ErrorAction SilentlyContinue)) {
            $addresses = @(($rule | Get-NetFirewallAddressFilter).RemoteAddress)
            if ("$($rule.Enabled)" -eq 'True' -and "$($rule.Action)" -eq 'Allow' -and $addresses -contains '168.63.129.16') {
                "$($rule.Direction)"
            }
        }
    })

$proxy = Read-Section -Name 'winhttp_proxy' -Body {
    # Otherwise, output of a program on standard error would end a script of Windows PowerShell.
    $ErrorActionPreference = 'Continue'
    $lines = @(& "$env:SystemRoot\System32\netsh.exe" winhttp show proxy)
    # In any language, a proxy, with or without a port, follows a colon and spaces; for a direct connection, nothing follows.
    @($lines | Where-Object -FilterScript { "$_" -match ':\s+\S' }).Count -gt 0
}

$installed = Read-Section -Name 'agent' -Body {
    $names = @('RdAgent', 'WindowsAzureGuestAgent')
    @($names | Where-Object -FilterScript { $null -eq (Get-Service -Name $_ -ErrorAction SilentlyContinue) }).Count -eq 0
}

# Windows Resource Protection repairs system files from the component store. This reads whether the store is marked as damaged.
$health = Read-Section -Name 'component_store' -Body {
    "$((Repair-WindowsImage -Online -CheckHealth).ImageHealthState)"
}

# Whether Windows checks the file system at the next start.
$dirty = Read-Section -Name 'file_system' -Body {
    $volumes = @(Get-CimInstance -ClassName Win32_Volume)
    @($volumes | Where-Object -FilterScript { "$($_.DriveLetter)" -eq "$env:SystemDrive" -and $_.DirtyBitSet }).Count -gt 0
}

# State 2 is a listener.
$others = @(Read-Section -Name 'remote_desktop_port' -Body {
        $desktop = @(Get-CimInstance -ClassName Win32_Service | Where-Object -FilterScript { "$($_.Name)" -eq 'TermService' })
        $connections = @(Get-CimInstance -Namespace 'root\StandardCimv2' -ClassName MSFT_NetTCPConnection)
        $listeners = @($connections | Where-Object -FilterScript { $_.LocalPort -eq 3389 -and $_.State -eq 2 })
        foreach ($process in @(Get-CimInstance -ClassName Win32_Process)) {
            $owns = @($listeners | Where-Object -FilterScript { $_.OwningProcess -eq $process.ProcessId }).Count -gt 0
            $expected = @($desktop | Where-Object -FilterScript { $_.ProcessId -eq $process.ProcessId }).Count -gt 0
            if ($owns -and -not $expected) {
                "$($process.Name)"
            }
        }
    })

$facts = @{
    registry              = $values
    boot_configuration    = $boot
    services              = $found
    agent_installed       = $installed
    component_store       = $health
    file_system_dirty     = $dirty
    remote_desktop_others = $others
    static_routes         = $routes
    static_addresses      = $addresses
    firewall_profiles     = $profiles
    firewall_rules        = $rules
    platform_rules        = $platform
    winhttp_proxy         = $proxy
    failures              = $failures
}
$Ansible.Changed = $false
$Ansible.Result = ConvertTo-Json -InputObject $facts -Depth 4 -Compress
