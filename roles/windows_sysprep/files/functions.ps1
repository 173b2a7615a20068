# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Functions that several scripts of this role use. The role inserts them into these scripts. Windows PowerShell 5.1.

$failures = @{}

function Read-Section {
    param ([string] $Name, [scriptblock] $Body)
    try {
        & $Body
    }
    catch {
        $failures[$Name] = "$($_.Exception.Message)"
    }
}

# A key that does not exist has no value. If a key cannot be read because of its permissions, its section fails.
function Get-RegistryKey {
    param ([string] $Path)
    try {
        Get-Item -LiteralPath $Path -ErrorAction Stop
    }
    catch [Management.Automation.ItemNotFoundException] {
        $null = $_
    }
}

function Read-RegistryValue {
    param ([string] $Path, [string] $Name)
    $key = Get-RegistryKey -Path $Path
    if ($null -ne $key) {
        $key.GetValue($Name)
    }
}

# A property that does not exist is not a number, and not 0. Windows PowerShell converts the empty result of a function to an empty object in
# JSON, and only null to null.
function ConvertTo-Number {
    param ($Value)
    if ($null -eq $Value) {
        return $null
    }
    [long]$Value
}

# The Gregorian calendar and colons, independent of the culture of the user.
function ConvertTo-Timestamp {
    param ([datetime] $Time)
    $Time.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

function Test-RegistryKey {
    param ([string] $Path)
    [bool](Test-Path -LiteralPath $Path)
}

# What Windows checks when it loads a library: whether the file exists, and the processor that it is built for.
function Read-Library {
    param ([string] $Path, [string] $Phase, [string] $Name)
    $library = $Path.Trim().Trim([char]34)
    if ($library -notlike '?:\*' -and $library -notlike '\\*') {
        $library = "$env:SystemRoot\System32\$library"
    }
    $machine = $null
    $hidden = $false
    $present = [bool](Test-Path -LiteralPath $library -PathType Leaf)
    if ($present) {
        $hidden = ([IO.File]::GetAttributes($library) -band [IO.FileAttributes]::Hidden) -ne 0
        $head = [Array]::CreateInstance([byte], 4096)
        $stream = New-Object -TypeName IO.FileStream -ArgumentList $library, 'Open', 'Read', 'ReadWrite'
        try {
            $count = $stream.Read($head, 0, 4096)
        }
        finally {
            $stream.Dispose()
        }
        # The header of an executable: MZ, and at 60 the offset of the second header, which begins with PE and the processor.
        if ($count -ge 64 -and $head[0] -eq 77 -and $head[1] -eq 90) {
            $offset = [BitConverter]::ToInt32($head, 60)
            if ($offset -gt 0 -and $offset -le ($count - 6)) {
                $machine = [int][BitConverter]::ToUInt16($head, $offset + 4)
            }
        }
    }
    @{ phase = $Phase; name = $Name; library = $library; present = $present; hidden = $hidden; machine = $machine }
}
