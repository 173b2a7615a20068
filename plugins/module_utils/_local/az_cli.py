# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The login of the Azure CLI: check whether its directory is readable, and read the current account."""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Callable
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._local.paths import absolute_path
from ansible_collections.golden.azure.plugins.module_utils._local.programs import (
    ProgramTimedOut,
    find_program,
    run_program,
)
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_CONTENT_WRONG,
    FILE_MISSING,
    FILE_UNREADABLE,
    FileUnusable,
    read_text,
    unusable,
)

#: Time limit of the Azure CLI in seconds; it starts slowly on small machines.
CLI_TIMEOUT = 60

#: https://learn.microsoft.com/cli/azure/azure-cli-configuration#cli-configuration-file
_VARIABLE = "AZURE_CONFIG_DIR"
_USUAL_FOLDER = "~/.azure"
_ADVICE = "repair or remove it, then run 'az login'"


def check_cli_folder() -> None:
    """Make sure that the Azure CLI can read its login files, since it prints a traceback for unreadable ones.

    :raises FileUnusable: if it cannot; a missing login is reported by the Azure CLI itself.
    """
    named = os.environ.get(_VARIABLE)
    setting, folder = _VARIABLE if named else "", absolute_path(named or _USUAL_FOLDER)
    try:
        present = set(os.listdir(folder))
    except NotADirectoryError:
        raise FileUnusable(
            "directory of the Azure CLI", folder, setting, FILE_UNREADABLE, "is not a directory"
        ) from None
    except FileNotFoundError as error:
        if named:
            raise unusable("directory of the Azure CLI", folder, setting, error, "run 'az login'") from None
        return
    except (OSError, ValueError) as error:
        raise unusable("directory of the Azure CLI", folder, setting, error) from None
    for name, is_valid in _FILES.items():
        if name in present:
            _check_file(os.path.join(folder, name), is_valid)


def _check_file(path: str, is_valid: Callable[[str], bool]) -> None:
    try:
        valid = is_valid(read_text("file of the Azure CLI", path, advice=_ADVICE, may_be_empty=is_valid is _is_ini))
    except FileUnusable as failure:
        if failure.code == FILE_MISSING:
            # Another process may be rewriting it.
            return
        raise
    if not valid:
        raise FileUnusable("file of the Azure CLI", path, "", FILE_CONTENT_WRONG, "is damaged", _ADVICE)


def _is_object(text: str) -> bool:
    return isinstance(_parsed(text), dict)


def _is_list(text: str) -> bool:
    return isinstance(_parsed(text), list)


def _is_profile(text: str) -> bool:
    profile = _parsed(text)
    return isinstance(profile, dict) and isinstance(profile.get("subscriptions", []), list)


def _is_ini(text: str) -> bool:
    try:
        configparser.ConfigParser(interpolation=None).read_string(text)
    except configparser.Error:
        return False
    return True


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


#: The files that the Azure CLI reads for a token, and their validation; on Linux, where they are not encrypted.
_FILES: dict[str, Callable[[str], bool]] = {
    "azureProfile.json": _is_profile,
    "msal_token_cache.json": _is_object,
    "service_principal_entries.json": _is_list,
    "config": _is_ini,
    "clouds.config": _is_ini,
}


def current_account() -> dict[str, Any]:
    """The current account of the Azure CLI: its subscription (id), tenant (tenantId) and cloud (environmentName).

    :raises SignInFailed: if the Azure CLI is not installed, or not logged in.
    """
    program = find_program("az")
    if not program:
        raise SignInFailed(
            "No credentials were found: set AZURE_CLIENT_ID, AZURE_TENANT, AZURE_SECRET and AZURE_SUBSCRIPTION_ID, or "
            "set 'profile' to a profile of ~/.azure/credentials, or install the Azure CLI and run 'az login'.",
            code="credentials_missing",
        )
    try:
        account = json.loads(run_program([program, "account", "show", "--output", "json"], CLI_TIMEOUT).output)
        return {**account, "id": str(account["id"])}
    except (ProgramTimedOut, OSError, ValueError, KeyError, TypeError):
        raise SignInFailed(
            "The Azure CLI has no active subscription: run 'az login', or set 'subscription_id' or "
            "AZURE_SUBSCRIPTION_ID."
        ) from None
