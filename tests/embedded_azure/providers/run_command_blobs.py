# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The append blobs to which a managed run command writes what it says: `outputBlobUri` and `errorBlobUri`.

As Azure's handler for Linux does it (Azure/run-command-handler-linux 1.3.28, internal/cmds/cmds.go): before the script runs, each blob is
created, or replaced (`createOrReplaceAppendBlob`), with the SAS of its URI, or without one or if that is refused with a managed identity
of the virtual machine; if that fails, the script does not run, and the command has failed with -101. Each report, and the end of the
script, appends all that is new in one block (`appendToBlob`). What cannot be appended is logged in the guest only, and tried again with
the next one. A handler that is killed appends nothing more. The one for Windows is taken to do the same.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..storage_errors import StorageError
from ..store import Resource

if TYPE_CHECKING:
    from ..storage_service import StorageService

#: Stream -> the options for its URI and its identity.
_STREAMS = {
    "output": ("outputBlobUri", "outputBlobManagedIdentity"),
    "error": ("errorBlobUri", "errorBlobManagedIdentity"),
}
#: ExitCode_BlobCreateOrReplaceFailed in internal/constants/exitcodes.go.
CREATION_FAILED = -101
#: The versions of storage of what the handler's go.mod names: azure-sdk-for-go v68 for a SAS, azblob v1.4 for an identity.
_SAS_VERSION, _IDENTITY_VERSION = "2018-03-28", "2023-11-03"


class HandlerFailure(Exception):
    """The handler ends before it runs the script; the message is that of the execution."""

    exit_code = CREATION_FAILED


@dataclass
class _Target:
    """One blob."""

    url: str
    #: With its question mark; a secret.
    sas: str
    identity: dict[str, str] | None
    #: Whether the identity is used, as there is no SAS or it was refused.
    signed_in: bool = False
    #: How many bytes of the stream are in the blob.
    position: int = 0


@dataclass
class OutputBlobs:
    """The blobs of one run of a command."""

    vm: Resource
    service: StorageService
    targets: dict[str, _Target]
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _is_killed: bool = False

    def create(self) -> None:
        """Create them; HandlerFailure where that is refused."""
        for target in self.targets.values():
            try:
                self._create(target)
            except StorageError as refusal:
                raise HandlerFailure(
                    f"Error creating AppendBlob '{target.url}' using SAS token or Managed identity. Please use a valid blob SAS URI with "
                    "[read, append, create, write] permissions OR managed identity.: Creating or Replacing append blob failed.: "
                    f"storage: service returned error: StatusCode={refusal.status}, ErrorCode={refusal.code}, "
                    f"ErrorMessage={refusal.message}"
                ) from None

    def _create(self, target: _Target) -> None:
        refused: StorageError | None = None
        if target.sas:
            try:
                self._send(target, "PUT", {"x-ms-blob-type": "AppendBlob"})
                return
            except StorageError as refusal:
                refused = refusal
        target.signed_in = True
        try:
            self._check_identity(target)
            self._send(target, "PUT", {"x-ms-blob-type": "AppendBlob"})
        except StorageError as refusal:
            # Of two refusals the first one is told.
            raise refused or refusal from None

    def _check_identity(self, target: _Target) -> None:
        """Whether the instance metadata service has a token for the identity: the one that is named, or the only one.

        https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
        """
        own = self.vm.body.get("identity") or {}
        assigned = [str(each.get("clientId")) for each in (own.get("userAssignedIdentities") or {}).values()]
        wanted = target.identity or {}
        if wanted.get("objectId") and not wanted.get("clientId"):
            text = "Managed identity's ObjectId is not supported. Use ClientId instead"
            raise StorageError("IdentityNotSupported", 400, text)
        has_one = "SystemAssigned" in str(own.get("type")) or len(assigned) == 1
        if not (wanted["clientId"] in assigned if wanted.get("clientId") else has_one):
            raise StorageError("invalid_request", 400, "Identity not found")

    def append(self, output: str, errors: str) -> None:
        """Append what is new of both streams; what is refused stays for the next time."""
        with self._guard:
            if self._is_killed:
                return
            for stream, text in (("output", output), ("error", errors)):
                target = self.targets.get(stream)
                new = text.encode()[target.position :] if target else b""
                if target is None or not new:
                    continue
                try:
                    self._send(target, "PUT", {}, new, "comp=appendblock")
                except StorageError:
                    continue
                target.position += len(new)

    def kill(self) -> None:
        """The handler is killed."""
        with self._guard:
            self._is_killed = True

    def _send(
        self, target: _Target, method: str, headers: dict[str, str], body: bytes = b"", operation: str = ""
    ) -> None:
        query = "&".join(part for part in ("" if target.signed_in else target.sas[1:], operation) if part)
        version = _IDENTITY_VERSION if target.signed_in else _SAS_VERSION
        url = f"{target.url}?{query}" if query else target.url
        self.service.send(method, url, {"x-ms-version": version, **headers}, body, target.signed_in)


def output_blobs(vm: Resource, wanted: dict[str, Any], service: StorageService | None) -> OutputBlobs | None:
    """Take the signatures out of the URIs of a command, which are secrets that only the handler gets; None without any blobs."""
    targets = {}
    for stream, (name, identity) in _STREAMS.items():
        if wanted.get(name):
            url, _mark, query = str(wanted[name]).partition("?")
            wanted[name] = url
            targets[stream] = _Target(url, f"?{query}" if query else "", wanted.get(identity))
    return OutputBlobs(vm, service, targets) if targets and service else None
