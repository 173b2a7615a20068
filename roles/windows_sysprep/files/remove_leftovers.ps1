# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Delete what must not be in an image, right before sysprep. Files in use are returned with the reason, and do not prevent the deletion of the
# others. Windows PowerShell 5.1. Paths: files, directories and registry keys; Tasks: paths of scheduled tasks; Profiles: directories of
# users; Services: services to stop until the next boot, because they would recreate what is deleted.

[CmdletBinding()]
param ([string[]] $Paths, [string[]] $Tasks, [string[]] $Profiles, [string[]] $Services)
$ErrorActionPreference = 'Stop'
# removal_functions.ps1 comes here.

foreach ($name in $Services) {
    Stop-Service -Name $name -Force -ErrorAction SilentlyContinue
}
$tried = @(Remove-Path -Paths $Paths) + @(Remove-BuildTask -Paths $Tasks) + @(Remove-UserProfile -Paths $Profiles)
$removed = @($tried | Where-Object -FilterScript { -not $_.stays } | ForEach-Object -Process { $_.path })
$left = @(Select-Remaining -Tried $tried)
$Ansible.Changed = $removed.Count -gt 0
$Ansible.Result = ConvertTo-Json -InputObject @{ removed = $removed; left = $left } -Depth 3 -Compress
