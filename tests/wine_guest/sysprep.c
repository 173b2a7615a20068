/*
 * Copyright (c) 2026 golden.azure contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A stand-in for sysprep.exe: it takes the arguments of the real one, refuses others with exit code 87, and goes through the
 * states of ImageState in the registry as its mode says (HKLM\SOFTWARE\golden.azure, Mode): success, hang, never, reboot, fails.
 */

#include <stdio.h>
#include <string.h>
#include <windows.h>

#define STATE "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State"
#define OURS "SOFTWARE\\golden.azure"
#define LOG "C:\\windows\\system32\\Sysprep\\Panther\\setuperr.log"
#define INVALID_PARAMETER 87
#define LONGEST_MILLISECONDS 120000

static void set_state(const char *state)
{
    HKEY key;
    RegCreateKeyExA(HKEY_LOCAL_MACHINE, STATE, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL);
    RegSetValueExA(key, "ImageState", 0, REG_SZ, (const BYTE *)state, (DWORD)strlen(state) + 1);
    RegCloseKey(key);
}

static void read_mode(char *mode, DWORD size)
{
    RegGetValueA(HKEY_LOCAL_MACHINE, OURS, "Mode", RRF_RT_REG_SZ, NULL, mode, &size);
}

static int is(const char *argument, const char *wanted)
{
    return _stricmp(argument, wanted) == 0;
}

int main(int count, char **arguments)
{
    char mode[32] = "success";
    int generalize = 0, cleanup = 0, audit = 0, end = 0, at;

    for (at = 1; at < count; at++) {
        const char *argument = arguments[at];
        if (is(argument, "/generalize"))
            generalize = 1;
        else if (is(argument, "/oobe"))
            cleanup = 1;
        else if (is(argument, "/audit"))
            cleanup = audit = 1;
        else if (is(argument, "/quit") || is(argument, "/shutdown"))
            end = 1;
        else if (_strnicmp(argument, "/unattend:", 10) == 0) {
            if (GetFileAttributesA(argument + 10) == INVALID_FILE_ATTRIBUTES)
                return INVALID_PARAMETER;
        } else if (!is(argument, "/quiet") && !is(argument, "/mode:vm"))
            return INVALID_PARAMETER;
    }
    if (!generalize || !cleanup || !end)
        return INVALID_PARAMETER;

    read_mode(mode, sizeof mode);
    if (is(mode, "never"))
        Sleep(LONGEST_MILLISECONDS);
    else if (is(mode, "reboot"))
        set_state("IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE");
    else if (is(mode, "fails")) {
        FILE *log = fopen(LOG, "w");
        if (log != NULL) {
            fputs("2026-01-01 00:00:02, Error SYSPRP Package Example_1.0.0.0_x64__abc was installed for a user, but not "
                  "provisioned for all users.\n", log);
            fclose(log);
        }
        return 1;
    } else {
        set_state("IMAGE_STATE_UNDEPLOYABLE");
        Sleep(is(mode, "hang") ? LONGEST_MILLISECONDS : 1000);
        set_state(audit ? "IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT" : "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE");
    }
    return 0;
}
