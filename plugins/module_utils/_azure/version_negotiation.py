# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Use older API versions in clouds and regions that do not know the tested ones.

Sovereign clouds, Azure Stack Hub and regions in which a version has not been rolled out refuse such a request before anything is
done, and list the versions that they know (https://github.com/kubernetes-sigs/azuredisk-csi-driver/issues/2577,
https://github.com/ansible-collections/azure/issues/1930). The newest one that this collection can use is then used for the whole
run: the choice is stored in the run's temporary directory, next to the token.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import threading
from typing import Any, Callable, TypeVar

from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import (
    API_VERSIONS,
    OLDEST_VERSIONS,
    PROVIDERS,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused

#: The code if this collection can use none of the versions that Azure knows.
API_VERSION_NOT_SUPPORTED = "api_version_not_supported"

#: The codes of Azure for an API version that is unknown in general, for a type, and for a type in a region.
_CODES = ("InvalidApiVersionParameter", "InvalidResourceType", "NoRegisteredProviderFound")
_LISTED = re.compile(r"(?i)the supported (?:api-)?versions are '(?P<versions>[^']*)'")
#: Keys that the same release of a provider serves: a region that does not know a version of one of them does not know it of the other.
#: A resource that does not exist yet is in no region, so that reading it does not show what its region knows.
_SIBLINGS = {"compute": "images", "images": "compute"}
#: Previews are not used: their bodies can differ.
_STABLE = re.compile(r"\d{4}-\d{2}-\d{2}")

Result = TypeVar("Result")


def listed_versions(code: str, message: str) -> tuple[str, ...]:
    """The API versions that an error of Azure lists; empty for other errors.

    :param message: the complete message of Azure.
    """
    listed = _LISTED.search(message) if code in _CODES else None
    return tuple(one.strip() for one in listed["versions"].split(",") if one.strip()) if listed else ()


def versions_file(directory: str, resource_manager: str) -> str:
    """The file with the choices of a run for a cloud.

    :param resource_manager: the URL of the cloud's Resource Manager.
    """
    return os.path.join(
        directory, f"golden_azure_api_versions_{hashlib.sha256(resource_manager.encode()).hexdigest()[:32]}"
    )


class ApiVersions:
    """The API versions that a connection uses; shared by threads.

    :param path: the file with the choices of the run; None if tasks share nothing.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        #: Key into API_VERSIONS -> an older version that is used instead.
        self._older = self._stored()
        self._chosen_here: list[str] = []

    def of(self, key: str) -> str:
        """The version to use.

        :param key: into API_VERSIONS.
        """
        return self._older.get(key, API_VERSIONS[key])

    def is_older(self, key: str) -> bool:
        """Whether an older version than the tested one is used."""
        return key in self._older

    def negotiated(self, key: str, send: Callable[[str], Result]) -> Result:
        """Send a request; if Azure does not know its API version, send it again with the newest version that both know.

        Each attempt uses an older version than the one before, so that this ends. A write that is refused for its version
        has had no effect.

        :param key: into API_VERSIONS.
        :param send: sends the request with an API version.
        :raises Refused: if there is no such version.
        :raises Failure: if the request fails for another reason.
        """
        while True:
            version = self.of(key)
            try:
                return send(version)
            except (NotFound, Refused) as refused:
                if not refused.supported_versions or version in refused.supported_versions:
                    # It is another reason: the type does not exist in any version.
                    raise
                self._lower(key, version, refused)

    def _lower(self, key: str, version: str, refused: NotFound | Refused) -> None:
        """Choose the newest version that Azure knows and this collection can use.

        :param version: the version that was refused.
        :raises Refused: if there is none.
        """
        known = [
            one
            for one in refused.supported_versions
            if _STABLE.fullmatch(one) and OLDEST_VERSIONS[key] <= one < version
        ]
        if not known:
            raise _unsupported(key, refused) from None
        with self._lock:
            # Another thread may have chosen an even older one in the meantime, for another region.
            if self.of(key) < version:
                return
            chosen = max(known)
            self._older = {**self._older, key: chosen}
            sibling = _SIBLINGS.get(key)
            if sibling and self.of(sibling) > chosen:
                self._older[sibling] = chosen
            self._chosen_here = [*(one for one in self._chosen_here if one != key), key]
            self._store()

    def notice(self) -> str | None:
        """One line about the choices that this connection has made; those of earlier tasks of the run were reported before."""
        with self._lock:
            chosen = [
                f"{PROVIDERS[key]} {self._older[key]} instead of {API_VERSIONS[key]}" for key in self._chosen_here
            ]
        if not chosen:
            return None
        return f"Azure does not know the newest API versions here, so that older ones are used: {', '.join(chosen)}."

    def _stored(self) -> dict[str, str]:
        """The choices of the run; empty if there are none, or they cannot be read."""
        if self._path is None:
            return {}
        try:
            with open(self._path, encoding="utf-8") as file:
                stored: Any = json.load(file)
            return {
                key: version
                for key, version in dict(stored).items()
                if key in API_VERSIONS and OLDEST_VERSIONS[key] <= str(version) < API_VERSIONS[key]
            }
        except (OSError, ValueError, TypeError):
            return {}

    def _store(self) -> None:
        """Write the choices atomically, with those that other tasks have made in the meantime."""
        if self._path is None:
            return
        merged = {**self._stored(), **self._older}
        with contextlib.suppress(OSError):
            handle, draft = tempfile.mkstemp(dir=os.path.dirname(self._path), prefix="golden_azure_draft_")
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(merged, file)
            os.replace(draft, self._path)


def _unsupported(key: str, refused: NotFound | Refused) -> Refused:
    stable = [one for one in refused.supported_versions if _STABLE.fullmatch(one)] or list(refused.supported_versions)
    return Refused(
        f"Azure knows the API versions {min(stable)} to {max(stable)} of {PROVIDERS[key]} here, and this collection can use "
        f"{OLDEST_VERSIONS[key]} to {API_VERSIONS[key]}; use another region or cloud, or an older release of this collection.",
        code=API_VERSION_NOT_SUPPORTED,
        request_id=refused.request_id,
    )
