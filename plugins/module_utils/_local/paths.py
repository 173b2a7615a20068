# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Make paths absolute, relative to the directory in which Ansible was called, and check whether they can be written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

#: Environment variables for authentication and TLS that contain a path.
VARIABLES = (
    "AZURE_X509_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_CONFIG_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
)


#: Environment variable of a module on the controller: the directory in which Ansible was called, if it differs from its own.
FOLDER = "GOLDEN_AZURE_FOLDER"


def absolute_path(path: str) -> str:
    """The absolute path; an empty one is returned unchanged."""
    return os.path.abspath(os.path.join(os.environ.get(FOLDER, ""), os.path.expanduser(path))) if path else path


def file_can_be_written(path: str) -> bool:
    """Whether a file exists and can be overwritten, or can be created in an existing directory.

    :param path: an absolute path.
    """
    if os.path.exists(path):
        return os.path.isfile(path) and _may_write(path)
    directory = os.path.dirname(path)
    return os.path.isdir(directory) and _may_write(directory)


def directory_can_be_written(path: str) -> bool:
    """Whether files can be created in a directory, which may have to be created first.

    :param path: an absolute path.
    """
    present = path
    while not os.path.lexists(present):
        present = os.path.dirname(present)
    return os.path.isdir(present) and _may_write(present)


def _may_write(path: str) -> bool:
    """By the effective user, where the system can tell; the user of the process may differ from it."""
    mode = os.W_OK | os.X_OK if os.path.isdir(path) else os.W_OK
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def with_absolute_paths(specification: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with absolute paths, including suboptions.

    :param specification: the argument specification; values of other types are returned unchanged.
    """
    return {
        name: _with_absolute_paths(specification[name], value) if name in specification else value
        for name, value in options.items()
    }


def _with_absolute_paths(rules: Mapping[str, Any], value: Any) -> Any:
    if rules.get("type") == "path":
        return absolute_path(value) if isinstance(value, str) else value
    if rules.get("options") and isinstance(value, list):
        return [_with_absolute_paths({**rules, "type": "dict"}, item) for item in value]
    if rules.get("options") and isinstance(value, Mapping):
        return with_absolute_paths(rules["options"], value)
    return value
