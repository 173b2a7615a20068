# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate the hostname, the user name and the password of an instance; pure.

Rules: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#osprofile
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding

_WINDOWS = "windows"
#: Maximum lengths of hostnames: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_MAX_HOST_NAME = {_WINDOWS: 15, "linux": 64}
#: Digits of the digest in a hostname that is too long.
_DIGEST_LENGTH = 5
#: Characters that are allowed in names of virtual machines, but not in hostnames.
_INVALID_IN_HOST_NAMES = {_WINDOWS: re.compile(r"[^A-Za-z0-9-]"), "linux": re.compile(r"[^A-Za-z0-9.-]")}

_MAX_USER = {_WINDOWS: 20, "linux": 64}
# fmt: off
_REFUSED_USERS = frozenset({
    "administrator", "admin", "user", "user1", "test", "user2", "test1", "user3", "admin1", "1", "123", "a",
    "actuser", "adm", "admin2", "aspnet", "backup", "console", "david", "guest", "john", "owner", "root",
    "server", "sql", "support", "support_388945a0", "sys", "test2", "test3", "user4", "user5",
})
# fmt: on
_INVALID_IN_USERS = re.compile(r"[\s/\\\"\[\]:|<>+=;,?*@&]")

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
_CHARACTER_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[\W_]")
_REQUIRED_CLASSES = 3

#: Maximum size of custom data in bytes, before it is encoded.
MAX_CUSTOM_DATA = 65535


def host_name(name: str, os_type: str) -> str:
    """The hostname of a virtual machine: its name, without unsupported characters.

    If it is too long, it is truncated and ends with a digest of the name, so that names with the same beginning have different hostnames.
    """
    kind = _kind(os_type)
    valid = _INVALID_IN_HOST_NAMES[kind].sub("-", name)
    if kind == _WINDOWS and valid.isdigit():
        valid = f"vm-{valid}"
    if len(valid) > _MAX_HOST_NAME[kind]:
        digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_LENGTH]
        valid = f"{valid[: _MAX_HOST_NAME[kind] - _DIGEST_LENGTH - 1].rstrip('-.')}-{digest}"
    return valid.strip("-.")


def login_findings(os_type: str, user: str, password: str | None) -> Iterator[Finding]:
    """Blockers for a user name and a password that Azure would reject.

    Messages do not contain the password.
    """
    kind = _kind(os_type)
    reason = _user_problem(kind, user)
    if reason:
        yield Finding(
            "user_refused",
            f"Azure does not accept the 'admin_username' '{user}' for {os_type}: {reason}; choose another one.",
        )
    reason = _password_problem(kind, password) if password is not None else None
    if reason:
        yield Finding(
            "password_refused",
            f"Azure does not accept this 'admin_password' for {os_type}: {reason}; choose another one.",
        )


def _user_problem(kind: str, user: str) -> str | None:
    if user.lower() in _REFUSED_USERS:
        return "it is a reserved, well-known name"
    if not 1 <= len(user) <= _MAX_USER[kind]:
        return f"it has {len(user)} characters, and 1 to {_MAX_USER[kind]} are allowed"
    if _INVALID_IN_USERS.search(user) or (kind == _WINDOWS and user.endswith(".")):
        return "it contains a character that is not allowed"
    return None


def _password_problem(kind: str, password: str) -> str | None:
    shortest, longest = _PASSWORD_LENGTHS[kind]
    if not shortest <= len(password) <= longest:
        return f"it has {len(password)} characters, and {shortest} to {longest} are allowed"
    if sum(bool(re.search(pattern, password)) for pattern in _CHARACTER_CLASSES) < _REQUIRED_CLASSES:
        return "it must contain three of lower-case letters, upper-case letters, digits and other characters"
    if password in _REFUSED_PASSWORDS:
        return "it is a reserved, well-known password"
    return None


def _kind(os_type: str) -> str:
    return _WINDOWS if os_type.lower() == _WINDOWS else "linux"
