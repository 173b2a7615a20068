# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sysprep's logs say of a failure. Lines as they stand in public logs; each row has its source."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.filter.sysprep_culprits import sysprep_culprits

LINE = "2026-01-01 00:00:02, Error                 SYSPRP "
LAUNCH = "2026-01-01 00:00:02, Error      [0x0f0082] SYSPRP LaunchDll:Failure occurred while executing "
APPX = "Failure occurred while executing 'SysprepGeneralizeValidate' from C:\\Windows\\System32\\AppxSysprep.dll; dwRet = 0x3cf2"
RUN = "Beginning of a new sysprep run"


def of_user(package: str) -> str:
    """Give what sysprep writes of a package of one user, with the generic lines that follow."""
    return (
        f"{LINE}Package {package} was installed for a user, but not provisioned for all users. This package will not function "
        f"properly in the sysprep image.\n{LINE}Failed to remove apps for the current user: 0x80073cf2.\n{LINE}{APPX}\n"
    )


#: Source, log, and what the only cause must say.
ROWS: list[tuple[str, str, tuple[str, ...]]] = [
    (
        "notepad-plus-plus/notepad-plus-plus#13675: registered by an installer",
        of_user("NotepadPlusPlus_1.0.0.0_neutral__7njy0v32s6xk6"),
        ("package NotepadPlusPlus_1.0.0.0_neutral__7njy0v32s6xk6 ", "uninstall the program", "cannot be provisioned"),
    ),
    (
        "microsoft/winget-cli#5599",
        of_user("Microsoft.Winget.Source_2025.718.1153.54_neutral__8wekyb3d8bbwe"),
        ("Microsoft.Winget.Source_2025", "do not use winget", "installs it again"),
    ),
    (
        "antifob/incus-windows#28",
        of_user("Microsoft.MicrosoftEdge.Stable_150.0_neutral__8wekyb3d8bbwe"),
        ("Edge", "updated itself"),
    ),
    (
        "hashicorp/packer-plugin-azure#350",
        of_user("Microsoft.WidgetsPlatformRuntime_1.4_x64__8wekyb3d8bbwe"),
        ("Store",),
    ),
    ("yunionio/cloudpods#11399", of_user("Microsoft.LanguageExperiencePackfr-FR_1_neutral__8wekyb3d8bbwe"), ("DISM",)),
    (
        "Microsoft KB4057974: of Windows, and left by an upgrade",
        of_user("Windows.MiracastView_6.3.0.0_neutral_neutral_cw5n1h2txyewy"),
        ("part of Windows", "neither removed nor provisioned", "new installation"),
    ),
    (
        "actions/runner-images#14499",
        of_user("MicrosoftCorporationII.WindowsSubsystemForLinux_2_x64__8wekyb3d8bbwe"),
        ("for all users, or",),
    ),
    (
        "a setupact.log that says it in the present tense, without SYSPRP",
        "Error               Package Microsoft.Copilot_1_neutral__8wekyb3d8bbwe is installed for a user, but not provisioned for all "
        "users.",
        ("Microsoft.Copilot_1",),
    ),
    (
        "Microsoft: Troubleshoot a build and capture task sequence, wrapped by CMTrace, without levels",
        "02-07-2022 15:18:03.000 SYSPRP Package\n Microsoft.OneDriveSync_1_neutral__8wekyb3d8bbwe was installed for a\n user, but not "
        "provisioned for all users.",
        ("Microsoft.OneDriveSync_1_neutral__8wekyb3d8bbwe ",),
    ),
    (
        "a build note on AppXSvc, 0x422",
        f"{LINE}ActionPlatform::LaunchModule: {APPX.replace('0x3cf2', '0x422')}\n{LINE}Failed while validating; dwRet = 0x422",
        ("AppXSvc", "manual start"),
    ),
    (
        "Microsoft KB2769827 and others: a package staged for nobody",
        f"{LINE}Failed to remove staged package Vendor.App_1.0_x64__abc: 0x80070005.\n{LINE}{APPX}",
        ("staged", "Vendor.App_1.0_x64__abc", "0x80070005"),
    ),
    (
        "canonical/packer-maas#341",
        f"{LINE}BitLocker-Sysprep: BitLocker is on for the OS volume. Turn BitLocker off to run Sysprep. (0x80310039)\n{LINE}"
        "ActionPlatform::LaunchModule: Failure occurred while executing 'ValidateBitLockerState' from "
        "C:\\Windows\\System32\\BdeSysprep.dll",
        ("0x80310039", "decrypt all volumes"),
    ),
    (
        "hashicorp/packer#8428",
        f"{LINE}Sysprep_Clean_Validate_Opk:There are one or more Windows updates that require a reboot.[gle=0x000036b7]\n{LINE}"
        "ActionPlatform::LaunchModule: Failure occurred while executing 'Sysprep_Clean_Validate_Opk' from "
        "C:\\Windows\\System32\\spopk.dll; "
        "dwRet = 0x36b7[gle=0x000036b7]",
        ("reboot before sysprep, more than once",),
    ),
    (
        "Microsoft: Troubleshoot a build and capture task sequence, 0x800F0975",
        f"{LINE}Sysprep_Clean_Validate_Opk: Audit mode cannot be turned on if reserved storage is in use. hr = 0x800F0975",
        ("Reserved storage", "StartComponentCleanup"),
    ),
    (
        "0x800F0975, in the words of an active scenario",
        f"{LINE}Sysprep_Clean_Validate_Opk: Audit mode cannot be turned on if there is an active scenario.",
        ("active scenario", "0x800f0975"),
    ),
    (
        "GoogleCloudPlatform/compute-image-windows#156",
        "2018-09-15 18:08:32, Error      [0x0f00b0] SYSPRP spopk.dll:: Failed to query pending CBS operations; hr = 0x80080005",
        ("Windows servicing did not respond", "TrustedInstaller"),
    ),
    (
        "Microsoft KB929828",
        f"{LAUNCH}'C:\\Windows\\System32\\slc.dll, SLReArmWindows', returned error code -1073425657",
        ("0xc004d307", "SkipRearm"),
    ),
    (
        "the licensing service is disabled, in the shape of KB929828",
        f"{LAUNCH}'C:\\Windows\\System32\\slc.dll,SLReArmWindows', returned error code -2147023838",
        ("sppsvc", "automatic start"),
    ),
    (
        "another error of the licensing, in the shape of KB929828",
        f"{LAUNCH}'C:\\Windows\\System32\\slc.dll,SLReArmWindows', returned error code -1073422315",
        ("SLReArmWindows of slc.dll", "licensing of Windows", "0xc004e015"),
    ),
    (
        "hmaier-dev/wiki",
        "[0x0f0073] SYSPRP RunExternalDlls:Not running DLLs; either the machine is in an invalid state or we couldn't update the recorded "
        "state, dwRet= 1f\n[0x0f00ae] SYSPRP WinMain:Hit failure while processing sysprep cleanup external providers; hr = 0x8007001f",
        ("invalid state (0x1f)", "snapshot"),
    ),
    (
        "CA AppLogic: the dialog",
        "2013-07-18 22:31:45, Error [0x0f0043] SYSPRP WinMain:The sysprep dialog box returned FALSE",
        ("dialog", "/generalize and /oobe"),
    ),
    (
        "CA AppLogic: spbcd.dll",
        f"{LAUNCH}'C:\\Windows\\System32\\spbcd.dll,Sysprep_Generalize_Bcd', returned error code 2[gle=0x00000012]",
        ("Sysprep_Generalize_Bcd of spbcd.dll", "boot configuration", "(0x2)", "bcdedit"),
    ),
    (
        "builds with a path of the answer file that has spaces",
        f"{LINE}ParseCommands:Malformed command line detected; no dash or slash present in option\n{LINE}WinMain: Unable to parse "
        "command-line arguments to sysprep; GLE = 0x0",
        ("command line", "must not contain spaces"),
    ),
    (
        "MicrosoftDocs/azure-docs#80346 and #49145: a library without a path",
        f"{LAUNCH}'DscCore.dll,SysPrep_Cleanup', returned error code 0x2\n{LINE}WinMain:Hit failure while processing sysprep cleanup "
        f"external "
        "providers; hr = 0x80070002[gle=0x00000006]",
        ("SysPrep_Cleanup of DscCore.dll", "Desired State Configuration", "AgentId"),
    ),
    (
        "danielsollondon/azvmimagebuilder#83",
        "2020-05-28 14:02:33, Error      [0x0f0085] SYSPRP LaunchDll:Could not load DLL "
        "C:\\Windows\\system32\\VMAgentDisabler.dll[gle=0x0000007e]",
        ("VMAgentDisabler.dll (part of the Azure VM agent)", "hidden", "SysPrepExternal"),
    ),
    (
        "the same of other software, whose path has spaces",
        f"{LINE}LaunchDll:Could not load DLL C:\\Program Files\\Some Vendor\\seal it.dll.[gle=0x0000007e]",
        ("library seal it.dll could not be loaded", "software that it belongs to"),
    ),
    (
        "a provider of other software, whose path has spaces",
        f"{LAUNCH}'C:\\Program Files (x86)\\Some Vendor\\seal.dll,Seal', returned error code 5",
        ("Seal of seal.dll failed (0x5)", "software that it belongs to"),
    ),
    (
        "Microsoft's blog on MSDTC",
        f"{LAUNCH}'C:\\Windows\\System32\\msdtcprx.dll,SysPrepDtcCleanup', returned error code -2146434815",
        ("Distributed Transaction Coordinator", "msdtc -install", "0x80100101"),
    ),
    (
        "a script that stops media sharing before sysprep",
        f"{LAUNCH}'C:\\Windows\\System32\\drmv2clt.dll,Sysprep', returned error code -2147024864",
        ("WMPNetworkSvc", "0x80070020"),
    ),
    (
        "forums on Internet Explorer, in the shape of KB929828",
        f"{LAUNCH}'C:\\Windows\\System32\\iesysprep.dll,Sysprep_Cleanup_IE', returned error code -2147023504",
        ("Internet Explorer", "updates"),
    ),
    (
        "social.technet.microsoft.com, thread on capisp.dll",
        f"{LAUNCH}'C:\\Windows\\system32\\capisp.dll,CryptoSysPrep_Specialize', returned error code 5",
        ("CryptoSysPrep_Specialize of capisp.dll", "CryptSvc"),
    ),
    (
        "actions/runner-images#9659",
        f"{LINE}ActionPlatform::DeleteValue: Error from RegDeleteValueW for value senseGuid under key "
        "HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows Advanced Threat Protection; dwRet = 0x5\n"
        f"{LINE}SysprepSession::ExecuteInternal: Error in executing action for Windows-SenseClient-Service; dwRet = 0x5",
        ("Windows-SenseClient-Service", "offboard", "do not stop or remove"),
    ),
    (
        "another value that something protects, in the same shape",
        f"{LINE}ActionPlatform::DeleteValue: Error from RegDeleteValueW for value AgentID under key "
        f"HKEY_LOCAL_MACHINE\\Software\\Some Vendor; "
        "dwRet = 0x5",
        ("value AgentID of HKEY_LOCAL_MACHINE\\Software\\Some Vendor could not be deleted",),
    ),
    (
        "cschneegans/unattend-generator#453",
        f"{LINE}ActionPlatform::LaunchModule: Failure occurred while executing 'Sysprep_Specialize_NTFS_Online' from "
        "C:\\Windows\\System32\\spntfs.dll; dwRet = 0x130[gle=0x0000012a]",
        ("first start", "layout", "no component is to be removed"),
    ),
    (
        "threads on SPPNP",
        f"{LINE}SPPNP: Unable to configure all driver packages. Err = 0x2\n{LINE}SysprepSession::ExecuteInternal: Error in executing "
        f"action for "
        "Microsoft-Windows-PnpSysprep; dwRet = 0x2",
        ("driver package", "setupapi.dev.log", "must not be removed"),
    ),
    (
        "a paste of RemoveUninstall",
        f"{LINE}RemoveUninstall:Failed to instantiate uninstall interface; hr = 0x80070003\n{LINE}SysprepSession::ExecuteInternal: "
        f"Error in "
        "executing action for Microsoft-Windows-Sysprep-SpOpk; dwRet = 0x3[gle=0x00000003]",
        ("/RestoreHealth", "must not be stopped or removed"),
    ),
    (
        "a component of Windows without a line that explains it",
        f"{LINE}SysprepSession::ExecuteInternal: Error in executing action for Microsoft-Windows-Shell-Setup; dwRet = 0x2.",
        ("component Microsoft-Windows-Shell-Setup of Windows", "must not be removed"),
    ),
    (
        "a component of somebody else",
        f"{LINE}SysprepSession::ExecuteInternal: Error in executing action for Vendor-Sensor.",
        ("component Vendor-Sensor could", "software that it belongs to"),
    ),
    (
        "Microsoft KB2868126: what follows the name",
        f"{LINE}ActionPlatform::LaunchModule: Failure occurred while executing 'Sysprep_Clean_Opk' from "
        "C:\\Windows\\System32\\spopk.dll[gle=0x00000003]",
        ("Sysprep_Clean_Opk of C:\\Windows\\System32\\spopk.dll (part of",),
    ),
    (
        "Windows 7 and 8, upgraded",
        f"{LINE}Sysprep will not run on an upgraded OS. You can only run Sysprep on a custom (clean) install version of Windows.",
        ("upgraded", "new installation"),
    ),
    (
        "Microsoft KB2868126: Internet Explorer 10",
        f"{LINE}LaunchDll:Could not load DLL C:\\Windows\\SysWOW64\\iesysprep.dll[gle=0x000000c1]",
        ("iesysprep.dll (part of Internet Explorer)", "built for another processor", "System32 instead of SysWOW64"),
    ),
    (
        "hmaier-dev/wiki: a removal that does not end",
        f"{LINE}Package Microsoft.Vendor.App_1.0_x64__8wekyb3d8bbwe failed waiting for remove operation\n{LINE}{APPX}",
        ("Microsoft.Vendor.App_1.0_x64__8wekyb3d8bbwe could not be removed", "delete the profile"),
    ),
    (
        "a build of an evaluation edition, the component alone",
        f"{LINE}SysprepSession::ExecuteInternal: Error in executing action for Microsoft-Windows-Security-SPP; dwRet = 0xc004f075",
        ("Microsoft-Windows-Security-SPP", "SkipRearm", "sppsvc"),
    ),
    (
        "the same with the library, as sysprep writes it since Windows 8",
        f"{LINE}ActionPlatform::LaunchModule: Failure occurred while executing 'SLReArmWindows' from C:\\Windows\\System32\\slc.dll; "
        "dwRet = 0xc004f075",
        ("SLReArmWindows of", "licensing of Windows", "0xc004f075"),
    ),
    (
        "a library that may not be read, in the shape of KB2868126",
        f"{LINE}LaunchDll:Could not load DLL C:\\Program Files\\Vendor\\seal.dll[gle=0x00000005]",
        ("seal.dll could not be loaded (Windows may not read it)",),
    ),
    (
        "the tail of a log that begins too late",
        f"{LINE}WinMain:Hit failure while processing sysprep generalize internal providers; hr = 0x80070490",
        ("phase generalize with 0x80070490", "setupact.log"),
    ),
]


@pytest.mark.parametrize(("source", "log", "said"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_the_log_names_the_cause(source: str, log: str, said: tuple[str, ...]) -> None:
    (cause,) = sysprep_culprits(f"{log}\r\n{log}")
    for words in said:
        assert words in cause, source
    assert cause.endswith(".")
    assert "[gle" not in cause
    assert "\r" not in cause


@pytest.mark.parametrize(
    "log",
    [
        # Errors of runs that went well: MicrosoftDocs/azure-docs#43893, actions/runner-images#7103.
        f"{LINE}Error 0x-2147417850: Failed to re-enable Compat-Gentel custom trigger.[gle=0x0000047e]",
        f"{LINE}setupdigetclassdevs failed with error 0",
        f'{LINE}MRTGeneralize:107 - ERROR: Failed DeleteInstance AntiSpywareProduct.instanceGuid="{{0}}" hr=2147749904',
        f"{LINE}MRTGeneralize:107 - ERROR: Failed ConnectServer",
        # Of the build of the base image: microsoft/winget-cli#5599.
        f"{LINE}BCD: BiUpdateEfiEntry failed c000000d\n{LINE}BCD: Failed to export alterations to firmware. Status: c000000d",
        # Sysprep only warns of them: notepad-plus-plus/notepad-plus-plus#13675.
        "2024-05-15 18:52:45, Warning               SYSPRP WinMain: File operations pending",
        "",
    ],
)
def test_what_says_nothing_of_a_failure(log: str) -> None:
    assert sysprep_culprits(log) == []


@pytest.mark.parametrize(
    "text",
    [
        "  Name: BitLocker-Sysprep, Order: 3",
        "ActionPlatform::LaunchModule: Executing method 'ValidateBitLockerState' from C:\\Windows\\System32\\BdeSysprep.dll",
        "Sysprep_Clean_Validate_Opk: Checking whether reserved storage is in use.",
        "LaunchDll:Found 'C:\\Windows\\system32\\VMAgentDisabler.dll,SysprepProviderEntryPoint'; executing it",
        "Package Some.App_1_x64__8wekyb3d8bbwe was installed for a user, but not provisioned for all users.",
    ],
)
def test_lines_that_only_inform_do_not_accuse(text: str) -> None:
    assert sysprep_culprits(f"2026-02-05 10:00:00, Info                  SYSPRP {text}") == []
    assert sysprep_culprits(f"2026-02-05 10:00:00, Info       [0x0f0080] SYSPRP {text}") == []


def test_several_causes_are_named_each_once() -> None:
    log = (
        of_user("A.B_1_x64__8wekyb3d8bbwe") + of_user("C.D_1_x64__8wekyb3d8bbwe") + of_user("A.B_1_x64__8wekyb3d8bbwe")
    )
    first, second = sysprep_culprits(log)
    assert "A.B_1" in first
    assert "C.D_1" in second


OLD = of_user("Microsoft.Copilot_1_neutral__8wekyb3d8bbwe").replace("2026-01-01 00:00", "2025-12-30 09:00")
NEW = f"{LINE}There are one or more Windows updates that require a reboot.\n"


@pytest.mark.parametrize("started", ["2026-01-01 00:00:00", "2026-01-01 00:01:30", ""])
def test_an_error_of_an_earlier_run_is_not_blamed(started: str) -> None:
    """setuperr.log has no line between runs."""
    (cause,) = sysprep_culprits(OLD + NEW, started)
    assert "reboot" in cause
    assert sysprep_culprits(OLD, "2026-01-01 00:00:00") == []


def test_runs_that_follow_each_other_are_told_apart_by_the_start() -> None:
    minutes_before = OLD.replace("2025-12-30 09:00", "2025-12-31 23:50")
    (cause,) = sysprep_culprits(minutes_before + NEW, "2026-01-01 00:00:00")
    assert "reboot" in cause


def test_the_mark_of_a_run_counts_where_it_is() -> None:
    mark = f"2026-01-01 00:00:01, Info                  SYSPRP ===          {RUN}          ===\n"
    assert sysprep_culprits(f"{NEW}{mark}{LINE}something else\n") == []
    assert sysprep_culprits(None) == []
    # The tail of setupact.log may begin after it.
    assert len(sysprep_culprits(NEW, "2026-01-01 00:00:00")) == 1
