# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who signs in to a machine, and its name, as Compute takes them, with the words by which it refuses others.

Codes and words: https://learn.microsoft.com/azure/virtual-machines/error-messages (InvalidParameter), with the characters that clients
repeat (Azure/azure-cli validates as the service does); names and passwords that nobody may have, and their lengths:
https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#osprofile.
"""

from __future__ import annotations

import re

from ..errors import error
from ..model import Body

_HOST_NAMES = {"Windows": (15, "`~!@#$%^&*()=+_[]{}\\|;:.'\",<>/?"), "Linux": (64, "`~!@#$%^&*()=+_[]{}\\|;:'\",<>/?")}
_PASSWORDS = {"Windows": (8, 123), "Linux": (6, 72)}
_CLASSES = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[\W_]")
_LEAST_CLASSES = 3
_LONGEST_WINDOWS_USER = 20
_IN_NO_WINDOWS_USER = '\\/"[]:|<>+=;,?*@&'
# fmt: off
_USERS = frozenset({
    "1", "123", "a", "actuser", "adm", "admin", "admin1", "admin2", "administrator", "aspnet", "backup", "console", "david", "guest",
    "john", "owner", "root", "server", "sql", "support", "support_388945a0", "sys", "test", "test1", "test2", "test3", "user", "user1",
    "user2", "user3", "user4", "user5",
})
_KNOWN_PASSWORDS = frozenset({
    "abc@123", "P@$$w0rd", "P@ssw0rd", "P@ssword123", "Pa$$word", "pass@word1", "Password!", "Password1", "Password22", "iloveyou!",
})
# fmt: on


def check(profile: Body, os_type: str, name: str) -> None:
    """Refuse the profile of a machine that is made of a generalized image.

    :param name: of the machine, which is its host's where the profile has none.
    """
    if not profile:
        return
    kind = "Windows" if os_type == "Windows" else "Linux"
    _check_host_name(str(profile.get("computerName") or name), kind)
    user = profile.get("adminUsername")
    if user is not None:
        _check_user(str(user), kind)
    password = profile.get("adminPassword")
    if password is not None:
        _check_password(str(password), kind)


def _check_host_name(name: str, kind: str) -> None:
    longest, characters = _HOST_NAMES[kind]
    if len(name) > longest or set(name) & set(characters) or (kind == "Windows" and name.isdigit()):
        key = "windows_computer_name" if kind == "Windows" else "linux_host_name"
        raise error(key, limit=longest, characters=" ".join(characters), target="computerName")


def _check_user(user: str, kind: str) -> None:
    if not user or user.lower() in _USERS:
        raise error("admin_username", target="adminUsername")
    if kind == "Windows" and (
        len(user) > _LONGEST_WINDOWS_USER or user.endswith(".") or set(user) & set(_IN_NO_WINDOWS_USER)
    ):
        characters = " ".join(_IN_NO_WINDOWS_USER)
        raise error("windows_user_name", limit=_LONGEST_WINDOWS_USER, characters=characters, target="adminUsername")


def _check_password(password: str, kind: str) -> None:
    if password in _KNOWN_PASSWORDS:
        raise error("admin_password", target="adminPassword")
    shortest, longest = _PASSWORDS[kind]
    classes = sum(bool(re.search(pattern, password)) for pattern in _CLASSES)
    if not shortest <= len(password) <= longest or classes < _LEAST_CLASSES:
        raise error(
            "password_complexity", shortest=shortest, longest=longest, classes=_LEAST_CLASSES, target="adminPassword"
        )
