# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why storage refuses to read or write a blob of an export, from its status and its error code; pure.

Codes: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes, and those of authorization:
https://learn.microsoft.com/troubleshoot/azure/azure-storage/blobs/authentication/storage-troubleshoot-403-errors
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._model.blob import account_name

#: The role whose actions an export needs on the container:
#: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage#storage-blob-data-contributor
_ROLE = "Storage Blob Data Contributor"
#: Of conditions on the blob that was read before.
_CHANGED = ("BlobAlreadyExists", "ConditionNotMet", "BlobNotFound")
_ACCOUNT_CODES = ("ResourceNotFound", "AccountIsDisabled")


def container_name(uri: str) -> str:
    """The container in the URL of a blob."""
    return urlsplit(uri).path.lstrip("/").partition("/")[0]


def blob_blockers(uri: str, status: int | None, code: str) -> list[Finding]:
    """Why a blob cannot be read or written.

    :param status: the HTTP status; None if there is no response.
    :param code: the error code of storage; may be empty.
    :returns: one blocker.
    """
    return [_blocker(uri, status, code)]


def _blocker(uri: str, status: int | None, code: str) -> Finding:
    account, container = f"storage account '{account_name(uri)}'", f"container '{container_name(uri)}'"
    if status is None:
        return Finding(
            "export_account_not_reached",
            f"The {account} of the blob '{uri}' cannot be reached from the host where this task runs: it does not exist, or the network, "
            "the proxy (HTTPS_PROXY) or its certificate prevents it; check its name, and its private endpoint if it has one.",
        )
    if code == "AuthorizationFailure":
        return Finding(
            "export_account_closed",
            f"The network rules of the {account} do not admit the host where this task runs; admit it, or run the task on a host that "
            "reaches its private endpoint.",
        )
    if status == 403 and code != "CannotVerifyCopySource":
        return Finding(
            "export_blob_denied",
            f"The signed-in identity is not allowed to write the blob '{uri}'; assign the role '{_ROLE}' to it, on the {container} or "
            "the storage account (a new assignment takes effect within ten minutes).",
        )
    if status == 401:
        return Finding(
            "export_blob_denied",
            f"The {account} does not accept the token of the signed-in identity: it belongs to another tenant; sign in to the tenant "
            f"of the {account}.",
        )
    return _other_blocker(uri, status, code, account, container)


def _other_blocker(uri: str, status: int, code: str, account: str, container: str) -> Finding:
    if code == "ContainerNotFound" or (status == 404 and code in _ACCOUNT_CODES):
        return Finding(
            "export_container_not_found",
            f"The {container} of the {account} does not exist; create it, or choose another 'blob'.",
        )
    if code == "BlobTypeNotSupported":
        return Finding(
            "export_page_blob_not_supported",
            f"The {account} does not support page blobs; choose a general-purpose v2 account, or a premium one for page blobs.",
        )
    if code == "CannotVerifyCopySource":
        return Finding(
            "export_not_copied",
            f"The storage account of the blob '{uri}' cannot read the disk (HTTP {status}): the access to it has ended, or its network "
            "settings do not admit storage; run the task again, and if it fails again, export to a file.",
        )
    return _blocker_of_blob(uri, status, code)


def _blocker_of_blob(uri: str, status: int, code: str) -> Finding:
    if code.startswith("BlobImmutable"):
        return immutable_blocker(uri)
    if code.startswith("Lease"):
        return leased_blocker(uri)
    if code in _CHANGED:
        return changed_blocker(uri)
    return Finding(
        "export_blob_refused",
        f"Storage refused to read or write the blob '{uri}' (HTTP {status}{f', {code}' if code else ''}); run the task again.",
    )


def immutable_blocker(uri: str) -> Finding:
    """Its container is immutable: the pages of a blob cannot be written after the blob was created."""
    return Finding(
        "export_container_immutable",
        f"The container '{container_name(uri)}' has an immutability policy or a legal hold, with which the pages of a new blob cannot "
        "be written either; choose a container without one.",
    )


def leased_blocker(uri: str) -> Finding:
    """Somebody holds a lease on it."""
    return Finding(
        "export_blob_leased", f"The blob '{uri}' has an active lease; break the lease, or choose another 'blob'."
    )


def public_blocker(uri: str) -> Finding:
    """Everybody can read it."""
    return Finding(
        "export_container_public",
        f"The container '{container_name(uri)}' allows anonymous read access, so that everybody could read the content of the disk; "
        "disable it, or choose another container.",
    )


def changed_blocker(uri: str) -> Finding:
    """Somebody else has written it in the meantime."""
    return Finding(
        "export_blob_changed",
        f"The blob '{uri}' was created, replaced or deleted by somebody else during this run; check who uses it, then run the task "
        "again.",
    )
