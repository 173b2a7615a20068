# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Doubles of the commands of Windows that the scripts of the role windows_sysprep call, as functions, which PowerShell prefers to commands
# of the same name. They run on any system. $TestMachine is what they tell of: see stock.json.

# PowerShell keeps what is added to an object as long as the object lives, also when it is thrown.
function Get-TestCimException {
    param ([string] $Code)
    $exception = Microsoft.PowerShell.Utility\New-Object -TypeName InvalidOperationException -ArgumentList "CIM: $Code"
    $exception | Add-Member -MemberType NoteProperty -Name NativeErrorCode -Value $Code
    $exception
}

function Test-Silent {
    param ($Bound)
    "$($Bound['ErrorAction'])" -in @('SilentlyContinue', 'Ignore')
}

# -- registry, files ---------------------------------------------------------------------------------------------

function Get-TestKey {
    param ([string] $Path)
    foreach ($key in $TestMachine.registry.PSObject.Properties) {
        if ($key.Name -eq $Path) {
            return $key
        }
    }
}

function Get-TestSubKey {
    param ([string] $Path)
    $names = @(foreach ($key in $TestMachine.registry.PSObject.Properties) {
            if ($key.Name -like "$Path\*") {
                $key.Name.Substring($Path.Length + 1).Split('\')[0]
            }
        })
    @($names | Select-Object -Unique)
}

# A key as Get-Item gives it.
function New-TestKey {
    param ([string] $Path)
    $values = @{}
    $key = Get-TestKey -Path $Path
    if ($null -ne $key) {
        foreach ($value in $key.Value.PSObject.Properties) {
            $values[$value.Name] = $value.Value
        }
    }
    $object = [pscustomobject]@{
        Name        = $Path.Replace('HKLM:', 'HKEY_LOCAL_MACHINE').Replace('HKCU:', 'HKEY_CURRENT_USER')
        PSChildName = $Path.Substring($Path.LastIndexOf('\') + 1)
        TestPath    = $Path
        TestValues  = $values
    }
    $object | Add-Member -MemberType ScriptMethod -Name GetValue -Value { $this.TestValues[$args[0]] }
    $object | Add-Member -MemberType ScriptMethod -Name GetValueNames -Value { @($this.TestValues.Keys) }
    $object | Add-Member -MemberType ScriptMethod -Name GetSubKeyNames -Value { @(Get-TestSubKey -Path $this.TestPath) }
    $object
}

function New-TestFile {
    param ([string] $Path)
    [pscustomobject]@{ Name = $Path.Substring($Path.LastIndexOf('\') + 1); FullName = $Path }
}

# Folders are there when something is in them.
function Test-Path {
    [CmdletBinding()]
    param ([string] $LiteralPath, [string] $PathType)
    if ($null -ne (Get-TestKey -Path $LiteralPath) -or @(Get-TestSubKey -Path $LiteralPath).Count -gt 0) {
        return $true
    }
    if ($TestMachine.files -contains $LiteralPath) {
        return $true
    }
    if ($PathType -ne 'Leaf' -and @($TestMachine.files -like "$LiteralPath\*").Count -gt 0) {
        return $true
    }
    # What a test has written itself.
    [IO.File]::Exists($LiteralPath)
}

function Get-Item {
    [CmdletBinding()]
    param ([string] $LiteralPath, [string] $Path, [switch] $Force)
    $null = $Force
    if ($Path) {
        $escaped = $Path.Replace('[', '`[')
        $found = @($TestMachine.files | Where-Object -FilterScript { $_ -like $escaped -or $_ -like "$escaped\*" })
        # Of a folder itself, not what is in it.
        $depth = $Path.Split('\').Count
        $found = @($found | ForEach-Object -Process { @($_.Split('\') | Select-Object -First $depth) -join '\' } | Select-Object -Unique)
        foreach ($each in $found) {
            New-TestFile -Path $each
        }
        return
    }
    if ($TestMachine.denied -contains $LiteralPath) {
        if (Test-Silent -Bound $PSBoundParameters) {
            return
        }
        throw (Microsoft.PowerShell.Utility\New-Object -TypeName Security.SecurityException -ArgumentList 'Requested registry access is not allowed.')
    }
    if (Test-Path -LiteralPath $LiteralPath) {
        return New-TestKey -Path $LiteralPath
    }
    if (-not (Test-Silent -Bound $PSBoundParameters)) {
        throw (Microsoft.PowerShell.Utility\New-Object -TypeName Management.Automation.ItemNotFoundException -ArgumentList "Cannot find path '$LiteralPath'.")
    }
}

function Get-ChildItem {
    [CmdletBinding()]
    param ([string] $LiteralPath, [string] $Filter, [switch] $Directory, [switch] $Recurse, [switch] $Force)
    $null = $Directory, $Force
    if ($LiteralPath -like 'HK*:\*') {
        foreach ($name in @(Get-TestSubKey -Path $LiteralPath)) {
            New-TestKey -Path "$LiteralPath\$name"
            if ($Recurse) {
                Get-ChildItem -LiteralPath "$LiteralPath\$name" -Recurse
            }
        }
        return
    }
    $names = @(foreach ($file in @($TestMachine.files -like "$LiteralPath\*")) {
            $file.Substring($LiteralPath.Length + 1).Split('\')[0]
        })
    foreach ($name in @($names | Select-Object -Unique)) {
        if (-not $Filter -or $name -like $Filter) {
            New-TestFile -Path "$LiteralPath\$name"
        }
    }
}

# The real one wants the drive to be there.
function Join-Path {
    param ([string] $Path, [string] $ChildPath)
    "$Path\$ChildPath"
}

function Get-Content {
    param ([string] $LiteralPath, [int] $Tail)
    @($TestMachine.texts.$LiteralPath | Select-Object -Last $Tail)
}

function Remove-Item {
    [CmdletBinding()]
    param ([string] $LiteralPath, [switch] $Recurse, [switch] $Force)
    $null = $Recurse, $Force
    if ($TestMachine.in_use -contains $LiteralPath) {
        Write-Error -Message "The process cannot access the file '$LiteralPath'."
        return
    }
    $TestMachine.files = @($TestMachine.files | Where-Object -FilterScript { $_ -ne $LiteralPath -and $_ -notlike "$LiteralPath\*" })
    foreach ($key in @($TestMachine.registry.PSObject.Properties)) {
        if ($key.Name -eq $LiteralPath -or $key.Name -like "$LiteralPath\*") {
            $TestMachine.registry.PSObject.Properties.Remove($key.Name)
        }
    }
}

# -- services, processes, CIM ------------------------------------------------------------------------------------

function Get-Service {
    [CmdletBinding()]
    param ([string] $Name)
    foreach ($service in $TestMachine.services) {
        if ($service.Name -like $Name) {
            $service
        }
    }
}

function Stop-Service {
    [CmdletBinding()]
    param ([string] $Name, [switch] $Force)
    $null = $Force
    foreach ($service in @(Get-Service -Name $Name)) {
        $service.Status = 'Stopped'
    }
}

function Get-Process {
    [CmdletBinding()]
    param ([string[]] $Name)
    foreach ($process in $TestMachine.processes) {
        if ($Name -contains $process.Name) {
            $process
        }
    }
}

function Get-CimInstance {
    [CmdletBinding()]
    param ([string] $ClassName, [string] $Namespace, [string[]] $Property, [string] $Filter)
    $null = $Namespace, $Property, $Filter
    $problem = $TestMachine.cim_errors.$ClassName
    if ($problem) {
        if (Test-Silent -Bound $PSBoundParameters) {
            return
        }
        throw (Get-TestCimException -Code $problem)
    }
    foreach ($instance in $TestMachine.cim.$ClassName) {
        foreach ($name in @('LastBootUpTime', 'LocalDateTime')) {
            # PowerShell 7 has made dates of them already.
            if ($instance.$name -is [string]) {
                $instance.$name = [datetime]::Parse($instance.$name, [Globalization.CultureInfo]::InvariantCulture, 'RoundtripKind')
            }
        }
        $instance
    }
}

function Invoke-CimMethod {
    param ($InputObject, [string] $MethodName)
    $null = $MethodName
    $InputObject.Conversion
}

function Remove-CimInstance {
    param ($InputObject)
    if ($InputObject.Loaded) {
        throw 'The profile is in use.'
    }
    $TestMachine.cim.Win32_UserProfile = @($TestMachine.cim.Win32_UserProfile | Where-Object -Property SID -NE -Value $InputObject.SID)
}

# -- packages, features, tasks -----------------------------------------------------------------------------------

function Get-AppxPackage {
    [CmdletBinding()]
    param ([switch] $AllUsers, [string] $PackageTypeFilter)
    $null = $AllUsers
    if ($TestMachine.appx_error) {
        throw $TestMachine.appx_error
    }
    if ($PackageTypeFilter -eq 'Bundle') {
        return $TestMachine.bundles
    }
    $TestMachine.packages
}

function Get-AppxProvisionedPackage {
    param ([switch] $Online)
    $null = $Online
    $TestMachine.provisioned
}

function Remove-AppxPackage {
    [CmdletBinding()]
    param ([string] $Package, [switch] $AllUsers)
    $null = $AllUsers
    foreach ($each in $TestMachine.packages) {
        if ($each.PackageFullName -eq $Package -and $each.Failures -gt 0) {
            $each.Failures -= 1
            throw 'Deployment failed with HRESULT: 0x80073CFA.'
        }
    }
    $TestMachine.packages = @($TestMachine.packages | Where-Object -Property PackageFullName -NE -Value $Package)
}

function Repair-WindowsImage {
    param ([switch] $Online, [switch] $CheckHealth)
    $null = $Online, $CheckHealth
    [pscustomobject]@{ ImageHealthState = $TestMachine.image_health }
}

function Get-WindowsFeature {
    $TestMachine.features
}

function Get-ScheduledTask {
    [CmdletBinding()]
    param ([string[]] $TaskName)
    foreach ($task in $TestMachine.tasks) {
        if (-not $TaskName -or @($TaskName | Where-Object -FilterScript { $task.TaskName -like $_ }).Count -gt 0) {
            $task
        }
    }
}

function Unregister-ScheduledTask {
    [CmdletBinding(SupportsShouldProcess)]
    param ([string] $TaskName, [string] $TaskPath)
    if ($PSCmdlet.ShouldProcess("$TaskPath$TaskName")) {
        $TestMachine.tasks = @($TestMachine.tasks | Where-Object -FilterScript { "$($_.TaskPath)$($_.TaskName)" -ne "$TaskPath$TaskName" })
    }
}

# -- network, programs, objects ----------------------------------------------------------------------------------

function Get-NetRoute {
    [CmdletBinding()]
    param ([string] $PolicyStore)
    $null = $PolicyStore
    $TestMachine.routes
}

function Get-NetIPAddress {
    [CmdletBinding()]
    param ([string] $AddressFamily, [string] $PrefixOrigin)
    $null = $AddressFamily, $PrefixOrigin
    $TestMachine.addresses
}

function Get-NetFirewallProfile {
    $TestMachine.firewall_profiles
}

function Get-NetFirewallRule {
    [CmdletBinding()]
    param ([string] $Name, [string] $DisplayName)
    foreach ($rule in $TestMachine.firewall_rules) {
        if (($Name -and $rule.Name -like $Name) -or ($DisplayName -and $rule.DisplayName -eq $DisplayName)) {
            $rule
        }
    }
}

function Get-NetFirewallAddressFilter {
    param ([Parameter(ValueFromPipeline)] $Rule)
    process {
        [pscustomobject]@{ RemoteAddress = $Rule.RemoteAddress }
    }
}

# What scripts start by a path below the Windows folder; run.ps1 puts this in its place.
function Invoke-TestProgram {
    $TestMachine.programs += @("$($args -join ' ')")
    $global:LASTEXITCODE = 0
    $TestMachine.output
}

function Start-Sleep {
    param ([int] $Seconds)
    $TestMachine.slept += $Seconds
}

function Get-TestIdentity {
    $TestMachine.user
}

# Principals and certificate stores are those of the machine; everything else is real.
function New-Object {
    param ([string] $TypeName, [object[]] $ArgumentList)
    if ($TypeName -eq 'Security.Principal.WindowsPrincipal') {
        $object = [pscustomobject]@{}
        $object | Add-Member -MemberType ScriptMethod -Name IsInRole -Value { [bool]$TestMachine.user.IsAdministrator }
        return $object
    }
    if ($TypeName -eq 'Security.Cryptography.X509Certificates.X509Store') {
        $object = [pscustomobject]@{ Certificates = $TestMachine.certificates }
        $object | Add-Member -MemberType ScriptMethod -Name Open -Value { $null = $this }
        $object | Add-Member -MemberType ScriptMethod -Name Close -Value { $null = $this }
        return $object
    }
    if ($ArgumentList) {
        return (Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName -ArgumentList $ArgumentList)
    }
    Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName
}
