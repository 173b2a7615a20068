# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Import the Azure SDK, so that a missing package results in a readable error instead of a traceback."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import traceback
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure

__all__ = [
    "ARMChallengeAuthenticationPolicy",
    "ARMPipelineClient",
    "AdapterBase",
    "HTTPPolicyBase",
    "MatchConditions",
    "PolicyBase",
    "RetryBase",
    "TransportBase",
    "compute",
    "connections",
    "credentials",
    "exceptions",
    "identity",
    "policies",
    "preload",
    "request_tools",
    "require_sdk",
    "rest",
    "storage",
    "tls",
]

IMPORT_ERROR: str | None = None
try:
    from azure import identity
    from azure.core import MatchConditions, credentials, exceptions, rest
    from azure.core.pipeline import policies, transport
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
    from requests import adapters as connections
    from requests import utils as request_tools
    from urllib3.util import ssl_ as tls
except ImportError:
    IMPORT_ERROR = traceback.format_exc()
    _missing: Any = None
    exceptions = rest = policies = transport = identity = credentials = connections = request_tools = tls = _missing
    ARMPipelineClient = ARMChallengeAuthenticationPolicy = MatchConditions = _missing
if IMPORT_ERROR is None and importlib.util.find_spec("azure.mgmt.compute") is None:
    IMPORT_ERROR = "No module named 'azure.mgmt.compute'"

#: Base class of the transport, even if the SDK is missing: the module must be loadable to report this.
TransportBase: Any = transport.RequestsTransport if transport else object
#: Base class of the policies, likewise.
PolicyBase: Any = policies.SansIOHTTPPolicy if policies else object
RetryBase: Any = policies.RetryPolicy if policies else object
HTTPPolicyBase: Any = policies.HTTPPolicy if policies else object
#: Base class of the HTTP adapter, likewise.
AdapterBase: Any = connections.HTTPAdapter if connections else object

#: Modules that the SDK imports only when it signs in and sends its first request.
_IMPORTED_LATE = ("azure.core.rest._requests_basic", "msal_extensions", "netrc")


def require_sdk() -> None:
    """Make sure that the SDK is installed.

    :raises Failure: with the packages and the command that installs them.
    """
    if IMPORT_ERROR:
        missing = IMPORT_ERROR.strip().rsplit("\n", maxsplit=1)[-1]
        raise Failure(
            "The Python packages azure-mgmt-compute and azure-identity are required on the host where this task runs; "
            f"install them with: pip install azure-mgmt-compute azure-identity ({missing})."
        )


def preload() -> None:
    """Import the modules that the SDK would import at its first request, before processes are forked."""
    for name in _IMPORTED_LATE:
        # Other releases of the SDK may not need it.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def compute() -> Any:
    """The module azure.mgmt.compute, imported for writes only: reads do not need its models."""
    return importlib.import_module("azure.mgmt.compute")


def storage() -> Any:
    """The module azure.storage.blob, imported for uploads and exports only, since the import takes time.

    :raises Failure: if it is not installed, with the command that installs it.
    """
    try:
        return importlib.import_module("azure.storage.blob")
    except ImportError as missing:
        raise Failure(
            "The Python package azure-storage-blob is required to upload or export a disk, on the host where this task runs; "
            f"install it with: pip install azure-storage-blob ({type(missing).__name__}: {missing})."
        ) from None
