# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Who a Windows machine is, as a line of JSON: what sysprep takes away, and what its first start gives anew.
# Windows PowerShell 5.1. Reads only.

[CmdletBinding()]
param ()
$ErrorActionPreference = 'Stop'

$setup = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'
$administrator = Get-CimInstance -ClassName Win32_UserAccount -Filter "LocalAccount = True AND SID LIKE '%-500'"
$identity = @{
    computer_name = "$env:COMPUTERNAME"
    sid           = "$($administrator.SID)" -replace '-500$', ''
    machine_guid  = "$((Get-Item -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Cryptography').GetValue('MachineGuid'))"
    image_state   = "$((Get-Item -LiteralPath $setup).GetValue('ImageState'))"
}
ConvertTo-Json -InputObject $identity -Compress
