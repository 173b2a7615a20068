# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Optimize the boot of a Windows image on a disk file that is not in use: mount it, run DISM on it, and unmount it, also after
# errors. Runs on a Windows helper host, not in the virtual machine itself. Windows PowerShell 5.1.

[CmdletBinding()]
param ([string] $Path)
$ErrorActionPreference = 'Stop'

$result = @{ exit_code = $null; drive = $null; output = '' }
$image = Mount-DiskImage -ImagePath $Path -Access ReadWrite -PassThru
try {
    $disk = $image | Get-DiskImage
    $letters = @(Get-Partition -DiskNumber $disk.Number | Where-Object -Property DriveLetter |
            ForEach-Object -Process { "$($_.DriveLetter):\" })
    # A PowerShell session may not list the drives of a disk that it has just mounted.
    $drives = @($letters | Where-Object -FilterScript { [IO.Directory]::Exists("$($_)Windows\System32\config") })
    if ($drives.Count -ne 1) {
        throw "Of the volumes of $Path $($drives.Count) hold a Windows, and it must be one."
    }
    $result.drive = $drives[0]
    # Otherwise, output of DISM on standard error would end a script of Windows PowerShell.
    $ErrorActionPreference = 'Continue'
    $output = & "$env:SystemRoot\System32\Dism.exe" "/Image:$($drives[0])" '/Optimize-Image' '/Boot'
    $result.exit_code = $LASTEXITCODE
    $result.output = @($output | ForEach-Object -Process { "$_" }) -join "`n"
}
finally {
    $ErrorActionPreference = 'Stop'
    $null = Dismount-DiskImage -ImagePath $Path
}
$Ansible.Changed = $result.exit_code -eq 0
$Ansible.Result = ConvertTo-Json -InputObject $result -Compress
