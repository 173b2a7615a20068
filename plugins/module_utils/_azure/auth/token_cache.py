# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sign in again if a token is refused; and cache a token for the tasks of one run, each of which is a separate process.

The token is stored in the run's local temporary directory, which Ansible creates for its user only and removes at the run's
end; the file is readable by that user only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import astuple
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import Cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import CredentialOptions
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import credentials
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline

# The minimum remaining lifetime in seconds of a token to be used; the SDK requests a new one at the same age.
_MIN_LIFETIME = 300
# The interval in seconds for checking whether another task has requested the token, and the time limit for all checks.
_POLL_INTERVAL = 0.02
_LOCK_TIMEOUT = 30.0


def token_file(directory: str, sign_in: CredentialOptions, cloud: Cloud, scope: str = "") -> str:
    """The file of the token of a credential; another secret, another cloud or another scope results in another file."""
    identity = json.dumps([astuple(sign_in), astuple(cloud), scope], default=str)
    return os.path.join(directory, f"golden_azure_token_{hashlib.sha256(identity.encode()).hexdigest()[:32]}")


class RenewableCredential:
    """A credential that signs in again if Azure refuses its token before its expiry.

    :param create: creates the credential that signs in; each has its own token cache.
    """

    def __init__(self, create: Callable[[], Any]) -> None:
        self._create = create
        self._credential: Any = None
        self._token = ""
        self._changing = threading.Lock()

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Called by the SDK."""
        return self._sign_in(*scopes, **options)

    def forget(self, token: str) -> None:
        """Do not use a token again, because Azure has refused it. If several threads report it, it is renewed only once."""
        with self._changing:
            if token == self._token:
                self._credential = None

    def _sign_in(self, *scopes: str, **options: Any) -> Any:
        with self._changing:
            if self._credential is None:
                self._credential = self._create()
            credential = self._credential
        token = credential.get_token(*scopes, **options)
        self._token = token.token
        return token


class CachedCredential(RenewableCredential):
    """A credential that signs in only if no task of the run has done so before.

    If the directory of the run cannot be used, each task signs in itself.
    """

    def __init__(self, path: str, create: Callable[[], Any], deadline: Deadline) -> None:
        super().__init__(create)
        self._path = path
        self._deadline = deadline

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Called by the SDK. Tokens for more than a scope, such as for a claims challenge, are not cached."""
        if any(options.values()):
            return self._sign_in(*scopes, **options)
        with self._alone():
            token = self._kept()
            if token is None:
                token = self._sign_in(*scopes)
                self._keep(token)
        return token

    def forget(self, token: str) -> None:
        """Do not use a token again, in this task and in others."""
        super().forget(token)
        kept = self._kept()
        if kept and kept.token == token:
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def _kept(self) -> Any:
        try:
            with open(self._path, encoding="utf-8") as file:
                kept = json.load(file)
            token = credentials.AccessToken(str(kept["token"]), int(kept["expires_on"]))
        except (OSError, ValueError, KeyError, TypeError):
            # Missing or incomplete: a new one is requested.
            return None
        return token if token.expires_on - time.time() > _MIN_LIFETIME else None

    def _keep(self, token: Any) -> None:
        """Write the token atomically, readable for its user only."""
        text = json.dumps({"token": token.token, "expires_on": token.expires_on})
        with contextlib.suppress(OSError):
            # mkstemp creates files with mode 0600.
            handle, draft = tempfile.mkstemp(dir=os.path.dirname(self._path), prefix="golden_azure_draft_")
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(draft, self._path)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one task sign in while the others wait for its token; the wait is limited, as that task may hang."""
        try:
            handle = os.open(f"{self._path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError:
            yield
            return
        patience = Deadline(min(_LOCK_TIMEOUT, self._deadline.remaining), self._deadline.clock)
        try:
            while patience.remaining > 0:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    self._deadline.clock.sleep(_POLL_INTERVAL)
            yield
        finally:
            # Closing releases the lock.
            os.close(handle)
