# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Functions that scripts of this role share: it puts them where those say so. Windows PowerShell 5.1.

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

# A key that is not there has no value. A key that may not be read fails, and its section with it.
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

# A property that is not there is no number, and not 0. Windows PowerShell writes nothing, as functions return it, as an empty object to
# JSON, and only null as null.
function ConvertTo-Number {
    param ($Value)
    if ($null -eq $Value) {
        return $null
    }
    [long]$Value
}

# Years of the Gregorian calendar and colons, whatever the user's culture writes.
function ConvertTo-Timestamp {
    param ([datetime] $Time)
    $Time.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

function Test-RegistryKey {
    param ([string] $Path)
    [bool](Test-Path -LiteralPath $Path)
}

# What Windows looks at when it loads a library: whether the file is there, and for which processor it is built.
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
        # The header of an executable: MZ, and at 60 where the other one begins, which starts with PE and the processor.
        if ($count -ge 64 -and $head[0] -eq 77 -and $head[1] -eq 90) {
            $offset = [BitConverter]::ToInt32($head, 60)
            if ($offset -gt 0 -and $offset -le ($count - 6)) {
                $machine = [int][BitConverter]::ToUInt16($head, $offset + 4)
            }
        }
    }
    @{ phase = $Phase; name = $Name; library = $library; present = $present; hidden = $hidden; machine = $machine }
}
