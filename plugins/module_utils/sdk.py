# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Azure SDK, imported once and guarded, so that a missing package is a sentence and not a traceback."""

from __future__ import annotations

import traceback

from ansible_collections.golden.azure.plugins.module_utils.errors import Failure

__all__ = [
    "ARMChallengeAuthenticationPolicy",
    "ARMPipelineClient",
    "BlobClient",
    "ComputeManagementClient",
    "LinearRetry",
    "PolicyBase",
    "TransportBase",
    "credentials",
    "exceptions",
    "identity",
    "missing_storage",
    "policies",
    "require_sdk",
    "require_storage",
    "rest",
]

IMPORT_ERROR: str | None = None
try:
    from azure import identity
    from azure.core import credentials, exceptions, rest
    from azure.core.pipeline import policies, transport
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
except ImportError:
    IMPORT_ERROR = traceback.format_exc()
    exceptions = rest = policies = transport = identity = credentials = None
    ComputeManagementClient = ARMPipelineClient = ARMChallengeAuthenticationPolicy = None

#: As above, of azure-storage-blob, which only files that are uploaded need.
STORAGE_IMPORT_ERROR: str | None = None
try:
    from azure.storage.blob import BlobClient, LinearRetry
except ImportError:
    STORAGE_IMPORT_ERROR = traceback.format_exc()
    BlobClient = LinearRetry = None

#: Base class of our transport, also where the SDK is missing: the module must load to say so.
TransportBase = transport.RequestsTransport if transport else object
#: Base class of our policies, likewise.
PolicyBase = policies.SansIOHTTPPolicy if policies else object


def require_sdk() -> None:
    """Make sure that the SDK is there.

    :raises Failure: naming the packages and the command that installs them.
    """
    if IMPORT_ERROR:
        missing = IMPORT_ERROR.strip().rsplit("\n", maxsplit=1)[-1]
        raise Failure(
            "The Python packages azure-mgmt-compute and azure-identity are needed where this task runs; install them "
            f"with: pip install azure-mgmt-compute azure-identity ({missing})."
        )


def missing_storage() -> str | None:
    """What to say where azure-storage-blob is not there; None where it is."""
    if not STORAGE_IMPORT_ERROR:
        return None
    missing = STORAGE_IMPORT_ERROR.strip().rsplit("\n", maxsplit=1)[-1]
    return (
        "The Python package azure-storage-blob is needed to upload a file, where this task runs; install it with: "
        f"pip install azure-storage-blob ({missing})."
    )


def require_storage() -> None:
    """Make sure that azure-storage-blob is there.

    :raises Failure: with the command that installs it.
    """
    missing = missing_storage()
    if missing:
        raise Failure(missing)
