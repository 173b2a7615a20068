# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Functions of the scripts that delete files. They are not inserted into scripts that only read. Windows PowerShell 5.1.

# Delete all items. Items that could not be deleted are returned with the reason, and do not prevent the deletion of the others.
function Remove-Leftover {
    param ([string[]] $Names, [scriptblock] $Find, [scriptblock] $Delete)
    foreach ($name in $Names) {
        if (-not (& $Find $name)) {
            continue
        }
        $reason = 'no reason given'
        try {
            & $Delete $name
        }
        catch {
            $reason = "$($_.Exception.Message)"
        }
        @{ path = $name; stays = [bool](& $Find $name); reason = $reason }
    }
}

# Files, directories and registry keys. Files in use do not prevent the deletion of the other files of a directory.
function Remove-Path {
    param ([string[]] $Paths)
    $find = {
        param ([string] $Name)
        Test-Path -LiteralPath $Name
    }
    $delete = {
        param ([string] $Name)
        $reasons = @()
        Remove-Item -LiteralPath $Name -Recurse -Force -ErrorAction SilentlyContinue -ErrorVariable +reasons
        if ($reasons.Count -gt 0) {
            throw "$($reasons[0])"
        }
    }
    Remove-Leftover -Names $Paths -Find $find -Delete $delete
}

# Scheduled tasks by their paths.
function Remove-BuildTask {
    param ([string[]] $Paths)
    $find = {
        param ([string] $Name)
        @(Get-ScheduledTask | Where-Object -FilterScript { "$($_.TaskPath)$($_.TaskName)" -eq $Name }).Count -gt 0
    }
    $delete = {
        param ([string] $Name)
        $task = Get-ScheduledTask | Where-Object -FilterScript { "$($_.TaskPath)$($_.TaskName)" -eq $Name }
        Unregister-ScheduledTask -TaskName "$($task.TaskName)" -TaskPath "$($task.TaskPath)" -Confirm:$false
    }
    Remove-Leftover -Names $Paths -Find $find -Delete $delete
}

# Profiles of users by their directories, with their registry entries.
function Remove-UserProfile {
    param ([string[]] $Paths)
    $find = {
        param ([string] $Name)
        @(Get-CimInstance -ClassName Win32_UserProfile | Where-Object -Property LocalPath -EQ -Value $Name).Count -gt 0
    }
    $delete = {
        param ([string] $Name)
        $profiles = @(Get-CimInstance -ClassName Win32_UserProfile | Where-Object -Property LocalPath -EQ -Value $Name)
        foreach ($found in $profiles) {
            Remove-CimInstance -InputObject $found
        }
    }
    Remove-Leftover -Names $Paths -Find $find -Delete $delete
}

# The items that could not be deleted, with the reasons.
function Select-Remaining {
    param ([object[]] $Tried)
    foreach ($each in $Tried) {
        if ($each.stays) {
            @{ path = $each.path; reason = $each.reason }
        }
    }
}
