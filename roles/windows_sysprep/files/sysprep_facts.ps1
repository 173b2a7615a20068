# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The facts that determine whether sysprep can run, as JSON. Reads only; the filter sysprep_blockers evaluates the facts.
# Windows PowerShell 5.1. Sections that cannot be read are listed in "failures", and the others are returned nevertheless.
# Known: the role's table of identities.

[CmdletBinding()]
param ([object[]] $Known)
$ErrorActionPreference = 'Stop'
# functions.ps1 comes here.

$currentVersion = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$setupState = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'
$sessionManager = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager'
$prefetch = "$sessionManager\Memory Management\PrefetchParameters"
$servicing = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing'
$updates = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update'
$storagePolicies = 'SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices'
$sysprepFolder = Join-Path -Path $env:SystemRoot -ChildPath 'System32\Sysprep'
$pantherFolder = Join-Path -Path $env:SystemRoot -ChildPath 'Panther'

# The identity of the machine. Windows returns the SMBIOS UUID in the byte order of Azure's vmId. The instance metadata service is queried only
# if there is no SMBIOS UUID, and never through a proxy, which would return the identity of another machine.
function Test-MachineId {
    param ([string] $Id)
    # All zeros and all ones mean that no UUID is set in SMBIOS.
    $guid = $Id -as [guid]
    ($null -ne $guid) -and ($guid -ne [guid]::Empty) -and ("$guid" -ne 'ffffffff-ffff-ffff-ffff-ffffffffffff')
}

function Read-Machine {
    $reason = 'SMBIOS has no UUID'
    try {
        $id = "$((Get-CimInstance -ClassName Win32_ComputerSystemProduct -Property UUID).UUID)"
        if (Test-MachineId -Id $id) {
            return @{ id = $id.ToLowerInvariant(); source = 'SMBIOS UUID'; reason = '' }
        }
    }
    catch {
        $reason = "the UUID of SMBIOS cannot be read: $($_.Exception.Message)"
    }
    try {
        $address = 'http://169.254.169.254/metadata/instance/compute/vmId?api-version=2019-06-01&format=text'
        $request = [Net.WebRequest]::Create($address)
        $request.Proxy = $null
        $request.Timeout = 3000
        $request.ReadWriteTimeout = 3000
        $request.Headers.Add('Metadata', 'true')
        $response = $request.GetResponse()
        try {
            $reader = New-Object -TypeName IO.StreamReader -ArgumentList $response.GetResponseStream()
            $id = "$($reader.ReadToEnd())".Trim()
        }
        finally {
            $response.Close()
        }
        if (Test-MachineId -Id $id) {
            return @{ id = $id.ToLowerInvariant(); source = 'instance metadata'; reason = '' }
        }
        $reason = "$reason, and the instance metadata service answered something else"
    }
    catch {
        $reason = "$reason, and the instance metadata service gave none: $($_.Exception.Message)"
    }
    @{ id = ''; source = ''; reason = $reason }
}

$machine = Read-Section -Name 'machine' -Body { Read-Machine }

$system = Read-Section -Name 'system' -Body {
    $operatingSystem = Get-CimInstance -ClassName Win32_OperatingSystem
    $computer = Get-CimInstance -ClassName Win32_ComputerSystem
    @{
        caption        = "$($operatingSystem.Caption)"
        version        = "$($operatingSystem.Version)"
        product_type   = ConvertTo-Number -Value $operatingSystem.ProductType
        boot_time      = ConvertTo-Timestamp -Time $operatingSystem.LastBootUpTime
        uptime         = [long]($operatingSystem.LocalDateTime - $operatingSystem.LastBootUpTime).TotalSeconds
        boot_id        = ConvertTo-Number -Value (Read-RegistryValue -Path $prefetch -Name 'BootId')
        part_of_domain = [bool]$computer.PartOfDomain
        domain         = "$($computer.Domain)"
        windows_folder = "$env:SystemRoot"
        architecture   = "$env:PROCESSOR_ARCHITECTURE"
        edition        = "$(Read-RegistryValue -Path $currentVersion -Name 'EditionID')"
    }
}

$user = Read-Section -Name 'user' -Body {
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $identity
    @{
        name             = "$($identity.Name)"
        is_system        = [bool]$identity.IsSystem
        is_administrator = [bool]$principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    }
}

$imageState = Read-Section -Name 'image_state' -Body {
    $value = Read-RegistryValue -Path $setupState -Name 'ImageState'
    if ($null -ne $value) {
        "$value"
    }
}

$setup = Read-Section -Name 'setup' -Body {
    @{ in_progress = (ConvertTo-Number -Value (Read-RegistryValue -Path 'HKLM:\SYSTEM\Setup' -Name 'SystemSetupInProgress')) -eq 1 }
}

$installers = @(Read-Section -Name 'servicing' -Body {
        foreach ($process in @(Get-Process -Name @('TiWorker', 'wusa') -ErrorAction SilentlyContinue)) {
            "$($process.Name)"
        }
    })

$reboot = Read-Section -Name 'pending_reboot' -Body {
    $renames = @(Read-RegistryValue -Path $sessionManager -Name 'PendingFileRenameOperations')
    $keys = @('RebootPending', 'RebootInProgress', 'PackagesPending')
    @{
        component_based_servicing = @($keys | Where-Object -FilterScript { Test-RegistryKey -Path "$servicing\$_" }).Count -gt 0
        windows_update            = Test-RegistryKey -Path "$updates\RebootRequired"
        file_renames              = @($renames | Where-Object -FilterScript { $_ } | ForEach-Object -Process { "$_" })
    }
}

$volumes = @(Read-Section -Name 'volumes' -Body {
        $namespace = 'root\CIMV2\Security\MicrosoftVolumeEncryption'
        $found = @()
        try {
            $found = @(Get-CimInstance -Namespace $namespace -ClassName Win32_EncryptableVolume)
        }
        catch {
            # Without BitLocker, no volume can be encrypted. After other errors, the state is unknown.
            if (@('InvalidNamespace', 'InvalidClass') -notcontains "$($_.Exception.NativeErrorCode)") {
                throw
            }
        }
        foreach ($volume in $found) {
            $conversion = Invoke-CimMethod -InputObject $volume -MethodName GetConversionStatus
            # For a locked volume, the method returns an error code, and its other results are not numbers.
            $status = $null
            $percentage = $null
            if ([long]$conversion.ReturnValue -eq 0) {
                $status = ConvertTo-Number -Value $conversion.ConversionStatus
                $percentage = ConvertTo-Number -Value $conversion.EncryptionPercentage
            }
            @{
                mount_point           = "$($volume.DriveLetter)"
                device                = "$($volume.DeviceID)"
                conversion_status     = $status
                encryption_percentage = $percentage
                protection_status     = ConvertTo-Number -Value $volume.ProtectionStatus
                return_value          = ConvertTo-Number -Value $conversion.ReturnValue
            }
        }
    })

$services = @(Read-Section -Name 'agent' -Body {
        foreach ($name in @('RdAgent', 'WindowsAzureGuestAgent', 'WindowsAzureTelemetryService')) {
            $service = Get-Service -Name $name -ErrorAction SilentlyContinue
            if ($null -ne $service) {
                @{ name = $name; status = "$($service.Status)"; start_type = "$($service.StartType)" }
            }
        }
    })

$agentVersions = @(Read-Section -Name 'agent_versions' -Body {
        foreach ($name in @('WindowsAzureGuestAgent', 'WaAppAgent')) {
            foreach ($process in @(Get-Process -Name $name -ErrorAction SilentlyContinue)) {
                "$name $($process.FileVersion)"
            }
        }
    })

$agentInstallers = @(Read-Section -Name 'agent_installers' -Body {
        $pattern = 'WindowsAzureVmAgent|WindowsAzureGuestAgent|WaInstaller'
        $processes = @(Get-CimInstance -ClassName Win32_Process -Filter "Name = 'msiexec.exe' OR Name LIKE 'Wa%Installer%'")
        foreach ($process in $processes) {
            if ("$($process.Name) $($process.CommandLine)" -match $pattern) {
                "$($process.Name)"
            }
        }
    })

$cdromStart = Read-Section -Name 'cdrom_start' -Body {
    $value = Read-RegistryValue -Path 'HKLM:\SYSTEM\CurrentControlSet\Services\cdrom' -Name 'Start'
    if ($null -ne $value) {
        [int]$value
    }
}

$policies = @(Read-Section -Name 'removable_storage_policies' -Body {
        foreach ($hive in @('HKLM:', 'HKCU:')) {
            $top = "$hive\$storagePolicies"
            if (Test-Path -LiteralPath $top) {
                $keys = @(Get-Item -LiteralPath $top) + @(Get-ChildItem -LiteralPath $top -Recurse)
                foreach ($key in $keys) {
                    foreach ($name in $key.GetValueNames()) {
                        if ($name -like 'Deny_*' -and [int]$key.GetValue($name) -ne 0) {
                            "$($key.Name)\$name"
                        }
                    }
                }
            }
        }
    })

$packages = @(Read-Section -Name 'appx_packages' -Body {
        if (Get-Command -Name Get-AppxPackage -ErrorAction SilentlyContinue) {
            foreach ($package in @(Get-AppxPackage -AllUsers)) {
                @{
                    name           = "$($package.Name)"
                    full_name      = "$($package.PackageFullName)"
                    version        = "$($package.Version)"
                    framework      = [bool]$package.IsFramework
                    resource       = [bool]$package.IsResourcePackage
                    non_removable  = [bool]$package.NonRemovable
                    signature_kind = "$($package.SignatureKind)"
                    users          = @($package.PackageUserInformation |
                            Where-Object -FilterScript { "$($_.InstallState)" -like 'Installed*' } |
                            ForEach-Object -Process { "$($_.UserSecurityId.Username) $($_.UserSecurityId.Sid)".Trim() })
                }
            }
        }
    })

$provisioned = @(Read-Section -Name 'appx_provisioned' -Body {
        if (Get-Command -Name Get-AppxProvisionedPackage -ErrorAction SilentlyContinue) {
            foreach ($package in @(Get-AppxProvisionedPackage -Online)) {
                # A tilde is a placeholder for the architectures of a bundle, which has a different version than its packages.
                $bundle = [bool]("$($package.PackageName)" -like '*_~_*')
                @{ name = "$($package.DisplayName)"; version = "$($package.Version)"; bundle = $bundle }
            }
        }
    })

$bundles = @(Read-Section -Name 'appx_bundles' -Body {
        if (Get-Command -Name Get-AppxPackage -ErrorAction SilentlyContinue) {
            foreach ($package in @(Get-AppxPackage -AllUsers -PackageTypeFilter Bundle)) {
                @{ name = "$($package.Name)"; version = "$($package.Version)" }
            }
        }
    })

$roles = @(Read-Section -Name 'server_roles' -Body {
        if (Get-Command -Name Get-WindowsFeature -ErrorAction SilentlyContinue) {
            foreach ($feature in @(Get-WindowsFeature | Where-Object -Property Installed)) {
                "$($feature.Name)"
            }
        }
    })

$upgrades = @(Read-Section -Name 'upgrades' -Body {
        foreach ($key in @(Get-ChildItem -LiteralPath 'HKLM:\SYSTEM\Setup' -ErrorAction SilentlyContinue)) {
            if ($key.PSChildName -like 'Source OS*') {
                "$($key.PSChildName)"
            }
        }
    })

$rearm = Read-Section -Name 'rearm' -Body {
    $licensing = Get-CimInstance -ClassName SoftwareLicensingService -Property RemainingWindowsReArmCount
    ConvertTo-Number -Value $licensing.RemainingWindowsReArmCount
}

# leftover_facts.ps1 comes here.

$sysprep = Read-Section -Name 'sysprep' -Body {
    $status = 'HKLM:\SYSTEM\Setup\Status\SysprepStatus'
    @{
        present              = [bool](Test-Path -LiteralPath "$sysprepFolder\sysprep.exe")
        running              = [bool](Get-Process -Name 'sysprep' -ErrorAction SilentlyContinue)
        generalization_state = ConvertTo-Number -Value (Read-RegistryValue -Path $status -Name 'GeneralizationState')
        cleanup_state        = ConvertTo-Number -Value (Read-RegistryValue -Path $status -Name 'CleanupState')
    }
}

$providers = @(Read-Section -Name 'sysprep_providers' -Body {
        $external = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\SysPrepExternal'
        foreach ($phase in @('Generalize', 'Specialize', 'Cleanup')) {
            $key = Get-RegistryKey -Path "$external\$phase"
            if ($null -ne $key) {
                foreach ($name in @($key.GetValueNames())) {
                    # A library and, after the last comma, the function that sysprep calls.
                    $library = "$($key.GetValue($name))"
                    $comma = $library.LastIndexOf(',')
                    if ($comma -gt 0) {
                        $library = $library.Substring(0, $comma)
                    }
                    if ($library) {
                        Read-Library -Path $library -Phase $phase -Name $name
                    }
                }
            }
        }
        foreach ($file in @(Get-ChildItem -LiteralPath "$sysprepFolder\ActionFiles" -Filter '*.xml' -ErrorAction SilentlyContinue)) {
            $document = New-Object -TypeName Xml.XmlDocument
            $document.Load($file.FullName)
            $elements = @($document.GetElementsByTagName('sysprepModule')) + @($document.GetElementsByTagName('sysprepValidate'))
            $modules = @($elements | ForEach-Object -Process { $_.GetAttribute('moduleName') } | Select-Object -Unique)
            foreach ($module in $modules) {
                $rest = $module.Substring($module.IndexOf('\') + 1)
                if ($module -like '*runtime.system32*') {
                    Read-Library -Path "$env:SystemRoot\System32\$rest" -Phase $file.Name
                }
                elseif ($module -like '*runtime.windows*') {
                    Read-Library -Path "$env:SystemRoot\$rest" -Phase $file.Name
                }
                elseif ($module -and $module -notlike '*runtime.*') {
                    # Directories with other names are ignored.
                    Read-Library -Path $module -Phase $file.Name
                }
            }
        }
    })

$sysprepServices = @(Read-Section -Name 'sysprep_services' -Body {
        foreach ($name in @('AppXSvc', 'CryptSvc', 'sppsvc', 'TrustedInstaller', 'WMPNetworkSvc')) {
            $service = Get-Service -Name $name -ErrorAction SilentlyContinue
            if ($null -ne $service) {
                @{ name = $name; start_type = "$($service.StartType)"; status = "$($service.Status)" }
            }
        }
    })

# A number other than 0 while an update uses the reserved storage.
$reservedStorage = Read-Section -Name 'reserved_storage' -Body {
    $reserve = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\ReserveManager'
    @{ active_scenario = ConvertTo-Number -Value (Read-RegistryValue -Path $reserve -Name 'ActiveScenario') }
}

$defender = Read-Section -Name 'defender_endpoint' -Body {
    $service = Get-Service -Name 'Sense' -ErrorAction SilentlyContinue
    $status = $null
    if ($null -ne $service) {
        $status = "$($service.Status)"
    }
    $statusKey = 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'
    @{
        service          = $status
        onboarding_state = ConvertTo-Number -Value (Read-RegistryValue -Path $statusKey -Name 'OnboardingState')
    }
}

$dsc = Read-Section -Name 'dsc' -Body {
    $agentId = $null
    $value = Read-RegistryValue -Path 'HKLM:\SOFTWARE\Microsoft\DesiredStateConfiguration' -Name 'AgentId'
    if ($null -ne $value) {
        $agentId = "$value"
    }
    $configured = $false
    foreach ($name in @('Current.mof', 'Pending.mof', 'Previous.mof')) {
        if (Test-Path -LiteralPath "$env:SystemRoot\System32\Configuration\$name") {
            $configured = $true
        }
    }
    @{ configured = $configured; agent_id = $agentId }
}

$secureBoot = Read-Section -Name 'secure_boot' -Body {
    $secureBootKey = 'HKLM:\SYSTEM\CurrentControlSet\Control\SecureBoot'
    @{
        enabled = (ConvertTo-Number -Value (Read-RegistryValue -Path "$secureBootKey\State" -Name 'UEFISecureBootEnabled')) -eq 1
        status  = "$(Read-RegistryValue -Path "$secureBootKey\Servicing" -Name 'UEFICA2023Status')"
        capable = ConvertTo-Number -Value (Read-RegistryValue -Path "$secureBootKey\Servicing" -Name 'WindowsUEFICA2023Capable')
    }
}

$facts = @{
    machine                    = $machine
    system                     = $system
    user                       = $user
    image_state                = $imageState
    setup                      = $setup
    servicing                  = $installers
    pending_reboot             = $reboot
    volumes                    = $volumes
    services                   = $services
    agent_versions             = $agentVersions
    agent_installers           = $agentInstallers
    cdrom_start                = $cdromStart
    removable_storage_policies = $policies
    appx_packages              = $packages
    appx_provisioned           = $provisioned
    appx_bundles               = $bundles
    server_roles               = $roles
    upgrades                   = $upgrades
    rearm_count                = $rearm
    panther                    = [bool](Test-Path -LiteralPath $pantherFolder)
    answer_files               = $answerFiles
    extensions                 = $extensions
    extension_handlers         = $handlers
    leftovers                  = $leftovers
    autologon                  = $autologon
    private_keys               = $privateKeys
    winrm_listeners            = $listeners
    user_profiles              = $userProfiles
    known_identities           = $identities
    sysprep                    = $sysprep
    sysprep_providers          = $providers
    sysprep_services           = $sysprepServices
    reserved_storage           = $reservedStorage
    defender_endpoint          = $defender
    dsc                        = $dsc
    secure_boot                = $secureBoot
    failures                   = $failures
}
foreach ($name in @($facts.Keys)) {
    if ($null -eq $facts[$name]) {
        $facts[$name] = $null
    }
}
$Ansible.Changed = $false
$Ansible.Result = ConvertTo-Json -InputObject $facts -Depth 6 -Compress
