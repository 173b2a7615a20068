# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The scripts of the role windows_sysprep on the machines of cases.json. Pester 5 and 6; Windows PowerShell 5.1 and PowerShell 7.

BeforeDiscovery {
    $folder = [IO.Path]::Combine($PSScriptRoot, 'cases.json')
    $cases = @([IO.File]::ReadAllText($folder) | ConvertFrom-Json | ForEach-Object -Process { $_ } | ForEach-Object -Process {
            @{ name = $_.name; case = $_ }
        })
    $files = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'roles')
    $scripts = @([IO.Directory]::GetFiles($files, '*.ps1', 'AllDirectories') | ForEach-Object -Process { @{ path = $_ } })
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'doubles.ps1'))
    . ([IO.Path]::Combine($PSScriptRoot, 'helpers.ps1'))
    $before = @{}
    $folders = @{
        SystemRoot             = 'C:\Windows'
        SystemDrive            = 'C:'
        ProgramData            = 'C:\ProgramData'
        PROCESSOR_ARCHITECTURE = 'AMD64'
    }
    foreach ($name in @($folders.Keys)) {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $folders[$name])
    }
}

AfterAll {
    foreach ($name in @($before.Keys)) {
        [Environment]::SetEnvironmentVariable($name, $before[$name])
    }
}

Describe 'A script' {
    It 'is what PowerShell takes for one: <path>' -ForEach $scripts {
        $errors = $null
        $tokens = $null
        $null = [Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$errors)
        @($errors).Count | Should -Be 0
    }
}

Describe 'A machine' {
    It 'is told as it is: <name>' -ForEach $cases {
        $machine = Get-TestMachine -Given $case.given
        $told = Invoke-RoleScript -Name $case.script -Machine $machine -Parameters $case.parameters -Culture "$($case.culture)"
        $told.changed | Should -Be $case.changed
        foreach ($section in $case.expected.PSObject.Properties) {
            $found = Format-Canonical -Value $told.result.($section.Name)
            "$($section.Name) $found" | Should -Be "$($section.Name) $(Format-Canonical -Value $section.Value)"
        }
        if ($case.only) {
            # Whatever is not expected is as on the stock machine.
            $stock = ([IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, 'cases.json')) | ConvertFrom-Json)[0].expected
            foreach ($section in $stock.PSObject.Properties) {
                if ($null -eq $case.expected.PSObject.Properties[$section.Name]) {
                    $found = Format-Canonical -Value $told.result.($section.Name)
                    "$($section.Name) $found" | Should -Be "$($section.Name) $(Format-Canonical -Value $section.Value)"
                }
            }
        }
        foreach ($state in $case.afterwards.PSObject.Properties) {
            $found = Format-Canonical -Value $TestMachine.($state.Name)
            "$($state.Name) $found" | Should -Be "$($state.Name) $(Format-Canonical -Value $state.Value)"
        }
    }
}

Describe 'A look at sysprep' {
    It 'reads the result of the job' {
        $file = [IO.Path]::GetTempFileName()
        try {
            [IO.File]::WriteAllText($file, '{"started": 1, "finished": 1, "rc": 0}')
            $parameters = [pscustomobject]@{ ResultsFile = $file }
            $told = Invoke-RoleScript -Name 'sysprep_state.ps1' -Machine (Get-TestMachine) -Parameters $parameters
            $told.result.job | Should -Be '{"started": 1, "finished": 1, "rc": 0}'
            $told.result.job_age | Should -BeLessThan 60
            $told.changed | Should -Be $false
        }
        finally {
            [IO.File]::Delete($file)
        }
    }
}
