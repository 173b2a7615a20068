# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Make paths absolute, relative to the directory in which Ansible was called."""

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
