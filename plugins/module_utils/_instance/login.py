# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""By which name a guest goes and how it is logged in to, as far as Azure takes it; pure.

Rules: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#osprofile
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding

_WINDOWS = "windows"
#: Longest host names: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_MAX_HOST_NAME = {_WINDOWS: 15, "linux": 64}
#: What host names are not made of, though names of virtual machines may be.
_NOT_IN_HOST_NAMES = {_WINDOWS: re.compile(r"[^A-Za-z0-9-]"), "linux": re.compile(r"[^A-Za-z0-9.-]")}

_MAX_USER = {_WINDOWS: 20, "linux": 64}
# fmt: off
_REFUSED_USERS = frozenset({
    "administrator", "admin", "user", "user1", "test", "user2", "test1", "user3", "admin1", "1", "123", "a",
    "actuser", "adm", "admin2", "aspnet", "backup", "console", "david", "guest", "john", "owner", "root",
    "server", "sql", "support", "support_388945a0", "sys", "test2", "test3", "user4", "user5",
})
# fmt: on
_NOT_IN_USERS = re.compile(r"[\s/\\\"\[\]:|<>+=;,?*@&]")

_PASSWORD_LENGTHS = {_WINDOWS: (8, 123), "linux": (6, 72)}
_REFUSED_PASSWORDS = frozenset(
    [
        "abc@123",
        "P@$$w0rd",
        "P@ssw0rd",
        "P@ssword123",
        "Pa$$word",
        "pass@word1",
        "Password!",
        "Password1",
        "Password22",
        "iloveyou!",
    ]
)
_KINDS_OF_CHARACTERS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[\W_]")
_NEEDED_KINDS = 3

#: Bytes of custom data, before they are encoded.
LARGEST_CUSTOM_DATA = 65535


def host_name(name: str, os_type: str) -> str:
    """The host name of a machine: its name, as far as the guest may go by it."""
    kind = _kind(os_type)
    legal = _NOT_IN_HOST_NAMES[kind].sub("-", name)
    if kind == _WINDOWS and legal.isdigit():
        legal = f"vm-{legal}"
    return legal[: _MAX_HOST_NAME[kind]].strip("-.")


def login_findings(os_type: str, user: str, password: str | None) -> Iterator[Finding]:
    """What Azure refuses of a user's name and password, so that it is told before anything is made.

    No message shows a password.
    """
    kind = _kind(os_type)
    reason = _why_not_user(kind, user)
    if reason:
        yield Finding(
            "user_refused", f"Azure takes no 'admin_username' '{user}' for {os_type}: {reason}; choose another."
        )
    reason = _why_not_password(kind, password) if password is not None else None
    if reason:
        yield Finding("password_refused", f"Azure does not take this 'admin_password' for {os_type}: {reason}.")


def _why_not_user(kind: str, user: str) -> str | None:
    if user.lower() in _REFUSED_USERS:
        return "it is one of the names that everybody guesses"
    if not 1 <= len(user) <= _MAX_USER[kind]:
        return f"it has {len(user)} characters, and 1 to {_MAX_USER[kind]} are allowed"
    if _NOT_IN_USERS.search(user) or (kind == _WINDOWS and user.endswith(".")):
        return "it has a character that is not allowed there"
    return None


def _why_not_password(kind: str, password: str) -> str | None:
    shortest, longest = _PASSWORD_LENGTHS[kind]
    if not shortest <= len(password) <= longest:
        return f"it has {len(password)} characters, and {shortest} to {longest} are allowed"
    if sum(bool(re.search(kind_, password)) for kind_ in _KINDS_OF_CHARACTERS) < _NEEDED_KINDS:
        return "it needs three of lower case, upper case, digits and other characters"
    if password in _REFUSED_PASSWORDS:
        return "it is one of those that everybody guesses"
    return None


def _kind(os_type: str) -> str:
    return _WINDOWS if os_type.lower() == _WINDOWS else "linux"
